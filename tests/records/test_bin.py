"""The recycle bin: what is deleted goes with what belongs to it, and comes back whole."""

from __future__ import annotations

import pytest

from basis.catalog.query import Query
from basis.errors import NotFound, Refused
from basis.fields.reference import Reference
from basis.records import associate, bin, search, select
from tests.support.crm import Crm


def test_an_account_goes_with_its_cascade_and_comes_back_whole(crm: Crm) -> None:
    account = crm.create("account", name="Jansen Bouw", kvknumber="12345678", numberofemployees=12)
    me = account.reference("name")
    contact = crm.create("contact", lastname="Vries", parentcustomerid=me)
    crm.update("account", account.id, {"primarycontactid": contact.reference("fullname")})
    task = crm.create("task", subject="Bellen", regardingobjectid=me)
    note = crm.create("annotation", notetext="Let op", objectid=me)
    before = crm.get("account", account.id)
    with crm.scope() as scope:
        (deletion,) = bin.remove(scope, "account", [account.id])
    for entity, id in (
        ("account", account.id),
        ("task", task.id),
        ("activitypointer", task.id),
        ("annotation", note.id),
    ):
        with pytest.raises(NotFound):
            crm.get(entity, id)
    assert crm.get("contact", contact.id, "parentcustomerid")["parentcustomerid"] is None
    with crm.scope(write=False) as scope:
        assert search.search(scope, "jansen") == []
        assert [held.title for held in bin.deleted(scope)] == ["Jansen Bouw"]
    with crm.scope() as scope:
        assert bin.restore(scope, deletion) == ("account", account.id)
    after = crm.get("account", account.id)
    assert after.values | {"versionnumber": 0} == before.values | {"versionnumber": 0}
    assert crm.get("task", task.id, "regardingobjectid")["regardingobjectid"] == me
    assert crm.get("activitypointer", task.id, "subject")["subject"] == "Bellen"
    assert crm.get("contact", contact.id, "parentcustomerid")["parentcustomerid"] == me
    with crm.scope(write=False) as scope:
        assert [hit.id for hit in search.search(scope, "jansen")] == [account.id]
        assert bin.deleted(scope) == []


def test_what_others_lean_on_cannot_be_deleted(crm: Crm) -> None:
    opportunity = crm.create("opportunity", name="Kans")
    product = crm.create("product", name="Licentie", productnumber="L1")
    crm.create(
        "opportunityproduct",
        opportunityproductname="Regel",
        opportunityid=opportunity.reference("name"),
        productid=product.reference("name"),
        quantity=1,
    )
    with pytest.raises(Refused), crm.scope() as scope:
        bin.remove(scope, "product", [product.id])
    assert crm.get("product", product.id, "name")["name"] == "Licentie"
    with crm.scope() as scope:
        bin.remove(scope, "opportunity", [opportunity.id])
        bin.remove(scope, "product", [product.id])


def test_users_are_disabled_not_deleted(crm: Crm) -> None:
    anna = crm.a_user()
    with pytest.raises(Refused), crm.scope() as scope:
        bin.remove(scope, "systemuser", [anna])


def test_a_record_whose_key_is_taken_meanwhile_stays_in_the_bin(crm: Crm) -> None:
    account = crm.create("account", name="Eerst", kvknumber="12345678")
    with crm.scope() as scope:
        (deletion,) = bin.remove(scope, "account", [account.id])
    crm.create("account", name="Nieuw", kvknumber="12345678")
    with pytest.raises(Refused), crm.scope() as scope:
        bin.restore(scope, deletion)
    with crm.scope(write=False) as scope:
        assert len(bin.deleted(scope)) == 1
        assert select.count(scope, Query("account")).number == 1


def test_ties_of_many_to_many_come_back_too(crm: Crm) -> None:
    opportunity = crm.create("opportunity", name="Kans")
    rival = crm.create("competitor", name="Concurrent")
    with crm.scope() as scope:
        associate.associate(scope, "opportunity", opportunity.id, "opportunitycompetitors_association", [rival.id])
        (deletion,) = bin.remove(scope, "competitor", [rival.id])
        bin.restore(scope, deletion)
        link = scope.catalog.associations["opportunitycompetitors_association"]
        pairs = scope.conn.execute(link.table.select()).fetchall()
    assert [set(pair) for pair in pairs] == [{opportunity.id, rival.id}]


def test_a_lookup_to_what_is_gone_for_good_comes_back_empty(crm: Crm) -> None:
    parent = crm.create("account", name="Moeder")
    child = crm.create("account", name="Dochter", parentaccountid=parent.reference("name"))
    with crm.scope() as scope:
        (of_child,) = bin.remove(scope, "account", [child.id])
        bin.remove(scope, "account", [parent.id])
    with crm.scope() as scope:
        bin.restore(scope, of_child)
    assert crm.get("account", child.id, "parentaccountid")["parentaccountid"] is None


def test_everybody_sees_only_their_own_deletions_but_administrators_all(crm: Crm) -> None:
    anna, bob = crm.a_user(), crm.a_user()
    account = crm.create("account", name="Van Anna", user=anna)
    with crm.scope(anna) as scope:
        (deletion,) = bin.remove(scope, "account", [account.id])
    with crm.scope(bob, write=False) as scope:
        assert bin.deleted(scope) == []
    with pytest.raises(NotFound), crm.scope(bob) as scope:
        bin.restore(scope, deletion)
    with crm.scope() as scope:
        assert len(bin.deleted(scope)) == 1
        bin.restore(scope, deletion)
    assert crm.get("account", account.id, "ownerid")["ownerid"] == Reference("systemuser", anna)
