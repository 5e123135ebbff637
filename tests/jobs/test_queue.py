"""Jobs: done once, done again after a failure, never by two at a time, and in one transaction with what caused them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import inspect

from basis.catalog.changes import SETTLE, publish
from basis.catalog.customize import FieldWish, new_field
from basis.catalog.inspection import inspect_database
from basis.catalog.settling import settle
from basis.db import Database
from basis.jobs import queue, worker
from tests.support.crm import Crm


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []

    def handler(database: Database, job: queue.Job) -> dict[str, int]:
        seen.append(job.arguments["number"])
        if job.arguments.get("fails"):
            raise RuntimeError("no luck")
        return {"number": job.arguments["number"]}

    monkeypatch.setitem(worker.handlers, "test", handler)
    return seen


def test_jobs_are_done_in_order_and_once(crm: Crm, done: list[int]) -> None:
    with crm.database.write() as conn:
        for number in range(3):
            queue.enqueue(conn, "test", {"number": number}, now=crm.now - timedelta(days=2, minutes=3 - number))
    while worker.work_once(crm.database):
        pass
    assert done == [0, 1, 2]


def test_a_job_of_a_change_that_was_rolled_back_does_not_exist(crm: Crm, done: list[int]) -> None:
    with pytest.raises(RuntimeError), crm.database.write() as conn:
        queue.enqueue(conn, "test", {"number": 1}, now=crm.now)
        raise RuntimeError
    assert not worker.work_once(crm.database)
    assert done == []


def test_a_failed_job_waits_longer_each_time_and_gives_up_in_the_end(crm: Crm, done: list[int]) -> None:
    with crm.database.write() as conn:
        id = queue.enqueue(conn, "test", {"number": 1, "fails": True}, now=crm.now - timedelta(days=1))
    assert worker.work_once(crm.database)
    assert not worker.work_once(crm.database)
    with crm.database.write() as conn:
        for _ in range(queue.TRIES):
            held = queue.claim(conn, crm.now + timedelta(days=365))
            if held is not None:
                queue.fail(conn, held, "again", crm.now)
        row = conn.execute(queue.job.select().where(queue.job.c.id == id)).one()
    assert (row.state, row.tries) == ("failed", queue.TRIES)


def test_a_job_whose_worker_is_lost_is_taken_by_another_but_not_before(crm: Crm, done: list[int]) -> None:
    with crm.database.write() as conn:
        queue.enqueue(conn, "test", {"number": 1}, now=crm.now)
        assert queue.claim(conn, crm.now) is not None
        assert queue.claim(conn, crm.now + queue.LEASE - timedelta(seconds=1)) is None
        assert queue.claim(conn, crm.now + queue.LEASE + timedelta(seconds=1)) is not None


def test_the_index_of_a_new_lookup_is_made_by_a_job(crm: Crm) -> None:
    with crm.scope() as scope:
        wish = FieldWish("lookup", {"nl": "Partner"}, settings={"targets": [{"entity": "account"}]})
        name, changes = new_field(scope.catalog, "contact", wish)
        publish(scope.conn, changes, author=None, now=crm.now - timedelta(days=1), summary="test")
    with crm.scope(write=False) as scope:
        assert len(list(inspect_database(scope.conn, scope.catalog))) == 1
    assert worker.handlers[SETTLE] and settle
    assert worker.work_once(crm.database)
    with crm.scope(write=False) as scope:
        assert list(inspect_database(scope.conn, scope.catalog)) == []
        assert f"ix_contact_{name}" in {index["name"] for index in inspect(scope.conn).get_indexes("contact")}
