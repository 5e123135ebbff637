"""Duplicates: records that may be one are found when one is made, and among those that exist."""

from __future__ import annotations

import pytest

from basis.catalog.changes import publish
from basis.catalog.duplicate_rules import new_rule, remove_rule
from basis.catalog.entity import DuplicateRule, MatchedField
from basis.errors import Invalid
from basis.jobs.worker import work_once
from basis.records import bin, matching
from basis.records.rematching import rematch
from tests.support.crm import Crm


def names(crm: Crm, entity: str, user: str = "", **values: object) -> list[str]:
    with crm.scope(user, write=False) as scope:
        defined = scope.catalog.entity(entity)
        return [match.record[defined.primary] for match in matching.matches(scope, defined, values)]


@pytest.mark.parametrize(
    ("match", "one", "other"),
    [
        ("exact", "Café  Ömer", "cafe ömer"),
        ("start", "Bakker Bouwbedrijf", "bakker-bouw & zonen"),
        ("similar", "Jansen & Zonen B.V.", "janssen en zn bv"),
        ("similar", "De Vries Holding", "vries, de"),
        ("phone", "+31 38 123 4567", "038-1234567"),
        ("email", "Anna+crm@Voorbeeld.nl", "anna@voorbeeld.nl"),
        ("domain", "https://www.voorbeeld.nl/contact", "voorbeeld.nl"),
        ("domain", "info@voorbeeld.nl", "http://voorbeeld.nl"),
    ],
)
def test_texts_are_compared_in_their_own_way(match: str, one: str, other: str) -> None:
    assert matching.WAYS[match](one) == matching.WAYS[match](other) != ""


def test_texts_that_differ_do_not_match() -> None:
    for match, one, other in (
        ("similar", "Bakker", "Smit"),
        ("phone", "038 1234567", "038 1234568"),
        ("phone", "1", "1"),
    ):
        assert matching.WAYS[match](one) != matching.WAYS[match](other) or not matching.WAYS[match](one)


def test_a_new_record_finds_its_likely_matches(crm: Crm) -> None:
    crm.create("account", name="Jansen Bouw BV", address1_city="Zwolle", telephone1="038 123 4567")
    assert names(crm, "account", name="Janssen Bouw", address1_city="zwolle") == ["Jansen Bouw BV"]
    assert names(crm, "account", name="Iets anders", telephone1="+31381234567") == ["Jansen Bouw BV"]
    assert names(crm, "account", name="Jansen Bouw", address1_city="Breda") == []
    assert names(crm, "account", name="Jansen Bouw") == []


def test_codes_follow_a_record_that_changes_is_deleted_and_comes_back(crm: Crm) -> None:
    contact = crm.create("contact", lastname="Visser", emailaddress1="oud@voorbeeld.nl")
    crm.update("contact", contact.id, {"emailaddress1": "nieuw@voorbeeld.nl"})
    assert names(crm, "contact", emailaddress1="oud@voorbeeld.nl") == []
    assert names(crm, "contact", emailaddress1="nieuw@voorbeeld.nl") == ["Visser"]
    with crm.scope() as scope:
        deletion = bin.remove(scope, "contact", [contact.id])[0]
    assert names(crm, "contact", emailaddress1="nieuw@voorbeeld.nl") == []
    with crm.scope() as scope:
        bin.restore(scope, deletion)
    assert names(crm, "contact", emailaddress1="nieuw@voorbeeld.nl") == ["Visser"]


def test_nobody_is_told_of_records_that_they_may_not_see(crm: Crm) -> None:
    elsewhere = crm.a_user("Elders", unit=crm.a_unit())
    crm.create("account", name="Geheim BV", address1_city="Zwolle")
    assert names(crm, "account", elsewhere, name="Geheim", address1_city="Zwolle") == []
    with crm.scope(elsewhere, write=False) as scope:
        assert matching.groups(scope, scope.catalog.entity("account")) == []


def test_groups_of_what_exists_are_found_by_each_rule_once(crm: Crm) -> None:
    for name in ("Jansen BV", "Janssen", "Smit"):
        crm.create("account", name=name, address1_city="Zwolle", telephone1="038 123 4567" if name != "Smit" else None)
    with crm.scope(write=False) as scope:
        found = matching.groups(scope, scope.catalog.entity("account"))
    assert [[record["name"] for record in group.records] for group in found] == [["Jansen BV", "Janssen"]]


def test_a_rule_of_ones_own_compares_what_exists_by_a_job(crm: Crm) -> None:
    for name in ("Een", "Twee"):
        crm.create("account", name=name, fax="038 1")
    with crm.scope() as scope:
        changes = new_rule(scope.catalog, "account", [("fax", "exact")])
        catalog = publish(scope.conn, changes, author=None, now=scope.now, summary="rule")
        rematch(scope, catalog.entity("account"))
    while work_once(crm.database):
        pass
    with crm.scope(write=False) as scope:
        entity = scope.catalog.entity("account")
        assert entity.duplicate_rules[-1] == DuplicateRule("fax", (MatchedField("fax"),))
        assert [len(group.records) for group in matching.groups(scope, entity)] == [2]
    with crm.scope() as scope:
        publish(scope.conn, remove_rule(scope.catalog, "account", "fax"), author=None, now=scope.now, summary="no rule")
    with crm.scope(write=False) as scope:
        assert matching.groups(scope, scope.catalog.entity("account")) == []


@pytest.mark.parametrize(
    "parts", [[], [("fax", "exact"), ("fax", "start")], [("fax", "magic")], [("nothing", "exact")]]
)
def test_a_rule_that_makes_no_sense_is_refused(crm_on_sqlite: Crm, parts: list[tuple[str, str]]) -> None:
    with crm_on_sqlite.scope(write=False) as scope, pytest.raises(Invalid):
        new_rule(scope.catalog, "account", parts)
