"""Editing in the grid: every cell saved for itself, through the same rules as a form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.crm import Crm
from tests.support.pages import TestClient, signed_in, text_of

LIST = "view=all"


@pytest.fixture
def client(crm: Crm) -> TestClient:
    for name in ("Bakker", "Smit", "Visser"):
        crm.create("account", name=name, address1_city="Zwolle")
    return signed_in(crm)


def rows(client: TestClient, **asked: object) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = client.get(f"/grid/account/rows?{LIST}&{query}")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def typed(client: TestClient, row: dict[str, Any], **cells: str) -> dict[str, Any]:
    """The answer for one row after typing in these cells."""
    changes = [{"id": row["id"], "version": row["version"], "cells": cells}]
    answer = client.post(f"/grid/account?{LIST}", data={"changes": json.dumps(changes)})
    assert answer.status_code == 200, text_of(answer)
    found: dict[str, Any] = answer.json()["rows"][0]
    return found


def test_rows_come_as_text_from_any_place(client: TestClient) -> None:
    assert [row["cells"]["name"] for row in rows(client)] == ["Bakker", "Smit", "Visser"]
    assert [row["cells"]["name"] for row in rows(client, offset=1, limit=1)] == ["Smit"]
    assert rows(client, offset=9_999_999_999_999) != [] or rows(client, offset=900) == []


def test_what_is_typed_is_saved_and_answered_as_it_stands(crm: Crm, client: TestClient) -> None:
    row = rows(client)[0]
    saved = typed(client, row, telephone1="038 123 4567", customertypecode="customer")
    assert (saved["errors"], saved["stale"], saved["version"]) == ({}, False, row["version"] + 1)
    assert saved["cells"]["telephone1"] == "+31 38 123 4567"
    held = crm.get("account", row["id"], "customertypecode", "telephone1")
    assert held["customertypecode"] == 3
    cleared = typed(client, saved, telephone1="")
    assert cleared["cells"]["telephone1"] == ""


def test_a_refused_cell_tells_why_and_does_not_hold_up_its_row(crm: Crm, client: TestClient) -> None:
    row = rows(client)[0]
    saved = typed(client, row, emailaddress1="no address", address1_city="Kampen", statecode="1", ownerid="Nobody")
    assert set(saved["errors"]) == {"emailaddress1", "statecode", "ownerid"}
    assert crm.get("account", row["id"], "address1_city")["address1_city"] == "Kampen"


def test_a_row_that_somebody_changed_meanwhile_shows_theirs(crm: Crm, client: TestClient) -> None:
    row = rows(client)[0]
    crm.update("account", row["id"], {"address1_city": "Breda"})
    answer = typed(client, row, address1_city="Kampen")
    assert answer["stale"] and answer["cells"]["address1_city"] == "Breda"
    assert crm.get("account", row["id"], "address1_city")["address1_city"] == "Breda"


def test_a_lookup_is_typed_by_its_name(crm: Crm, client: TestClient) -> None:
    contact = crm.create("contact", lastname="Dekker")
    row = rows(client)[0]
    assert typed(client, row, primarycontactid="Dekker")["cells"]["primarycontactid"] == "Dekker"
    assert crm.get("account", row["id"], "primarycontactid")["primarycontactid"].id == contact.id


def test_the_rights_of_a_user_hold_in_the_grid(crm: Crm, client: TestClient) -> None:
    row = rows(client)[0]
    reader = signed_in(crm, crm.a_user(roles=["read_only"]))
    assert "Edit in grid" not in text_of(reader.get("/account"))
    assert reader.post(f"/grid/account?{LIST}", data={"changes": "[]"}).status_code == 403
    seller = signed_in(crm, crm.a_user(roles=["salesperson"]))
    refused = typed(seller, row, address1_city="Kampen")
    assert refused["errors"]["address1_city"]
    assert crm.get("account", row["id"], "address1_city")["address1_city"] == "Zwolle"


@pytest.mark.parametrize("changes", ["", "nonsense", "{}", '[{"id": 1}]'])
def test_what_cannot_be_read_is_refused_in_a_sentence(client: TestClient, changes: str) -> None:
    answer = client.post(f"/grid/account?{LIST}", data={"changes": changes})
    assert answer.status_code == 422 and "cannot be read" in text_of(answer)


def test_the_grid_of_a_list_knows_its_columns_and_how_many_rows_there_are(client: TestClient) -> None:
    page = client.get(f"/account?{LIST}&edit=1")
    assert 'data-count="3"' in page.text and "&#34;editor&#34;:&#34;choice&#34;" in page.text
    assert "Back to the list" in text_of(page)
    assert '<input type="hidden" name="edit" value="1">' in page.text
    part = client.get(f"/account?{LIST}&edit=1&q=smit", headers={"HX-Request": "true", "HX-Target": "div#rows"})
    assert 'data-count="1"' in part.text
