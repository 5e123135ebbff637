"""Numbers that Basis hands out, one higher for every new record (`CAS-01042`)."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from basis.fields.base import Field, Frame
from basis.fields.text import TextType
from basis.html import Markup


class AutonumberSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`prefix`, then the number in at least `digits` digits, the first being `start`."""

    prefix: str = ""
    digits: Annotated[int, Meta(ge=1, le=18)] = 5
    start: Annotated[int, Meta(ge=0)] = 1
    max_length: Annotated[int, Meta(ge=1, le=1000)] = 100


class AutonumberType(TextType):
    """Filled by the door when a record is created without it (records/numbers.py); an import may bring its own."""

    name = "autonumber"
    label = {"en": "Autonumber", "nl": "Automatisch nummer"}
    Settings = AutonumberSettings
    whole = True

    def numbered(self, field: Field, number: int) -> str:
        return f"{field.settings.prefix}{number:0{field.settings.digits}d}"

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        return self.plain_input(field, value or "", frame, readonly="")
