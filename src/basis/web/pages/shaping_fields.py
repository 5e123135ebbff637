"""Settings of fields: a new one, another label or limit, removing and bringing back.

The inputs follow from the settings that a type declares, so that a new type needs nothing here.
"""

from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from basis.catalog import customize
from basis.catalog.customize import FieldWish
from basis.catalog.entity import Entity
from basis.errors import BasisError, Invalid, Message, Refused
from basis.fields import field_types
from basis.fields.base import Field
from basis.fields.storage import fold
from basis.i18n import Label, label
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.pages.settings import published, require_right
from basis.web.pages.shaping_entities import shapeable, two
from basis.web.request import Fields, Request, several

WORDS: dict[str, tuple[Message, Message | None]] = {
    "max_length": (Message("Longest text"), Message("In characters.")),
    "minimum": (Message("Lowest value"), None),
    "maximum": (Message("Highest value"), None),
    "precision": (Message("Digits after the point"), None),
    "rows": (Message("Rows of the input"), None),
    "max_kb": (Message("Largest file"), Message("In kilobytes.")),
    "prefix": (Message("Before the number"), None),
    "digits": (Message("Digits of the number"), None),
    "start": (Message("First number"), None),
    "pattern": (
        Message("Or a pattern"),
        Message(
            "Text with the number in it, as in {example}: SEQNUM with its least digits, DATETIMEUTC with a date, "
            "RANDSTRING with so many random signs.",
            example="CAS-{SEQNUM:5}-{DATETIMEUTC:yyyyMM}-{RANDSTRING:6}",
        ),
    ),
    "options": (Message("Options"), Message("One on each line, as Dutch | English.")),
    "choice": (Message("Or a shared list"), None),
    "targets": (Message("Points at"), None),
    "yes": (Message("Word for yes"), None),
    "no": (Message("Word for no"), None),
    "time_zone_independent": (
        Message("Independent of time zones"),
        Message("Everybody sees the time as it was entered, wherever they are. This cannot change afterwards."),
    ),
}
"""How a setting is called, and what to say about it; a setting that is not here has no input."""

LIMITS = ("minimum", "maximum")
"""An empty input stands for the widest limit of the type."""
KINDS = {
    "options": "lines", "choice": "choice", "targets": "entities", "yes": "label", "no": "label",
    "time_zone_independent": "yes",
}  # fmt: skip


class Setting(Struct, frozen=True):
    """An input for one setting of a type: `kind` is text, lines, choice, entities, label or yes."""

    name: str
    title: Message
    hint: Message | None
    kind: str
    fixed: bool
    """It never changes after the field was made."""


def settings_of(type_name: str) -> list[Setting]:
    """The inputs for the settings of a type."""
    type_ = field_types()[type_name]
    return [
        Setting(name, *WORDS[name], KINDS.get(name, "text"), name in type_.fixed_settings)
        for name in type_.Settings.__struct_fields__
        if name in WORDS
    ]  # fmt: skip


def read_settings(type_name: str, posted: Fields, old: Any = None) -> dict[str, Any]:
    """The settings that were posted, as a definition holds them; empty ones are left out."""
    known = field_types()[type_name].Settings
    hints = get_type_hints(known)
    found: dict[str, Any] = {}
    for setting in settings_of(type_name):
        name, text = setting.name, posted.get(f"s.{setting.name}", "").strip()
        if setting.kind == "label":
            found[name] = {key: value for key, value in two(posted, f"s.{name}").items() if value}
        elif setting.kind == "entities":
            found[name] = [{"entity": entity} for entity in several(posted, f"s.{name}")]
        elif setting.kind == "lines":
            found[name] = _options(text, getattr(old, "options", ()))
        elif setting.kind == "yes":
            found[name] = text == "1"
        elif text:
            found[name] = _number(text, hints[name])
    return {name: value for name, value in found.items() if value not in ("", [], {})}


def _number(text: str, hint: Any) -> Any:
    """Whole numbers as such; anything else as the text that decimals are written in."""
    try:
        return msgspec.convert(text.replace(",", "."), hint, strict=False)
    except msgspec.ValidationError:
        return text


def _options(text: str, old: Any) -> list[dict[str, Any]]:
    """One option a line; one that is called the same keeps its number and colour, others get the next."""
    held = {fold(name): option for option in old for name in option.label.values()}
    highest = max((option.value for option in old), default=0)
    found: list[dict[str, Any]] = []
    for line in (line.strip() for line in text.splitlines()):
        nl, _, en = (part.strip() for part in line.partition("|"))
        if not nl:
            continue
        known = held.get(fold(nl)) or held.get(fold(en))
        highest += known is None
        value = known.value if known else highest
        option = {"value": value, "label": {"nl": nl, "en": en or nl}}
        found.append(option | ({"color": known.color} if known and known.color else {}))
    return found


def shown_settings(settings: Any) -> dict[str, str]:
    """The settings of a field as the inputs hold them."""
    found: dict[str, str] = {}
    usual = type(settings)()
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if name in LIMITS and value == getattr(usual, name):
            continue
        if KINDS.get(name) == "label":
            found |= {f"s.{name}_{key}": text for key, text in value.items()}
        elif name == "options":
            found["s.options"] = "\n".join(_line(option.label) for option in value)
        elif name == "targets":
            found["s.targets"] = "\n".join(target.entity for target in value)
        elif value is not None:
            found[f"s.{name}"] = str(value) if value is not True else "1"
    return found


