"""KVK numbers: the 8 digits under which the Dutch Chamber of Commerce registers an organisation."""

from msgspec import Struct

from basis.fields.base import Field, Problem
from basis.fields.text import TextType


class KvkSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A KVK number has no settings: it is always 8 digits (Handelsregisterbesluit 2008, art. 8)."""


class KvkType(TextType):
    name = "kvk"
    label = {"en": "KVK number", "nl": "KVK-nummer"}
    Settings = KvkSettings
    input_attributes = {"inputmode": "numeric"}

    def limit(self, field: Field) -> int:
        return 12

    def regular(self, text: str) -> str:
        digits = text.replace(" ", "").replace(".", "")
        if digits and (len(digits) != 8 or not digits.isascii() or not digits.isdigit() or int(digits) == 0):
            raise Problem("Is no KVK number; it has 8 digits.")
        return digits
