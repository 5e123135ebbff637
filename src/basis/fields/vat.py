"""VAT identification numbers (btw-nummers), checked per country where python-stdnum knows its rule."""

from msgspec import Struct

from basis.fields.base import Field, Problem
from basis.fields.text import TextType


class VatSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A VAT number has no settings."""


class VatType(TextType):
    """A number of a member state, country code first (`NL123456789B01`)."""

    name = "vat"
    label = {"en": "VAT number", "nl": "Btw-nummer"}
    Settings = VatSettings
    whole = True

    def limit(self, field: Field) -> int:
        return 20

    def regular(self, text: str) -> str:
        if not text:
            return text
        from stdnum.eu import vat
        from stdnum.exceptions import ValidationError

        try:
            return str(vat.validate(text))
        except ValidationError:
            raise Problem("Is no VAT number; write it like NL123456789B01.") from None
