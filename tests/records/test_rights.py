"""Rights: each user sees and changes just the records that a role reaches, through every way in."""

from __future__ import annotations

import pytest

from basis.catalog.query import Column, Link, Query
from basis.errors import Forbidden, Invalid, NotFound, Refused
from basis.fields.reference import Reference
from basis.records import associate, bin, save, search, select
from basis.records.aggregate import aggregate
from tests.support.crm import Crm


def names(crm: Crm, user: str, query: Query | None = None) -> list[str]:
    with crm.scope(user, write=False) as scope:
        return sorted(record["name"] for record in select.page(scope, query or Query("account")).records)


def test_a_salesperson_reads_the_unit_and_changes_only_what_is_own(crm: Crm) -> None:
    unit, other_unit = crm.a_unit(), crm.a_unit()
    anna, bob = crm.a_user(unit=unit), crm.a_user(unit=unit)
    carol = crm.a_user(unit=other_unit)
    of_anna = crm.create("account", name="Van Anna", user=anna)
    of_bob = crm.create("account", name="Van Bob", user=bob)
    crm.create("account", name="Van Carol", user=carol)
    assert names(crm, anna) == ["Van Anna", "Van Bob"]
    crm.update("account", of_anna.id, {"name": "Van Anna 2"}, user=anna)
    with pytest.raises(Forbidden):
        crm.update("account", of_bob.id, {"name": "Gekaapt"}, user=anna)
    with pytest.raises(Forbidden), crm.scope(anna) as scope:
        bin.remove(scope, "account", [of_bob.id])
    with pytest.raises(NotFound):
        crm.get("account", of_anna.id, user=carol)
    with pytest.raises(NotFound):
        crm.update("account", of_anna.id, {"name": "X"}, user=carol)


def test_a_manager_reaches_the_units_below(crm: Crm) -> None:
    above = crm.a_unit()
    below = crm.a_unit(parent=above)
    manager, seller = crm.a_user(roles=["sales_manager"], unit=above), crm.a_user(unit=below)
    account = crm.create("account", name="Van verkoper", user=seller)
    crm.create("account", name="Van directie")
    assert names(crm, manager) == ["Van verkoper"]
    crm.update("account", account.id, {"name": "Gezien"}, user=manager)


def test_records_of_ones_team_count_as_own(crm: Crm) -> None:
    unit, other_unit = crm.a_unit(), crm.a_unit()
    anna = crm.a_user(unit=unit)
    team = crm.create("team", name="Team", businessunitid=Reference("businessunit", other_unit))
    account = crm.create("account", name="Van het team", ownerid=team.reference("name"))
    assert names(crm, anna) == []
    with crm.scope() as scope:
        associate.associate(scope, "team", team.id, "teammembership_association", [anna])
    assert names(crm, anna) == ["Van het team"]
    crm.update("account", account.id, {"name": "Door een lid"}, user=anna)


def test_who_only_reads_can_only_read(crm: Crm) -> None:
    reader = crm.a_user(roles=["read_only"])
    account = crm.create("account", name="Klant")
    assert names(crm, reader) == ["Klant"]
    with pytest.raises(Forbidden):
        crm.create("account", name="Nieuw", user=reader)
    with pytest.raises(Forbidden):
        crm.update("account", account.id, {"name": "Anders"}, user=reader)
    with pytest.raises(Forbidden), crm.scope(reader) as scope:
        bin.remove(scope, "account", [account.id])


def test_a_user_without_roles_sees_nothing_anywhere(crm: Crm) -> None:
    nobody = crm.a_user(roles=[])
    account = crm.create("account", name="Klant")
    with pytest.raises(Forbidden):
        names(crm, nobody)
    with pytest.raises(Forbidden):
        crm.get("account", account.id, user=nobody)
    with crm.scope(nobody, write=False) as scope:
        assert search.search(scope, "Klant") == []


def test_counts_figures_links_and_search_keep_to_the_same_rights(crm: Crm) -> None:
    unit, other_unit = crm.a_unit(), crm.a_unit()
    anna, bob = crm.a_user(unit=unit), crm.a_user(unit=other_unit)
    mine = crm.create("account", name="Zichtbaar", user=anna)
    hidden = crm.create("account", name="Onzichtbaar", user=bob)
    crm.create("contact", lastname="Vries", parentcustomerid=mine.reference("name"), user=anna)
    crm.create("contact", lastname="Bakker", parentcustomerid=hidden.reference("name"))
    with crm.scope(anna, write=False) as scope:
        assert select.count(scope, Query("account")).number == 1
        figures = aggregate(scope, Query("account", (Column("name", aggregate="count", alias="n"),)))
        assert figures.rows == ({"n": 1},)
        assert [hit.title for hit in search.search(scope, "zichtbaar")] == ["Zichtbaar"]
        assert search.search(scope, "onzichtbaar") == []
        link = Link("account", "accountid", "parentcustomerid", "klant", columns=(Column("name"),))
        found = select.page(scope, Query("contact", (Column("fullname"),), links=(link,))).records
        assert [record["klant.name"] for record in found] == ["Zichtbaar"]


