"""The inputs for the settings of a field, and what was posted in them.

They follow from the settings that a type declares, so that a new type needs nothing here but words.
"""

from typing import Any, get_type_hints

import msgspec
from msgspec import Struct, to_builtins

from basis.catalog.catalog import Catalog
from basis.catalog.check import settings_problem
from basis.errors import Message
from basis.fields import field_types, type_of
from basis.fields.base import Field, Frame
from basis.fields.storage import fold
from basis.html import Markup
from basis.i18n import Label, Locale, label
from basis.web.request import Fields, several, two

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

DEFAULT = "default"
"""What the input of the default is called."""
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


def changed_settings(field: Field, posted: Fields) -> dict[str, Any]:
    """The settings whose input holds something else than before; what is looked up never changes."""
    shown, given = shown_settings(field.settings), read_settings(field.type, posted, field.settings)
    changed = {}
    for setting in settings_of(field.type):
        keys = [key for key in posted if key == f"s.{setting.name}" or key.startswith(f"s.{setting.name}_")]
        same = all(posted[key].replace("\r\n", "\n").strip() == shown.get(key, "") for key in keys)
        if keys and not same and setting.kind != "entities" and setting.name in given:
            changed[setting.name] = given[setting.name]
    return changed


# -- the default


def default_input(field: Field, text: str | None, frame: Frame) -> Markup:
    """The widget of the field's default, filled with a refused text or with what is set; nothing where none fits.

    While a choice has no options yet, one writes down what its option is called.
    """
    type_, held = type_of(field), msgspec.structs.replace(field, name=DEFAULT)
    if not type_.defaultable or field.readonly:
        return Markup("")
    if hasattr(type_.Settings, "options") and not type_.options(held):
        return type_.plain_input(held, text or "", frame)
    value = None if field.default is None else type_.from_json(held, field.default)
    return type_.default_input(held, value if text is None else text, frame)


def read_default(catalog: Catalog, field: Field, posted: Fields, locale: Locale) -> Any:
    """The posted default of a field whose settings are as a definition has them, in JSON form; raises `Problem`."""
    if settings_problem(field.type, field.settings):
        return None
    ready = catalog.ready(msgspec.structs.replace(field, name=DEFAULT))
    type_ = type_of(ready)
    value = type_.parse(ready, posted, locale)
    return None if value is None else to_builtins(type_.to_json(ready, value))
