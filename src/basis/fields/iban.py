"""Bank account numbers (IBAN), checked by ISO 13616's check digits."""

from typing import Any

from msgspec import Struct

from basis.fields.base import Field, Problem
from basis.fields.text import TextType
from basis.i18n import Locale


class IbanSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An IBAN has no settings."""


class IbanType(TextType):
    """Kept without spaces, shown in groups of four."""

    name = "iban"
    label = {"en": "IBAN", "nl": "IBAN"}
    Settings = IbanSettings

    def limit(self, field: Field) -> int:
        return 34

    def regular(self, text: str) -> str:
        if not text:
            return text
        from stdnum import iban
        from stdnum.exceptions import ValidationError

        try:
            return str(iban.validate(text))
        except ValidationError:
            raise Problem("Is no IBAN; its check digits do not fit.") from None

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return " ".join(value[i : i + 4] for i in range(0, len(value), 4)) if value else ""
