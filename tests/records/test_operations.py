"""Operations: the same done to many records, each accepted or refused on its own, and undone as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from basis.catalog.query import Condition, Filter, Query
from basis.fields.reference import Reference
from basis.records import bulk, operations, running, save, select
from basis.records.bulk import Task
from basis.records.operations import Operation
from tests.support.crm import Crm


def all_accounts() -> Query:
    return Query("account")


def do(crm: Crm, kind: str, task: Task, user: str = "") -> Operation:
    """Carry a task out, batch by batch, as the worker does."""
    with crm.scope(user) as scope:
        id = bulk.begin(scope, kind, task, total=0)
    running.run(crm.database, id)
    return read(crm, id)


def undo(crm: Crm, id: str) -> Operation:
    with crm.scope() as scope:
        operations.set_state(scope, id, operations.UNDOING, (operations.DONE,))
    running.run(crm.database, id)
    return read(crm, id)


def read(crm: Crm, id: str) -> Operation:
    with crm.scope(write=False) as scope:
        return operations.get(scope, id)


def cities(crm: Crm) -> dict[str, Any]:
    with crm.scope(write=False) as scope:
        query = Query("account", tuple(map(select.Column, ("name", "address1_city"))))
        return {record["name"]: record["address1_city"] for record in select.every(scope, query)}


@pytest.fixture
def crowd(crm: Crm) -> Crm:
    """450 accounts, every third in Zwolle."""
    rows = [{"name": f"Klant {n:03}", "address1_city": "Zwolle" if n % 3 == 0 else "Breda"} for n in range(450)]
    with crm.scope() as scope:
        save.create_many(scope, "account", rows)
    return crm


def test_all_records_of_a_query_are_changed_and_set_back(crowd: Crm) -> None:
    before = cities(crowd)
    zwolle = Query("account", filter=Filter(conditions=(Condition("address1_city", "eq", "Zwolle"),)))
    done = do(crowd, bulk.CHANGE, Task(zwolle, {"address1_city": "Kampen"}))
    assert (done.state, done.figures) == (operations.DONE, {"changed": 150, "refused": 0})
    assert list(cities(crowd).values()).count("Kampen") == 150
    undone = undo(crowd, done.id)
    assert (undone.state, undone.figures["undone"]) == (operations.UNDONE, 150)
    assert cities(crowd) == before


def test_what_somebody_changed_afterwards_stays_and_is_told(crm: Crm) -> None:
    first, second = (crm.create("account", name=name, address1_city="Zwolle") for name in ("Een", "Twee"))
    done = do(crm, bulk.CHANGE, Task(all_accounts(), {"address1_city": "Kampen", "fax": "038"}))
    crm.update("account", second.id, {"address1_city": "Almere"})
    undo(crm, done.id)
    assert cities(crm) == {"Een": "Zwolle", "Twee": "Almere"}
    assert crm.get("account", second.id, "fax")["fax"] is None
    with crm.scope(write=False) as scope:
        told, count = operations.refusals(scope.conn, done.id)
    assert (count, told[0].record_id, told[0].title) == (1, second.id, "Twee")
    assert "stays as it is" in told[0].reason
    assert first.id


def test_a_record_that_refuses_is_told_and_the_rest_is_done(crm: Crm) -> None:
    owner = crm.a_user("Seller")
    open_, closed = (crm.create("opportunity", name=name, user=owner) for name in ("Open", "Gewonnen"))
    crm.update("opportunity", closed.id, {"statuscode": 3})
    done = do(crm, bulk.CHANGE, Task(Query("opportunity"), {"description": "Samen"}))
    assert done.figures == {"changed": 1, "refused": 1}
    assert crm.get("opportunity", open_.id, "description")["description"] == "Samen"
    with crm.scope(write=False) as scope:
        told, _ = operations.refusals(scope.conn, done.id)
    assert [each.title for each in told] == ["Gewonnen"]


def test_deleted_records_come_back_with_what_went_along(crm: Crm) -> None:
    account = crm.create("account", name="Weg")
    crm.create("annotation", subject="Notitie", objectid=Reference("account", account.id))
    done = do(crm, bulk.DELETE, Task(all_accounts()))
    assert cities(crm) == {}
    undo(crm, done.id)
    assert list(cities(crm)) == ["Weg"]
    with crm.scope(write=False) as scope:
        assert select.count(scope, Query("annotation")).number == 1


def test_owners_are_given_and_given_back(crm: Crm) -> None:
    account = crm.create("account", name="Klant")
    seller = crm.a_user("Seller")
    with crm.scope(write=False) as scope:
        values = bulk.plain_values(scope, "account", {"ownerid": Reference("systemuser", seller)})
    done = do(crm, bulk.CHANGE, Task(all_accounts(), values))
    assert crm.get("account", account.id, "ownerid")["ownerid"].id == seller
    undo(crm, done.id)
    assert crm.get("account", account.id, "ownerid")["ownerid"].id == crm.admin


def test_records_are_added_to_a_list_and_taken_off_again(crm: Crm) -> None:
    crm.create("account", name="Klant")
    list_ = crm.create("list", listname="Nieuwsbrief", createdfromcode=1)
    done = do(crm, bulk.ADD, Task(all_accounts(), tie="listaccount_association", other=list_.id))
    assert done.figures == {"changed": 1, "refused": 0}
    assert undo(crm, done.id).figures["undone"] == 1


def test_work_that_is_broken_off_goes_on_where_it_was(crowd: Crm) -> None:
    with crowd.scope() as scope:
        id = bulk.begin(scope, bulk.CHANGE, Task(all_accounts(), {"fax": "038"}), total=450)
    running.run(crowd.database, id, batches=1)
    half = read(crowd, id)
    assert (half.done, half.state) == (bulk.BATCH, operations.RUNNING)
    running.run(crowd.database, id)
    assert read(crowd, id).figures == {"changed": 450, "refused": 0}
    with crowd.scope(write=False) as scope:
        assert {record.version for record in select.every(scope, all_accounts())} == {2}


def test_an_operation_acts_within_the_rights_of_who_asked_and_is_theirs(crm: Crm) -> None:
    seller = crm.a_user("Seller")
    mine, other = crm.create("account", name="Mijn", user=seller), crm.create("account", name="Ander")
    done = do(crm, bulk.CHANGE, Task(all_accounts(), {"fax": "038"}), seller)
    assert crm.get("account", mine.id, "fax")["fax"] == "038"
    assert crm.get("account", other.id, "fax")["fax"] is None
    stranger = crm.a_user("Stranger")
    with crm.scope(stranger, write=False) as scope, pytest.raises(Exception, match="no such operation"):
        operations.get(scope, done.id)


def test_an_operation_of_long_ago_cannot_be_undone(crm: Crm) -> None:
    crm.create("account", name="Klant")
    done = do(crm, bulk.CHANGE, Task(all_accounts(), {"fax": "038"}))
    crm.now += operations.UNDO_FOR * 2
    with crm.scope() as scope, pytest.raises(Exception, match="30 days"):
        operations.set_state(scope, done.id, operations.UNDOING, (operations.DONE,))
