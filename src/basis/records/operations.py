"""Operations: work on many records that is one thing to its user. It is followed, looked back at, and undone.

While one goes on, the scope carries its id, and the audit notes it with every change; that is all that undoing needs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Connection, Index, Integer, String, Table, Text, func, insert, select, update

from basis.db import system
from basis.errors import NotFound, Refused
from basis.fields.storage import Id, Instant
from basis.records.ids import new_id
from basis.security.scope import Scope

operation = Table(
    "operation",
    system,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("entity", String(100), nullable=False),
    Column("user_id", Id),
    Column("at", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("spec", Text, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("figures", Text, nullable=False),
    Index("ix_operation_at", "at"),
)
refusal = Table(
    "refusal",
    system,
    Column("id", Integer, primary_key=True),
    Column("operation_id", Id, nullable=False),
    Column("record_id", Id),
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_refusal_operation", "operation_id", "id"),
)

UNDO_FOR = timedelta(days=30)
WAITING, RUNNING, PAUSED, DONE, UNDOING, UNDONE = "waiting", "running", "paused", "done", "undoing", "undone"
UNFINISHED = (WAITING, RUNNING, UNDOING)


class Operation(Struct, frozen=True):
    """One of them. `kind` says what is done (change, delete, import, merge); `spec` is what its kind needs to know.

    `cursor` tells how far it is in the terms of its kind; `done` of `total` records are behind it; `figures` are
    what its kind counts (`{"changed": 12}`). `at` is UTC.
    """

    id: str
    kind: str
    entity: str
    user_id: str
    at: datetime
    state: str
    spec: dict[str, Any]
    cursor: str
    done: int
    total: int
    figures: dict[str, int]


class Refusal(Struct, frozen=True):
    """A record that was not done, and why, in the language of who asked."""

    record_id: str
    title: str
    reason: str


def begin(scope: Scope, kind: str, entity: str, spec: dict[str, Any], total: int, state: str = RUNNING) -> str:
    """Start an operation of the user who asks; answers its id."""
    id = new_id()
    row = {
        "id": id, "kind": kind, "entity": entity, "user_id": scope.user.id or None, "at": scope.now, "state": state,
        "spec": msgspec.json.encode(spec).decode(), "cursor": "", "done": 0, "total": total, "figures": "{}",
    }  # fmt: skip
    scope.conn.execute(insert(operation), row)
    return id


def within(scope: Scope, id: str) -> Scope:
    """The scope whose changes belong to the operation."""
    return msgspec.structs.replace(scope, operation=id)


def read(conn: Connection, id: str) -> Operation:
    """The operation with that id, whoever asks. `NotFound` when there is none."""
    row = conn.execute(select(operation).where(operation.c.id == id)).first()
    if row is None:
        raise NotFound("There is no such operation.")
    return _made(row)


def get(scope: Scope, id: str) -> Operation:
    """One of the user's own operations, or anybody's for an administrator. `NotFound` for others."""
    found = read(scope.conn, id)
    if found.user_id != scope.user.id and not scope.user.has("administer"):
        raise NotFound("There is no such operation.")
    return found


def newest(scope: Scope, limit: int = 50) -> list[Operation]:
    """The user's newest operations, and everybody's for an administrator."""
    query = select(operation).order_by(operation.c.at.desc(), operation.c.id.desc()).limit(limit)
    if not scope.user.has("administer"):
        query = query.where(operation.c.user_id == scope.user.id)
    return [_made(row) for row in scope.conn.execute(query)]


def _made(row: Any) -> Operation:
    spec, figures = msgspec.json.decode(row.spec), msgspec.json.decode(row.figures)
    return Operation(row.id, row.kind, row.entity, row.user_id or "", row.at, row.state, spec, row.cursor, row.done,
                     row.total, figures)  # fmt: skip


def advance(
    conn: Connection, held: Operation, *, state: str = "", cursor: str | None = None, done: int = 0,
    figures: dict[str, int] | None = None,
) -> None:  # fmt: skip
    """Note how far an operation is, in the transaction of the work itself; `done` and `figures` are added."""
    counted = held.figures | {name: held.figures.get(name, 0) + count for name, count in (figures or {}).items()}
    values: dict[str, Any] = {
        "state": state or held.state,
        "cursor": held.cursor if cursor is None else cursor,
        "done": held.done + done,
        "figures": msgspec.json.encode(counted).decode(),
    }
    conn.execute(update(operation).where(operation.c.id == held.id).values(values))


def note_refusals(conn: Connection, id: str, refusals: Sequence[Refusal]) -> None:
    """Add records that were not done."""
    if refusals:
        rows = [
            {"operation_id": id, "record_id": each.record_id or None, "title": each.title, "reason": each.reason}
            for each in refusals
        ]
        conn.execute(insert(refusal), rows)


def refusals(conn: Connection, id: str, limit: int = 200) -> tuple[list[Refusal], int]:
    """The first refusals of an operation, and how many there are."""
    mine = refusal.c.operation_id == id
    query = (
        select(refusal.c.record_id, refusal.c.title, refusal.c.reason).where(mine).order_by(refusal.c.id).limit(limit)
    )
    found = [Refusal(record_id or "", title, reason) for record_id, title, reason in conn.execute(query)]
    return found, conn.execute(select(func.count()).select_from(refusal).where(mine)).scalar() or 0


def set_state(scope: Scope, id: str, state: str, allowed: Sequence[str]) -> Operation:
    """Move an operation on by its user: pause, resume, undo. `Refused` when it is past that."""
    held = get(scope, id)
    if held.state not in allowed:
        raise Refused("This operation is past that; reload the page to see how it stands.")
    if state == UNDOING and scope.now - held.at > UNDO_FOR:
        raise Refused("This is longer ago than {days} days, so it cannot be undone any more.", days=UNDO_FOR.days)
    scope.conn.execute(update(operation).where(operation.c.id == id).values(state=state))
    return read(scope.conn, id)
