"""Moments: a date with a time, kept in UTC, shown in the reader's time zone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement

from basis.fields.base import Field, Frame, Moment, Place, Problem
from basis.fields.date import DateType
from basis.fields.intervals import bucket, local_day
from basis.fields.operators import condition, within
from basis.fields.spans import midnight
from basis.fields.storage import Instant, iso
from basis.html import Markup
from basis.i18n import Locale, format_datetime, parse_date, parse_datetime

FIRST_YEAR, LAST_YEAR = 1753, 9999
"""Dataverse's limits; moments at the very ends of the calendar cannot be shown in every time zone."""


class DateTimeType(DateType):
    name = "datetime"
    label = {"en": "Date and time", "nl": "Datum en tijd"}
    edm = "Edm.DateTimeOffset"
    format = "DateAndTime"

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Instant)]

    def check(self, field: Field, value: Any) -> Any:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise Problem("Must be a date with a time and a time zone.")
        if not FIRST_YEAR <= value.year < LAST_YEAR:
            raise Problem("Must lie between {minimum} and {maximum}.", minimum=FIRST_YEAR, maximum=LAST_YEAR)
        return value.astimezone(UTC).replace(microsecond=0)

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else format_datetime(value, locale)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        if not text.strip():
            return None
        try:
            return parse_datetime(text, locale)
        except (ValueError, OverflowError):
            example = format_datetime(datetime(2026, 11, 24, 13, 30, tzinfo=locale.zone), locale)
            raise Problem("Is no date with a time; write it like {example}.", example=example) from None

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        shown = value if isinstance(value, str) else self.shown(field, value, frame.locale)
        return self.plain_input(field, shown, frame, "datetime-local")

    def shown(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else value.astimezone(locale.zone).strftime("%Y-%m-%dT%H:%M")

    def key(self, field: Field, place: Place, interval: str = "") -> ColumnElement[Any]:
        column = place.table.c[field.name]
        if not interval:
            return column
        day = local_day(column, place.moment.locale.zone_name)
        return bucket(day, interval, place.moment.fiscal_start_month)

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        if "-x-" in operator or "fiscal" in operator:
            return super().operand(field, operator, value, moment)
        if operator.startswith("on"):
            return midnight(parse_date(str(value)[:10], "en"), moment)
        return self._given(value, moment.locale)

    def _given(self, value: Any, locale: Locale) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_datetime(str(value), locale)
        except (ValueError, OverflowError):
            raise Problem("Is no date with a time; write it like {example}.", example="2026-11-24T13:30:00Z") from None

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        if operator not in ("on", "on-or-before", "on-or-after"):
            return super().where(field, place, operator, values)
        key = place.table.c[field.name]
        if not values:
            return condition(operator, key, values, place.moment)
        zone = place.moment.locale.zone
        end = midnight(values[0].astimezone(zone).date() + timedelta(days=1), place.moment)
        return within(
            key, None if operator == "on-or-before" else values[0], None if operator == "on-or-after" else end
        )

    def during(self, key: ColumnElement[Any], start: Any, end: Any, moment: Moment) -> ColumnElement[bool]:
        return within(key, start, end)

    def to_json(self, field: Field, value: Any) -> Any:
        return None if value is None else iso(value)

    def from_json(self, field: Field, value: Any) -> Any:
        return None if value is None else self._given(value, Locale(zone_name="UTC"))

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date-time"}
