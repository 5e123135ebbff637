"""Web addresses."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta

from basis.fields.base import Field, Problem
from basis.fields.text import TextSettings, TextType
from basis.html import Markup
from basis.i18n import Locale


class UrlSettings(TextSettings, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`max_length` in characters."""

    max_length: Annotated[int, Meta(ge=1, le=1_000_000)] = 200


class UrlType(TextType):
    """A web address; `https://` is put before one without a scheme, and no other scheme is let in."""

    name = "url"
    label = {"en": "Web address", "nl": "Webadres"}
    Settings = UrlSettings
    input_attributes = {"inputmode": "url"}
    format = "Url"

    def regular(self, text: str) -> str:
        if not text:
            return text
        address = text if "://" in text else f"https://{text}"
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            host = ""
        if not host or parts.scheme not in ("http", "https") or " " in text or "." not in host:
            raise Problem("Is no web address; write it like www.example.com.")
        return address

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        if not value:
            return Markup("")
        shown = value.removeprefix("https://").removeprefix("http://").rstrip("/")
        return Markup('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>').format(value, shown)
