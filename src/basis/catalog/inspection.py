"""`basis check`: the database as it is against the Catalog as it should be, every mismatch with its remedy."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Table, exists, func, inspect, select, text
from sqlalchemy.engine.reflection import Inspector

from basis.catalog.catalog import Catalog
from basis.catalog.check import check_catalog
from basis.catalog.entity import POINTER
from basis.catalog.finding import Finding
from basis.catalog.value_checks import values_of
from basis.catalog.view_indexes import is_large, slow_because
from basis.db import system
from basis.errors import Message
from basis.fields import type_of

UNIQUE = Message("The unique index {index} is missing, so values may occur twice; restore a backup.")
SLOW = Message("The index {index} is missing; lists may be slow.")
OTHER_TYPE = Message("This column is {held} and should be {wanted}; restore a backup.")
FAMILIES = {"INTEGER": "INT", "BIGINT": "INT", "DOUBLE PRECISION": "FLOAT", "DOUBLE": "FLOAT", "BOOLEAN": "BOOL"}


def inspect_database(conn: Connection, catalog: Catalog) -> Iterator[Finding]:
    """Everything that does not agree; nothing when all is well."""
    for problem in check_catalog(catalog):
        yield Finding(f"{problem.file} {problem.path}".strip(), problem.message)
    inspector = inspect(conn)
    there = set(inspector.get_table_names())
    whole = {name for name in catalog.tables if name in there}
    for table in [*system.sorted_tables, *catalog.tables.values()]:
        if table.name not in there:
            yield Finding(table.name, Message("This table is missing; restore a backup."))
        else:
            yield from _columns(inspector, catalog, table.name)
    if conn.dialect.name == "sqlite":
        yield from _sqlite(conn)
    if len(whole) < len(catalog.tables) or not {table.name for table in system.sorted_tables} <= there:
        return  # What is in the tables can be looked at when all of them are there.
    yield from _lookups(conn, catalog)
    yield from _search(conn, catalog)
    yield from _views(conn, catalog)
    yield from values_of(conn, catalog)


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
            text = UNIQUE if index.unique else SLOW
            yield Finding(f"{name}", Message(text.text, index=index.name))
    yield from _types(inspector, table)
    if name in catalog.tables:
        yield from _foreign_keys(inspector, name, catalog.tables.targets(name))


def _types(inspector: Inspector, table: Table) -> Iterator[Finding]:
    """Columns that hold another kind of value than they were made for, or less of it."""
    dialect = inspector.dialect
    for column in inspector.get_columns(table.name):
        wanted = table.c.get(column["name"])
        if wanted is None:
            continue
        made, held = (each.compile(dialect=dialect).split(" COLLATE")[0] for each in (wanted.type, column["type"]))
        if _family(made) != _family(held):
            place, text = f"{table.name}.{column['name']}", Message(OTHER_TYPE.text, held=held, wanted=made)
            yield Finding(place, text)


def _family(type_name: str) -> str:
    """Types that hold the same: names differ between the databases, lengths matter."""
    name = type_name.upper().replace("CHARACTER VARYING", "VARCHAR").strip('"')
    return FAMILIES.get(name, name)


def _foreign_keys(inspector: Inspector, table: str, targets: Mapping[str, str]) -> Iterator[Finding]:
    held = {tuple(key["constrained_columns"]) for key in inspector.get_foreign_keys(table)}
    for column in targets:
        if (column,) not in held:
            yield Finding(f"{table}.{column}", Message("The foreign key is missing; restore a backup."))


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
        if entity.internal or entity.name == POINTER:
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