def _line(names: Label) -> str:
    nl, en = label(names, "nl"), label(names, "en")
    return nl if nl == en else f"{nl} | {en}"


# -- pages


def new_page(scope: Scope, request: Request) -> Shown:
    """`/settings/entities/{name}/fields/new`: first the type, then the rest."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    type_name = request.query.get("type", "")
    if type_name not in field_types() or not field_types()[type_name].creatable:
        kinds = [type_ for type_ in field_types().values() if type_.creatable]
        kinds.sort(key=lambda type_: label(type_.label, scope.language).casefold())
        return show("field_types.html", entity=entity, types=kinds)
    start = shown_settings(field_types()[type_name].Settings())
    return _page(scope, entity, type_name, None, start | {"on_form": "1"}, {})


def _page(
    scope: Scope, entity: Entity, type_name: str, field: Field | None, values: Fields, errors: dict[str, Message]
) -> Shown:
    return show(
        "field.html",
        status=422 if errors else 200,
        entity=entity,
        type_name=type_name,
        type_label=field_types()[type_name].label,
        field=field,
        values=values,
        errors=errors,
        settings=settings_of(type_name),
        entities=shapeable(scope.catalog),
        choices=scope.catalog.choices.values(),
    )


def create(scope: Scope, request: Request) -> Answer | Shown:
    """Add the field, while everybody works on."""
    require_right(scope, "customize")
    entity, posted = scope.catalog.entity(request.names["name"]), request.posted
    type_name = posted.get("type", "")
    if type_name not in field_types():
        raise Invalid("Choose a type of field.")
    wish = FieldWish(
        type_name,
        two(posted, "label"),
        posted.get("name", ""),
        two(posted, "description"),
        posted.get("required", "none"),
        read_settings(type_name, posted),
        posted.get("searchable") == "1",
        posted.get("on_form") == "1",
    )
    try:
        _, changes = customize.new_field(scope.catalog, entity.name, wish)
    except Invalid as invalid:
        return _page(scope, entity, type_name, None, posted, invalid.errors)
    published(scope, changes, Message("{entity}: {field}", entity=entity.label, field=wish.label))
    text = Message("The field {field} is there, for everybody at once.", field=wish.label)
    return redirect(f"/settings/entities/{entity.name}", flash(text))


def field_page(scope: Scope, request: Request) -> Shown:
    """`/settings/entities/{name}/fields/{field}`."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    field = scope.catalog.field(entity.name, request.names["field"])
    return _page(scope, entity, field.type, field, _values(field), {})


def _values(field: Field) -> dict[str, str]:
    values = {f"label_{key}": text for key, text in field.label.items()}
    values |= {f"description_{key}": text for key, text in field.description.items()}
    more = {"required": field.required, "searchable": "1" if field.searchable else ""}
    return values | more | shown_settings(field.settings)


def change(scope: Scope, request: Request) -> Answer | Shown:
    """Another label, hint, required level or limit."""
    require_right(scope, "customize")
    entity, posted = scope.catalog.entity(request.names["name"]), request.posted
    field = scope.catalog.field(entity.name, request.names["field"])
    wanted: dict[str, Any] = {
        "label": two(posted, "label"),
        "description": two(posted, "description"),
        "required": posted.get("required", "none"),
        "searchable": posted.get("searchable") == "1",
    }
    settings = _changed_settings(field, posted)
    if settings:
        wanted["settings"] = settings
    try:
        changes = customize.change_field(scope.catalog, entity.name, field.name, **wanted)
    except (Invalid, Refused) as error:
        return _page(scope, entity, field.type, field, posted, _errors(error))
    published(scope, changes, Message("{entity}: {field}", entity=entity.label, field=field.label))
    return redirect(f"/settings/entities/{entity.name}", flash(Message("The field is changed.")))


def _errors(error: BasisError) -> dict[str, Message]:
    return error.errors if isinstance(error, Invalid) else {"": error.message}


def _changed_settings(field: Field, posted: Fields) -> dict[str, Any]:
    """The settings whose input holds something else than before; what is looked up never changes."""
    shown, given = shown_settings(field.settings), read_settings(field.type, posted, field.settings)
    changed = {}
    for setting in settings_of(field.type):
        keys = [key for key in posted if key == f"s.{setting.name}" or key.startswith(f"s.{setting.name}_")]
        same = all(posted[key].replace("\r\n", "\n").strip() == shown.get(key, "") for key in keys)
        if keys and not same and setting.kind != "entities" and setting.name in given:
            changed[setting.name] = given[setting.name]
    return changed


def remove(scope: Scope, request: Request) -> Answer | Shown:
    """Hide the field; its data stay."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    field = scope.catalog.field(entity.name, request.names["field"])
    try:
        changes = customize.remove_field(scope.catalog, entity.name, field.name)
    except Refused as refused:
        return _page(scope, entity, field.type, field, _values(field), {"": refused.message})
    published(scope, changes, Message("{entity}: {field} removed", entity=entity.label, field=field.label))
    text = Message("The field {field} is removed; its data are kept.", field=field.label)
    return redirect(f"/settings/entities/{entity.name}", flash(text))


def restore(scope: Scope, request: Request) -> Answer:
    """Bring a removed field back."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    field = scope.catalog.field(entity.name, request.names["field"])
    changes = customize.restore_field(scope.catalog, entity.name, field.name)
    published(scope, changes, Message("{entity}: {field} brought back", entity=entity.label, field=field.label))
    text = Message("The field {field} is back, with its data.", field=field.label)
    return redirect(f"/settings/entities/{entity.name}", flash(text))
