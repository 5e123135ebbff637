"""Grouping dates: the first day of the week, month, quarter or year in which a moment falls, for its reader."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Text, cast, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from basis.db import sqlite_functions
from basis.i18n import time_zone


class Bucket(FunctionElement[str]):
    """The bucket of a local date as `YYYY-MM-DD` text; arguments: local date, interval, first fiscal month."""

    type = Text()
    inherit_cache = True
    name = "bucket"


class LocalDay(FunctionElement[str]):
    """The local date of a UTC moment; arguments: moment, zone name."""

    type = Text()
    inherit_cache = True
    name = "local_day"


def bucket(day: ColumnElement[Any], interval: str, fiscal_start_month: int) -> ColumnElement[str]:
    return Bucket(day, literal(interval), literal(fiscal_start_month))


def local_day(moment: ColumnElement[Any], zone: str) -> ColumnElement[str]:
    return LocalDay(moment, literal(zone))


@compiles(Bucket, "sqlite")
def _bucket_sqlite(element: Bucket, compiler: Any, **options: Any) -> str:
    day, interval, month = list(element.clauses)
    return str(compiler.process(func.basis_bucket(day, interval, month), **options))


@compiles(LocalDay, "sqlite")
def _local_day_sqlite(element: LocalDay, compiler: Any, **options: Any) -> str:
    moment, zone = list(element.clauses)
    return str(compiler.process(func.basis_local_day(moment, zone), **options))


_UNITS = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}


@compiles(Bucket, "postgresql")
def _bucket_postgresql(element: Bucket, compiler: Any, **options: Any) -> str:
    day, interval, month = list(element.clauses)
    name = interval.value
    back = func.make_interval(0, month.value - 1 if name.startswith("fiscal") else 0)
    unit = _UNITS.get(name, "quarter" if name == "fiscal-period" else "year")
    start = func.date_trunc(unit, cast(day, DateTime()) - back) + back
    return str(compiler.process(func.to_char(start, "YYYY-MM-DD"), **options))


@compiles(LocalDay, "postgresql")
def _local_day_postgresql(element: LocalDay, compiler: Any, **options: Any) -> str:
    moment, zone = list(element.clauses)
    return str(compiler.process(func.date(func.timezone(zone, moment)), **options))


def bucket_start(day: date, interval: str, fiscal_start_month: int = 1) -> date:
    """The first day of the interval that `day` lies in; weeks start on Monday (ISO 8601)."""
    if interval == "week":
        return date.fromordinal(day.toordinal() - day.weekday())
    if interval in ("month", "day", "year"):
        return day.replace(day=1 if interval != "day" else day.day, month=1 if interval == "year" else day.month)
    start = fiscal_start_month if interval.startswith("fiscal") else 1
    length = 12 if interval == "fiscal-year" else 3
    months = day.year * 12 + day.month - start
    first = months - months % length + start - 1
    return date(first // 12, first % 12 + 1, 1)


@lru_cache(maxsize=20_000)
def basis_bucket(day: str | None, interval: str, fiscal_start_month: int) -> str | None:
    """SQLite's side of `bucket`."""
    if not day:
        return None
    return bucket_start(date.fromisoformat(day[:10]), interval, fiscal_start_month).isoformat()


@lru_cache(maxsize=200_000)
def _local_minute(minute: str, zone: str) -> str:
    return datetime.fromisoformat(minute + ":00+00:00").astimezone(time_zone(zone)).date().isoformat()


def basis_local_day(moment: str | None, zone: str) -> str | None:
    """SQLite's side of `local_day`."""
    return _local_minute(moment[:16], zone) if moment else None


sqlite_functions["basis_bucket"] = (basis_bucket, 3)
sqlite_functions["basis_local_day"] = (basis_local_day, 2)
