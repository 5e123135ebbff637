"""Time zones by their IANA name (`Europe/Amsterdam`), which Python, browsers and PostgreSQL all know.

Dataverse numbers the time zones of Windows instead; those numbers do not tell one country of a zone from another.
"""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from basis.fields.base import Field, Frame, Moment, NoSettings, Problem
from basis.fields.choice import select_of
from basis.fields.operators import TEXT
from basis.fields.storage import fold
from basis.fields.text import TextType
from basis.html import Markup
from basis.i18n import Locale

LIMIT = 50


@cache
def time_zones() -> tuple[str, ...]:
    """The zones that are offered: those of places, in alphabetical order."""
    placed = (zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return tuple(sorted(placed))


@cache
def _by_word() -> dict[str, str]:
    return {_word(zone): zone for zone in available_timezones()}


def _word(text: str) -> str:
    return fold(text.strip()).replace(" ", "_")


class TimeZoneType(TextType):
    name = "timezone"
    label = {"en": "Time zone", "nl": "Tijdzone"}
    Settings = NoSettings
    operators = TEXT
    whole = True

    def limit(self, field: Field) -> int:
        return LIMIT

    def regular(self, text: str) -> str:
        zone = _by_word().get(_word(text))
        if text and zone is None:
            raise Problem("Is no time zone; write it like Europe/Amsterdam.")
        return zone or ""

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return str(value or "").replace("_", " ")

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        return super().operand(field, operator, str(value).replace(" ", "_"), moment)

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        held = value or ""
        offered = time_zones() if not held or held in time_zones() else (held, *time_zones())
        return select_of(field, [(zone, zone.replace("_", " "), zone == held) for zone in offered], frame)
