"""Merging records: everything that hung on any of them hangs on the one that is kept, and comes apart again."""

from __future__ import annotations

from typing import Any

import pytest

from basis.catalog.query import Column, Condition, Filter, Query
from basis.errors import Forbidden, Invalid
from basis.fields.reference import Reference
from basis.records import associate, operations, running, select
from basis.records.merge import merge
from basis.records.record import Record
from tests.support.crm import Crm


def values_of(crm: Crm, entity: str, *fields: str) -> list[tuple[Any, ...]]:
    with crm.scope(write=False) as scope:
        query = Query(entity, tuple(map(Column, fields)), Filter())
        found = [tuple(getattr(record[f], "label", record[f]) for f in fields) for record in select.every(scope, query)]
    return sorted(found, key=str)


@pytest.fixture
def pair(crm: Crm) -> tuple[Record, Record]:
    """Two accounts that are one, each with things of its own."""
    first = crm.create("account", name="Bakker", kvknumber="12345678", telephone1="+31 38 111 1111")
    second = crm.create("account", name="Bakker BV", kvknumber="87654321", telephone1="+31 38 222 2222")
    for account, name in ((first, "Een"), (second, "Twee")):
        held = account.reference("name")
        crm.create("contact", lastname=name, parentcustomerid=held)
        crm.create("task", subject=name, regardingobjectid=held)
        crm.create("annotation", subject=name, objectid=held)
        deal = crm.create("opportunity", name=name, parentaccountid=held)
        crm.update("opportunity", deal.id, {"statuscode": 3})
    list_ = crm.create("list", listname="Post", createdfromcode=1)
    with crm.scope() as scope:
        associate.associate(scope, "list", list_.id, "listaccount_association", [second.id])
    return first, second


def state(crm: Crm) -> dict[str, Any]:
    return {
        "accounts": values_of(crm, "account", "name", "kvknumber", "telephone1"),
        "contacts": values_of(crm, "contact", "lastname", "parentcustomerid"),
        "tasks": values_of(crm, "task", "subject", "regardingobjectid"),
        "activities": values_of(crm, "activitypointer", "subject", "regardingobjectid"),
        "notes": values_of(crm, "annotation", "subject", "objectid"),
        "deals": values_of(crm, "opportunity", "name", "parentaccountid"),
    }


def members(crm: Crm) -> list[str]:
    with crm.scope(write=False) as scope:
        link = scope.catalog.associations["listaccount_association"]
        return sorted(
            str(row[0]) for row in scope.conn.execute(link.table.select().with_only_columns(link.table.c.accountid))
        )


def merged(crm: Crm, pair: tuple[Record, Record], user: str = "") -> str:
    with crm.scope(user) as scope:
        values = {"kvknumber": "87654321", "name": "Bakker BV"}
        return merge(scope, "account", pair[0].id, [pair[1].id], values)


def test_all_that_hung_on_either_hangs_on_the_one_that_is_kept(crm: Crm, pair: tuple[Record, Record]) -> None:
    merged(crm, pair)
    held = state(crm)
    assert held["accounts"] == [("Bakker BV", "87654321", "+31 38 111 1111")]
    for name in ("contacts", "tasks", "activities", "notes", "deals"):
        assert held[name] == [("Een", "Bakker BV"), ("Twee", "Bakker BV")], name
    assert members(crm) == [pair[0].id]


def test_a_merge_comes_apart_again_as_it_was(crm: Crm, pair: tuple[Record, Record]) -> None:
    before = state(crm), members(crm)
    operation = merged(crm, pair)
    with crm.scope() as scope:
        operations.set_state(scope, operation, operations.UNDOING, (operations.DONE,))
    running.run(crm.database, operation)
    assert (state(crm), members(crm)) == before
    with crm.scope(write=False) as scope:
        assert operations.refusals(scope.conn, operation)[1] == 0


def test_a_mother_and_a_daughter_that_are_one_do_not_become_their_own_mother(crm: Crm) -> None:
    mother = crm.create("account", name="Moeder")
    daughter = crm.create("account", name="Dochter", parentaccountid=mother.reference("name"))
    with crm.scope() as scope:
        merge(scope, "account", daughter.id, [mother.id], {})
    assert crm.get("account", daughter.id, "parentaccountid")["parentaccountid"] is None


def test_a_merge_needs_two_records_and_the_right_to_delete(crm: Crm, pair: tuple[Record, Record]) -> None:
    with crm.scope() as scope, pytest.raises(Invalid):
        merge(scope, "account", pair[0].id, [pair[0].id], {})
    before = state(crm)
    with pytest.raises(Forbidden):
        merged(crm, pair, crm.a_user(roles=["read_only"]))
    assert state(crm) == before


def test_merging_many_at_once_keeps_the_chosen_values(crm: Crm) -> None:
    records = [crm.create("contact", lastname=f"Visser {n}", mobilephone=f"06{n}") for n in range(5)]
    with crm.scope() as scope:
        merge(scope, "contact", records[0].id, [each.id for each in records[1:]], {"mobilephone": "064"})
    assert values_of(crm, "contact", "lastname", "mobilephone") == [("Visser 0", "064")]
    with crm.scope(write=False) as scope:
        query = Query("contact", filter=Filter(conditions=(Condition("lastname", "eq", "Visser 3"),)))
        assert select.count(scope, query).number == 0
    assert Reference("contact", records[0].id)
