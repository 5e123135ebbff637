"""Whole numbers, optionally within limits."""

from typing import Any, ClassVar

from msgspec import Struct
from sqlalchemy import BigInteger, Column

from basis.fields.base import Field, FieldType, Moment, Problem
from basis.fields.operators import EQUALITY, RANGE
from basis.i18n import Locale, format_number, parse_number


class IntegerSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The limits, both inclusive."""

    minimum: int = -2_147_483_648
    maximum: int = 2_147_483_647


def within_limits(value: Any, settings: Any) -> None:
    """Raises `Problem` when a number lies outside the settings' minimum and maximum."""
    if (settings.minimum is not None and value < settings.minimum) or (
        settings.maximum is not None and value > settings.maximum
    ):
        raise Problem("Must lie between {minimum} and {maximum}.", minimum=settings.minimum, maximum=settings.maximum)


class IntegerType(FieldType):
    name = "integer"
    label = {"en": "Whole number", "nl": "Geheel getal"}
    Settings: ClassVar[type[Struct]] = IntegerSettings
    operators = EQUALITY + RANGE
    editor = "number"
    edm = "Edm.Int32"
    attribute_type = "Integer"
    align = "end"
    whole = True
    aggregates = ("count", "countcolumn", "sum", "avg", "min", "max")

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, BigInteger)]

    def check(self, field: Field, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Problem("Must be a whole number.")
        within_limits(value, field.settings)
        return value

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else format_number(value, locale.language)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        if not text.strip():
            return None
        try:
            number = parse_number(text, locale.language)
        except ValueError:
            raise Problem("Is no whole number.") from None
        if number != number.to_integral_value():
            raise Problem("Must be a whole number.")
        return int(number)

    def from_json(self, field: Field, value: Any) -> Any:
        if isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                raise Problem("Must be a whole number.") from None
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise Problem("Must be a whole number.")
        return value

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        number = self.from_json(field, value)
        if number is not None and abs(number) >= 2**63:
            raise Problem("Is too large a number.")
        return number

    def json_schema(self, field: Field) -> dict[str, Any]:
        limits = field.settings
        return {"type": ["integer", "null"], "minimum": limits.minimum, "maximum": limits.maximum}
