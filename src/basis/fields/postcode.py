"""Postal codes: a Dutch one is written `8011 AB`, others as typed."""

import re
from typing import Annotated

from msgspec import Meta

from basis.fields.text import TextSettings, TextType

_DUTCH = re.compile(r"([1-9][0-9]{3})\s*([A-Za-z]{2})")


class PostcodeSettings(TextSettings, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`max_length` in characters."""

    max_length: Annotated[int, Meta(ge=1, le=1_000_000)] = 20


class PostcodeType(TextType):
    name = "postcode"
    label = {"en": "Postal code", "nl": "Postcode"}
    Settings = PostcodeSettings
    whole = True

    def regular(self, text: str) -> str:
        match = _DUTCH.fullmatch(text)
        return f"{match[1]} {match[2].upper()}" if match else text
