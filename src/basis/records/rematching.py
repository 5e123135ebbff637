"""Comparing all records of an entity anew, as a job: after its duplicate rules changed, or when somebody asks."""

from typing import Any

from basis.catalog.changes import Catalogs
from basis.catalog.entity import Entity
from basis.db import Database
from basis.jobs.queue import Job, enqueue
from basis.jobs.worker import handlers
from basis.records.matching import rebuild
from basis.records.organization import everything
from basis.security.entrance import utc_now
from basis.security.scope import Scope

REMATCH = "duplicates.rematch"


def rematch(scope: Scope, entity: Entity) -> None:
    """Let the worker make the match codes of the entity anew, when the caller's transaction commits."""
    enqueue(scope.conn, REMATCH, {"entity": entity.name}, now=scope.now, user_id=scope.user.id)


def _job(database: Database, job: Job) -> dict[str, Any]:
    with database.write() as conn:
        catalog, user = Catalogs().current(conn), everything()
        entity = catalog.entities.get(job.arguments["entity"])
        if entity is None:
            return {"records": 0}
        return {"records": rebuild(Scope(conn, catalog, user, user.locale, utc_now()), entity)}


handlers[REMATCH] = _job
