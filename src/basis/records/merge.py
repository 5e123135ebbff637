"""Merging: several records of one entity become one, with everything that hung on any of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select as sql

from basis.catalog.entity import Entity
from basis.errors import Invalid
from basis.fields.base import Field
from basis.fields.reference import Reference
from basis.records import bin, operations
from basis.records.activities import refuse_pointer
from basis.records.associate import associate
from basis.records.moving import move_all
from basis.records.record import Record
from basis.records.save import update_one
from basis.records.select import get
from basis.security.conditions import require
from basis.security.scope import Scope

MERGE = "merge"
MOST = 20
NEVER = ("statecode", "statuscode")


def mergeable(entity: Entity) -> list[Field]:
    """The fields whose value one chooses from the records that are merged."""
    return [each for each in entity.visible_fields if not each.readonly and each.name not in NEVER]


def merge(scope: Scope, entity_name: str, kept: str, others: Sequence[str], values: Mapping[str, Any]) -> str:
    """Let the records `others` go up in the record `kept`; answers the operation that undoes it.

    What points at one of them points at `kept` afterwards: related records, activities, notes, members of lists.
    `kept` gets the `values`, the others go to the recycle bin. All or nothing: `Invalid`, `Forbidden` or `Refused`.
    """
    entity = scope.catalog.entity(entity_name)
    refuse_pointer(entity)
    require(scope, entity, "write")
    require(scope, entity, "delete")
    gone = [id for id in dict.fromkeys(others) if id != kept]
    if not gone or len(gone) >= MOST:
        raise Invalid("Choose at least two records to merge, and at most {most}.", most=MOST)
    records = [get(scope, entity.name, id, [entity.primary]) for id in (kept, *gone)]
    id = operations.begin(scope, MERGE, entity.name, {"kept": kept}, len(gone), operations.DONE)
    acting = operations.within(scope, id)
    for record in records[1:]:
        _move(acting, entity, record, records[0], gone)
    bin.remove(acting, entity.name, gone)
    if values:
        update_one(acting, entity.name, kept, values)
    held = operations.read(scope.conn, id)
    operations.advance(scope.conn, held, done=len(gone), figures={"changed": len(gone)})
    return id


def _move(scope: Scope, entity: Entity, old: Record, new: Record, gone: Sequence[str]) -> None:
    source, target = _reference(entity, old), _reference(entity, new)
    for relationship in scope.catalog.pointing_at(entity.name):
        if not relationship.system and relationship.entity in scope.catalog.entities:
            move_all(scope, relationship, source, target, but=gone if relationship.entity == entity.name else ())
    for link in scope.catalog.associations_of(entity.name):
        other, mine, theirs = link.seen_from(entity.name)
        columns = link.table.c
        found = scope.conn.execute(sql(columns[theirs]).where(columns[mine] == old.id)).scalars()
        tied = [each for each in found if other != entity.name or (each not in gone and each != new.id)]
        if tied:
            associate(scope, entity.name, new.id, link.name, tied)


def _reference(entity: Entity, record: Record) -> Reference:
    return record.reference(entity.primary)