def test_a_record_may_only_be_tied_to_what_one_may_append_to(crm: Crm) -> None:
    unit, other_unit = crm.a_unit(), crm.a_unit()
    anna, bob = crm.a_user(unit=unit), crm.a_user(unit=other_unit)
    hidden = crm.create("account", name="Van Bob", user=bob)
    with pytest.raises(Invalid) as refused:
        crm.create("contact", lastname="X", parentcustomerid=hidden.reference("name"), user=anna)
    assert list(refused.value.errors) == ["parentcustomerid"]


def test_giving_a_record_away_needs_the_right_and_takes_along_what_the_rules_say(crm: Crm) -> None:
    unit = crm.a_unit()
    anna, bob = crm.a_user(unit=unit), crm.a_user(unit=unit)
    account = crm.create("account", name="Klant", user=anna)
    task = crm.create("task", subject="Bellen", regardingobjectid=account.reference("name"), user=anna)
    with pytest.raises(Forbidden):
        crm.update("account", account.id, {"ownerid": Reference("systemuser", bob)}, user=bob)
    with pytest.raises(Invalid):
        crm.update("account", account.id, {"ownerid": Reference("systemuser", bob)}, user=anna)
    crm.update("account", account.id, {"ownerid": Reference("systemuser", bob)})
    assert crm.get("account", account.id, "ownerid")["ownerid"] == Reference("systemuser", bob)
    assert crm.get("task", task.id, "ownerid")["ownerid"].id in (anna, bob)


def test_a_new_role_counts_at_the_next_request_of_every_process(crm: Crm) -> None:
    from basis.security.entrance import Entrance

    nobody = crm.a_user(roles=[])
    other_process = Entrance(crm.config, crm.database, clock=lambda: crm.now)
    with other_process.acting_as(nobody) as scope:
        assert not scope.user.may("account", "read")
    with crm.scope() as scope:
        role = select.page(scope, Query("role", (Column("name"),))).records
        reader = next(held for held in role if held["name"].startswith("Read"))
        associate.associate(scope, "systemuser", nobody, "systemuserroles_association", [reader.id])
    with other_process.acting_as(nobody) as scope:
        assert scope.user.depth("account", "read") == "organization"


def test_a_disabled_user_cannot_act(crm: Crm) -> None:
    from basis.errors import Unauthenticated

    anna = crm.a_user()
    with crm.scope() as scope:
        save.update_one(scope, "systemuser", anna, {"isdisabled": True})
    with pytest.raises(Unauthenticated), crm.scope(anna, write=False):
        pass


def test_the_last_administrator_can_neither_be_disabled_nor_lose_the_role(crm: Crm) -> None:
    with pytest.raises(Refused):
        crm.update("systemuser", crm.admin, {"isdisabled": True})
    with crm.scope() as scope:
        own = scope.catalog.associations["systemuserroles_association"].table
        pairs = [list(pair) for pair in scope.conn.execute(own.select()) if crm.admin in pair]
    (role,) = [id for pair in pairs for id in pair if id != crm.admin]
    with pytest.raises(Refused), crm.scope() as scope:
        associate.disassociate(scope, "systemuser", crm.admin, "systemuserroles_association", [role])
    other = crm.a_user(roles=["system_administrator"])
    crm.update("systemuser", crm.admin, {"isdisabled": True}, user=other)
    with pytest.raises(Refused):
        crm.update("systemuser", other, {"isdisabled": True}, user=other)


def test_no_record_stands_above_itself(crm: Crm) -> None:
    top = crm.create("account", name="Moeder")
    below = crm.create("account", name="Dochter", parentaccountid=top.reference("name"))
    lowest = crm.create("account", name="Kleindochter", parentaccountid=below.reference("name"))
    for parent in (top, below, lowest):
        with pytest.raises(Invalid) as refused:
            crm.update("account", top.id, {"parentaccountid": parent.reference("name")})
        assert list(refused.value.errors) == ["parentaccountid"]
    crm.update("account", lowest.id, {"parentaccountid": top.reference("name")})
    upper = crm.a_unit()
    lower = crm.a_unit(parent=upper)
    with pytest.raises(Invalid):
        crm.update("businessunit", upper, {"parentbusinessunitid": Reference("businessunit", lower)})
