"""Views of large entities get the index they need, and lose it when no view needs it any more."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import inspect

from basis.catalog import view_indexes
from basis.catalog.inspection import inspect_database
from basis.catalog.query import Condition, Filter, Order
from basis.catalog.view import View
from basis.errors import Message
from basis.jobs.worker import work_once
from basis.records import views
from tests.support.crm import Crm


@pytest.fixture
def large(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """Two records are many here."""
    monkeypatch.setattr(view_indexes, "LARGE", 2)
    for city in ("Zwolle", "Breda"):
        crm.create("account", name=city, address1_city=city)
    return crm


def by_fax(crm: Crm, **changes: object) -> View:
    with crm.scope(write=False) as scope:
        view = scope.catalog.view("account", "all")
    fits = Filter(conditions=(Condition("address1_city", "eq", "Zwolle"), Condition("statecode", "eq", 0)))
    return msgspec.structs.replace(view, **({"filter": fits, "order": (Order("fax"),)} | changes))


def indexes(crm: Crm) -> dict[str, list[str | None]]:
    with crm.database.read() as conn:
        held = {str(index["name"]): index["column_names"] for index in inspect(conn).get_indexes("account")}
    return {name: columns for name, columns in held.items() if name.startswith(view_indexes.PREFIX)}


def publish(crm: Crm, view: View, name: str = "") -> str:
    with crm.scope() as scope:
        made = views.publish_view(scope, view, {"en": "By fax", "nl": "Op fax"}, name)
    while work_once(crm.database):
        pass
    return made


def test_a_published_view_gets_its_index_and_loses_it_again(large: Crm) -> None:
    name = publish(large, by_fax(large))
    found = [columns for columns in indexes(large).values() if "fax__key" in columns]
    assert found == [["address1_city__key", "statecode", "fax__key", "accountid"]]
    with large.scope(write=False) as scope:
        assert [each for each in inspect_database(scope.conn, scope.catalog) if not each.note] == []
    with large.scope() as scope:
        views.remove_view(scope, "account", name)
    view_indexes.settle_views(large.database)
    assert [columns for columns in indexes(large).values() if "fax__key" in columns] == []
    assert view_indexes.settle_views(large.database) == {"made": [], "dropped": []}


def test_a_small_entity_needs_none(crm: Crm) -> None:
    publish(crm, by_fax(crm))
    assert indexes(crm) == {}


def test_the_check_names_views_that_cannot_be_fast_and_why(large: Crm) -> None:
    publish(large, by_fax(large, order=(Order("primarycontactid"),)))
    searching = Filter(conditions=(Condition("name", "contains", "x"),))
    publish(large, by_fax(large, filter=searching))
    with large.scope(write=False) as scope:
        found = [each.message for each in inspect_database(scope.conn, scope.catalog) if each.place.startswith("view")]
    assert Message("This view cannot be fast: {reason}.", reason="it is sorted by a field of another record") in found
    assert any("looks into texts" in str(message) for message in found)
