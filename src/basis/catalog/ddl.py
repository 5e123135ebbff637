"""From one Catalog's tables to the next one's on a live database: only additions, which block nobody."""

from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Table

from basis.catalog.catalog import Catalog
from basis.catalog.tables import short
from basis.db import patient


def apply_difference(conn: Connection, old: Catalog | None, new: Catalog) -> None:
    """Make the tables, columns and indexes that `new` has and `old` has not. All or nothing, with the transaction.

    Nothing is dropped: what was removed from the definitions is only hidden, until a clean-up.
    """
    old_tables = old.tables if old else {}
    made = [table for name, table in new.tables.items() if name not in old_tables]
    with patient(conn):
        if made:
            new.metadata.create_all(conn, tables=made, checkfirst=False)
        for name, table in new.tables.items():
            if name in old_tables:
                _extend(conn, old_tables[name], table)


def _extend(conn: Connection, old: Table, new: Table) -> None:
    columns = [column for column in new.columns if column.name not in old.c]
    if columns:
        add_columns(conn, new, columns)
    known = {index.name for index in old.indexes}
    for index in sorted(new.indexes, key=lambda index: str(index.name)):
        if index.name not in known:
            index.create(conn)


def add_columns(conn: Connection, table: Table, columns: list[Column[Any]]) -> None:
    """Add columns to a table in use. A foreign key is not checked against old rows: the column is new and empty."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(conn))
    inline = conn.dialect.name == "sqlite"
    for column in columns:
        keys = list(column.foreign_keys)
        target = keys[0].column if keys else None
        fresh: Column[Any] = Column(column.name, column.type, nullable=column.nullable)
        if target is not None and inline:
            fresh = Column(column.name, column.type, ForeignKey(target))
        operations.add_column(table.name, fresh, inline_references=inline)
        if target is not None and not inline:
            operations.create_foreign_key(
                short(f"fk_{table.name}_{column.name}"),
                table.name,
                target.table.name,
                [column.name],
                [target.name],
                deferrable=True,
                initially="DEFERRED",
                postgresql_not_valid=True,
            )
