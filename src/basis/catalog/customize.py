"""Shaping the CRM: what users and commands ask for, checked, as changes that `changes.publish` carries out."""

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct, to_builtins

from basis.catalog.catalog import Catalog
from basis.catalog.check import name_problem, settings_problem
from basis.catalog.entity import Entity
from basis.catalog.load import standard
from basis.catalog.own import own_definitions
from basis.catalog.query import Filter
from basis.catalog.store import Change
from basis.errors import Invalid, Message, Refused
from basis.fields import field_types, type_of
from basis.fields.base import Field, Problem
from basis.fields.storage import fold
from basis.i18n import Label

PREFIX = "new_"
"""What the names of own entities and fields start with, so that no later standard collides with them."""


class EntityWish(Struct, frozen=True):
    """An entity that a user wants. Without a name one is made from the label."""

    label: Label
    plural: Label
    name: str = ""
    ownership: str = "user"
    icon: str = "table"
    description: Label = {}


class FieldWish(Struct, frozen=True):
    """A field that a user wants. `form` tells whether it comes on the main form."""

    type: str
    label: Label
    name: str = ""
    description: Label = {}
    required: str = "none"
    settings: dict[str, Any] = {}
    searchable: bool = False
    form: bool = True
    default: Any = None
    """In JSON form, as the Web API has it."""
    audited: bool = True
    secured: bool = False


def made_name(label: Label) -> str:
    """A logical name made from a label: `Soort klant` becomes `new_soort_klant`."""
    text = fold(label.get("en") or label.get("nl") or "")
    words = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text).split()
    return (PREFIX + "_".join(words))[:49].rstrip("_")


def _named(wish: EntityWish | FieldWish, errors: dict[str, Message]) -> str:
    name = wish.name.strip() or made_name(wish.label)
    if not name.startswith(PREFIX):
        name = PREFIX + name
    problem = name_problem(name) if len(name) > len(PREFIX) else "Fill this in."
    if problem:
        errors["name"] = Message(problem)
    return name


def _labelled(label: Label, key: str, errors: dict[str, Message]) -> Label:
    """A label in both languages: one that is left out is that of the other."""
    given = {language: text.strip() for language, text in label.items() if text.strip()}
    if not given:
        errors[key] = Message("Fill this in.")
        return {}
    some = next(iter(given.values()))
    if any(len(text) > 100 for text in given.values()):
        errors[key] = Message(
            "Is {length} characters long; at most {limit} fit.",
            length=max(map(len, given.values())),
            limit=100,
        )
    return {language: given.get(language, some) for language in ("en", "nl")}


# -- entities


def new_entity(catalog: Catalog, wish: EntityWish) -> tuple[str, list[Change]]:
    """The name of the new entity, and the changes that make it with its views and form. `Invalid` by input."""
    errors: dict[str, Message] = {}
    label = _labelled(wish.label, "label", errors)
    plural = _labelled(wish.plural, "plural", errors)
    name = _named(wish, errors)
    if "name" not in errors and (name in catalog.tables or name + "s" in catalog.sets):
        errors["name"] = Message("There is an entity of this name already.")
    if wish.ownership not in ("user", "organization"):
        errors["ownership"] = Message("Choose user or organization.")
    if errors:
        raise Invalid(errors)
    return name, own_definitions(name, label, plural, wish.ownership, wish.icon, wish.description)


def change_entity(catalog: Catalog, name: str, **changes: Any) -> list[Change]:
    """Change label, plural, description, icon or colour of an entity."""
    entity = catalog.entity(name)
    errors: dict[str, Message] = {}
    body = own_row(entity)
    for key in ("label", "plural"):
        if key in changes:
            body[key] = _labelled(changes[key], key, errors)
    body |= {key: changes[key] for key in ("description", "icon", "color") if key in changes}
    if errors:
        raise Invalid(errors)
    return [Change("entity", "", name, body)]


