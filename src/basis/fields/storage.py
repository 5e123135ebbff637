"""Column types: how ids, moments, exact decimals and sort keys are kept on SQLite and on PostgreSQL."""

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Numeric, String, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

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


class Id(TypeDecorator[str]):
    """A UUID as lower-case text with hyphens; PostgreSQL's own type there."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return dialect.type_descriptor(String(36))


class Instant(TypeDecorator[datetime]):
    """A moment in UTC to the second: `2026-11-24T09:05:00Z` on SQLite, timestamptz on PostgreSQL."""

    impl = String(20)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True, precision=0))
        return dialect.type_descriptor(String(20))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return iso(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


def iso(moment: datetime) -> str:
    """The moment as Dataverse writes it: UTC, no fractions."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
