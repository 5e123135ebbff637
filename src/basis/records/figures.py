"""The figures of a list: below its columns, and per group of its rows; over all records, not those of the page."""

from typing import Any

import msgspec
from msgspec import Struct

from basis.catalog.query import Column, Filter, Query
from basis.catalog.view import Grouping, ViewColumn
from basis.fields.reference import Reference
from basis.fields.storage import fold
from basis.records.aggregate import aggregate
from basis.security.scope import Scope

MOST_GROUPS = 5_000


class Sums(Struct, frozen=True):
    """How many records there are, and per column (by key) its figure."""

    count: int
    figures: dict[str, Any]


def totals(scope: Scope, query: Query, columns: tuple[ViewColumn, ...]) -> Sums:
    """The figures over all records of a query."""
    found = aggregate(scope, _asking(query, columns, ()))
    return _sums(found.rows[0], columns) if found.rows else Sums(0, {})


def groups(scope: Scope, query: Query, grouping: Grouping, columns: tuple[ViewColumn, ...]) -> dict[Any, Sums]:
    """The figures of each group, by `group_key` of its value."""
    column = Column(grouping.field, grouping.link, "group", group=True, interval=grouping.interval)
    found = aggregate(scope, _asking(query, columns, (column,)), MOST_GROUPS)
    return {group_key(row["group"]): _sums(row, columns) for row in found.rows}


def group_key(value: Any) -> Any:
    """What two values of one group have in common."""
    if isinstance(value, Reference):
        return value.id
    return fold(value) if isinstance(value, str) else value


def _asking(query: Query, columns: tuple[ViewColumn, ...], grouped: tuple[Column, ...]) -> Query:
    figures = [Column("createdon", alias="count", aggregate="count")]
    for at, column in enumerate(columns):
        name = "countcolumn" if column.total == "count" else column.total
        figures.append(Column(column.field, column.link, f"figure{at}", aggregate=name))
    links = tuple(msgspec.structs.replace(link, columns=()) for link in query.links)
    return Query(query.entity, (*grouped, *figures), Filter(filters=(query.filter,)), links)


def _sums(row: dict[str, Any], columns: tuple[ViewColumn, ...]) -> Sums:
    return Sums(row["count"], {column.key: row[f"figure{at}"] for at, column in enumerate(columns)})
