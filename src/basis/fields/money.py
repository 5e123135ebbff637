"""Amounts of money: the amount in the record's currency, and beside it the same in the base currency."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import Column, ColumnElement, select

from basis.fields.base import Field, Place
from basis.fields.decimal import DecimalType
from basis.fields.storage import Exact
from basis.i18n import Locale, format_money

SCALE = 4
BASE = "_base"


_CURRENCY = re.compile(r"[A-Z]{0,3}[$€£¥₺₹]|\b[A-Z]{3}\b")


class Amount(Decimal):
    """An amount in another currency than the base one; `currency` is its ISO 4217 code."""

    currency: str

    def __new__(cls, value: Decimal, currency: str) -> "Amount":
        made = super().__new__(cls, value)
        made.currency = currency
        return made


class MoneySettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`precision`: digits that are shown (0 to 4). The limits are inclusive, in the record's currency."""

    precision: Annotated[int, Meta(ge=0, le=4)] = 2
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
        """The amount; its base amount is a field of its own (base_amount.py)."""
        return [Column(field.name, Exact(SCALE))]

    def base_column(self, field: Field) -> str:
        """The column of the amount in the base currency."""
        return field.name + BASE

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        return {field.name: value}

    def selects(self, field: Field, place: Place) -> list[ColumnElement[Any]]:
        """The amount, and the code of its currency; none stands for the base currency."""
        currency = place.tables["transactioncurrency"].alias()
        code = select(currency.c.isocurrencycode).where(
            currency.c.transactioncurrencyid == place.table.c.transactioncurrencyid
        )
        return [place.table.c[field.name], code.correlate(place.table).scalar_subquery()]

    def load(self, field: Field, row: Sequence[Any]) -> Any:
        if row[0] is None or len(row) < 2 or row[1] in (None, self.BASE_CURRENCY):
            return row[0]
        return Amount(row[0], row[1])

    def to_json(self, field: Field, value: Any) -> Any:
        return Decimal(value) if isinstance(value, Amount) else value

    def sum_of(self, field: Field, place: Place) -> ColumnElement[Any]:
        return place.table.c[self.base_column(field)]

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        if value is None:
            return ""
        currency = getattr(value, "currency", self.BASE_CURRENCY)
        return format_money(value, currency, locale.language, field.settings.precision)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        """The amount, with or without a currency's sign or code: which currency it is the record itself says."""
        return super().from_text(field, _CURRENCY.sub("", text), locale)
