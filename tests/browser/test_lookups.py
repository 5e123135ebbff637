"""Lookups in a real browser: what they offer, and making on the spot what is not there yet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import enter, settle
from tests.support.crm import Crm

pytestmark = pytest.mark.browser


def box(page: Any, field: str, within: str = "main") -> Any:
    """The text box of a lookup."""
    return page.locator(f"{within} crm-lookup:has([name={field}]) .ts-control input").first


def test_what_a_lookup_misses_is_made_on_the_spot(page: Any, house: tuple[Crm, str]) -> None:
    from tests.support.browser import assert_accessible

    crm, address = house
    enter(page, crm, address, language="en")
    page.goto(f"{address}/opportunity/new")
    settle(page)
    page.get_by_label("Topic").fill("Licences")
    box(page, "parentaccountid").click()
    page.keyboard.type("Nieuwland Bouw")
    page.locator(".lookup-make", has_text="New Account: “Nieuwland Bouw”").wait_for()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New Account")
    dialog.wait_for()
    assert dialog.get_by_label("Account name").input_value() == "Nieuwland Bouw"
    assert_accessible(page)
    dialog.get_by_label("Chamber of Commerce number").fill("12")
    dialog.get_by_role("button", name="Save").click()
    dialog.locator("#quick-field-kvknumber-error").wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    dialog.get_by_role("alert").get_by_role("link").click()
    assert page.evaluate("document.activeElement.name") == "kvknumber"
    dialog.get_by_label("Chamber of Commerce number").fill("12345678")
    page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    assert page.locator(".lookup-item", has_text="Nieuwland Bouw").is_visible()
    assert page.evaluate("document.activeElement.closest('crm-lookup') !== null")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Licences is saved.").wait_for()
    page.locator("crm-lookup:has([name=parentaccountid]) .lookup-item", has_text="Nieuwland Bouw").wait_for()


def test_thinking_better_of_it_loses_nothing(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    enter(page, crm, address)
    page.goto(f"{address}/contact/new")
    settle(page)
    page.get_by_label("Last name").fill("Visser")
    box(page, "parentcustomerid").click()
    page.keyboard.type("Somebody else")
    page.locator(".lookup-make", has_text="Somebody else").nth(1).wait_for()
    assert page.locator(".lookup-make").all_inner_texts() == [
        "+ New Account: “Somebody else”",
        "+ New Contact: “Somebody else”",
    ]
    page.locator(".lookup-make").nth(1).click()
    dialog = page.get_by_role("dialog", name="New Contact")
    assert dialog.get_by_label("Last name").input_value() == "else"
    box(page, "parentcustomerid", "dialog").click()
    page.keyboard.type("Nobody")
    page.locator("dialog .lookup-note", has_text="Nothing found").wait_for()
    assert page.locator("dialog .lookup-make").count() == 0
    page.keyboard.press("Escape")
    assert dialog.is_visible()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.get_by_label("Last name").input_value() == "Visser"
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.closest('crm-lookup').querySelector('select').name") == (
        "parentcustomerid"
    )
    assert page.evaluate("document.activeElement.value") == "Somebody else"
