"""Keys that users add: fields whose values together occur once among the records of an entity."""

from collections.abc import Sequence

from basis.catalog.catalog import Catalog
from basis.catalog.check import NAME_LIMIT
from basis.catalog.customize import PREFIX
from basis.catalog.entity import Entity, Key
from basis.catalog.load import standard
from basis.catalog.store import Change
from basis.errors import Invalid, Message, NotFound, Refused
from basis.fields import type_of
from basis.fields.base import Field
from basis.i18n import Label

MOST_FIELDS = 5


def can_be_key(field: Field) -> bool:
    """Whether a field may be part of a key: its value stands in one column that is short enough to compare."""
    type_ = type_of(field)
    fits = type_.sortable and not type_.tall and not type_.holds_files and len(type_.targets(field)) <= 1
    return fits and not field.hidden and field.required != "system"


def own_keys(catalog: Catalog, entity: Entity) -> set[str]:
    """The names of the keys that the organisation added."""
    shipped = standard().get(("entity", "", entity.name))
    of_standard = {key["name"] for key in shipped[1].get("keys", ())} if shipped else set()
    return {key.name for key in entity.keys} - of_standard


def new_key(catalog: Catalog, entity_name: str, fields: Sequence[str], label: Label) -> tuple[str, list[Change]]:
    """The name of a new key on these fields, and the changes that make it. `Invalid` by input (`key`).

    Whether the records that are there already fit is for the caller to look at (records/shaping.py).
    """
    entity = catalog.entity(entity_name)
    names = tuple(dict.fromkeys(fields))
    unfit = [name for name in names if not entity.has(name) or not can_be_key(entity.by_name[name])]
    if not names:
        raise Invalid({"key": Message("Choose at least one field.")})
    if len(names) > MOST_FIELDS:
        raise Invalid({"key": Message("A key has at most {limit} fields.", limit=MOST_FIELDS)})
    if unfit:
        raise Invalid({"key": Message("{field} cannot be part of a key.", field=unfit[0])})
    if any(set(key.fields) == set(names) for key in entity.keys):
        raise Invalid({"key": Message("There is a key on exactly these fields already.")})
    name = _name(entity, names)
    shown = {language: text for language, text in label.items() if text} or _label(entity, names)
    return name, [Change("key", entity_name, name, {"fields": list(names), "label": shown})]


def _name(entity: Entity, fields: Sequence[str]) -> str:
    made = PREFIX + "_".join(field.removeprefix(PREFIX) for field in fields)
    name, taken = made[:NAME_LIMIT].rstrip("_"), {key.name for key in entity.keys}
    return next(n for n in (name, *(f"{name[: NAME_LIMIT - 3]}_{at}" for at in range(2, 99))) if n not in taken)


def _label(entity: Entity, fields: Sequence[str]) -> Label:
    parts = [entity.by_name[name].label for name in fields]
    return {language: " + ".join(part.get(language, "") for part in parts) for language in parts[0]}


def remove_key(catalog: Catalog, entity_name: str, name: str) -> list[Change]:
    """Take a key of one's own away. `Refused` for one of the standard, `NotFound` for an unknown one."""
    entity = catalog.entity(entity_name)
    key: Key | None = next((key for key in entity.keys if key.name == name), None)
    if key is None:
        raise NotFound("{entity} has no key {name}.", entity=entity.name, name=name)
    if name not in own_keys(catalog, entity):
        raise Refused("This key belongs to the standard and cannot be removed.")
    return [Change("key", entity_name, name, None)]