def own_row(entity: Entity) -> dict[str, Any]:
    """What an entity's row must hold beside a change: for an own entity everything, for a standard one nothing new.

    Rows of fields lie over it, so its fields stay as they are.
    """
    body: dict[str, Any] = to_builtins(entity)
    if not entity.own:
        kept = ("label", "plural", "description", "icon", "color", "many_to_many", "duplicate_rules")
        return {key: body[key] for key in kept if key in body}
    own = {"name", "number"}
    body.pop("keys", None)
    body["fields"] = [field for field in body["fields"] if field["name"] in own]
    return body


def remove_entity(catalog: Catalog, name: str) -> list[Change]:
    """Hide an own entity with its records; `Refused` for a standard one, or while others look it up."""
    entity = catalog.entity(name)
    if not entity.own:
        raise Refused("{entity} belongs to the standard and cannot be removed.", entity=entity.plural)
    users = [
        relationship
        for relationship in catalog.incoming[name]
        if relationship.entity != name
        and not catalog.entities[relationship.entity].hidden
        and catalog.entities[relationship.entity].own
    ]
    if users:
        field = catalog.field(users[0].entity, users[0].field)
        raise Refused(
            "Remove the field {field} of {entity} first; it looks these up.",
            field=field.label,
            entity=catalog.entities[users[0].entity].label,
        )
    return [Change("entity", "", name, own_row(entity) | {"hidden": True})]


# -- fields


def _with_usual(wish: FieldWish) -> dict[str, Any]:
    """The settings, with the entities that the type usually points at where they name none."""
    usual: tuple[str, ...] = getattr(field_types().get(wish.type), "usual", ())
    if not usual or wish.settings.get("targets"):
        return wish.settings
    return {**wish.settings, "targets": [{"entity": entity} for entity in usual]}


def new_field(catalog: Catalog, entity_name: str, wish: FieldWish) -> tuple[str, list[Change]]:
    """The name of the new field, and the changes that add it. `Invalid` by input."""
    entity = catalog.entity(entity_name)
    errors: dict[str, Message] = {}
    label = _labelled(wish.label, "label", errors)
    name = _named(wish, errors)
    if "name" not in errors and (entity.has(name) or name in catalog.tables[entity_name].c):
        errors["name"] = Message("{entity} has a field of this name already.", entity=entity.label)
    wish = msgspec.structs.replace(wish, settings=_with_usual(wish))
    _check_settings(catalog, wish.type, wish.settings, errors)
    _check_required(wish.required, errors)
    if not errors:
        _check_default(catalog, Field(name, wish.type, label, settings=wish.settings, default=wish.default), errors)
    if errors:
        raise Invalid(errors)
    body = {
        "type": wish.type,
        "label": label,
        "required": wish.required,
        "settings": wish.settings,
        "description": wish.description,
        "searchable": wish.searchable,
        "default": wish.default,
        "audited": wish.audited,
        "secured": wish.secured,
    }
    changes = [Change("field", entity_name, name, body)]
    main = catalog.form(entity_name)
    if wish.form and main is not None:
        changes.append(Change("form_cell", entity_name, f"{main.name}/{name}", {"cell": {"field": name}}))
    return name, changes + _related_lists(catalog, entity, name, label, wish.settings)


def _related_lists(catalog: Catalog, entity: Entity, name: str, label: Label, settings: dict[str, Any]) -> list[Change]:
    """A new lookup is a relationship: the records that point at one are listed on its form."""
    changes = []
    for target in settings.get("targets") or ():
        main = catalog.form(target["entity"])
        if main is not None:
            related = target.get("relationship") or f"{target['entity']}_{entity.name}_{name}"
            title = {language: f"{entity.plural[language]} ({label[language]})" for language in label}
            cell = {"section": "own_lists", "cell": {"related": related, "label": title}}
            changes.append(Change("form_cell", target["entity"], f"{main.name}/{related}", cell))
    return changes


