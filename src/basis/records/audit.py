"""The audit: who changed what and when, old and new value per field, written with the change itself."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Index, Integer, String, Table, Text, select

from basis.db import system
from basis.fields.base import Field, FieldType
from basis.fields.storage import Id, Instant
from basis.records.record import Values
from basis.records.rows import insert_rows
from basis.records.select import get
from basis.records.traits import traits
from basis.security.scope import Scope

audit = Table(
    "audit",
    system,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("user_id", Id),
    Column("entity", String(100), nullable=False),
    Column("record_id", Id, nullable=False),
    Column("action", String(20), nullable=False),
    Column("changes", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("operation_id", Id),
    Index("ix_audit_record", "record_id", "id"),
    Index("ix_audit_operation", "operation_id", "id"),
)

_encoder = msgspec.json.Encoder()


class Entry(msgspec.Struct, frozen=True):
    """One line of a record's history: `changes` maps fields to old and new value, in JSON form."""

    at: datetime
    user_id: str
    action: str
    changes: dict[str, tuple[Any, Any]]
    reason: str = ""


class Change(msgspec.Struct, frozen=True):
    """One change that an operation made."""

    id: int
    entity: str
    record_id: str
    action: str
    changes: dict[str, tuple[Any, Any]]


def differences(scope: Scope, entity_name: str, old: Values, new: Values) -> dict[str, tuple[Any, Any]]:
    """Old and new of every audited field that differs, as JSON; within an operation, which is undone by it, of all."""
    known = traits(scope.catalog.entities[entity_name])
    before = old or known.defaults  # of a new record only what differs from its defaults is worth a word
    types, found = known.types, {}
    for name, value in new.items():
        if value != before.get(name):
            field, type_ = types[name]
            if field.audited or scope.operation:
                found[name] = (shown(field, type_, old.get(name)), shown(field, type_, value))
    return found


def shown(field: Field, type_: FieldType, value: Any) -> Any:
    """A value as the audit keeps it: JSON, a reference with the name that its record had."""
    if value is None:
        return None
    shown = type_.to_json(field, value)
    label = getattr(value, "label", "")
    return {"id": shown, "entity": value.entity, "label": label} if label else shown


def row(scope: Scope, entity: str, id: str, action: str, changes: dict[str, Any]) -> dict[str, Any]:
    """One line to insert."""
    return {
        "at": scope.now,
        "user_id": scope.user.id or None,
        "entity": entity,
        "record_id": id,
        "action": action,
        "changes": _encoder.encode(changes).decode(),
        "reason": scope.reason,
        "operation_id": scope.operation or None,
    }


def write(scope: Scope, rows: list[dict[str, Any]]) -> None:
    """Add lines that `row` made, in the transaction of the change itself."""
    if rows:
        insert_rows(scope.conn, audit, rows)


def history(scope: Scope, entity: str, id: str, limit: int = 100) -> list[Entry]:
    """The newest changes of a record first; `NotFound` when the user may not see the record."""
    get(scope, entity, id, [scope.catalog.entity(entity).primary])
    query = (
        select(audit.c.at, audit.c.user_id, audit.c.action, audit.c.changes, audit.c.reason)
        .where(audit.c.record_id == id, audit.c.entity == entity)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [
        Entry(at, user_id or "", action, msgspec.json.decode(changes), reason)
        for at, user_id, action, changes, reason in scope.conn.execute(query)
    ]


def changes_of(conn: Connection, operation_id: str, before: int | None, limit: int) -> list[Change]:
    """The changes of an operation, the newest first, those before a number when it is given."""
    columns = audit.c
    query = select(columns.id, columns.entity, columns.record_id, columns.action, columns.changes)
    query = query.where(columns.operation_id == operation_id).order_by(columns.id.desc()).limit(limit)
    if before is not None:
        query = query.where(columns.id < before)
    return [Change(*row[:4], msgspec.json.decode(row[4])) for row in conn.execute(query)]
