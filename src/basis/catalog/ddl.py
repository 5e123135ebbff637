"""From one Catalog's tables to the next one's on a live database: additions, which block nobody, and keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, ForeignKeyConstraint, MetaData, Table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import AddConstraint, ExecutableDDLElement

from basis.catalog.catalog import Catalog
from basis.catalog.tables import short
from basis.db import NAMING, patient
from basis.errors import Refused


def apply_difference(conn: Connection, old: Catalog | None, new: Catalog) -> bool:
    """Make the tables and columns that `new` has and `old` has not. All or nothing, with the transaction.

    Answers whether tables in use still lack indexes, which `settling` makes without holding anybody up.
    Nothing that holds data is dropped: what was removed from the definitions is only hidden, until a clean-up.
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
    return _change_keys(conn, old, new)


def _change_keys(conn: Connection, old: Table, new: Table) -> bool:
    """Make and drop unique indexes at once, since they are promises; answers whether other indexes are lacking.

    `Refused` when the records that are there break a new promise.
    """
    held, wanted = ({str(index.name): index for index in table.indexes} for table in (old, new))
    lacking = False
    for name, index in wanted.items():
        if name not in held and not index.unique:
            lacking = True
        elif name not in held:
            try:
                index.create(conn)
            except IntegrityError as error:
                raise Refused("Two records have the same values; change one of them first.") from error
    for name, index in held.items():
        if index.unique and name not in wanted:
            index.drop(conn, checkfirst=True)
    return lacking


class AddColumn(ExecutableDDLElement):
    """`ALTER TABLE … ADD COLUMN …`, which SQLAlchemy has no construct for; with the column a lookup is a key to."""

    def __init__(self, column: Column[Any], pointed: Column[Any] | None = None) -> None:
        self.column, self.pointed = column, pointed


@compiles(AddColumn)
def _add_column(element: AddColumn, compiler: Any, **options: Any) -> str:
    prepared, column = compiler.preparer, element.column
    text = f"ALTER TABLE {prepared.format_table(column.table)} ADD COLUMN {compiler.get_column_specification(column)}"
    if element.pointed is None:
        return text
    there = element.pointed
    return f"{text} REFERENCES {prepared.format_table(there.table)} ({prepared.format_column(there)})"


def add_columns(conn: Connection, catalog: Catalog, table: Table, names: Sequence[str]) -> None:
    """Add columns to a table in use. A foreign key is not checked against old rows: the column is new and empty."""
    inline = conn.dialect.name == "sqlite"
    targets = catalog.tables.targets(table.name)
    for name in names:
        target = targets.get(name)
        pointed = catalog.tables[target].c[catalog.entities[target].id_field] if target else None
        conn.execute(AddColumn(table.c[name], pointed if inline else None))
        if pointed is not None and not inline:
            _add_key(conn, table, name, pointed)


def _add_key(conn: Connection, table: Table, name: str, pointed: Column[Any]) -> None:
    metadata = MetaData(naming_convention=NAMING)
    own = table.to_metadata(metadata)
    other = pointed.table.to_metadata(metadata) if pointed.table is not table else own
    key = ForeignKeyConstraint(
        [own.c[name]],
        [other.c[pointed.name]],
        name=short(f"fk_{table.name}_{name}"),
        deferrable=True,
        initially="DEFERRED",
        postgresql_not_valid=True,
    )
    own.append_constraint(key)
    conn.execute(AddConstraint(key))
