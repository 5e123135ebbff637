"""Searching in one list: every word counts, common ones look at names, and rights hold as everywhere."""

from __future__ import annotations

import pytest

from basis.catalog.query import Column, Query
from basis.records import search, select
from tests.support.crm import Crm


def found(crm: Crm, sought: str, entity: str = "account", user: str = "") -> tuple[list[str], bool]:
    """The names of what a search in the list finds, and whether it looked at names alone."""
    with crm.scope(user or None, write=False) as scope:
        defined = scope.catalog.entity(entity)
        meant = search.sought_in(scope, defined, sought)
        page = select.page(scope, Query(entity, (Column(defined.primary),), meant.filter))
        return sorted(record[defined.primary] for record in page.records), meant.common


@pytest.fixture
def filled(crm: Crm) -> Crm:
    for name, city in (("Coenën Bouw", "Zwolle"), ("Dijkstra Bouw", "Almere"), ("Thuiszorg Oost", "Zwolle")):
        crm.create("account", {"name": name, "address1_city": city})
    return crm


def test_every_searchable_field_is_looked_at_and_every_word_counts(filled: Crm) -> None:
    assert found(filled, "zwol") == (["Coenën Bouw", "Thuiszorg Oost"], False)
    assert found(filled, "COENEN zwolle") == (["Coenën Bouw"], False)
    assert found(filled, "bouw xyzzy") == ([], False)
    assert found(filled, "&") == ([], False)


def test_a_part_within_a_name_is_found_when_no_word_begins_so(filled: Crm) -> None:
    assert found(filled, "zorg") == (["Thuiszorg Oost"], False)


def test_a_common_word_looks_at_names_alone(filled: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "FEW", 1)
    assert found(filled, "zwolle") == ([], True)
    assert found(filled, "bouw") == (["Coenën Bouw", "Dijkstra Bouw"], True)
    assert found(filled, "bouw zwolle") == (["Coenën Bouw"], False)


def test_a_word_common_elsewhere_is_not_common_here(filled: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        filled.create("contact", {"lastname": f"Bouw {number}", "address1_city": "Zwolle"})
    monkeypatch.setattr(search, "FEW", 2)
    assert found(filled, "zwolle") == (["Coenën Bouw", "Thuiszorg Oost"], False)


def test_the_word_that_stands_for_an_entity_cannot_be_typed(filled: Crm) -> None:
    assert found(filled, "øaccount") == ([], False)
    with filled.scope(write=False) as scope:
        assert search.search(scope, "øaccount") == []


def test_a_word_without_end_is_kept_and_found_by_its_beginning(filled: Crm) -> None:
    filled.create("account", {"name": "a" * 150})
    assert found(filled, "a" * 150) == (["a" * 150], False)
    assert found(filled, "a" * 20) == (["a" * 150], False)


def test_only_what_the_user_may_see_is_found(filled: Crm) -> None:
    somebody = filled.a_user(roles=["salesperson"], unit=filled.a_unit())
    filled.create("account", {"name": "Own Bouw"}, user=somebody)
    with filled.scope(somebody, write=False) as scope:
        page = select.page(scope, Query("account", (Column("name"),)))
    visible = {record["name"] for record in page.records}
    assert set(found(filled, "bouw", user=somebody)[0]) == {name for name in visible if "Bouw" in name}


def test_the_list_of_all_activities_finds_every_kind(filled: Crm) -> None:
    filled.create("task", {"subject": "Offerte nabellen"})
    filled.create("phonecall", {"subject": "Nabellen"})
    assert found(filled, "nabel", "activitypointer")[0] == ["Nabellen", "Offerte nabellen"]
