"""Lengths of time in minutes: typed and shown as `1:30` or `90`."""

import re
from typing import Any

from msgspec import Struct

from basis.fields.base import Field, Problem
from basis.fields.integer import IntegerType
from basis.i18n import Locale

_CLOCK = re.compile(r"(\d{1,6}):([0-5]\d)")


class DurationSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The limits in minutes, both inclusive."""

    minimum: int = 0
    maximum: int = 2_147_483_647


class DurationType(IntegerType):
    name = "duration"
    label = {"en": "Duration", "nl": "Duur"}
    Settings = DurationSettings
    format = "Duration"

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else f"{value // 60}:{value % 60:02d}"

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        match = _CLOCK.fullmatch(text.strip())
        if match:
            return int(match[1]) * 60 + int(match[2])
        try:
            return super().from_text(field, text, locale)
        except Problem:
            raise Problem("Is no duration; write hours and minutes like 1:30, or minutes.") from None
