"""Yes or no."""

from typing import Any

from msgspec import Struct, field
from sqlalchemy import Boolean, Column

from basis.fields.base import Field, FieldType, Frame, Posted, Problem
from basis.fields.choice import select_of
from basis.fields.operators import EQUALITY
from basis.html import Markup, render, template
from basis.i18n import Label, Locale, label

YES: Label = {"en": "Yes", "nl": "Ja"}
NO: Label = {"en": "No", "nl": "Nee"}
_TRUE = {"1", "true", "yes", "ja", "y", "j", "on", "waar", "x"}
_FALSE = {"0", "false", "no", "nee", "n", "off", "onwaar"}

_CHECKBOX = template(
    '<input type="hidden" name="{{ name }}" value="0">'
    '<label class="check"><input type="checkbox" id="{{ id }}" name="{{ name }}" value="1"'
    "{% if value %} checked{% endif %}"
    '{% for key, held in attributes.items() if held is not none %} {{ key }}="{{ held }}"{% endfor %}>'
    "<span>{{ yes }}</span></label>"
)


class BooleanSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the two values are called."""

    yes: Label = field(default_factory=lambda: dict(YES))
    no: Label = field(default_factory=lambda: dict(NO))


class BooleanType(FieldType):
    name = "boolean"
    label = {"en": "Yes/no", "nl": "Ja/nee"}
    Settings = BooleanSettings
    operators = EQUALITY
    editor = "choice"
    whole = True
    edm = "Edm.Boolean"
    attribute_type = "Boolean"

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Boolean)]

    def check(self, field: Field, value: Any) -> Any:
        if not isinstance(value, bool):
            raise Problem("Must be yes or no.")
        return value

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        if value is None:
            return ""
        return label(field.settings.yes if value else field.settings.no, locale.language)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        word = text.strip().casefold()
        if not word:
            return None
        if word in _TRUE or word in {name.casefold() for name in field.settings.yes.values()}:
            return True
        if word in _FALSE or word in {name.casefold() for name in field.settings.no.values()}:
            return False
        raise Problem("Must be yes or no.")

    def parse(self, field: Field, posted: Posted, locale: Locale) -> Any:
        """A checkbox posts its value after that of the hidden input; the adapter joins them with line breaks."""
        return self.from_text(field, posted.get(field.name, "").rpartition("\n")[2], locale)

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        """A checkbox for yes and no; where they are called otherwise, both words to choose from."""
        if field.settings.yes != YES or field.settings.no != NO:
            held = value if isinstance(value, str) else {True: "1", False: "0"}.get(value, "")
            return self._select(field, held, frame, empty=not isinstance(value, bool))
        checked = value if isinstance(value, bool) else str(value or "").rpartition("\n")[2] == "1"
        attributes = frame.attributes(required=None)
        yes = label(field.settings.yes, frame.locale.language)
        return render(_CHECKBOX, id=frame.id, name=field.name, value=checked, yes=yes, attributes=attributes)

    def default_input(self, field: Field, value: Any, frame: Frame) -> Markup:
        held = value if isinstance(value, str) else "" if value is None else str(int(value))
        return self._select(field, held, frame)

    def filter_input(self, field: Field, text: str, frame: Frame) -> Markup:
        return self._select(field, text, frame)

    def filter_text(self, field: Field, value: Any, locale: Locale) -> str:
        return {True: "1", False: "0"}.get(value, "")

    def _select(self, field: Field, held: str, frame: Frame, empty: bool = True) -> Markup:
        names = (("1", field.settings.yes), ("0", field.settings.no))
        options = [(value, label(name, frame.locale.language), value == held) for value, name in names]
        return select_of(field, options, frame, empty=empty)

    def from_json(self, field: Field, value: Any) -> Any:
        if isinstance(value, str):
            return self.from_text(field, value, Locale())
        if isinstance(value, int) and value in (0, 1):
            return bool(value)
        if value is not None and not isinstance(value, bool):
            raise Problem("Must be true or false.")
        return value

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["boolean", "null"]}
