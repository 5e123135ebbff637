"""Column types: how exact decimals and sort keys are kept on SQLite and on PostgreSQL (ids and moments: db.py)."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Numeric, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from basis.db import Id, Instant, iso

__all__ = ["KEY", "Exact", "Id", "Instant", "fold", "from_plain", "iso", "key_text", "to_plain"]

KEY = "__key"
"""Suffix of the column with the folded text: what is compared and sorted, the same on both databases."""

_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})


def fold(text: str) -> str:
    """Text without case and accents ("Coenën" and "COENEN" are one), as Dutch readers look things up."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    return _fold(lowered)


@lru_cache(maxsize=50_000)
def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).translate(_LETTERS)


def key_text() -> TypeEngine[str]:
    """The type of a key column: bytes decide the order, on PostgreSQL too."""
    return Text().with_variant(Text(collation="C"), "postgresql")


class Exact(TypeDecorator[Decimal]):
    """A decimal number with a fixed number of digits after the point.

    SQLite has no such type, and its floats are not exact: there it is a whole number of the smallest unit.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric(38, self.scale))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return int(Decimal(value).scaleb(self.scale).to_integral_value())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            return Decimal(value).quantize(Decimal(1).scaleb(-self.scale))
        if isinstance(value, float):  # an average of whole numbers
            value = round(value)
        return Decimal(value).scaleb(-self.scale)


def to_plain(value: Any) -> Any:
    """What a column holds as JSON can: moments and dates as ISO text, decimals as text."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def from_plain(column: Column[Any], value: Any) -> Any:
    """The reverse of `to_plain` for a column."""
    if value is None:
        return None
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Exact):
        return Decimal(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value
