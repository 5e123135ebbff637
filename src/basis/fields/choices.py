"""Any number of a list of options."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Text, or_

from basis.fields.base import Field, Frame, Moment, Place, Posted, Problem
from basis.fields.choice import ChoiceType, select_of
from basis.fields.operators import EMPTY, condition
from basis.html import Markup
from basis.i18n import Locale, label


class ChoicesType(ChoiceType):
    """The value is a tuple of numbers, stored as `,1,2,` so that one LIKE finds a member on any database."""

    name = "choices"
    label = {"en": "Choices", "nl": "Keuzes"}
    operators = (*EMPTY, "eq", "ne", "contain-values", "not-contain-values")
    edm = "Edm.String"
    attribute_type = "MultiSelectPicklist"
    sortable = False
    joined = True
    editor = "text"

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Text)]

    def load(self, field: Field, row: Sequence[Any]) -> Any:
        return tuple(int(part) for part in row[0].strip(",").split(",")) if row[0] else None

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        return {field.name: f",{','.join(map(str, value))}," if value else None}

    def check(self, field: Field, value: Any) -> Any:
        if not isinstance(value, tuple):
            raise Problem("Must be a list of options.")
        order = {option.value: position for position, option in enumerate(self.options(field))}
        unknown = [number for number in value if number not in order]
        if unknown:
            raise Problem("{value} is none of the options.", value=unknown[0])
        return tuple(sorted(set(value), key=order.__getitem__)) or None

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "; ".join(super(ChoicesType, self).text(field, number, locale) for number in value or ())

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        parts = [part for part in text.replace("\n", ";").split(";") if part.strip()]
        return tuple(super(ChoicesType, self).from_text(field, part, locale) for part in parts) or None

    def parse(self, field: Field, posted: Posted, locale: Locale) -> Any:
        return self.from_text(field, posted.get(field.name, ""), locale)

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        return Markup(" ").join(super(ChoicesType, self).cell(field, number, locale) for number in value or ())

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        chosen = set(value.split("\n")) if isinstance(value, str) else {str(number) for number in value or ()}
        options = [
            (option.value, label(option.label, frame.locale.language), str(option.value) in chosen)
            for option in self.options(field)
        ]
        return select_of(field, options, frame, several=True)

    def asking(self, field: Field, operator: str) -> Field:
        return field

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        if operator in ("eq", "ne"):
            return self.dump(field, self.check(field, self.from_json(field, value)))[field.name]
        return self._one(field, value)

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        column = place.table.c[field.name]
        if not operator.endswith("contain-values"):
            return condition(operator, column, values, place.moment)
        held = or_(*(column.like(f"%,{int(value)},%") for value in values)) if values else column.is_not(None)
        return held if operator == "contain-values" else or_(column.is_(None), ~held)

    def to_json(self, field: Field, value: Any) -> Any:
        return ",".join(map(str, value)) if value else None

    def from_json(self, field: Field, value: Any) -> Any:
        if isinstance(value, str):
            value = [part for part in value.split(",") if part.strip()]
        if value is None or not isinstance(value, list | tuple):
            return () if value is None else (self._one(field, value),)
        return tuple(self._one(field, part) for part in value)

    def _one(self, field: Field, value: Any) -> Any:
        return super().from_text(field, str(value), Locale())

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "description": "Option values, separated by commas."}
