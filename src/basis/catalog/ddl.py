"""From one Catalog's tables to the next one's on a live database: only additions, which block nobody."""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, ForeignKey, ForeignKeyConstraint, MetaData, Table

from basis.catalog.catalog import Catalog
from basis.catalog.tables import short
from basis.db import NAMING, patient


def apply_difference(conn: Connection, old: Catalog | None, new: Catalog) -> bool:
    """Make the tables and columns that `new` has and `old` has not. All or nothing, with the transaction.

    Answers whether tables in use still lack indexes, which `settling` makes without holding anybody up.
    Nothing is dropped: what was removed from the definitions is only hidden, until a clean-up.
    """
    lacking = False
    made = [name for name in new.tables if old is None or name not in old.tables]
    with patient(conn):
        if made:
            create_tables(conn, new, made)
        for name in new.tables:
            if old is not None and name in old.tables and not new.tables.shares(old.tables, name):
                lacking |= _extend(conn, old.tables[name], new, new.tables[name])
    return lacking


def create_tables(conn: Connection, catalog: Catalog, names: Sequence[str]) -> None:
    """Create tables with their foreign keys, which the tables that queries use do without."""
    metadata = MetaData(naming_convention=NAMING)
    wanted = [catalog.tables[name].to_metadata(metadata) for name in names]
    for table in wanted:
        for column, target in catalog.tables.targets(table.name).items():
            if target not in metadata.tables:
                catalog.tables[target].to_metadata(metadata)
            there = f"{target}.{catalog.entities[target].id_field}"
            name = short(f"fk_{table.name}_{column}")
            key = ForeignKeyConstraint([column], [there], name=name, deferrable=True, initially="DEFERRED")
            table.append_constraint(key)
    metadata.create_all(conn, tables=wanted, checkfirst=False)


def _extend(conn: Connection, old: Table, catalog: Catalog, new: Table) -> bool:
    fresh = [column.name for column in new.columns if column.name not in old.c]
    if fresh:
        add_columns(conn, catalog, new, fresh)
    return not {index.name for index in new.indexes} <= {index.name for index in old.indexes}


def add_columns(conn: Connection, catalog: Catalog, table: Table, names: Sequence[str]) -> None:
    """Add columns to a table in use. A foreign key is not checked against old rows: the column is new and empty."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(conn))
    inline = conn.dialect.name == "sqlite"
    targets = catalog.tables.targets(table.name)
    for name in names:
        target = targets.get(name)
        keys = []
        if target and inline:
            keys = [ForeignKey(catalog.tables[target].c[catalog.entities[target].id_field])]
        operations.add_column(table.name, Column(name, table.c[name].type, *keys), inline_references=inline)
        if target and not inline:
            operations.create_foreign_key(
                short(f"fk_{table.name}_{name}"),
                table.name,
                target,
                [name],
                [catalog.entities[target].id_field],
                deferrable=True,
                initially="DEFERRED",
                postgresql_not_valid=True,
            )
