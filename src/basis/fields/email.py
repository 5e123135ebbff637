"""E-mail addresses."""

import re
from typing import Any

from basis.fields.base import Field, Problem
from basis.fields.text import TextType
from basis.html import Markup, escape
from basis.i18n import Locale

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[^\s@.]+(\.[^\s@.]+)+")


class EmailType(TextType):
    """An address `name@domain`; shown as a link that opens a message."""

    name = "email"
    label = {"en": "E-mail address", "nl": "E-mailadres"}
    input_kind = "email"
    input_attributes = {"autocomplete": "off"}
    format = "Email"

    def regular(self, text: str) -> str:
        if text and not _ADDRESS.fullmatch(text):
            raise Problem("Is no e-mail address; write it like name@example.com.")
        return text

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        if not value:
            return Markup("")
        return Markup('<a href="mailto:{0}">{0}</a>').format(escape(value))
