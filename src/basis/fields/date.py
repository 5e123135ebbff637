"""Dates without a time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Date, String, cast

from basis.fields.asking import a_number, is_counted
from basis.fields.base import Field, FieldType, Frame, Moment, Place, Problem
from basis.fields.intervals import bucket
from basis.fields.operators import DATES, condition, within
from basis.fields.spans import SPANS, fiscal_span
from basis.html import Markup
from basis.i18n import Locale, format_date, parse_date


class DateSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A date has no settings."""


def fiscal(operator: str, values: Sequence[Any], moment: Moment) -> tuple[Any, Any]:
    """The span of a fiscal operator; its values are numbers, the period (quarter) before the year."""
    numbers = [int(value) for value in values]
    if operator == "in-fiscal-year":
        return fiscal_span(moment, numbers[0], None)
    if not 1 <= numbers[0] <= 4:
        raise Problem("A fiscal period is 1, 2, 3 or 4.")
    start, end = fiscal_span(moment, numbers[1] if len(numbers) > 1 else None, numbers[0])
    if "before" in operator:
        return None, end
    return (start, None) if "after" in operator else (start, end)


class DateType(FieldType):
    """A calendar day, the same in every time zone."""

    name = "date"
    label = {"en": "Date", "nl": "Datum"}
    Settings: ClassVar[type[Struct]] = DateSettings
    operators = DATES
    dated = True
    editor = "date"
    whole = True
    edm = "Edm.Date"
    attribute_type = "DateTime"
    format = "DateOnly"

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Date)]

    def check(self, field: Field, value: Any) -> Any:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise Problem("Must be a date.")
        return value

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else format_date(value, locale.language)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        if not text.strip():
            return None
        try:
            return parse_date(text, locale.language)
        except ValueError:
            raise Problem("Is no date; write it like {example}.", example=_example(locale)) from None

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        shown = value if isinstance(value, str) else self.shown(field, value, frame.locale)
        return self.plain_input(field, shown, frame, "date")

    def shown(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else value.isoformat()

    def quick_filter(self, field: Field, text: str, locale: Locale) -> tuple[str, Any]:
        try:
            return "on", parse_date(text, locale.language).isoformat()
        except ValueError:
            raise Problem("Is no date; write it like {example}.", example=_example(locale)) from None

    def filter_input(self, field: Field, text: str, frame: Frame) -> Markup:
        return self.plain_input(field, text, frame, "date")

    def asking(self, field: Field, operator: str) -> Field:
        return a_number(field) if is_counted(operator) else field

    def key(self, field: Field, place: Place, interval: str = "") -> ColumnElement[Any]:
        column = place.table.c[field.name]
        if not interval:
            return column
        return bucket(cast(column, String), interval, place.moment.fiscal_start_month)

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        if "-x-" in operator or "fiscal" in operator:
            try:
                return int(value)
            except (TypeError, ValueError):
                raise Problem("Must be a whole number.") from None
        return self.from_json(field, value)

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        key = place.table.c[field.name]
        if operator in SPANS:
            if "-x-" in operator and not values:
                raise Problem("The operator {operator} needs {count} value(s).", operator=operator, count=1)
            return self.during(key, *SPANS[operator](place.moment, values[0] if values else 0), place.moment)
        if "fiscal" in operator:
            return self.during(key, *fiscal(operator, values, place.moment), place.moment)
        names = {"on": "eq", "on-or-before": "le", "on-or-after": "ge"}
        return condition(names.get(operator, operator), key, values, place.moment)

    def during(self, key: ColumnElement[Any], start: Any, end: Any, moment: Moment) -> ColumnElement[bool]:
        """The days that a span touches, as the reader's calendar has them."""
        zone = moment.locale.zone
        last = None if end is None else (end.astimezone(zone) - timedelta(microseconds=1)).date()
        first = None if start is None else start.astimezone(zone).date()
        return within(key, first, None if last is None else last + timedelta(days=1))

    def behavior(self, field: Field) -> str:
        """Dataverse's word for what time zones mean to the field."""
        return "DateOnly"

    def to_json(self, field: Field, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, field: Field, value: Any) -> Any:
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            raise Problem("Is no date; write it like {example}.", example="2026-11-24") from None

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date"}


def _example(locale: Locale) -> str:
    return format_date(date(2026, 11, 24), locale.language)
