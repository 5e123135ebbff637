"""From entities to SQLAlchemy tables: columns and indexes, made when first asked for, kept while the entity stays.

A table that two versions of the catalog share is the same object, so that compiled statements stay of use.
"""

import hashlib
from collections.abc import Iterator, Mapping

from sqlalchemy import BigInteger, Column, Index, MetaData, Table

from basis.catalog.entity import Entity, Key, ManyToMany
from basis.catalog.relationship import column_names
from basis.catalog.system_fields import VERSION
from basis.db import NAMING
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.storage import KEY, Id

UNINDEXED = {"createdby", "modifiedby", "owningbusinessunit", "ownerid", "transactioncurrencyid"}
"""Lookups without a foreign key or index of their own: the door alone guards them, and every save would pay."""


class Tables(Mapping[str, Table]):
    """The tables of all entities and many-to-many relationships, by name."""

    def __init__(self, entities: Mapping[str, Entity], previous: "Tables | None" = None) -> None:
        self._entities = entities
        self._links = {
            defined.name: (entity, defined) for entity in entities.values() for defined in entity.many_to_many
        }
        self._made: dict[str, Table] = {}
        if previous is not None:
            self._made = {name: table for name, table in previous._made.items() if self.shares(previous, name)}

    def shares(self, previous: "Tables", name: str) -> bool:
        """Whether a table is the same as in those other tables, because its entity is."""
        if name in self._entities:
            return self._entities[name] is previous._entities.get(name)
        return name in self._links and self._links[name][1] == previous._links[name][1]

    def __getitem__(self, name: str) -> Table:
        made = self._made.get(name)
        if made is None:
            # Two threads may both come here; the first one's table stays.
            made = self._made.setdefault(name, self._make(name))
        return made

    def _make(self, name: str) -> Table:
        if name in self._entities:
            return entity_table(self._entities[name])
        entity, defined = self._links[name]
        return link_table(entity, defined)

    def __iter__(self) -> Iterator[str]:
        yield from self._entities
        yield from self._links

    def __len__(self) -> int:
        return len(self._entities) + len(self._links)

    def __contains__(self, name: object) -> bool:
        return name in self._entities or name in self._links

    def targets(self, name: str) -> dict[str, str]:
        """Per column of a table the entity that it is a foreign key to."""
        if name in self._links:
            entity, defined = self._links[name]
            return dict(zip(column_names(entity, defined), (entity.name, defined.to), strict=True))
        keys = {field.name: foreign_key(field) for field in self._entities[name].fields}
        return {column: target for column, target in keys.items() if target in self._entities}


def foreign_key(field: Field) -> str:
    """The entity whose ids the field's column must hold; empty when it may be several, or the door alone guards it."""
    targets = type_of(field).targets(field)
    return targets[0].entity if len(targets) == 1 and field.name not in UNINDEXED else ""


def entity_table(entity: Entity) -> Table:
    """The table of an entity, with its indexes."""
    columns = [column for field in entity.fields for column in _columns(entity, field)]
    table = Table(entity.name, MetaData(naming_convention=NAMING), *columns)
    indexes(entity, table)
    return table


def _columns(entity: Entity, field: Field) -> list[Column[object]]:
    if field.name == entity.id_field:
        return [Column(field.name, Id, primary_key=True)]
    if field.name == VERSION:
        return [Column(field.name, BigInteger, nullable=False)]
    return type_of(field).columns(field)


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
        if type_of(field).indexed and field.name not in UNINDEXED:
            column = table.c[field.name]
            here = column.is_not(None)
            name = short(f"ix_{entity.name}_{field.name}")
            made.append(Index(name, column, sqlite_where=here, postgresql_where=here))
    return made + [key_index(entity, key, table) for key in entity.keys]


def key_index(entity: Entity, key: Key, table: Table) -> Index:
    """The unique index of an alternate key; empty values never collide."""
    names = [name + KEY if name + KEY in table.c else name for name in key.fields]
    return Index(short(f"uq_{entity.name}_{key.name}"), *(table.c[name] for name in names), unique=True)


def link_table(entity: Entity, defined: ManyToMany) -> Table:
    """The table of a many-to-many relationship: pairs of ids."""
    first, second = column_names(entity, defined)
    metadata = MetaData(naming_convention=NAMING)
    table = Table(defined.name, metadata, Column(first, Id, primary_key=True), Column(second, Id, primary_key=True))
    Index(short(f"ix_{defined.name}_{second}"), table.c[second])
    return table
