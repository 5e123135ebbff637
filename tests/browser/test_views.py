"""Views in a real browser: shaped while the count follows, a kanban by mouse and by keyboard, and undo."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from basis.catalog.view import ViewColumn
from basis.records import views
from tests.browser.conftest import enter, settle
from tests.support.crm import Crm

pytestmark = pytest.mark.browser


def test_a_view_is_shaped_while_count_and_sentence_follow(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    for name, city in (("Aa", "Zwolle"), ("Bb", "Zwolle"), ("Cc", "Breda")):
        crm.create("account", name=name, address1_city=city)
    enter(page, crm, address)
    page.goto(f"{address}/views/account/shape?view=all")
    settle(page)
    page.get_by_role("button", name="Condition", exact=True).click()
    page.locator("select[name='where.c0.field']").select_option("address1_city")
    page.locator("select[name='where.c0.operator'] option[value='contains']").wait_for(state="attached")
    page.locator("select[name='where.c0.operator']").select_option("contains")
    page.locator("input[name='where.c0.v0']").fill("zwol")
    page.locator("#view-summary", has_text="city contains zwol").wait_for()
    page.locator("#view-summary", has_text="2 Accounts").wait_for()
    page.get_by_label("Name of the view").fill("Near")
    page.get_by_role("button", name="Save as my view").click()
    page.get_by_text("The view Near is saved.").wait_for()
    assert page.locator("td.primary-cell").all_inner_texts() == ["Aa", "Bb"]


def test_columns_are_moved_by_keyboard_and_the_focus_stays(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    enter(page, crm, address)
    page.goto(f"{address}/views/account/shape?view=all")
    settle(page)
    fields = page.locator("select[name='col-field']")
    first, second = fields.nth(0).input_value(), fields.nth(1).input_value()
    page.locator("button[value='down-column:0']").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("f => document.querySelector(\"select[name='col-field']\").value === f", arg=second)
    assert fields.nth(1).input_value() == first


def test_columns_are_dragged_to_another_place(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    enter(page, crm, address)
    page.goto(f"{address}/views/account/shape?view=all")
    settle(page)
    fields = page.locator("select[name='col-field']")
    before = [each.input_value() for each in fields.all()]
    page.locator(".drag-handle").nth(2).drag_to(page.locator(".drag-handle").nth(0))
    after = [each.input_value() for each in fields.all()]
    assert after == [before[2], before[0], before[1], *before[3:]]
    page.get_by_role("button", name="Show without saving").click()
    page.get_by_text("was shaped and is not saved").wait_for()


def test_a_card_is_dragged_to_another_column_and_moved_by_keyboard(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    deal = crm.create("opportunity", name="Draggable", estimatedclosedate=date(2026, 12, 1))
    enter(page, crm, address)
    page.goto(f"{address}/opportunity?view=all&q=draggable")
    page.get_by_role("link", name="Kanban").click()
    settle(page)
    columns = page.locator(".board-column")
    page.locator(".record-card", has_text="Draggable").drag_to(columns.nth(1))
    columns.nth(1).locator(".record-card", has_text="Draggable").wait_for()
    assert crm.get("opportunity", deal.id, "statuscode")["statuscode"] == 2
    page.locator(f"#move-{deal.id}").focus()
    page.keyboard.press("ArrowUp")
    columns.nth(0).locator(".record-card", has_text="Draggable").wait_for()
    assert crm.get("opportunity", deal.id, "statuscode")["statuscode"] == 1


def test_all_records_of_a_list_are_changed_and_undone_by_mouse(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    account = crm.create("account", name="Everybody", fax="1")
    enter(page, crm, address)
    page.goto(f"{address}/account?view=all")
    settle(page)
    page.locator("[data-select-all]").check()
    page.locator("input[name=all]").check()
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_label("Field").select_option("fax")
    page.locator("#bulk-value-box input[name=fax]").fill("2")
    page.locator(".button-primary").click()
    page.locator("#operation", has_text="Done").get_by_role("button", name="Undo").click(timeout=60_000)
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    page.locator("#operation .badge-state").get_by_text("Undone", exact=True).wait_for(timeout=60_000)
    assert crm.get("account", account.id, "fax")["fax"] == "1"


def test_cells_are_typed_pasted_refused_and_undone(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    first = crm.create("account", name="Grid Aa")
    second = crm.create("account", name="Grid Bb")
    with crm.scope() as scope:
        columns = tuple(ViewColumn(name) for name in ("name", "address1_city", "emailaddress1"))
        shaped = msgspec.structs.replace(scope.catalog.view("account", "all"), columns=columns)
        kept = views.keep_personal(scope, shaped, "Grid")
    enter(page, crm, address)
    page.goto(f"{address}/account?view={kept}&q=grid&edit=1")
    page.locator(".rgCell", has_text="Grid Aa").wait_for()
    cells = "revogr-data[type='rgRow'][col-type='rgCol'] .rgCell[data-rgrow='{}'][data-rgcol='0']"
    city = page.locator(cells.format(0))
    city.click()
    page.keyboard.type("Zwolle")
    page.keyboard.press("Enter")
    page.get_by_text("All is saved").wait_for()
    assert crm.get("account", first.id, "address1_city")["address1_city"] == "Zwolle"
    page.keyboard.press("Control+z")
    page.wait_for_timeout(400)
    page.get_by_text("All is saved").wait_for()
    assert crm.get("account", first.id, "address1_city")["address1_city"] is None
    city.click()
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }""",
        "Kampen\tno address\nBreda\tinfo@voorbeeld.nl",
    )
    page.get_by_text("All is saved · Refused: 1").wait_for()
    assert crm.get("account", first.id, "address1_city")["address1_city"] == "Kampen"
    held = crm.get("account", second.id, "address1_city", "emailaddress1")
    assert (held["address1_city"], held["emailaddress1"]) == ("Breda", "info@voorbeeld.nl")
    refused = page.locator(".rgCell.is-refused")
    assert refused.inner_text() == "no address"
    assert "mail" in refused.get_attribute("title")


def test_columns_stay_in_sight_and_rows_are_selected_by_range(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    for number in range(4):
        crm.create("contact", lastname=f"Range {number}")
    with crm.scope() as scope:
        view = scope.catalog.view("contact", "all")
        wide = tuple(msgspec.structs.replace(column, width=400) for column in view.columns)
        kept = views.keep_personal(scope, msgspec.structs.replace(view, columns=wide, frozen=1), "Wide")
    enter(page, crm, address)
    page.goto(f"{address}/contact?view={kept}&q=range")
    settle(page)
    first = page.locator("tbody tr").nth(0).locator("td").nth(1)
    before = first.bounding_box()["x"]
    page.locator(".list-scroll").evaluate("box => (box.scrollLeft = 600)")
    assert first.bounding_box()["x"] == before
    boxes = page.locator("[data-select-row]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    assert [box.is_checked() for box in boxes.all()] == [True, True, True, False]
