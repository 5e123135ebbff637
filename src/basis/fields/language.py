"""Languages: kept as the number that Windows and Dataverse give them (LCID), shown by name."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from babel import Locale as BabelLocale
from msgspec import Struct
from sqlalchemy import ColumnElement

from basis.fields.base import Field, Place
from basis.fields.choice import ChoiceType, Option
from basis.fields.operators import EQUALITY
from basis.i18n import LANGUAGES, LCIDS, Locale

CODES = {
    1025: "ar", 1026: "bg", 1027: "ca", 1028: "zh_Hant", 1029: "cs", 1030: "da", 1031: "de", 1032: "el", 1033: "en",
    1035: "fi", 1036: "fr", 1037: "he", 1038: "hu", 1040: "it", 1041: "ja", 1042: "ko", 1043: "nl", 1044: "nb",
    1045: "pl", 1046: "pt_BR", 1048: "ro", 1049: "ru", 1050: "hr", 1051: "sk", 1053: "sv", 1054: "th", 1055: "tr",
    1057: "id", 1058: "uk", 1060: "sl", 1061: "et", 1062: "lv", 1063: "lt", 1066: "vi", 1069: "eu", 1081: "hi",
    1086: "ms", 1087: "kk", 1110: "gl", 1122: "fy", 2052: "zh_Hans", 2067: "nl_BE", 2070: "pt_PT", 2074: "sr_Latn",
    3082: "es", 3098: "sr_Cyrl",
}  # fmt: skip
"""LCID → the language in CLDR: the languages of Dataverse, and Frisian."""


class LanguageSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`only`: the LCIDs that are offered; all that are known when it is empty."""

    only: tuple[int, ...] = ()


@cache
def languages(only: tuple[int, ...]) -> tuple[Option, ...]:
    """The languages as options, sorted by their English names, which come from CLDR."""
    known = [Option(lcid, _names(CODES[lcid])) for lcid in only or CODES if lcid in CODES]
    return tuple(sorted(known, key=lambda option: option.label["en"]))


def _names(code: str) -> dict[str, str]:
    held = BabelLocale.parse(code)
    names = {language: held.get_display_name(language) or code for language in LANGUAGES}
    return {language: name[:1].upper() + name[1:] for language, name in names.items()}


class LanguageType(ChoiceType):
    name = "language"
    label = {"en": "Language", "nl": "Taal"}
    Settings = LanguageSettings
    operators = (*EQUALITY, "eq-userlanguage")
    attribute_type = "Integer"
    format = "Language"

    def options(self, field: Field) -> tuple[Option, ...]:
        return languages(field.settings.only)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        """The number, the name in any language, or the code (`nl`)."""
        code = text.strip().replace("-", "_").lower()
        by_code = (option.value for option in self.options(field) if CODES[option.value].lower() == code)
        return next(by_code, None) or super().from_text(field, text, locale)

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        if operator == "eq-userlanguage":
            return self.key(field, place) == LCIDS[place.moment.locale.language]
        return super().where(field, place, operator, values)
