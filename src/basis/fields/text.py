"""One line of text, with a folded key beside it that is compared and sorted."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct
from sqlalchemy import Column, ColumnElement, Text, func

from basis.fields.base import Field, FieldType, Frame, Moment, Place, Problem
from basis.fields.operators import TEXT
from basis.fields.storage import KEY, fold, key_text
from basis.html import Markup
from basis.i18n import Locale


class TextSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`max_length` in characters."""

    max_length: Annotated[int, Meta(ge=1, le=1_000_000)] = 100


class TextType(FieldType):
    """Text on one line. Subclasses check and format a kind of text (an e-mail address, a KVK number)."""

    name = "text"
    label = {"en": "Text", "nl": "Tekst"}
    Settings: ClassVar[type[Struct]] = TextSettings
    operators: ClassVar[tuple[str, ...]] = (*TEXT, "eq-userlanguage")
    input_kind = "text"
    input_attributes: dict[str, str] = {}
    format = "Text"

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Text), Column(field.name + KEY, key_text())]

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        return {field.name: value, field.name + KEY: None if value is None else fold(value)}

    def limit(self, field: Field) -> int:
        return int(field.settings.max_length)

    def check(self, field: Field, value: Any) -> Any:
        if not isinstance(value, str):
            raise Problem("Must be text.")
        text = self.regular(" ".join(value.split()) if self.one_line else value.strip())
        if len(text) > self.limit(field):
            raise Problem(
                "Is {length} characters long; at most {limit} fit.", length=len(text), limit=self.limit(field)
            )
        if "\x00" in text:
            raise Problem("Holds a character that cannot be stored.")
        return text or None

    one_line = True

    def regular(self, text: str) -> str:
        """The text in its one proper form; raises `Problem`."""
        return text

    def key(self, field: Field, place: Place, interval: str = "") -> ColumnElement[Any]:
        return place.table.c[field.name + KEY]

    def group(
        self, field: Field, place: Place, interval: str = ""
    ) -> tuple[list[ColumnElement[Any]], list[ColumnElement[Any]]]:
        """One group for all spellings that differ in case and accents only, called by one of them."""
        return [func.min(place.table.c[field.name])], [self.key(field, place)]

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        if operator == "eq-userlanguage":
            return self.key(field, place) == place.moment.locale.language
        return super().where(field, place, operator, values)

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        text = str(value)
        return text if "like" in operator or "with" in operator or "contain" in operator else fold(text)

    def shown(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else str(value)

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        return self.plain_input(
            field,
            self.shown(field, value, frame.locale),
            frame,
            self.input_kind,
            maxlength=self.limit(field),
            **self.input_attributes,
        )

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": self.limit(field)}
