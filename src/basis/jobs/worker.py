"""The worker: a thread of a serving process that takes jobs from the queue and calls their handlers."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from basis.db import Database
from basis.jobs.queue import Job, claim, fail, finish, waiting

log = logging.getLogger(__name__)

Handler = Callable[[Database, Job], dict[str, Any]]
"""Does a job in transactions of its own and answers the result, as JSON. Done twice, it must do no harm."""

handlers: dict[str, Handler] = {}
"""By name of job; each feature puts its own here where it is defined."""


def work_once(database: Database) -> bool:
    """Do one job, if there is one; answers whether there was."""
    with database.read() as conn:
        if not waiting(conn, datetime.now(UTC)):
            return False
    with database.write() as conn:
        held = claim(conn, datetime.now(UTC))
    if held is None:
        return False
    try:
        result = handlers[held.name](database, held)
    except Exception as error:
        log.exception("job %s (%s) failed", held.id, held.name)
        with database.write() as conn:
            fail(conn, held, str(error), datetime.now(UTC))
        return True
    with database.write() as conn:
        finish(conn, held.id, result)
    return True


class Worker:
    """Looks for jobs every few seconds until it is stopped; `ready` tells whether there is a queue at all yet."""

    def __init__(self, database: Database, pause: float = 2.0, ready: Callable[[], bool] = lambda: True) -> None:
        self.database = database
        self.pause = pause
        self._ready = ready
        self._founded = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="basis-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the job at hand."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._founded = self._founded or self._ready()
                busy = self._founded and work_once(self.database)
            except Exception:
                log.exception("the worker could not look for jobs")
                busy = False
            if not busy:
                self._stop.wait(self.pause)
