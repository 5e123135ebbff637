"""Deleting to the recycle bin, and bringing back: the record with everything its cascade took, whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from basis.catalog.entity import POINTER, Entity
from basis.catalog.relationship import Association, Relationship
from basis.catalog.system_fields import VERSION
from basis.db import system
from basis.errors import NotFound, Refused
from basis.fields import type_of
from basis.fields.partylist import PARTY
from basis.fields.storage import Id, Instant, from_plain, to_plain
from basis.records import activities, audit, matching, search
from basis.records.cascade import Doomed, gather
from basis.records.ids import new_id
from basis.records.save import retotal
from basis.records.select import get, references
from basis.records.totals import parents_of
from basis.security.conditions import allowed, forbidden, require
from basis.security.scope import Scope
from basis.security.users import SECURITY_ENTITIES, require_an_administrator, rights_changed

deleted_record = Table(
    "deleted_record",
    system,
    Column("id", Integer, primary_key=True),
    Column("deletion_id", Id, nullable=False),
    Column("entity", String(100), nullable=False),
    Column("record_id", Id, nullable=False),
    Column("title", Text, nullable=False),
    Column("deleted_on", Instant, nullable=False),
    Column("deleted_by", Id),
    Column("root", Boolean, nullable=False),
    Column("columns", Text, nullable=False),
    Column("links", Text, nullable=False),
    Column("pairs", Text, nullable=False),
    Index("ix_deleted_record_deletion", "deletion_id"),
    Index("ix_deleted_record_on", "root", "deleted_on"),
)
NEVER = {"systemuser": "Users are not deleted but disabled, so that what they did keeps their name."}


class Deleted(msgspec.Struct, frozen=True):
    """One deletion in the bin: `deletion_id` brings it back; `others` counts what went along."""

    deletion_id: str
    entity: str
    record_id: str
    title: str
    deleted_on: datetime
    deleted_by: str


def remove(scope: Scope, entity_name: str, ids: Sequence[str]) -> list[str]:
    """Delete records, each with what its cascade takes; answers the deletions, by which they come back.

    `NotFound`, `Forbidden` or `Refused` (a relationship restricts it): then nothing is deleted.
    """
    entity = scope.catalog.entity(entity_name)
    require(scope, entity, "delete")
    if entity_name in NEVER:
        raise Refused(NEVER[entity_name])
    if entity_name == PARTY:
        activities.refuse_pointer(entity)
    if entity_name == POINTER:
        return _remove_activities(scope, ids)
    if len(ids) > 1:
        doomed = gather(scope, entity_name, ids)
        if not any(found for name, found in doomed.records.items() if name != entity_name) and len(
            doomed.records[entity_name]
        ) == len(set(ids)):
            return _remove(scope, entity, ids, doomed)  # Nothing goes along, so all of them go at once.
    return [deletion for id in ids for deletion in _remove(scope, entity, [id], gather(scope, entity_name, [id]))]


def _remove_activities(scope: Scope, ids: Sequence[str]) -> list[str]:
    """An activity is deleted as what it is (a task, a call), wherever the request came from."""
    deletions = []
    for id in ids:
        kind = get(scope, POINTER, id, ["activitytypecode"])["activitytypecode"]
        deletions += remove(scope, kind, [id])
    return deletions


def _remove(scope: Scope, entity: Entity, roots: Sequence[str], doomed: Doomed) -> list[str]:
    """Delete what is doomed; answers a deletion for each root. What goes along belongs to the first one."""
    if set(references(scope, entity.name, roots)) != set(roots):
        raise NotFound("This {entity} does not exist, or you may not see it.", entity=entity.label)
    for name, ids in doomed.records.items():
        _require_all(scope, scope.catalog.entities[name], ids)
    deletions = {id: new_id() for id in roots}
    for name, ids in doomed.records.items():
        _bin(scope, deletions, scope.catalog.entities[name], ids, doomed)
    _empty_links(scope, doomed)
    totals = [(name, parents_of(scope, scope.catalog.entities[name], ids)) for name, ids in doomed.records.items()]
    for name, ids in doomed.records.items():
        table = scope.catalog.table(name)
        target = scope.catalog.entities[name]
        scope.conn.execute(delete(table).where(table.c[target.id_field].in_(ids)))
        activities.remove(scope, target, ids)
        search.remove(scope, ids)
        matching.remove(scope, ids)
        audit.write(scope, [audit.row(scope, name, record, "delete", {}) for record in ids])
        if name in SECURITY_ENTITIES:
            require_an_administrator(scope.conn, scope.catalog)
            rights_changed(scope.conn)
    for name, parents in totals:
        retotal(scope, scope.catalog.entities[name], parents)
    return list(deletions.values())


def _require_all(scope: Scope, entity: Entity, ids: list[str]) -> None:
    """The privilege to delete must reach every record that goes along."""
    table = scope.catalog.table(entity.name)
    rights = allowed(scope, entity, table, "delete")
    if rights is None or not ids:
        return
    id_column = table.c[entity.id_field]
    reached = set(scope.conn.execute(select(id_column).where(id_column.in_(ids), rights)).scalars())
    if reached != set(ids):
        raise forbidden(entity, "delete")


def _bin(scope: Scope, deletions: dict[str, str], entity: Entity, ids: list[str], doomed: Doomed) -> None:
    table = scope.catalog.table(entity.name)
    columns = list(table.c)
    pairs = {link.name: _pairs(scope, link, entity.name, ids) for link in scope.catalog.associations_of(entity.name)}
    rows, first = [], next(iter(deletions.values()))
    for row in scope.conn.execute(select(*columns).where(table.c[entity.id_field].in_(ids))):
        held = {column.name: to_plain(value) for column, value in zip(columns, row, strict=True) if value is not None}
        id = held[entity.id_field]
        links = [[link.name, child] for link, child, parent in doomed.links if parent == id]
        own_pairs = {name: [pair for pair in found if id in pair] for name, found in pairs.items()}
        rows.append(
            {
                "deletion_id": deletions.get(id, first),
                "entity": entity.name,
                "record_id": id,
                "title": str(held.get(entity.primary) or ""),
                "deleted_on": scope.now,
                "deleted_by": scope.user.id or None,
                "root": id in deletions,
                "columns": msgspec.json.encode(held).decode(),
                "links": msgspec.json.encode(links).decode(),
                "pairs": msgspec.json.encode({name: found for name, found in own_pairs.items() if found}).decode(),
            }
        )
    if rows:
        scope.conn.execute(insert(deleted_record), rows)
    for link in scope.catalog.associations_of(entity.name):
        for name in {
            link.first_column if link.first == entity.name else link.second_column,
            link.second_column if link.second == entity.name else link.first_column,
        }:
            scope.conn.execute(delete(link.table).where(link.table.c[name].in_(ids)))


def _pairs(scope: Scope, link: Association, entity: str, ids: list[str]) -> list[list[str]]:
    first, second = link.table.c[link.first_column], link.table.c[link.second_column]
    found = []
    for side, column in ((link.first, first), (link.second, second)):
        if side == entity:
            found += [list(pair) for pair in scope.conn.execute(select(first, second).where(column.in_(ids)))]
    return found


def _empty_links(scope: Scope, doomed: Doomed) -> None:
    for relationship, child, _ in doomed.links:
        entity = scope.catalog.entities[relationship.entity]
        table = scope.catalog.table(entity.name)
        field = entity.by_name[relationship.field]
        columns = type_of(field).dump(field, None)
        scope.conn.execute(
            update(table).where(table.c[entity.id_field] == child).values(columns | {VERSION: table.c[VERSION] + 1})
        )


# -- the bin itself


def deleted(scope: Scope, limit: int = 100, offset: int = 0) -> list[Deleted]:
    """The newest deletions first: one's own, and everybody's for an administrator."""
    table = deleted_record.c
    query = select(
        table.deletion_id, table.entity, table.record_id, table.title, table.deleted_on, table.deleted_by
    ).where(table.root)
    if not scope.user.has("administer"):
        query = query.where(table.deleted_by == scope.user.id)
    query = query.order_by(table.deleted_on.desc(), table.id.desc()).limit(limit).offset(offset)
    return [Deleted(*row[:5], row[5] or "") for row in scope.conn.execute(query)]


def deletion_of(scope: Scope, entity: str, record_id: str) -> str | None:
    """The deletion by which a record was deleted itself; None when it is not in the bin, or went along with another."""
    table = deleted_record.c
    mine = (table.entity == entity, table.record_id == record_id, table.root)
    query = select(table.deletion_id).where(*mine).order_by(table.id.desc()).limit(1)
    return scope.conn.execute(query).scalar()


def restore(scope: Scope, deletion_id: str) -> tuple[str, str]:
    """Bring a deletion back whole: records, links and associations. Answers entity and id of its root.

    `Refused` when a key is taken meanwhile. Links to records that are gone themselves stay empty.
    """
    table = deleted_record.c
    rows = scope.conn.execute(select(deleted_record).where(table.deletion_id == deletion_id)).fetchall()
    root = next((row for row in rows if row.root), None)
    if root is None or not (scope.user.has("administer") or root.deleted_by == scope.user.id):
        raise NotFound("This is not in the recycle bin.")
    require(scope, scope.catalog.entity(root.entity), "create")
    try:
        for row in rows:
            _bring_back(scope, row, {other.record_id for other in rows})
    except IntegrityError as error:
        raise Refused("This cannot come back: another record has its number or key now.") from error
    for row in rows:
        _relink(scope, row)
    for row in rows:
        _reindex(scope, row)
        entity = scope.catalog.entity(row.entity)
        retotal(scope, entity, parents_of(scope, entity, [row.record_id]))
    scope.conn.execute(delete(deleted_record).where(table.deletion_id == deletion_id))
    return root.entity, root.record_id


def _bring_back(scope: Scope, row: Any, together: set[str]) -> None:
    entity, table = scope.catalog.entity(row.entity), scope.catalog.table(row.entity)
    held = msgspec.json.decode(row.columns, type=dict[str, Any])
    values = {name: from_plain(table.c[name], value) for name, value in held.items() if name in table.c}
    for relationship in scope.catalog.pointing_from(entity.name):
        pointed = values.get(relationship.field)
        several = values.get(f"{relationship.field}type", relationship.target)
        if pointed is None or relationship.system or several != relationship.target or pointed in together:
            continue
        target = scope.catalog.table(relationship.target)
        id_column = target.c[scope.catalog.entities[relationship.target].id_field]
        if scope.conn.execute(select(id_column).where(id_column == pointed)).first() is None:
            values[relationship.field] = None
    scope.conn.execute(insert(table), values | {VERSION: values[VERSION] + 1})
    audit.write(scope, [audit.row(scope, entity.name, row.record_id, "restore", {})])


def _relink(scope: Scope, row: Any) -> None:
    pointing = {relationship.name: relationship for relationship in scope.catalog.pointing_at(row.entity)}
    for name, child in msgspec.json.decode(row.links, type=list[tuple[str, str]]):
        relationship = pointing.get(name)
        if relationship is not None:
            _point_back(scope, relationship, child, row.record_id)
    for name, pairs in msgspec.json.decode(row.pairs, type=dict[str, list[tuple[str, str]]]).items():
        link = scope.catalog.associations.get(name)
        for first, second in pairs if link else ():
            _pair_back(scope, link, first, second)  # type: ignore[arg-type]


def _point_back(scope: Scope, relationship: Relationship, child: str, parent: str) -> None:
    entity, table = scope.catalog.entities[relationship.entity], scope.catalog.table(relationship.entity)
    column = table.c[relationship.field]
    values = {relationship.field: parent, VERSION: table.c[VERSION] + 1}
    if f"{relationship.field}type" in table.c:
        values[f"{relationship.field}type"] = relationship.target
    scope.conn.execute(update(table).where(table.c[entity.id_field] == child, column.is_(None)).values(values))


def _pair_back(scope: Scope, link: Association, first: str, second: str) -> None:
    columns = link.table.c
    for side, id in ((link.first, first), (link.second, second)):
        id_column = scope.catalog.table(side).c[scope.catalog.entities[side].id_field]
        if scope.conn.execute(select(id_column).where(id_column == id)).first() is None:
            return
    pair = {link.first_column: first, link.second_column: second}
    there = select(columns[link.first_column]).where(*(columns[name] == id for name, id in pair.items()))
    if scope.conn.execute(there).first() is None:
        scope.conn.execute(insert(link.table), pair)


def _reindex(scope: Scope, row: Any) -> None:
    entity = scope.catalog.entity(row.entity)
    if entity.internal:
        return
    everything = scope.unlimited()
    names = list(dict.fromkeys([*search.searched_fields(entity), *matching.matched_fields(entity)]))
    if entity.activity:
        names = list(dict.fromkeys([*names, *activities.shared_fields(scope, entity)]))
    record = get(everything, row.entity, row.record_id, names)
    search.write(scope, entity, [(record.id, record.values)])
    matching.write(scope, entity, [(record.id, record.values)])
    activities.mirror(scope, entity, [(record.id, {**record.values, VERSION: record.version})], fresh=True)
    if entity.name in SECURITY_ENTITIES:
        rights_changed(scope.conn)
