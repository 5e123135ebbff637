"""The id of a record: a time-ordered UUID that Basis makes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement

from basis.fields.base import Field, FieldType, Moment, Place, Problem
from basis.fields.operators import EQUALITY, HIERARCHY, UNIT, USER
from basis.fields.storage import Id


def regular_id(value: Any) -> str:
    """A UUID in any spelling (braces, capitals) as Basis writes it; raises `Problem`."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise Problem("Is no id; an id looks like 01890a5d-ac96-774b-bcce-b302099a8057.") from None


class IdType(FieldType):
    name = "id"
    defaultable = False
    label = {"en": "Unique id", "nl": "Unieke id"}
    operators = (*EQUALITY, *USER, *UNIT, *HIERARCHY)
    editor = "none"
    edm = "Edm.Guid"
    attribute_type = "Uniqueidentifier"
    creatable = False
    aggregates = ("count", "countcolumn")

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Id)]

    def check(self, field: Field, value: Any) -> Any:
        return regular_id(value)

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        return regular_id(value)

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        from basis.fields.lookup import reference_condition

        return reference_condition(
            place.table.c[field.name], place, operator, values, (str(getattr(place.table, "name", "")),)
        )

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}
