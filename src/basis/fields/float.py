"""Floating point numbers, for measurements where exactness does not matter."""

import math
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import Column, Double

from basis.fields.base import Field, Moment, Problem
from basis.fields.decimal import DecimalType, to_decimal
from basis.fields.integer import within_limits


class FloatSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`precision`: digits after the point that are shown. The limits are inclusive."""

    precision: Annotated[int, Meta(ge=0, le=10)] = 2
    minimum: float | None = None
    maximum: float | None = None


class FloatType(DecimalType):
    name = "float"
    label = {"en": "Floating point number", "nl": "Zwevendekommagetal"}
    Settings = FloatSettings
    edm = "Edm.Double"
    attribute_type = "Double"

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Double)]

    def check(self, field: Field, value: Any) -> Any:
        number = float(to_decimal(value))
        if not math.isfinite(number):
            raise Problem("Is too large a number.")
        within_limits(number, field.settings)
        return number

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        return float(to_decimal(value))
