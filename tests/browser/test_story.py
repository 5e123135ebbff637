"""A newcomer's first hour, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from basis.app import create_app
from basis.config import Config
from tests.browser.conftest import enter
from tests.support.crm import Crm
from tests.support.serving import served

pytestmark = pytest.mark.browser


def test_from_the_welcome_page_to_a_field_of_ones_own(page: Any, tmp_path: Path) -> None:
    with served(create_app(Config(tmp_path))) as address:
        found(page, address)
        make_an_account(page)
        change_it(page)
        delete_it_and_take_it_back(page)
        add_a_field(page)
        sign_out_and_in(page, address)


def found(page: Any, address: str) -> None:
    from tests.support.browser import assert_accessible

    page.goto(address)
    assert_accessible(page)
    page.get_by_label("Name of the organisation").fill("Kompas Advies")
    page.get_by_label("Language").select_option("en")
    page.get_by_label("Your name").fill("Femke van den Berg")
    page.get_by_label("E-mail address").fill("femke@example.com")
    page.get_by_label("Password").fill("a very long password")
    page.get_by_label("Start with sample data").uncheck()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="Hello, Femke").wait_for()


def make_an_account(page: Any) -> None:
    page.get_by_role("link", name="Accounts").click()
    page.get_by_role("link", name="Create the first one").click()
    page.get_by_label("Account name").fill("Dijkstra Zorg")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Account Dijkstra Zorg is saved.").wait_for()


def change_it(page: Any) -> None:
    page.get_by_label("Main phone").fill("038 421 12 34")
    assert page.get_by_text("not saved").is_visible()
    page.get_by_role("link", name="Details").click()
    page.get_by_label("Relationship type").select_option(label="Customer")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("is saved.").wait_for()
    assert page.url.endswith("#tab-details")
    page.get_by_role("link", name="Summary").click()
    assert page.get_by_label("Main phone").input_value() == "+31 38 421 1234"


def delete_it_and_take_it_back(page: Any) -> None:
    page.locator(".commandbar summary", has_text="More").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("Account Dijkstra Zorg is deleted.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", name="Dijkstra Zorg").wait_for()


def add_a_field(page: Any) -> None:
    page.locator(".topbar").get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Entities and fields").click()
    page.get_by_role("cell", name="Account", exact=True).get_by_role("link").click()
    page.get_by_role("link", name="New field").click()
    page.get_by_role("link", name="Whole number").click()
    page.get_by_role("group", name="Label").get_by_label("English").fill("Seats")
    page.get_by_role("button", name="Add the field").click()
    page.get_by_text("The field Seats is there").wait_for()
    page.get_by_role("link", name="Show records").click()
    page.get_by_role("link", name="Dijkstra Zorg").click()
    page.get_by_label("Seats").fill("12")
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("link", name="Dijkstra Zorg").click()
    assert page.get_by_label("Seats").input_value() == "12"


def sign_out_and_in(page: Any, address: str) -> None:
    page.locator("summary", has_text="Femke").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill("femke@example.com")
    page.get_by_label("Password").fill("a very long password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Hello, Femke").wait_for()


def test_a_list_is_sorted_filtered_and_searched_in_place(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    for name, city in (("Bakker Bouw", "Zwolle"), ("Coenën Zorg", "Almere"), ("Smit Horeca", "Zwolle")):
        crm.create("account", {"name": name, "address1_city": city})
    enter(page, crm, address)
    page.goto(f"{address}/account")
    first = page.locator("tbody .primary-cell").first
    page.get_by_role("link", name="Account name").click()
    page.locator("th[aria-sort=descending]").wait_for()
    assert first.inner_text() == "Smit Horeca" and page.url.endswith("sort=-name")
    page.get_by_role("link", name="Filter per column").click()
    page.locator("#filter-address1_city").press_sequentially("alm")
    page.locator("tbody tr").nth(1).wait_for(state="detached")
    assert first.inner_text() == "Coenën Zorg" and "f.address1_city=alm" in page.url
    page.go_back()
    page.goto(f"{address}/account")
    page.get_by_role("searchbox", name="Search in this list").press_sequentially("HORE")
    page.locator("tbody tr").nth(1).wait_for(state="detached")
    assert page.url.endswith("q=HORE")
    assert page.evaluate("document.activeElement.id") == "list-search"


def test_a_lookup_of_several_entities_knows_which_one_was_chosen(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    crm.create("contact", {"lastname": "Parent", "firstname": "Person"})
    enter(page, crm, address)
    page.goto(f"{address}/contact/new")
    page.get_by_label("Last name").fill("Child")
    page.get_by_role("combobox", name="Company name").or_(
        page.locator("crm-lookup:has([name=parentcustomerid]) .ts-control input")
    ).first.click()
    page.keyboard.type("person")
    page.locator(".lookup-option", has_text="Person Parent").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("is saved.").wait_for()
    assert page.locator("[name=parentcustomerid__type]").input_value() == "contact"


def test_unsaved_changes_are_guarded(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    account = crm.create("account", {"name": "Guarded"})
    enter(page, crm, address)
    page.goto(f"{address}/account/{account.id}")
    page.get_by_label("Account name").fill("Changed")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Contacts").click()
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"] and page.url.endswith(account.id)


def test_the_search_box_finds_while_one_types(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    crm.create("account", {"name": "Findable Works"})
    enter(page, crm, address)
    page.goto(address)
    page.keyboard.press("Control+k")
    page.keyboard.type("findab")
    page.locator(".search-hit", has_text="Findable Works").click()
    page.get_by_role("heading", name="Findable Works").wait_for()


def test_what_is_found_is_walked_through_with_the_arrow_keys(page: Any, house: tuple[Crm, str]) -> None:
    from tests.support.browser import assert_accessible

    crm, address = house
    for name in ("Walkable One", "Walkable Two"):
        crm.create("account", {"name": name})
    enter(page, crm, address)
    page.goto(address)
    search = page.get_by_role("combobox", name="Search everything")
    search.press_sequentially("walkab")
    page.get_by_role("option").nth(2).wait_for()
    assert search.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert search.get_attribute("aria-activedescendant") == "search-hit-2"
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert search.get_attribute("aria-activedescendant") is None
    page.keyboard.press("Escape")
    assert page.get_by_role("option").count() == 0 and search.input_value() == "walkab"
    search.press_sequentially("le")
    chosen = page.get_by_role("option").nth(1)
    chosen.wait_for()
    name = chosen.locator(".search-title").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=name).wait_for()


def test_ctrl_s_saves(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    account = crm.create("account", {"name": "Short"})
    enter(page, crm, address)
    page.goto(f"{address}/account/{account.id}")
    page.get_by_label("Account name").fill("Shorter")
    page.keyboard.press("Control+s")
    page.get_by_text("Account Shorter is saved.").wait_for()


def test_pages_work_without_javascript(chromium: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    account = crm.create("account", {"name": "Plain HTML"})
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, crm, address)
    page.goto(f"{address}/account?q=plain")
    page.get_by_role("link", name="Plain HTML").click()
    page.get_by_role("link", name="Details").click()
    page.get_by_label("Relationship type").select_option(label="Partner")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("is saved.").wait_for()
    context.close()
    assert crm.get("account", account.id, "customertypecode")["customertypecode"] == 5
