"""Amounts of money: the amount in the record's currency, and beside it the same in the base currency."""

from decimal import Decimal
from typing import Any

from msgspec import Struct
from sqlalchemy import Column, ColumnElement

from basis.fields.base import Field, Place
from basis.fields.decimal import DecimalType
from basis.fields.storage import Exact
from basis.i18n import Locale, format_money

SCALE = 4
BASE = "_base"


class MoneySettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`precision`: digits that are shown (0 to 4). The limits are inclusive, in the record's currency."""

    precision: int = 2
    minimum: Decimal | None = Decimal("-900000000000000")
    maximum: Decimal | None = Decimal("900000000000000")


class MoneyType(DecimalType):
    """Stored to 4 digits. The base amount is kept by the door: amount divided by the exchange rate.

    Sums add up the base amounts, since amounts in several currencies do not add up.
    """

    name = "money"
    label = {"en": "Currency", "nl": "Valuta"}
    Settings = MoneySettings
    attribute_type = "Money"
    BASE_CURRENCY = "EUR"

    def scale(self, field: Field) -> int:
        return SCALE

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Exact(SCALE)), Column(self.base_column(field), Exact(SCALE))]

    def base_column(self, field: Field) -> str:
        """The column of the amount in the base currency."""
        return field.name + BASE

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        return {field.name: value}

    def sum_of(self, field: Field, place: Place) -> ColumnElement[Any]:
        return place.table.c[self.base_column(field)]

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        if value is None:
            return ""
        return format_money(value, self.BASE_CURRENCY, locale.language, field.settings.precision)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        return super().from_text(field, text.replace("€", "").replace("EUR", ""), locale)
