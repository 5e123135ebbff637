"""Formatted text in a browser: written by keyboard alone, kept, shown; what nobody touches stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import enter, settle
from tests.support.browser import assert_accessible
from tests.support.crm import Crm

pytestmark = pytest.mark.browser


def room(page: Any) -> Any:
    return page.get_by_role("textbox", name="Description")


def test_an_email_is_written_and_formatted_by_keyboard(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    id = crm.create("email", subject="Offerte").id
    enter(page, crm, address)
    page.goto(f"{address}/email/{id}")
    settle(page)
    room(page).focus()
    page.keyboard.press("Control+b")
    page.keyboard.type("Beste Jan")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+b")
    page.keyboard.type("Zie de site")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Control+k")
    page.keyboard.type("www.example.com")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+F10")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.ariaLabel") == "Bulleted list"
    page.keyboard.press("Enter")
    page.keyboard.type("één")
    assert_accessible(page, within="crm-rich-text")
    page.keyboard.press("Control+s")
    page.get_by_text("Offerte is saved.").wait_for()
    kept = crm.get("email", id, "description")["description"]
    assert "<b>Beste Jan</b>" in kept
    assert '<a href="https://www.example.com">Zie de site</a>' in kept
    assert "<li>" in kept and "één" in kept
    settle(page)
    assert room(page).locator("b").inner_text() == "Beste Jan"


def test_what_nobody_touches_stays_as_it_was(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    text = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    id = crm.create("email", subject="Tabel", description=text).id
    enter(page, crm, address)
    page.goto(f"{address}/email/{id}")
    settle(page)
    page.get_by_label("Subject").fill("Tabel 2")
    page.keyboard.press("Control+s")
    page.get_by_text("Tabel 2 is saved.").wait_for()
    assert crm.get("email", id, "description")["description"] == text


def test_tab_leaves_the_text(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    enter(page, crm, address)
    page.goto(f"{address}/email/new")
    settle(page)
    room(page).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('crm-rich-text') === null")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('.rich-tools') !== null")


def test_what_is_pasted_is_harmless(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    enter(page, crm, address)
    page.goto(f"{address}/email/new")
    settle(page)
    room(page).focus()
    html = '<p style="color:red" onclick="x()">Hoi <img src="https://spy.example/x.png"><strong>daar</strong></p>'
    page.evaluate(
        """html => { const data = new DataTransfer(); data.setData("text/html", html);
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true})); }""",
        html,
    )
    written = page.locator("crm-rich-text textarea").input_value()
    assert "daar" in written
    assert "style" not in written and "onclick" not in written and "img" not in written
