"""Saving through the door: what it completes, what it refuses, what it remembers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from basis.catalog.query import Column, Query
from basis.errors import Conflict, Invalid, NotFound
from basis.fields import type_of
from basis.fields.reference import Named, Reference
from basis.i18n import Locale
from basis.records import audit, save, select
from basis.records.aggregate import aggregate
from tests.support.crm import Crm


def test_a_new_contact_gets_its_full_name_owner_state_and_stamps(crm: Crm) -> None:
    contact = crm.create("contact", firstname="Piet", middlename="de", lastname="Vries")
    held = crm.get("contact", contact.id)
    assert held["fullname"] == "Piet de Vries"
    assert held["ownerid"] == Reference("systemuser", crm.admin)
    assert (held["statecode"], held["statuscode"]) == (0, 1)
    assert held["createdon"] == held["modifiedon"] == crm.now
    assert held.version == 1


def test_a_change_of_name_parts_changes_the_full_name_and_the_version(crm: Crm) -> None:
    contact = crm.create("contact", firstname="Piet", lastname="Vries")
    crm.update("contact", contact.id, {"lastname": "Jansen"})
    held = crm.get("contact", contact.id, "fullname")
    assert held["fullname"] == "Piet Jansen"
    assert held.version == 2


def test_saving_without_a_change_changes_nothing(crm: Crm) -> None:
    account = crm.create("account", name="Jansen Bouw")
    crm.update("account", account.id, {"name": "Jansen Bouw"})
    assert crm.get("account", account.id, "name").version == 1


def test_all_errors_come_at_once_each_beside_its_field(crm: Crm) -> None:
    crm.create("account", name="Eerste", kvknumber="12345678")
    with pytest.raises(Invalid) as refused:
        crm.create("account", kvknumber="12345678", emailaddress1="geen adres", numberofemployees=-1, bestaatniet=1)
    assert set(refused.value.errors) == {"name", "kvknumber", "emailaddress1", "numberofemployees", "bestaatniet"}


def test_a_key_is_unique_also_within_one_batch_and_on_change(crm: Crm) -> None:
    crm.create("account", name="Eerste", kvknumber="12345678")
    other = crm.create("account", name="Tweede", kvknumber="87654321")
    with pytest.raises(Invalid) as refused:
        crm.update("account", other.id, {"kvknumber": "12345678"})
    assert list(refused.value.errors) == ["kvknumber"]
    with crm.scope() as scope:
        rows = [{"name": "Derde", "kvknumber": "11111111"}, {"name": "Vierde", "kvknumber": "11111111"}]
        first, second = save.create_many(scope, "account", rows)
    assert not isinstance(first, dict)
    assert isinstance(second, dict)
    assert list(second) == ["kvknumber"]


def test_a_stale_save_is_refused_and_shows_the_record_as_it_is_now(crm: Crm) -> None:
    account = crm.create("account", name="Jansen Bouw")
    crm.update("account", account.id, {"name": "Jansen Bouw BV"})
    with pytest.raises(Conflict) as refused, crm.scope() as scope:
        save.update_one(scope, "account", account.id, {"name": "Anders"}, version=1)
    assert refused.value.current["name"] == "Jansen Bouw BV"
    assert crm.get("account", account.id, "name")["name"] == "Jansen Bouw BV"


def test_a_lookup_is_found_by_name_by_key_and_by_id(crm: Crm) -> None:
    account = crm.create("account", name="Coenën BV", kvknumber="12345678")
    for text in ("coenen bv", "12345678", account.id.upper()):
        contact = crm.create("contact", lastname="Vries", parentcustomerid=Named(text))
        assert contact["parentcustomerid"] == Reference("account", account.id)


def test_a_name_that_fits_two_records_or_none_is_refused(crm: Crm) -> None:
    crm.create("account", name="Dubbel")
    crm.create("account", name="Dubbel")
    for text in ("Dubbel", "Nergens"):
        with pytest.raises(Invalid) as refused:
            crm.create("contact", lastname="Vries", parentcustomerid=Named(text))
        assert list(refused.value.errors) == ["parentcustomerid"]


def test_a_lookup_may_not_point_at_nothing_or_at_another_entity(crm: Crm) -> None:
    contact = crm.create("contact", lastname="Vries")
    for reference in (Reference("account", "01890a5d-ac96-774b-bcce-b302099a8057"), Reference("contact", contact.id)):
        with pytest.raises(Invalid) as refused:
            crm.create("account", name="X", parentaccountid=reference)
        assert list(refused.value.errors) == ["parentaccountid"]


def test_every_new_case_gets_the_next_number(crm: Crm) -> None:
    account = crm.create("account", name="Klant").reference("name")
    numbers = [crm.create("incident", title="Vraag", customerid=account)["ticketnumber"] for _ in range(3)]
    assert numbers == ["CAS-00001", "CAS-00002", "CAS-00003"]


def test_base_amounts_follow_the_exchange_rate_of_the_currency(crm: Crm) -> None:
    dollar = crm.create(
        "transactioncurrency",
        currencyname="Dollar",
        isocurrencycode="USD",
        currencysymbol="$",
        exchangerate=Decimal("1.25"),
    )
    account = crm.create("account", name="X", revenue=Decimal(1000), transactioncurrencyid=dollar.reference())
    with crm.scope(write=False) as scope:
        total = Query("account", (Column("revenue", aggregate="sum", alias="total"),))
        assert aggregate(scope, total).rows == ({"total": Decimal(800)},)
    held = crm.get("account", account.id, "exchangerate", "revenue")
    assert held["exchangerate"] == Decimal("1.25")
    with crm.scope(write=False) as scope:
        field = scope.catalog.field("account", "revenue")
        shown = type_of(field).text(field, held["revenue"], Locale("nl"))
        assert shown == "US$\u00a01.000,00"
        assert type_of(field).from_text(field, shown, Locale("nl")) == Decimal(1000)


def test_states_only_move_where_they_may_and_closed_records_hold_still(crm: Crm) -> None:
    account = crm.create("account", name="Klant").reference("name")
    case = crm.create("incident", title="Vraag", customerid=account)
    crm.update("incident", case.id, {"statecode": 1})
    held = crm.get("incident", case.id, "statecode", "statuscode")
    assert (held["statecode"], held["statuscode"]) == (1, 5)
    with pytest.raises(Invalid) as refused:
        crm.update("incident", case.id, {"title": "Anders"})
    assert list(refused.value.errors) == ["title"]
    with pytest.raises(Invalid) as refused:
        crm.update("incident", case.id, {"statuscode": 2000})
    assert list(refused.value.errors) == ["statuscode"]
    crm.update("incident", case.id, {"statecode": 0})
    crm.update("incident", case.id, {"title": "Anders"})


def test_the_history_tells_who_changed_what_from_what_into_what(crm: Crm) -> None:
    account = crm.create("account", name="Jansen Bouw")
    crm.update("account", account.id, {"name": "Jansen", "numberofemployees": 12})
    with crm.scope(write=False) as scope:
        newest, first = audit.history(scope, "account", account.id)
    assert (newest.action, newest.user_id) == ("update", crm.admin)
    assert newest.changes == {"name": ["Jansen Bouw", "Jansen"], "numberofemployees": [None, 12]}
    assert first.action == "create"


def test_an_upsert_creates_once_and_changes_afterwards(crm: Crm) -> None:
    for name, fresh in (("Eerst", True), ("Daarna", False)):
        with crm.scope() as scope:
            record, created = save.upsert_by_key(scope, "account", {"kvknumber": "12345678"}, {"name": name})
        assert created is fresh
    assert crm.get("account", record.id, "name")["name"] == "Daarna"


def test_a_record_that_is_not_there_cannot_be_changed(crm: Crm) -> None:
    with pytest.raises(NotFound):
        crm.update("account", "01890a5d-ac96-774b-bcce-b302099a8057", {"name": "X"})


def test_an_activity_also_stands_among_all_activities(crm: Crm) -> None:
    account = crm.create("account", name="Klant").reference("name")
    task = crm.create("task", subject="Bellen", regardingobjectid=account)
    crm.update("task", task.id, {"subject": "Terugbellen", "statecode": 1})
    held = crm.get("activitypointer", task.id)
    assert (held["subject"], held["statecode"], held["activitytypecode"]) == ("Terugbellen", 1, "task")
    assert held["regardingobjectid"] == account
    with crm.scope(write=False) as scope:
        assert select.get(scope, "task", task.id, ["subject"]).version == held.version == 2


def test_a_failure_halfway_leaves_nothing_behind(crm: Crm) -> None:
    with pytest.raises(RuntimeError), crm.scope() as scope:
        save.create(scope, "account", {"name": "Half"})
        raise RuntimeError
    with crm.scope(write=False) as scope:
        assert select.count(scope, Query("account")).number == 0
