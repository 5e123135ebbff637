"""Indexes that views need on large entities: made and taken away by a job, and why a view cannot have one.

They belong to no field, so they are known by their name alone (`vx_`), and the catalog's tables do not hold them.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Index, MetaData, Table, func, inspect, select
from sqlalchemy.schema import DropIndex

from basis.catalog.catalog import Catalog
from basis.catalog.changes import Catalogs
from basis.catalog.query import Condition, Filter
from basis.catalog.settling import make_index
from basis.catalog.view import View
from basis.db import Database
from basis.errors import Message
from basis.fields import type_of
from basis.fields.storage import KEY
from basis.jobs.queue import Job
from basis.jobs.worker import handlers

INDEX_VIEWS = "catalog.index_views"
PREFIX = "vx_"
LARGE = 50_000
"""So many records make an entity large; below it any list is quick."""
SEARCHING = ("contains", "not-contain", "ends-with", "not-end-with", "like", "not-like", "ne", "not-in")


def is_large(conn: Connection, catalog: Catalog, entity: str) -> bool:
    """Whether an entity has so many records that its views need indexes."""
    some = select(catalog.table(entity).c[catalog.entities[entity].id_field]).limit(LARGE).subquery()
    return (conn.execute(select(func.count()).select_from(some)).scalar() or 0) >= LARGE


def index_of(catalog: Catalog, view: View) -> Index | None:
    """The index along which the view's records lie together in its order; None where none helps or one is there."""
    names = _names(catalog, view)
    table = catalog.table(view.entity)
    if names is None or any(_starts(index, names) for index in table.indexes):
        return None
    copy = table.to_metadata(MetaData())
    digest = hashlib.sha256(",".join(names).encode()).hexdigest()[:12]
    return Index(f"{PREFIX}{view.entity[:40]}_{digest}", *(copy.c[name] for name in names))


def _starts(index: Index, names: list[str]) -> bool:
    held = [column.name for column in index.columns if isinstance(column, Column)]
    return held[: len(names) - 1] == names[:-1]


def _names(catalog: Catalog, view: View) -> list[str] | None:
    """The columns that are compared with one value, then the one that is sorted by, then the id."""
    entity, table = catalog.entities[view.entity], catalog.table(view.entity)
    order = view.order[0] if view.order else None
    if order is None or order.link or view.filter.type == "or" or view.filter.negated:
        return None
    compared = [_column(table, each.field) for each in _all(view.filter) if _is_equal(each) and each.field in table.c]
    field = entity.by_name[order.field]
    sorted_by = _column(table, order.field)
    if sorted_by not in table.c or type_of(field).targets(field) or type_of(field).options(field):
        return None
    names = list(dict.fromkeys([*sorted(compared), sorted_by, entity.id_field]))
    return names if all(name in table.c for name in names) else None


def _column(table: Table, field: str) -> str:
    """The column that is compared and sorted: of a text its folded key."""
    return field + KEY if field + KEY in table.c else field


def _all(filter: Filter) -> Iterator[Condition]:
    yield from filter.conditions
    for inner in filter.filters:
        if inner.type == "and" and not inner.negated:
            yield from _all(inner)


def _is_equal(condition: Condition) -> bool:
    one = condition.operator == "eq" and condition.value is not None and not condition.column
    return not condition.link and (one or condition.operator == "eq-userid")


def slow_because(catalog: Catalog, view: View) -> list[Message]:
    """Why a view cannot be fast on a large entity; empty when it can."""
    found, entity = [], catalog.entities[view.entity]
    for order in view.order[:1]:
        field = entity.by_name.get(order.field) if not order.link else None
        if order.link or (field is not None and type_of(field).targets(field)):
            found.append(Message("it is sorted by a field of another record"))
    searching = [each for each in _all(view.filter) if each.operator in SEARCHING and each.value is not None]
    if searching and not any(_is_equal(each) for each in _all(view.filter)):
        found.append(Message("its filter looks into texts, which no index serves"))
    if view.filter.type == "or":
        found.append(Message("its filter is a choice between conditions"))
    if view.group is not None or view.totals:
        found.append(Message("its figures are worked out over all of its records"))
    return found


def settle_views(database: Database) -> dict[str, list[str]]:
    """Make the indexes that the views of large entities need, and drop those that none needs any more.

    Answers the names: `{"made": [...], "dropped": [...]}`. Done twice it does nothing.
    """
    with database.read() as conn:
        catalog = Catalogs().current(conn)
        large = [name for name in catalog.entities if is_large(conn, catalog, name)]
        wanted = {
            str(index.name): index
            for name in large
            for view in catalog.public_views(name)
            if (index := index_of(catalog, view)) is not None
        }
        held = _held(conn, catalog)
    made = [name for name in wanted if name not in held]
    for name in made:
        make_index(database, wanted[name])
    dropped = [name for name in held if name not in wanted]
    with database.write() as conn:
        for name in dropped:
            conn.execute(DropIndex(held[name], if_exists=True))
    return {"made": made, "dropped": dropped}


def _held(conn: Connection, catalog: Catalog) -> dict[str, Index]:
    inspector, found = inspect(conn), dict[str, Index]()
    for name, table in catalog.tables.items():
        for index in inspector.get_indexes(name):
            if str(index["name"]).startswith(PREFIX):
                copy = table.to_metadata(MetaData())
                columns = [copy.c[column] for column in index["column_names"] if column and column in copy.c]
                found[str(index["name"])] = Index(str(index["name"]), *columns)
    return found


def _job(database: Database, job: Job) -> dict[str, Any]:
    return settle_views(database)


handlers[INDEX_VIEWS] = _job
