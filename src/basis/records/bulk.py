"""Bulk: the same done to all records of a query, batch by batch, each record accepted or refused on its own.

A batch and how far it is commit together, so work that was broken off goes on where it was and does nothing twice.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from basis.catalog.query import Query
from basis.errors import BasisError, Conflict, Invalid, Message
from basis.fields import type_of
from basis.fields.reference import Reference
from basis.fields.storage import to_plain
from basis.i18n import say
from basis.records import bin, operations, save, select
from basis.records.associate import associate
from basis.records.operations import Operation, Refusal
from basis.records.record import Record
from basis.security.scope import Scope

BATCH = 200
CHANGE, DELETE, ADD = "change", "delete", "add"


class Task(Struct, frozen=True, omit_defaults=True):
    """What is done to which records: `values` as JSON for a change, `tie` and `other` for adding to a list.

    `ids` are the records when they were chosen one by one; else all that the query finds, in the order of their ids.
    """

    query: Query
    values: dict[str, Any] = {}
    ids: tuple[str, ...] = ()
    tie: str = ""
    other: str = ""


def plain_values(scope: Scope, entity: str, values: dict[str, Any]) -> dict[str, Any]:
    """Values of fields as JSON that `Task` keeps."""
    fields = scope.catalog.entity(entity).by_name
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Reference):
            found[name] = {"id": value.id, "entity": value.entity}
        else:
            held = type_of(fields[name]).to_json(fields[name], value)
            found[name] = to_plain(held)
    return found


def _values(scope: Scope, entity: str, kept: dict[str, Any]) -> dict[str, Any]:
    fields = scope.catalog.entity(entity).by_name
    return {
        name: Reference(value["entity"], value["id"])
        if isinstance(value, dict)
        else type_of(fields[name]).from_json(fields[name], value)
        for name, value in kept.items()
    }


def begin(scope: Scope, kind: str, task: Task, total: int) -> str:
    """Start a bulk operation; answers its id."""
    spec = msgspec.to_builtins(task)
    return operations.begin(scope, kind, task.query.entity, spec, total)


def run_batch(scope: Scope, held: Operation) -> bool:
    """Do the next records, in the caller's transaction; answers whether there are more."""
    task = msgspec.convert(held.spec, Task)
    ids, cursor = _next(scope, task, held.cursor)
    acting = operations.within(scope, held.id)
    refused = _do(acting, held.kind, task, ids) if ids else []
    operations.note_refusals(scope.conn, held.id, refused)
    figures = {"changed": len(ids) - len(refused), "refused": len(refused)}
    state = operations.RUNNING if cursor else operations.DONE
    operations.advance(scope.conn, held, state=state, cursor=cursor, done=len(ids), figures=figures)
    return bool(cursor)


def _next(scope: Scope, task: Task, cursor: str) -> tuple[list[str], str]:
    """The ids after the cursor, in their order, and where the next ones begin (or ""); ids do not change, so what
    a batch did to its records moves none of them to the wrong side.
    """
    if task.ids:
        ids = sorted(id for id in task.ids if id > cursor)[:BATCH]
        return ids, ids[-1] if len(ids) == BATCH else ""
    query = msgspec.structs.replace(task.query, columns=(), order=())
    page = select.page(scope, query, limit=BATCH, cursor=cursor)
    return [record.id for record in page.records], page.next


def _do(scope: Scope, kind: str, task: Task, ids: Sequence[str]) -> list[Refusal]:
    entity = task.query.entity
    if kind == CHANGE:
        return _change(scope, entity, _values(scope, entity, task.values), ids)
    found = []
    for id in ids:
        try:
            with scope.conn.begin_nested():
                if kind == DELETE:
                    bin.remove(scope, entity, [id])
                else:
                    associate(scope, entity, id, task.tie, [task.other])
        except BasisError as error:
            found.append(_refused(scope, entity, id, error.message))
    return found


def _change(scope: Scope, entity: str, values: dict[str, Any], ids: Sequence[str]) -> list[Refusal]:
    try:
        with scope.conn.begin_nested():
            outcomes = save.update_many(scope, entity, [(id, values) for id in ids])
    except BasisError as error:
        if len(ids) == 1:
            return [_refused(scope, entity, ids[0], _message(error))]
        return [each for id in ids for each in _change(scope, entity, values, [id])]
    return [
        _refused(scope, entity, id, next(iter(outcome.values())))
        for id, outcome in zip(ids, outcomes, strict=True)
        if not isinstance(outcome, Record)
    ]


def _message(error: BasisError) -> Message:
    if isinstance(error, Invalid) and error.errors:
        return next(iter(error.errors.values()))
    return error.message if not isinstance(error, Conflict) else Message("Somebody changed this record meanwhile.")


def _refused(scope: Scope, entity: str, id: str, message: Message) -> Refusal:
    named = select.references(scope, entity, [id]).get(id)
    return Refusal(id, named.label if named else "", say(message, scope.language))
