"""Every kind of page is accessible and fits: light and dark, wide and on a phone, in both languages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from basis.catalog.query import Condition, Filter, Link, Query
from basis.catalog.view import Grouping, View
from basis.records import bulk, running, views
from basis.records.bulk import Task
from basis.web.views.shape import packed
from basis.web.views.showing import ways_to_show
from tests.browser.conftest import enter, settle
from tests.support.crm import Crm

pytestmark = pytest.mark.browser


SHAPED = Filter(
    conditions=(Condition("name", "begins-with", "D"), Condition("createdon", "last-x-days", 30)),
    filters=(Filter("or", (Condition("customertypecode", "in", values=(3, 8)), Condition("fax", "null"))),),
    links=(Link("opportunity", "parentaccountid", "accountid", type="any"),),
)


def ways(crm: Crm) -> dict[str, View]:
    """A view of opportunities in each way of showing."""
    with crm.scope(write=False) as scope:
        view = scope.catalog.view("opportunity", "all")
        offered = ways_to_show(scope.catalog.entity("opportunity"), view)
    return {kind: msgspec.structs.replace(view, show=show) for kind, show in offered.items() if kind != "table"}


@pytest.fixture(scope="module")
def addresses(house: tuple[Crm, str]) -> dict[str, str]:
    """One page of each kind, with something on it."""
    crm, _ = house
    account = crm.create("account", {"name": "Dijkstra Zorg", "customertypecode": 3, "revenue": 84_500})
    crm.update("account", account.id, {"name": "Dijkstra Zorg BV"})
    twin = crm.create("account", {"name": "Dijkstra", "address1_city": "Zwolle"})
    deal = crm.create("opportunity", {"name": "Licences", "parentaccountid": account.reference("name")})
    crm.update("opportunity", deal.id, {"statuscode": 3})
    crm.create("task", {"subject": "Call back", "regardingobjectid": account.reference("name")})
    crm.create("annotation", {"notetext": "A note", "objectid": account.reference("name")})
    crm.create("contact", {"lastname": "Visser", "parentcustomerid": account.reference("name")})
    record = f"/account/{account.id}"
    with crm.scope() as scope:
        shaped = msgspec.structs.replace(scope.catalog.view("account", "all"), filter=SHAPED, group=Grouping("name"))
        kept = views.keep_personal(scope, shaped, "Shaped")
        operation = bulk.begin(scope, bulk.CHANGE, Task(Query("account"), {"fax": "038"}), 2)
    shown = {kind: f"/opportunity?view=all&shape={packed(shape)}" for kind, shape in ways(crm).items()}
    running.run(crm.database, operation)
    return {
        "shape a view": f"/views/account/shape?view={kept}",
        "views": "/views/account",
        "share a view": f"/views/account/{kept}/share",
        "history of a view": f"/views/account/{kept}/history",
        "groups": f"/account?view={kept}",
        **shown,
        "merge": f"/merge/account?id={account.id}&id={twin.id}",
        "duplicates": "/duplicates/account",
        "operations": "/operations",
        "operation": f"/operations/{operation}",
        "start": "/",
        "list": "/account?filters=1",
        "empty list": "/account?q=nothing",
        "record": record,
        "second tab": f"{record}#tab-details",
        "closed record": f"/opportunity/{deal.id}",
        "new": "/contact/new",
        "quick": "/account/quick",
        "history": f"{record}/history",
        "assign": f"{record}/assign",
        "add related": f"{record}/related/listaccount_association/add",
        "activities": "/activitypointer",
        "search": "/search?q=dijkstra",
        "nothing found": "/search?q=nothing",
        "bin": "/bin",
        "profile": "/profile",
        "settings": "/settings",
        "entities": "/settings/entities",
        "entity": "/settings/entities/account",
        "new entity": "/settings/entities/new",
        "field types": "/settings/entities/account/fields/new",
        "field": "/settings/entities/account/fields/new?type=choice",
        "versions": "/settings/versions",
        "users": "/settings/users",
        "new user": "/settings/users/new",
        "user": f"/settings/users/{crm.admin}",
        "tokens": "/settings/tokens",
        "not found": "/account/00000000-0000-0000-0000-000000000000",
        "no such page": "/no/such/page",
        "forgotten": "/password/forgotten",
        "used link": "/password/reset/nonsense",
        "sign in": "/sign-in",
    }


@pytest.mark.parametrize(("theme", "width", "language"), [("light", 1440, "nl"), ("dark", 375, "en")])
def test_every_kind_of_page_is_accessible_and_fits(
    page: Any, house: tuple[Crm, str], addresses: dict[str, str], theme: str, width: int, language: str
) -> None:
    from tests.support.browser import accessibility_violations

    crm, address = house
    user = crm.a_user(roles=["system_administrator"], language=language)
    enter(page, crm, address, user, language, theme)
    page.set_viewport_size({"width": width, "height": 860})
    wrong: dict[str, Any] = {}
    for name, path in addresses.items():
        page.goto(f"{address}{path}")
        settle(page)
        found = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in accessibility_violations(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("is wider than the window")
        if found:
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 375)])
def test_what_comes_after_a_click_is_accessible_too(page: Any, house: tuple[Crm, str], theme: str, width: int) -> None:
    from tests.support.browser import assert_accessible

    crm, address = house
    crm.create("account", {"name": "Selected"})
    enter(page, crm, address, theme=theme)
    page.set_viewport_size({"width": width, "height": 860})
    page.goto(f"{address}/contact/new")
    settle(page)
    page.get_by_label("Email").first.fill("no address")
    page.keyboard.press("Control+s")
    page.locator(".error-summary").wait_for()
    settle(page)
    assert_accessible(page)
    page.goto(f"{address}/account")
    page.locator("[data-select-row]").first.check()
    assert_accessible(page)
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Field").select_option("ownerid")
    page.locator("#bulk-value-box .ts-control").wait_for()
    assert_accessible(page)
