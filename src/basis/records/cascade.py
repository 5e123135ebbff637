"""What happens to related records when one is assigned or deleted, as the relationship's rules say."""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, select, update

from basis.catalog.entity import POINTER, Entity
from basis.catalog.relationship import Relationship
from basis.catalog.system_fields import VERSION
from basis.errors import Refused
from basis.fields import type_of
from basis.fields.reference import Reference
from basis.records import audit
from basis.records.owners import units_of
from basis.records.prepare import stored
from basis.records.record import Record
from basis.security.scope import Scope

_SLICE = 500


def children(scope: Scope, relationship: Relationship, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of child id and parent id for all records that point at these through the relationship."""
    table = scope.catalog.table(relationship.entity)
    entity = scope.catalog.entities[relationship.entity]
    field = entity.by_name[relationship.field]
    column, id_column = table.c[field.name], table.c[entity.id_field]
    several = len(type_of(field).targets(field)) > 1
    for start in range(0, len(ids), _SLICE):
        where: ColumnElement[bool] = column.in_(ids[start : start + _SLICE])
        if several:
            where = and_(where, table.c[field.name + "type"] == relationship.target)
        yield from map(tuple, scope.conn.execute(select(id_column, column).where(where)))


def assign_related(scope: Scope, entity: Entity, old: Record, owner: Reference) -> None:
    """Give the related records to the new owner too, where the relationship says so."""
    for relationship in scope.catalog.incoming[entity.name]:
        if relationship.rule.on_assign == "none":
            continue
        child = scope.catalog.entities[relationship.entity]
        if child.ownership != "user":
            continue
        ids = [id for id, _ in children(scope, relationship, [old.id])]
        if ids:
            _assign(scope, child, ids, relationship.rule.on_assign, old.get("ownerid"), owner)


def _assign(scope: Scope, entity: Entity, ids: list[str], rule: str, old_owner: Reference, owner: Reference) -> None:
    table = scope.catalog.table(entity.name)
    where: list[ColumnElement[bool]] = [table.c[entity.id_field].in_(ids)]
    if rule == "owned":
        where.append(table.c.ownerid == old_owner.id)
    if rule == "active" and entity.states:
        where.append(table.c.statecode == 0)
    owners = scope.conn.execute(select(table.c[entity.id_field], table.c.ownerid).where(*where)).fetchall()
    found = [(id, held) for id, held in owners if held != owner.id]
    if not found:
        return
    unit = units_of(scope, {owner}).get(owner, "")
    columns = stored(entity, {"ownerid": owner, "owningbusinessunit": Reference("businessunit", unit)})
    moved = update(table).where(table.c[entity.id_field].in_([id for id, _ in found]))
    scope.conn.execute(moved.values(columns | {VERSION: table.c[VERSION] + 1, "modifiedon": scope.now}))
    shown = {"id": owner.id, "entity": owner.entity, "label": owner.label}
    audit.write(scope, [audit.row(scope, entity.name, id, "assign", {"ownerid": (held, shown)}) for id, held in found])
    for id, _ in found:
        assign_related(scope, entity, Record(entity.name, id, {"ownerid": old_owner}), owner)


class Doomed(Struct):
    """Everything that one deletion takes: records per entity, and the links that it empties."""

    records: dict[str, list[str]]
    links: list[tuple[Relationship, str, str]]
    """Relationship, child id, parent id."""


def gather(scope: Scope, entity: str, ids: Sequence[str]) -> Doomed:
    """Follow the cascade rules from these records. `Refused` when a relationship restricts the deletion."""
    doomed = Doomed({entity: list(ids)}, [])
    waiting = [(entity, list(ids))]
    links: list[tuple[Relationship, str, str]] = []
    while waiting:
        name, parents = waiting.pop()
        for relationship in _pointing_at(scope, name):
            found = list(children(scope, relationship, parents))
            if relationship.rule.on_delete == "cascade":
                known = set(doomed.records.setdefault(relationship.entity, []))
                fresh = [child for child, _ in found if child not in known]
                doomed.records[relationship.entity] += fresh
                if fresh:
                    waiting.append((relationship.entity, fresh))
            else:
                links += [(relationship, child, parent) for child, parent in found]
    for relationship, child, parent in links:
        if child in doomed.records.get(relationship.entity, ()):
            continue
        if relationship.rule.on_delete == "restrict":
            raise Refused(
                "This cannot be deleted while {entity} refer to it; change or delete those first.",
                entity=scope.catalog.entities[relationship.entity].plural,
            )
        doomed.links.append((relationship, child, parent))
    return doomed


def _pointing_at(scope: Scope, entity: str) -> list[Relationship]:
    # activitypointer follows the activities themselves (records/activities.py).
    stamps = ("createdby", "modifiedby")
    return [
        relationship
        for relationship in scope.catalog.pointing_at(entity)
        if relationship.field not in stamps and relationship.entity != POINTER
    ]
