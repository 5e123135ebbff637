"""Everything by keyboard: where one is can be seen, and no dialog lets the focus get lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import enter, settle
from tests.support.crm import Crm

pytestmark = pytest.mark.browser

SEEN = """() => {
  const element = document.activeElement;
  const box = element.closest(".ts-wrapper")?.querySelector(".ts-control") ?? element;
  const style = getComputedStyle(box);
  return element !== document.body && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
}"""


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until the element has the focus; every stop on the way must show that it has it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_from_the_list_to_a_saved_record(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    crm.create("account", {"name": "Reachable"})
    enter(page, crm, address)
    page.goto(f"{address}/account")
    settle(page)
    tab_to(page, ".skip-link")
    assert page.locator(".skip-link").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tab_to(page, "td.primary-cell a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/*")
    settle(page)
    tab_to(page, "a[href='#tab-details']")
    page.keyboard.press("Enter")
    tab_to(page, "#tab-details select[name=customertypecode]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+s")
    page.get_by_text("Account Reachable is saved.").wait_for()
    assert page.url.endswith("#tab-details")


def test_the_navigation_is_reached_and_marked(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    enter(page, crm, address)
    page.goto(address)
    settle(page)
    tab_to(page, ".sidebar a[href='/contact']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contact")
    assert page.locator(".sidebar [aria-current=page]").inner_text() == "Contacts"


def test_a_question_keeps_the_focus_and_gives_it_back(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    account = crm.create("account", {"name": "Doubtful"})
    enter(page, crm, address)
    page.goto(f"{address}/account/{account.id}")
    settle(page)
    page.locator(".commandbar summary", has_text="More").focus()
    page.keyboard.press("Enter")
    tab_to(page, "[data-confirm]")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert page.evaluate("document.activeElement.matches('[data-confirm]')")
