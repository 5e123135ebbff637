"""Operations: work on many records that is one thing to its user. It is followed, looked back at, and undone.

While one goes on, the scope carries its id, and the audit notes it with every change; that is all that undoing needs.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from basis.db import system
from basis.errors import NotFound, Refused
from basis.fields.storage import Id, Instant
from basis.records.ids import new_id
from basis.records.rows import insert_rows
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
    Column("line", Integer),
    Column("again", Integer),
    Column("detail", Text),
    Index("ix_refusal_operation", "operation_id", "id"),
)

UNDO_FOR = timedelta(days=30)
WAITING, RUNNING, PAUSED, DONE, UNDOING, UNDONE = "waiting", "running", "paused", "done", "undoing", "undone"
DRAFT = "draft"
"""Being prepared by its user, as an import is; nothing is done yet."""
TRIAL = "trial"
"""The kind of operation that only tries; it belongs to the one that it tries, and is not shown by itself."""
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
    """A record that was not done, and why, in the language of who asked.

    Of a row of a file also its `line`, what its kind keeps of it (`detail`, JSON), and in which round it is tried
    `again` (0: in none).
    """

    record_id: str
    title: str
    reason: str
    line: int | None = None
    detail: str | None = None
    again: int = 0
    id: int = 0


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
    shown = operation.c.kind != TRIAL
    query = select(operation).where(shown).order_by(operation.c.at.desc(), operation.c.id.desc()).limit(limit)
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
            {
                "operation_id": id, "record_id": each.record_id or None, "title": each.title, "reason": each.reason,
                "line": each.line, "detail": each.detail, "again": each.again or None,
            }
            for each in refusals
        ]  # fmt: skip
        insert_rows(conn, refusal, rows)


def refusals(conn: Connection, id: str, limit: int = 200) -> tuple[list[Refusal], int]:
    """The first refusals of an operation, by line, and how many there are."""
    mine = refusal.c.operation_id == id
    query = _refused().where(mine).order_by(refusal.c.line, refusal.c.id).limit(limit)
    found = [_refusal(row) for row in conn.execute(query)]
    return found, conn.execute(select(func.count()).select_from(refusal).where(mine)).scalar() or 0


def every_refusal(conn: Connection, id: str, batch: int = 1000) -> Iterator[Refusal]:
    """All refusals of an operation as they were noted, read in batches."""
    last = 0
    while True:
        query = _refused().where(refusal.c.operation_id == id, refusal.c.id > last).order_by(refusal.c.id).limit(batch)
        found = [_refusal(row) for row in conn.execute(query)]
        yield from found
        if len(found) < batch:
            return
        last = found[-1].id


def taken_again(conn: Connection, id: str, again: int, limit: int) -> list[Refusal]:
    """Take out the next refusals of those that are to be tried again in this round."""
    wanted = (refusal.c.operation_id == id, refusal.c.again == again)
    found = [_refusal(row) for row in conn.execute(_refused().where(*wanted).order_by(refusal.c.id).limit(limit))]
    if found:
        conn.execute(delete(refusal).where(*wanted, refusal.c.id <= found[-1].id))
    return found


def waits_again(conn: Connection, id: str, again: int) -> bool:
    """Whether there are refusals that are to be tried again in this round."""
    query = select(refusal.c.id).where(refusal.c.operation_id == id, refusal.c.again == again).limit(1)
    return conn.execute(query).first() is not None


def _refused() -> Select[Any]:
    columns = refusal.c
    return select(
        columns.record_id, columns.title, columns.reason, columns.line, columns.detail, columns.again, columns.id
    )


def _refusal(row: Any) -> Refusal:
    return Refusal(row.record_id or "", row.title, row.reason, row.line, row.detail, row.again or 0, row.id)


def respecify(conn: Connection, id: str, spec: dict[str, Any]) -> None:
    """Give an operation that is being prepared what it needs to know."""
    conn.execute(update(operation).where(operation.c.id == id).values(spec=msgspec.json.encode(spec).decode()))


def launch(conn: Connection, id: str, total: int) -> None:
    """Let an operation that was prepared begin; the worker takes it from here."""
    conn.execute(update(operation).where(operation.c.id == id).values(state=RUNNING, total=total))


def forget(conn: Connection, id: str) -> None:
    """Drop an operation that changed nothing, with its refusals."""
    conn.execute(delete(refusal).where(refusal.c.operation_id == id))
    conn.execute(delete(operation).where(operation.c.id == id))


def set_state(scope: Scope, id: str, state: str, allowed: Sequence[str]) -> Operation:
    """Move an operation on by its user: pause, resume, undo. `Refused` when it is past that."""
    held = get(scope, id)
    if held.state not in allowed:
        raise Refused("This operation is past that; reload the page to see how it stands.")
    if state == UNDOING and scope.now - held.at > UNDO_FOR:
        raise Refused("This is longer ago than {days} days, so it cannot be undone any more.", days=UNDO_FOR.days)
    scope.conn.execute(update(operation).where(operation.c.id == id).values(state=state))
    return read(scope.conn, id)
