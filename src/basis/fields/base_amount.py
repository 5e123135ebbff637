"""The base amount of a money field: the amount in the base currency, worked out by Basis, so that amounts add up."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Column

from basis.fields.base import Field
from basis.fields.decimal import DecimalType
from basis.fields.money import BASE, SCALE, MoneySettings, MoneyType
from basis.fields.storage import Exact
from basis.i18n import Label, Locale, format_money


class BaseAmountType(DecimalType):
    """Stands beside every money field under its name with `_base`; amount divided by the record's exchange rate."""

    name = "base_amount"
    label = {"en": "Base amount", "nl": "Bedrag in basisvaluta"}
    Settings = MoneySettings
    attribute_type = "Money"
    creatable = False
    editor = "none"

    def scale(self, field: Field) -> int:
        return SCALE

    def columns(self, field: Field) -> list[Column[Any]]:
        return [Column(field.name, Exact(SCALE))]

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        if value is None:
            return ""
        return format_money(Decimal(value), MoneyType.BASE_CURRENCY, locale.language, field.settings.precision)


def base_of(money: Field, settings: MoneySettings) -> Field:
    """The field of the base amount that belongs to a money field."""
    ends = {"en": "base", "nl": "basis"}
    named: Label = {language: f"{text} ({ends.get(language, 'base')})" for language, text in money.label.items()}
    return Field(money.name + BASE, "base_amount", named, required="system", audited=False, readonly=True,
                 settings=MoneySettings(settings.precision, None, None), hidden=money.hidden)  # fmt: skip
