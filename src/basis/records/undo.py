"""Undoing an operation: what it changed is set back, what it made is deleted, what it deleted comes back.

What somebody changed afterwards stays as it is; it is told with the record, and all the rest is undone.
"""

from typing import Any

from msgspec import Struct

from basis.errors import BasisError, Invalid, Message, NotFound
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.reference import Reference
from basis.i18n import say
from basis.records import bin, operations
from basis.records.associate import associate, disassociate
from basis.records.audit import Change, changes_of, shown
from basis.records.moving import MOVE, move
from basis.records.operations import Operation, Refusal
from basis.records.save import update_one
from basis.records.select import get
from basis.security.scope import Scope

BATCH = 200


class Step(Struct, frozen=True):
    """What undoing one change came to."""

    undone: bool
    refusal: Refusal | None = None


def undo_batch(scope: Scope, held: Operation) -> bool:
    """Undo the next changes, the newest first, in the caller's transaction; answers whether there are more."""
    before = int(held.cursor.removeprefix("undo:")) if held.cursor.startswith("undo:") else None
    changes = changes_of(scope.conn, held.id, before, BATCH)
    quiet = operations.within(scope, "")
    steps = [step for change in _together(changes) for step in _undo_some(quiet, change)]
    operations.note_refusals(scope.conn, held.id, [step.refusal for step in steps if step.refusal is not None])
    more = len(changes) == BATCH
    cursor = f"undo:{changes[-1].id}" if changes else held.cursor
    undone = sum(step.undone for step in steps)
    state = operations.UNDOING if more else operations.UNDONE
    operations.advance(scope.conn, held, state=state, cursor=cursor, figures={"undone": undone})
    return more


def _together(changes: list[Change]) -> list[list[Change]]:
    """The changes in order, those that made records of one entity one after another as one: they go at once."""
    found: list[list[Change]] = []
    for change in changes:
        last = found[-1][-1] if found else None
        if last is not None and last.action == change.action == "create" and last.entity == change.entity:
            found[-1].append(change)
        else:
            found.append([change])
    return found


def _undo_some(scope: Scope, changes: list[Change]) -> list[Step]:
    if len(changes) > 1 and changes[0].entity in scope.catalog.entities:
        try:
            with scope.conn.begin_nested():
                bin.remove(scope, changes[0].entity, [change.record_id for change in changes])
            return [Step(True)] * len(changes)
        except BasisError:
            pass  # One of them is gone or may not go: each by itself, to tell which.
    return [_undo(scope, change) for change in changes]


def _undo(scope: Scope, change: Change) -> Step:
    if change.entity not in scope.catalog.entities:
        return Step(False)
    try:
        with scope.conn.begin_nested():
            return _undo_one(scope, change)
    except BasisError as error:
        message = next(iter(error.errors.values())) if isinstance(error, Invalid) else error.message
        return Step(False, Refusal(change.record_id, _title(scope, change), say(message, scope.language)))


def _undo_one(scope: Scope, change: Change) -> Step:
    if change.action == "create":
        try:
            bin.remove(scope, change.entity, [change.record_id])
        except NotFound:
            return Step(False)
    elif change.action == MOVE:
        return Step(_move_back(scope, change))
    elif change.action in ("update", "assign"):
        return _set_back(scope, change)
    elif change.action == "delete":
        deletion = bin.deletion_of(scope, change.entity, change.record_id)
        if deletion is not None:
            bin.restore(scope, deletion)
    elif change.action in ("associate", "disassociate"):
        reverse = disassociate if change.action == "associate" else associate
        for name, (_, others) in change.changes.items():
            reverse(scope, change.entity, change.record_id, name, others)
    return Step(True)


def _move_back(scope: Scope, change: Change) -> bool:
    """Point a record that was moved back at what it pointed at, if it has not been pointed elsewhere since."""
    moved = 0
    for name, (old, new) in change.changes.items():
        before, after = _reference(old), _reference(new)
        target = (before or after or Reference("", "")).entity
        for relationship in scope.catalog.pointing_from(change.entity):
            if (relationship.field, relationship.target) == (name, target):
                moved += move(scope, relationship, [change.record_id], after, before)
    return bool(moved)


def _reference(kept: Any) -> Reference | None:
    return Reference(kept["entity"], kept["id"], kept.get("label", "")) if kept else None


def _set_back(scope: Scope, change: Change) -> Step:
    """Give each field its old value, unless it has got another one since."""
    entity = scope.catalog.entities[change.entity]
    fields = [entity.by_name[name] for name in change.changes if name in entity.by_name]
    mine = [each for each in fields if (not each.readonly or each.name == "statuscode") and each.name != "statecode"]
    if not mine:
        return Step(False)
    record = get(scope, entity.name, change.record_id, [each.name for each in mine])
    values, kept = {}, []
    for field in mine:
        old, new = change.changes[field.name]
        if _same(shown(field, type_of(field), record.get(field.name)), new):
            values[field.name] = _value(field, old)
        else:
            kept.append(field)
    if values:
        update_one(scope, entity.name, change.record_id, values)
    if not kept:
        return Step(True)
    reason = Message("{field} was changed afterwards, and stays as it is.", field=kept[0].label)
    return Step(bool(values), Refusal(change.record_id, _title(scope, change), say(reason, scope.language)))


def _same(now: Any, then: Any) -> bool:
    def bare(value: Any) -> Any:
        return value.get("id") if isinstance(value, dict) else str(value) if value is not None else None

    return bool(bare(now) == bare(then))


def _value(field: Field, kept: Any) -> Any:
    """A value as the audit keeps it, as the door takes it."""
    if kept is None:
        return None
    if isinstance(kept, dict):
        return _reference(kept)
    return type_of(field).from_json(field, kept)


def _title(scope: Scope, change: Change) -> str:
    entity = scope.catalog.entities[change.entity]
    try:
        record = get(scope, entity.name, change.record_id, [entity.primary])
    except BasisError:
        return ""
    return str(record.get(entity.primary) or "")
