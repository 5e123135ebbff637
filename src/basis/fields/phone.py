"""Telephone numbers: kept as typed, but a Dutch number is written the international way."""

from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta

from basis.fields.base import Field, Problem
from basis.fields.text import TextSettings, TextType
from basis.html import Markup
from basis.i18n import Locale


class PhoneSettings(TextSettings, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`max_length` in characters."""

    max_length: Annotated[int, Meta(ge=1, le=1_000_000)] = 50


@lru_cache(maxsize=10_000)
def _international(text: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "NL")
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_valid_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class PhoneType(TextType):
    """A telephone number; a valid one is kept in international form (`+31 38 123 4567`), others as typed."""

    name = "phone"
    label = {"en": "Telephone number", "nl": "Telefoonnummer"}
    Settings = PhoneSettings
    whole = True
    input_kind = "tel"
    format = "Phone"

    def regular(self, text: str) -> str:
        if text and not any(sign.isdigit() for sign in text):
            raise Problem("Is no telephone number; it has no digits.")
        return _international(text) if text else text

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        if not value:
            return Markup("")
        dial = "".join(sign for sign in value if sign.isdigit() or sign == "+")
        return Markup('<a href="tel:{}">{}</a>').format(dial, value)
