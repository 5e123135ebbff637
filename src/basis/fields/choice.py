"""One of a list of options; the number is stored, the label is shown."""

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import Struct, to_builtins
from sqlalchemy import Column, ColumnElement, Integer, case

from basis.fields.asking import asked_as
from basis.fields.base import Field, FieldType, Frame, Moment, Place, Problem
from basis.fields.operators import EQUALITY, OPERATORS, RANGE
from basis.fields.storage import fold
from basis.html import Markup, escape, render, template
from basis.i18n import Label, Locale, label

_SELECT = template(
    '{% if several %}<input type="hidden" name="{{ name }}" value="">{% endif %}'
    '<select class="input" id="{{ id }}" name="{{ name }}"{% if several %} multiple{% endif %}'
    '{% for key, held in attributes.items() if held is not none %} {{ key }}="{{ held }}"{% endfor %}>'
    '{% if empty %}<option value=""></option>{% endif %}'
    "{% for value, text, chosen in options %}"
    '<option value="{{ value }}"{% if chosen %} selected{% endif %}>{{ text }}</option>{% endfor %}</select>'
)


class Option(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One option: the stored number, its label, a colour (`green`, `red`, …) and, for a status reason, its state."""

    value: int
    label: Label
    color: str = ""
    state: int | None = None


class ChoiceSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The options, or the name of a shared list (`choice`) that the catalog fills them from."""

    options: tuple[Option, ...] = ()
    choice: str = ""


def select_of(
    field: Field, options: Sequence[tuple[Any, str, bool]], frame: Frame, *, several: bool = False, empty: bool = True
) -> Markup:
    """A list to choose from; each option is the value to post, its text, and whether it is chosen.

    `empty` offers nothing at all as the first choice, where there is only one to make.
    """
    return render(
        _SELECT,
        id=frame.id,
        name=frame.name or field.name,
        options=options,
        several=several,
        empty=empty and not several,
        attributes=frame.attributes(),
    )


class ChoiceType(FieldType):
    name = "choice"
    label = {"en": "Choice", "nl": "Keuze"}
    Settings: ClassVar[type[Struct]] = ChoiceSettings
    operators: ClassVar[tuple[str, ...]] = EQUALITY + RANGE
    editor = "choice"
    whole = True
    edm = "Edm.Int32"
    attribute_type = "Picklist"
    aggregates = ("count", "countcolumn")

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Integer)]

    def options(self, field: Field) -> tuple[Option, ...]:
        return field.settings.options  # type: ignore[no-any-return]

    def option(self, field: Field, value: Any) -> Option | None:
        return next((option for option in self.options(field) if option.value == value), None)

    def check(self, field: Field, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or self.option(field, value) is None:
            raise Problem("{value} is none of the options.", value=value)
        return value

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        option = None if value is None else self.option(field, value)
        if option is None:
            return "" if value is None else str(value)
        return label(option.label, locale.language)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        """The number, or the label in any language, case and accents ignored."""
        word = fold(text.strip())
        if not word:
            return None
        for option in self.options(field):
            if word == str(option.value) or word in {fold(name) for name in option.label.values()}:
                return option.value
        names = ", ".join(label(option.label, locale.language) for option in self.options(field)[:8])
        raise Problem("{value} is none of the options: {options}.", value=text.strip(), options=names)

    def sort_key(self, field: Field, place: Place) -> ColumnElement[Any]:
        """Options sort in the order in which they are defined, which is how people think of them."""
        column = place.table.c[field.name]
        values = [option.value for option in self.options(field)]
        if not values or values == sorted(values):
            return column
        unknown = case((column.is_not(None), len(values)))
        return case({value: position for position, value in enumerate(values)}, value=column, else_=unknown)

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        option = None if value is None else self.option(field, value)
        if option is None:
            return escape(self.text(field, value, locale))
        if not option.color:
            return escape(label(option.label, locale.language))
        return Markup('<span class="badge-state tint-{}">{}</span>').format(
            option.color, label(option.label, locale.language)
        )

    def shown(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else str(value)

    def offered(self, field: Field, value: Any) -> Sequence[Option]:
        """The options that the input shows for a record that now holds `value`."""
        return self.options(field)

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        chosen = self.shown(field, value, frame.locale)
        options = [
            (option.value, label(option.label, frame.locale.language), str(option.value) == chosen)
            for option in self.offered(field, value)
        ]
        return select_of(field, options, frame)

    def filter_input(self, field: Field, text: str, frame: Frame) -> Markup:
        options = [
            (option.value, label(option.label, frame.locale.language), str(option.value) == text)
            for option in self.options(field)
        ]
        return select_of(field, options, frame)

    def asking(self, field: Field, operator: str) -> Field:
        """Several options are chosen in one list."""
        if OPERATORS[operator].values >= 0:
            return field
        return asked_as(field, "choices", options=to_builtins(self.options(field)))

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        number = self.from_json(field, value)
        if isinstance(number, int) and abs(number) >= 2**31:
            raise Problem("{value} is none of the options.", value=number)
        return number

    def from_json(self, field: Field, value: Any) -> Any:
        if isinstance(value, str):
            return self.from_text(field, value, Locale())
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise Problem("Must be a whole number.")
        return value

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {
            "type": ["integer", "null"],
            "enum": [*(option.value for option in self.options(field)), None],
        }
