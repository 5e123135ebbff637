"""From entities to SQLAlchemy tables: columns, foreign keys and indexes."""

import hashlib

from sqlalchemy import BigInteger, Column, ForeignKey, Index, MetaData, Table

from basis.catalog.entity import Entity, Key, ManyToMany
from basis.catalog.relationship import column_names
from basis.catalog.system_fields import VERSION
from basis.db import NAMING
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.storage import KEY, Id

UNINDEXED = {"createdby", "modifiedby", "owningbusinessunit", "ownerid", "transactioncurrencyid"}
"""Lookups without a foreign key or index of their own: the door alone guards them, and every save would pay."""


def build_tables(entities: dict[str, Entity]) -> tuple[MetaData, dict[str, Table]]:
    """The tables of all entities and many-to-many relationships, by name."""
    metadata = MetaData(naming_convention=NAMING)
    tables = {name: _table(metadata, entity, entities) for name, entity in entities.items()}
    for entity in entities.values():
        for defined in entity.many_to_many:
            tables[defined.name] = _intersect(metadata, entity, defined, entities)
    return metadata, tables


def _table(metadata: MetaData, entity: Entity, entities: dict[str, Entity]) -> Table:
    columns: list[Column[object]] = []
    for field in entity.fields:
        columns += _columns(entity, field, entities)
    table = Table(entity.name, metadata, *columns)
    indexes(entity, table)
    return table


def _columns(entity: Entity, field: Field, entities: dict[str, Entity]) -> list[Column[object]]:
    columns = type_of(field).columns(field)
    if field.name == entity.id_field:
        return [Column(field.name, Id, primary_key=True)]
    if field.name == VERSION:
        return [Column(field.name, BigInteger, nullable=False)]
    targets = [target.entity for target in type_of(field).targets(field) if target.entity in entities]
    if len(targets) == 1 and field.name not in UNINDEXED:
        key = ForeignKey(f"{targets[0]}.{entities[targets[0]].id_field}", deferrable=True, initially="DEFERRED")
        return [Column(field.name, Id, key), *columns[1:]]
    return columns


def short(name: str) -> str:
    """A name that fits PostgreSQL's 63 bytes."""
    if len(name) <= 63:
        return name
    return f"{name[:54]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def indexes(entity: Entity, table: Table) -> list[Index]:
    """The indexes of an entity's table; making one attaches it to the table.

    Lists are sorted by the primary field, often of the active records, often of one owner: each of these
    is one walk along an index, whatever the size. The id at the end makes the order total, for paging by key.
    """
    primary, id_field = entity.primary + KEY, entity.id_field
    wanted: list[tuple[str, ...]] = [(primary, id_field)]
    if entity.states:
        wanted.append(("statecode", primary, id_field))
    if entity.ownership == "user":
        wanted.append(("ownerid", "statecode", primary, id_field) if entity.states else ("ownerid", primary, id_field))
    made = [Index(short(f"ix_{entity.name}_{'_'.join(names)}"), *(table.c[n] for n in names)) for names in wanted]
    for field in entity.fields:
        if type_of(field).targets(field) and field.name not in UNINDEXED:
            column = table.c[field.name]
            here = column.is_not(None)
            name = short(f"ix_{entity.name}_{field.name}")
            made.append(Index(name, column, sqlite_where=here, postgresql_where=here))
    return made + [key_index(entity, key, table) for key in entity.keys]


def key_index(entity: Entity, key: Key, table: Table) -> Index:
    """The unique index of an alternate key; empty values never collide."""
    names = [name + KEY if name + KEY in table.c else name for name in key.fields]
    return Index(short(f"uq_{entity.name}_{key.name}"), *(table.c[name] for name in names), unique=True)


def _intersect(metadata: MetaData, entity: Entity, defined: ManyToMany, entities: dict[str, Entity]) -> Table:
    first, second = column_names(entity, defined)
    other = entities[defined.to]
    table = Table(
        defined.name,
        metadata,
        Column(
            first,
            Id,
            ForeignKey(f"{entity.name}.{entity.id_field}", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        Column(
            second,
            Id,
            ForeignKey(f"{other.name}.{other.id_field}", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
    )
    Index(short(f"ix_{defined.name}_{second}"), table.c[second])
    return table
