"""The clean-up: columns of fields that were removed long enough ago are dropped, for good."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, inspect, select

from basis.catalog.catalog import Catalog
from basis.catalog.changes import publish
from basis.catalog.customize import PREFIX
from basis.catalog.store import Change, Difference, catalog_version, read_rows
from basis.db import patient
from basis.fields import type_of

PATIENCE = timedelta(days=30)
"""So long a removed field can be brought back with its data."""


def clean_up(
    conn: Connection, catalog: Catalog, now: datetime, patience: timedelta = PATIENCE
) -> list[tuple[str, str]]:
    """Drop the own fields that were removed before `now - patience`, definition and columns; answers entity and field.

    On SQLite a drop rewrites the table: at a million records it holds up writers for some seconds.
    """
    gone = [pair for pair in _removed(conn, now - patience) if _droppable(catalog, *pair)]
    for entity, name in gone:
        _drop(conn, catalog, entity, name)
    if gone:
        changes = [Change("field", entity, name, None) for entity, name in gone]
        changes += _cells_of(conn, gone)
        publish(conn, changes, author=None, now=now, summary="Clean-up of removed fields")
    return gone


def _cells_of(conn: Connection, gone: list[tuple[str, str]]) -> list[Change]:
    """The cells that showed the fields, and the lists of the relationships that lookups made."""
    ends = tuple(f"_{entity}_{name}" for entity, name in gone)
    return [
        Change(kind, entity, name, None)
        for kind, entity, name in read_rows(conn)
        if kind == "form_cell" and ((entity, name.partition("/")[2]) in gone or name.endswith(ends))
    ]


def _removed(conn: Connection, before: datetime) -> Iterator[tuple[str, str]]:
    """Fields whose last change was their removal, and that before the moment."""
    last: dict[tuple[str, str], bool] = {}
    rows = conn.execute(select(catalog_version.c.at, catalog_version.c.changes).order_by(catalog_version.c.version))
    for at, changes in rows:
        for difference in msgspec.json.decode(changes, type=list[Difference]):
            if difference.kind == "field":
                hidden = bool(difference.after and difference.after.get("hidden"))
                last[difference.entity, difference.name] = hidden and at <= before
    yield from (pair for pair, removed in last.items() if removed)


def _droppable(catalog: Catalog, entity: str, name: str) -> bool:
    held = catalog.entities.get(entity)
    return name.startswith(PREFIX) and held is not None and held.has(name) and held.by_name[name].hidden


def _drop(conn: Connection, catalog: Catalog, entity: str, name: str) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(conn))
    table, field = catalog.tables[entity], catalog.entities[entity].by_name[name]
    columns = {column.name for column in type_of(field).columns(field)}
    inspector = inspect(conn)
    there = {column["name"] for column in inspector.get_columns(entity)}
    with patient(conn):
        for index in inspector.get_indexes(entity):
            if columns & {column for column in index["column_names"] if column} and index["name"]:
                operations.drop_index(index["name"], entity)
        for column in sorted(columns & there):
            operations.drop_column(table.name, column)
