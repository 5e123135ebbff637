"""Numbers that Basis hands out, one higher for every new record (`CAS-01042`)."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from basis.errors import Message
from basis.fields import pattern
from basis.fields.base import Field, Frame, Problem
from basis.fields.text import TextType
from basis.html import Markup


class AutonumberSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`prefix`, then the number in at least `digits` digits, the first being `start`.

    `pattern` replaces prefix and digits: text with parts in braces, as Dataverse has them (pattern.py).
    """

    prefix: str = ""
    digits: Annotated[int, Meta(ge=1, le=18)] = 5
    start: Annotated[int, Meta(ge=0)] = 1
    max_length: Annotated[int, Meta(ge=1, le=1000)] = 100
    pattern: str = ""


class AutonumberType(TextType):
    """Filled by the door when a record is created without it (records/numbers.py); an import may bring its own."""

    name = "autonumber"
    defaultable = False
    label = {"en": "Autonumber", "nl": "Automatisch nummer"}
    Settings = AutonumberSettings
    whole = True

    def settings_problems(self, settings: Any) -> dict[str, Message]:
        try:
            if settings.pattern:
                pattern.checked(settings.pattern, settings.max_length)
        except Problem as problem:
            return {"pattern": problem.message}
        return {}

    def numbered(self, field: Field, number: int, now: datetime) -> str:
        """The text for a number that is handed out `now`."""
        if field.settings.pattern:
            return pattern.made(field.settings.pattern, number, now)
        return f"{field.settings.prefix}{number:0{field.settings.digits}d}"

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        return self.plain_input(field, value or "", frame, readonly="")