def _check_settings(catalog: Catalog, type_name: str, settings: dict[str, Any], errors: dict[str, Message]) -> None:
    type_ = field_types().get(type_name)
    if type_ is None or not type_.creatable:
        errors["type"] = Message("Choose a type of field.")
        return
    problem = settings_problem(type_name, settings)
    if problem:
        errors["settings"] = Message("{reason}", reason=problem)
        return
    errors |= type_.settings_problems(msgspec.convert(settings, type_.Settings))
    least, most = settings.get("minimum"), settings.get("maximum")
    if least is not None and most is not None and Decimal(str(least)) > Decimal(str(most)):
        errors["settings"] = Message("The minimum is larger than the maximum.")
    if settings.get("choice") and settings["choice"] not in catalog.choices:
        errors["options"] = Message("There is no shared list {name}.", name=settings["choice"])
    lookup, choice = hasattr(type_.Settings, "targets"), hasattr(type_.Settings, "options")
    targets: list[dict[str, Any]] = settings.get("targets") or []
    if lookup and not targets:
        errors["targets"] = Message("Choose the entity to look up.")
    if any(target.get("entity") not in catalog.entities for target in targets):
        errors["targets"] = Message("There is no entity {name}.", name=targets[0].get("entity", ""))
    if choice and not settings.get("options") and not settings.get("choice"):
        errors["options"] = Message("Give at least one option.")
    values = [option.get("value") for option in settings.get("options") or ()]
    if len(values) != len(set(values)):
        errors["options"] = Message("Two options have the same number.")


def change_field(catalog: Catalog, entity_name: str, name: str, **changes: Any) -> list[Change]:
    """Change label, description, required, flags, default, settings or (when its columns stay) type of a field."""
    entity = catalog.entity(entity_name)
    field = catalog.field(entity_name, name)
    errors: dict[str, Message] = {}
    body: dict[str, Any] = {key: changes[key] for key in CHANGEABLE if key in changes and key != "label"}
    if "label" in changes:
        body["label"] = _labelled(changes["label"], "label", errors)
    if field.required == "system" or field.readonly or name == entity.primary:
        body.pop("required", None)
    _check_required(body.get("required", "none"), errors)
    settings, type_name = changes.get("settings"), changes.get("type", field.type)
    if settings is not None or type_name != field.type:
        wanted = to_builtins(field.settings) | (settings or {})
        if type_name != field.type:
            wanted = {key: wanted[key] for key in wanted if hasattr(field_types()[type_name].Settings, key)}
        _check_settings(catalog, type_name, wanted, errors)
        if not errors:
            _check_columns(field, type_name, wanted, errors)
        body |= {"settings": wanted, "type": type_name}
    if not errors:
        kept = {key: body[key] for key in ("settings", "type", "default") if key in body}
        _check_default(catalog, msgspec.structs.replace(field, **kept), errors)
    if errors:
        raise Invalid(errors)
    return [Change("field", entity_name, name, {**_row_of(entity, field), **body})]


def _check_required(level: str, errors: dict[str, Message]) -> None:
    if level not in ("none", "recommended", "required"):
        errors["required"] = Message("Choose none, recommended or required.")


def _check_default(catalog: Catalog, field: Field, errors: dict[str, Message]) -> None:
    """Beside `default`: why the default does not fit the field's type and settings."""
    if field.default is None:
        return
    type_ = field_types()[field.type]
    try:
        if not type_.defaultable:
            raise Problem("A field of this type has no default.")
        ready = catalog.ready(msgspec.structs.replace(field, settings=to_builtins(field.settings)))
        type_.check(ready, type_.from_json(ready, field.default))
    except Problem as problem:
        errors["default"] = problem.message


def _check_columns(field: Field, type_name: str, settings: dict[str, Any], errors: dict[str, Message]) -> None:
    """Only what leaves the columns as they are can change in place."""
    type_ = field_types()[type_name]
    changed = msgspec.structs.replace(field, type=type_name, settings=msgspec.convert(settings, type_.Settings))
    old = [(column.name, repr(column.type)) for column in type_of(field).columns(field)]
    new = [(column.name, repr(column.type)) for column in type_.columns(changed)]
    if old != new or getattr(field.settings, "precision", 0) > settings.get("precision", 99):
        errors["settings"] = Message("This would change how the values are stored; add a new field instead.")
    elif any(getattr(field.settings, name) != getattr(changed.settings, name) for name in type_.fixed_settings):
        errors["settings"] = Message("This would change what the stored values mean; add a new field instead.")
    elif getattr(field.settings, "targets", ()) != getattr(changed.settings, "targets", ()):
        errors["targets"] = Message("What a field looks up cannot change; add a new field instead.")


