"""The jobs that carry operations out: batch by batch, as the user who asked, until done, paused or undone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from basis.db import Database
from basis.errors import NotFound, Unauthenticated
from basis.jobs import queue
from basis.jobs.queue import Job, enqueue
from basis.jobs.worker import handlers
from basis.records import bulk, operations
from basis.records.operations import Operation
from basis.records.undo import undo_batch
from basis.security.entrance import acting
from basis.security.scope import Scope

RUN = "operation.run"

Batch = Callable[[Scope, Operation], bool]
"""Does a part of an operation in the caller's transaction; answers whether there is more."""

kinds: dict[str, Batch] = {kind: bulk.run_batch for kind in (bulk.CHANGE, bulk.DELETE, bulk.ADD)}
"""By kind of operation; a part that brings another kind puts it here where it is defined."""


def start(scope: Scope, id: str) -> None:
    """Let the worker go on with an operation, when the caller's transaction commits."""
    enqueue(scope.conn, RUN, {"operation": id}, now=scope.now, user_id=scope.user.id)


def run(database: Database, id: str, batches: int = 0, heard: Callable[[Operation], None] = lambda held: None) -> None:
    """Carry an operation out, at most so many batches (0: to its end). `heard` is told after each one."""
    count = 0
    while not batches or count < batches:
        try:
            with database.read() as conn:
                held = operations.read(conn, id)
        except NotFound:
            return  # Its user gave it up: a trial of what was changed since.
        if held.state not in operations.UNFINISHED:
            return
        with acting(database, held.user_id, write=True) as scope:
            held = operations.read(scope.conn, id)
            undoing = held.state == operations.UNDOING
            more = undo_batch(scope, held) if undoing else kinds[held.kind](scope, held)
            held = operations.read(scope.conn, id)
        heard(held)
        count += 1
        if not more:
            return


def _job(database: Database, job: Job) -> dict[str, Any]:
    def heard(held: Operation) -> None:
        with database.write() as conn:
            queue.progress(conn, job.id, held.done, held.total, datetime.now(UTC))

    id = job.arguments["operation"]
    try:
        run(database, id, heard=heard)
    except Unauthenticated:
        with database.write() as conn:
            operations.advance(conn, operations.read(conn, id), state=operations.PAUSED)
    return {"operation": id}


handlers[RUN] = _job
