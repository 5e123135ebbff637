"""Many new rows into one table at once: an import writes thousands, and SQLAlchemy's work per row would double it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table, bindparam, insert
from sqlalchemy.exc import IntegrityError

FEW = 10
"""Below so many rows PostgreSQL's COPY takes longer than plain statements."""
Shown = Callable[[Any], Any]


def insert_rows(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, given as values by column; a column that a row leaves out is empty there.

    `IntegrityError` when one breaks a unique key; none is in then, as with any other statement.
    """
    wanted = set().union(*rows)
    columns = [column for column in table.columns if column.name in wanted]
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(_statement(conn.dialect, table, columns), _tuples(conn.dialect, columns, rows))
    elif len(rows) < FEW:
        conn.execute(insert(table), [{column.name: row.get(column.name) for column in columns} for row in rows])
    else:
        _copy(conn, table, columns, rows)


def _statement(dialect: Dialect, table: Table, columns: Sequence[Column[Any]]) -> str:
    """The INSERT of these columns, in the table's order, with a question mark for each; kept with the table."""
    held: dict[tuple[str, ...], str] = table.info.setdefault("inserts", {})
    names = tuple(column.name for column in columns)
    if names not in held:
        held[names] = str(insert(table).values({name: bindparam(name) for name in names}).compile(dialect=dialect))
    return held[names]


def _tuples(
    dialect: Dialect, columns: Sequence[Column[Any]], rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them."""
    found = []
    for column in columns:
        name, shown = column.name, column.type.dialect_impl(dialect).bind_processor(dialect)
        values = [row.get(name) for row in rows]
        found.append(_shown(values, shown) if shown else values)
    return list(zip(*found, strict=True))


def _shown(values: list[Any], shown: Shown) -> list[Any]:
    """Each value as the driver takes it. Most columns hold few different ones: a moment, an owner, a state."""
    known = {value: shown(value) for value in set(values)}
    return [known[value] for value in values]


def _copy(conn: Connection, table: Table, columns: Sequence[Column[Any]], rows: Sequence[Mapping[str, Any]]) -> None:
    """PostgreSQL's own way for many rows, several times as fast as a statement for each."""
    from psycopg import errors, sql

    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table.name), names)
    try:
        with conn.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in _tuples(conn.dialect, columns, rows):
                copy.write_row(row)
    except errors.IntegrityError as error:
        raise IntegrityError("copy", None, error) from error
