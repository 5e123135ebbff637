"""The queue: jobs are rows in the same database, so that a record and the work that follows commit together."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    and_,
    insert,
    or_,
    select,
    update,
)

from basis.db import Id, Instant, system

LEASE = timedelta(minutes=5)
"""A job whose worker has not been heard of for so long is taken by another."""
TRIES = 5

job = Table(
    "job",
    system,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("arguments", Text, nullable=False),
    Column("user_id", Id),
    Column("state", String(10), nullable=False),  # waiting, running, done, failed
    Column("created", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("tries", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("result", Text, nullable=False),
    Index("ix_job_state", "state", "due"),
)


class Job(msgspec.Struct, frozen=True):
    """A job as its handler gets it: what was asked, by whom, and how often it was tried before."""

    id: int
    name: str
    arguments: dict[str, Any]
    user_id: str
    tries: int


def enqueue(
    conn: Connection,
    name: str,
    arguments: dict[str, Any],
    *,
    now: datetime,
    user_id: str = "",
    due: datetime | None = None,
) -> int:
    """Put a job in the queue, in the caller's transaction; answers its number. `due` is UTC, now when left out."""
    values = {
        "name": name,
        "arguments": msgspec.json.encode(arguments).decode(),
        "user_id": user_id or None,
        "state": "waiting",
        "created": now,
        "due": due or now,
        "tries": 0,
        "done": 0,
        "total": 0,
        "result": "",
    }
    inserted = conn.execute(insert(job), values).inserted_primary_key
    return int(inserted[0])  # type: ignore[index]


def _ripe(now: datetime) -> Select[tuple[int]]:
    """The oldest job that is due, or whose worker is lost."""
    columns = job.c
    due = and_(columns.state == "waiting", columns.due <= now)
    lost = and_(columns.state == "running", columns.leased_until < now)
    return select(columns.id).where(or_(due, lost)).order_by(columns.due, columns.id).limit(1)


def waiting(conn: Connection, now: datetime) -> bool:
    """Whether there is a job to take; only reads, so that an idle worker holds up no writer."""
    return conn.execute(_ripe(now)).first() is not None


def claim(conn: Connection, now: datetime) -> Job | None:
    """Take the oldest job that is due, or whose worker is lost. Two workers never get the same one."""
    columns = job.c
    first = _ripe(now).with_for_update(skip_locked=True)
    taken = (
        update(job)
        .where(columns.id == first.scalar_subquery())
        .values(state="running", leased_until=now + LEASE, tries=columns.tries + 1)
        .returning(columns.id, columns.name, columns.arguments, columns.user_id, columns.tries)
    )
    row = conn.execute(taken).first()
    if row is None:
        return None
    return Job(row.id, row.name, msgspec.json.decode(row.arguments), row.user_id or "", row.tries)


def progress(conn: Connection, id: int, done: int, total: int, now: datetime) -> None:
    """Say how far a job is; its lease starts anew."""
    conn.execute(update(job).where(job.c.id == id).values(done=done, total=total, leased_until=now + LEASE))


def finish(conn: Connection, id: int, result: dict[str, Any]) -> None:
    """Say that a job is done, with its result (as JSON)."""
    conn.execute(update(job).where(job.c.id == id).values(state="done", result=msgspec.json.encode(result).decode()))


def fail(conn: Connection, held: Job, reason: str, now: datetime) -> None:
    """Try again later, each time after a longer wait; after five tries it stays failed."""
    again = held.tries < TRIES
    conn.execute(
        update(job)
        .where(job.c.id == held.id)
        .values(
            state="waiting" if again else "failed",
            due=now + timedelta(minutes=2**held.tries),
            result=msgspec.json.encode({"error": reason}).decode(),
        )
    )
