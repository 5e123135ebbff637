"""Party lists in a browser: several found by typing, an address as it is, and taken out again."""

from __future__ import annotations

from typing import Any

import pytest

from basis.fields.reference import Reference
from tests.browser.conftest import enter, settle
from tests.support.browser import assert_accessible
from tests.support.crm import Crm

pytestmark = pytest.mark.browser


def test_recipients_are_found_typed_and_taken_out(page: Any, house: tuple[Crm, str]) -> None:
    crm, address = house
    contact = crm.create("contact", firstname="Jan", lastname="Visser").id
    account = crm.create("account", name="Visserij Urk").id
    id = crm.create("email", subject="Offerte").id
    enter(page, crm, address)
    page.goto(f"{address}/email/{id}")
    settle(page)
    to = page.get_by_role("combobox", name="To", exact=True)
    to.click()
    page.keyboard.type("Jan Vis")
    page.locator(".lookup-option.active", has_text="Jan Visser").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("Visserij")
    page.locator(".lookup-option.active", has_text="Visserij Urk").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("inkoop@urk.example")
    page.locator(".create.active", has_text="inkoop@urk.example").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert_accessible(page)
    page.get_by_role("button", name="Remove Jan Visser").click()
    page.keyboard.press("Control+s")
    page.get_by_text("Offerte is saved.").wait_for()
    assert crm.get("email", id, "to")["to"] == (Reference("account", account), "inkoop@urk.example")
    assert contact
    settle(page)
    to = page.get_by_role("combobox", name="To", exact=True)
    to.focus()
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+s")
    page.get_by_text("Offerte is saved.").wait_for()
    assert crm.get("email", id, "to")["to"] == (Reference("account", account),)
