"""Moments: a date with a time, kept in UTC and shown in the reader's time zone; or a time on the clock, wherever."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, ColumnElement

from basis.fields.asking import asked_as
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


UTC_CLOCK = "UTC"


class DateTimeSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`time_zone_independent`: a time on the clock that is the same for every reader (a shop opens at 9:00)."""

    time_zone_independent: bool = False


class DateTimeType(DateType):
    """A moment. One that is independent of time zones is kept as if every clock stood at UTC."""

    name = "datetime"
    label = {"en": "Date and time", "nl": "Datum en tijd"}
    Settings = DateTimeSettings
    fixed_settings = ("time_zone_independent",)
    edm = "Edm.DateTimeOffset"
    format = "DateAndTime"

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Instant)]

    def check(self, field: Field, value: Any) -> Any:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise Problem("Must be a date with a time and a time zone.")
        if not FIRST_YEAR <= value.year < LAST_YEAR:
            raise Problem("Must lie between {minimum} and {maximum}.", minimum=FIRST_YEAR, maximum=LAST_YEAR)
        if field.settings.time_zone_independent:
            value = value.replace(tzinfo=UTC)
        return value.astimezone(UTC).replace(microsecond=0)

    def clock(self, field: Field, locale: Locale) -> Locale:
        """The reader's locale, with the zone in which the field's times are shown and typed."""
        return msgspec.structs.replace(locale, zone_name=UTC_CLOCK) if field.settings.time_zone_independent else locale

    def _here(self, field: Field, moment: Moment) -> Moment:
        """What relative operators refer to: for times on the clock, what the reader's clock says now."""
        if not field.settings.time_zone_independent:
            return moment
        now = moment.now.astimezone(moment.locale.zone).replace(tzinfo=UTC)
        return msgspec.structs.replace(moment, now=now, locale=self.clock(field, moment.locale))

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else format_datetime(value, self.clock(field, locale))

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        if not text.strip():
            return None
        try:
            return self._read(field, text, locale)
        except (ValueError, OverflowError):
            example = format_datetime(datetime(2026, 11, 24, 13, 30, tzinfo=locale.zone), locale)
            raise Problem("Is no date with a time; write it like {example}.", example=example) from None

    def _read(self, field: Field, text: str, locale: Locale) -> datetime:
        """A moment as typed or in ISO form; the offset of a time on the clock means nothing."""
        if not field.settings.time_zone_independent:
            return parse_datetime(text, locale)
        try:
            return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC, microsecond=0)
        except ValueError:
            return parse_datetime(text, self.clock(field, locale))

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        shown = value if isinstance(value, str) else self.shown(field, value, frame.locale)
        return self.plain_input(field, shown, frame, "datetime-local")

    def shown(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else value.astimezone(self.clock(field, locale).zone).strftime("%Y-%m-%dT%H:%M")

    def asking(self, field: Field, operator: str) -> Field:
        if operator.startswith("on"):
            return asked_as(field, "date")
        return super().asking(field, operator)

    def key(self, field: Field, place: Place, interval: str = "") -> ColumnElement[Any]:
        column = place.table.c[field.name]
        if not interval:
            return column
        day = local_day(column, self.clock(field, place.moment.locale).zone_name)
        return bucket(day, interval, place.moment.fiscal_start_month)

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        if "-x-" in operator or "fiscal" in operator:
            return super().operand(field, operator, value, moment)
        if operator.startswith("on"):
            return midnight(parse_date(str(value)[:10], "en"), self._here(field, moment))
        return self._given(field, value, moment.locale)

    def _given(self, field: Field, value: Any, locale: Locale) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return self._read(field, str(value), locale)
        except (ValueError, OverflowError):
            raise Problem("Is no date with a time; write it like {example}.", example="2026-11-24T13:30:00Z") from None

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        moment = self._here(field, place.moment)
        if operator not in ("on", "on-or-before", "on-or-after"):
            return super().where(field, msgspec.structs.replace(place, moment=moment), operator, values)
        key = place.table.c[field.name]
        if not values:
            return condition(operator, key, values, moment)
        end = midnight(values[0].astimezone(moment.locale.zone).date() + timedelta(days=1), moment)
        return within(
            key, None if operator == "on-or-before" else values[0], None if operator == "on-or-after" else end
        )

    def during(self, key: ColumnElement[Any], start: Any, end: Any, moment: Moment) -> ColumnElement[bool]:
        return within(key, start, end)

    def native(self, field: Field, value: Any, locale: Locale) -> Any:
        return None if value is None else value.astimezone(self.clock(field, locale).zone).replace(tzinfo=None)

    def behavior(self, field: Field) -> str:
        return "TimeZoneIndependent" if field.settings.time_zone_independent else "UserLocal"

    def to_json(self, field: Field, value: Any) -> Any:
        return None if value is None else iso(value)

    def from_json(self, field: Field, value: Any) -> Any:
        return None if value is None else self._given(field, value, Locale(zone_name=UTC_CLOCK))

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date-time"}
