"""Exact decimal numbers with a fixed number of digits after the point."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct
from sqlalchemy import Column

from basis.fields.base import Field, FieldType, Moment, Problem
from basis.fields.integer import within_limits
from basis.fields.operators import EQUALITY, RANGE
from basis.fields.storage import Exact
from basis.i18n import Locale, format_number, parse_number

LARGEST = Decimal(9_000_000_000_000_000_000)
COMMON = 2
"""So many digits after the point are shown at least, where a field has more."""
"""What a 64-bit whole number holds; the unit is the last digit that is kept."""


class DecimalSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`precision`: digits after the point (0 to 10). The limits are inclusive."""

    precision: Annotated[int, Meta(ge=0, le=10)] = 2
    minimum: Decimal | None = None
    maximum: Decimal | None = None


def to_decimal(value: Any) -> Decimal:
    """A JSON number or text as an exact number; raises `Problem`."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Problem("Must be a number.")
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        raise Problem("Must be a number.") from None
    if not number.is_finite():
        raise Problem("Must be a number.")
    return number


class DecimalType(FieldType):
    name = "decimal"
    label = {"en": "Decimal number", "nl": "Decimaal getal"}
    Settings: ClassVar[type[Struct]] = DecimalSettings
    operators = EQUALITY + RANGE
    editor = "number"
    edm = "Edm.Decimal"
    attribute_type = "Decimal"
    align = "end"
    whole = True
    aggregates = ("count", "countcolumn", "sum", "avg", "min", "max")

    def scale(self, field: Field) -> int:
        """The number of digits after the point that are stored."""
        return int(field.settings.precision)

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Exact(self.scale(field)))]

    def check(self, field: Field, value: Any) -> Any:
        if abs(to_decimal(value)) > LARGEST.scaleb(-self.scale(field)):
            raise Problem("Is too large a number.")
        number = to_decimal(value).quantize(Decimal(1).scaleb(-field.settings.precision), ROUND_HALF_UP)
        within_limits(number, field.settings)
        return number

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        """With two digits after the point, or as many as there are; never more than its precision."""
        if value is None:
            return ""
        places = field.settings.precision
        while places > COMMON and value == round(value, places - 1):
            places -= 1
        return format_number(value, locale.language, places)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        if not text.strip():
            return None
        try:
            return parse_number(text, locale.language)
        except ValueError:
            raise Problem("Is no number.") from None

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        number = to_decimal(value)
        if abs(number) > LARGEST.scaleb(-self.scale(field)):
            raise Problem("Is too large a number.")
        return number

    def from_json(self, field: Field, value: Any) -> Any:
        return None if value is None else to_decimal(value)

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["number", "null"]}
