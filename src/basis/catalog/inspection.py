"""`basis check`: the database as it is against the Catalog as it should be, every mismatch with its remedy."""

from collections.abc import Iterator

from msgspec import Struct
from sqlalchemy import Connection, exists, func, inspect, select, text
from sqlalchemy.engine.reflection import Inspector

from basis.catalog.catalog import Catalog
from basis.catalog.check import check_catalog
from basis.catalog.view_indexes import is_large, slow_because
from basis.db import system
from basis.errors import Message
from basis.fields import type_of


class Finding(Struct, frozen=True):
    """One mismatch: where, what, and what to do. A `note` is no fault."""

    place: str
    message: Message
    note: bool = False


def inspect_database(conn: Connection, catalog: Catalog) -> Iterator[Finding]:
    """Everything that does not agree; nothing when all is well."""
    for problem in check_catalog(catalog):
        yield Finding(f"{problem.file} {problem.path}".strip(), problem.message)
    inspector = inspect(conn)
    there = set(inspector.get_table_names())
    for table in [*system.sorted_tables, *catalog.tables.values()]:
        if table.name not in there:
            yield Finding(table.name, Message("This table is missing; restore a backup."))
        else:
            yield from _columns(inspector, catalog, table.name)
    if conn.dialect.name == "sqlite":
        yield from _sqlite(conn)
    yield from _lookups(conn, catalog)
    yield from _search(conn, catalog)
    yield from _views(conn, catalog)


def _columns(inspector: Inspector, catalog: Catalog, name: str) -> Iterator[Finding]:
    table = catalog.tables[name] if name in catalog.tables else system.tables[name]
    held = {column["name"] for column in inspector.get_columns(name)}
    for column in table.c:
        if column.name not in held:
            yield Finding(f"{name}.{column.name}", Message("This column is missing; restore a backup."))
    for extra in sorted(held - set(table.c.keys())):
        yield Finding(f"{name}.{extra}", Message("This column belongs to no field; a clean-up may drop it."), note=True)
    indexes = {index["name"] for index in inspector.get_indexes(name)}
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        if index.name not in indexes:
            yield Finding(f"{name}", Message("The index {index} is missing; lists may be slow.", index=index.name))


def _sqlite(conn: Connection) -> Iterator[Finding]:
    answer = conn.execute(text("pragma quick_check")).scalar()
    if answer != "ok":
        yield Finding("sqlite", Message("The file is damaged ({answer}); restore a backup.", answer=answer))
    for table, _, target, _ in conn.execute(text("pragma foreign_key_check")).fetchmany(20):
        yield Finding(table, Message("A record points at a {target} that does not exist.", target=target))


def _lookups(conn: Connection, catalog: Catalog) -> Iterator[Finding]:
    """Lookups without a foreign key (several targets, owners) are counted here."""
    for relationship in catalog.relationships.values():
        entity = catalog.entities[relationship.entity]
        field = entity.by_name[relationship.field]
        if len(type_of(field).targets(field)) < 2:
            continue
        table, target = catalog.table(relationship.entity), catalog.table(relationship.target)
        pointed = target.alias()
        id_column = pointed.c[catalog.entities[relationship.target].id_field]
        lost = (
            select(func.count())
            .select_from(table)
            .where(table.c[field.name + "type"] == relationship.target)
            .where(~exists().where(id_column == table.c[field.name]))
        )
        number = conn.execute(lost).scalar() or 0
        if number:
            message = Message("{number} records point at a record that does not exist.", number=number)
            yield Finding(f"{entity.name}.{field.name}", message)


def _search(conn: Connection, catalog: Catalog) -> Iterator[Finding]:
    document = system.tables["search_document"]
    counted: dict[str, int] = dict(
        conn.execute(select(document.c.entity, func.count()).group_by(document.c.entity)).fetchall()
    )
    for entity in catalog.entities.values():
        if entity.internal or entity.name == "activitypointer":
            continue
        records = conn.execute(select(func.count()).select_from(catalog.table(entity.name))).scalar() or 0
        if counted.get(entity.name, 0) != records:
            message = Message(
                "{found} of {records} records can be found by search.",
                found=counted.get(entity.name, 0),
                records=records,
            )
            yield Finding(entity.name, message)


def _views(conn: Connection, catalog: Catalog) -> Iterator[Finding]:
    """Views of large entities that no index can make fast, with the reason."""
    for name, views in catalog.views.items():
        if catalog.entities[name].hidden or not is_large(conn, catalog, name):
            continue
        for view in views.values():
            for reason in slow_because(catalog, view) if view.kind == "public" and not view.hidden else ():
                message = Message("This view cannot be fast: {reason}.", reason=reason)
                yield Finding(f"view {name}/{view.name}", message, note=True)