def _row_of(entity: Entity, field: Field) -> dict[str, Any]:
    """What the field's row must hold beside a change: an own field everything, a standard one what differs already."""
    body: dict[str, Any] = to_builtins(field)
    body.pop("name")
    if field.name.startswith(PREFIX):
        return body
    key = ("entity", "", entity.name)
    fields = standard()[key][1]["fields"] if key in standard() else []
    shipped = next((each for each in fields if each["name"] == field.name), None)
    if shipped is None:
        raise Refused("{field} belongs to every entity and cannot change.", field=field.label)
    usual = Field("", field.type, {})
    held = {key: getattr(field, key) for key in CHANGEABLE}
    row = {key: value for key, value in held.items() if value != shipped.get(key, getattr(usual, key))}
    settings = msgspec.convert(shipped.get("settings", {}), type(field.settings))
    if not getattr(settings, "choice", "") and settings != field.settings:
        row["settings"] = body["settings"]
    return row


CHANGEABLE = ("label", "description", "required", "searchable", "audited", "secured", "default")


def remove_field(catalog: Catalog, entity_name: str, name: str) -> list[Change]:
    """Hide a field: gone from forms, lists and the Web API at once; its data stays. `Refused` while it is needed."""
    entity = catalog.entity(entity_name)
    field = catalog.field(entity_name, name)
    needed = {entity.primary, *(part for key in entity.keys for part in key.fields)}
    needed |= {part for derived in entity.derived for part in (derived.field, *derived.parts)}
    if name in needed or field.required == "system":
        raise Refused("{field} cannot be removed: Basis needs it.", field=field.label)
    for view in catalog.views[entity_name].values():
        if name in _filtered(view.filter) or any(order.field == name and not order.link for order in view.order):
            raise Refused(
                "{field} cannot be removed: the view {view} filters or sorts by it.",
                field=field.label,
                view=view.label,
            )
    return [Change("field", entity_name, name, {**_row_of(entity, field), "hidden": True})]


def restore_field(catalog: Catalog, entity_name: str, name: str) -> list[Change]:
    """Bring a removed field back, with its data."""
    entity = catalog.entity(entity_name)
    field = catalog.field(entity_name, name)
    return [Change("field", entity_name, name, {**_row_of(entity, field), "hidden": False})]


def _filtered(filter: Filter) -> set[str]:
    names = {condition.field for condition in filter.conditions if not condition.link}
    return names.union(*(_filtered(inner) for inner in filter.filters)) if filter.filters else names


# -- relationships


def new_many_to_many(catalog: Catalog, entity_name: str, to: str, name: str = "") -> tuple[str, list[Change]]:
    """The name of a new relationship of many to many, and the changes that make it, with lists on both forms.

    `Invalid` by input (`to`, `name`). One to many is a lookup field (`new_field`).
    """
    errors: dict[str, Message] = {}
    entity, other = catalog.entity(entity_name), catalog.entities.get(to)
    if other is None or other.hidden:
        errors["to"] = Message("There is no entity {name}.", name=to)
    made = name.strip() or f"{entity_name.removeprefix(PREFIX)}_{to.removeprefix(PREFIX)}"
    made = made if made.startswith(PREFIX) else PREFIX + made
    problem = name_problem(made)
    if problem:
        errors["name"] = Message(problem)
    elif made in catalog.tables or made in catalog.relationships:
        errors["name"] = Message("There is a relationship of this name already.")
    if errors or other is None:
        raise Invalid(errors)
    changes = [Change("many_to_many", entity_name, made, {"to": to})]
    for side in dict.fromkeys((entity.name, other.name)):
        main = catalog.form(side)
        if main is not None:
            cell = {"related": made, "label": (other if side == entity.name else entity).plural}
            changes.append(Change("form_cell", side, f"{main.name}/{made}", {"section": "own_lists", "cell": cell}))
    return made, changes
