"""Activities: every task, call, e-mail … also stands in activitypointer, so that one list can show them all."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, update

from basis.catalog.entity import POINTER, Entity
from basis.errors import Refused
from basis.fields import type_of
from basis.fields.partylist import PARTY
from basis.records import parties
from basis.records.prepare import stored
from basis.records.record import Values
from basis.security.scope import Scope


def shared_fields(scope: Scope, entity: Entity) -> list[str]:
    """The fields that an activity has in common with activitypointer."""
    pointer = scope.catalog.entities[POINTER]
    return [
        field.name
        for field in pointer.fields
        if entity.has(field.name) and type_of(field).like(type_of(entity.by_name[field.name]))
    ]


def refuse_pointer(entity: Entity) -> None:
    """Pointers and parties follow their activities; a change of one alone would make them differ. Raises `Refused`."""
    if entity.name in (POINTER, PARTY):
        raise Refused("Make or change the task, call or other activity itself; this list follows it.")


def mirror(scope: Scope, entity: Entity, rows: Sequence[tuple[str, Values]], fresh: bool) -> None:
    """Write the pointers of activities that were created (`fresh`) or changed; `rows` hold what is set."""
    if not entity.activity or POINTER not in scope.catalog.entities:
        return
    table, pointer = scope.catalog.table(POINTER), scope.catalog.entities[POINTER]
    names = set(shared_fields(scope, entity))
    for id, values in rows:
        columns = stored(pointer, {name: value for name, value in values.items() if name in names})
        if fresh:
            columns |= {
                "activityid": id,
                "activitytypecode": entity.name,
                "activitytypecode__key": entity.name,
            }
            scope.conn.execute(insert(table), columns)
        elif columns:
            scope.conn.execute(update(table).where(table.c.activityid == id).values(columns))
    parties.write(scope, entity, rows, fresh)


def remove(scope: Scope, entity: Entity, ids: Sequence[str]) -> None:
    """Take the pointers of deleted activities away; nothing for entities that are no activities."""
    if entity.activity and POINTER in scope.catalog.entities:
        table = scope.catalog.table(POINTER)
        scope.conn.execute(delete(table).where(table.c.activityid.in_(ids)))
