"""Shaping a view in the browser: columns, filter, groups and totals; kept, shared, set back and taken away."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from tests.support.crm import Crm
from tests.support.pages import TestClient, rows, signed_in, text_of

PLACES = [("Bakker Bouw", "Zwolle", 100), ("Coenën Zorg", "Almere", 250), ("Dijkstra Zorg", "Zwolle", 40)]


class _Form(HTMLParser):
    """What the form with which a view is shaped would post, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: dict[str, list[str]] = {}
        self.inside = False
        self.select = ""
        self.first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.inside = held.get("id") == "shape" if tag == "form" else self.inside
        if not self.inside:
            return
        if tag == "input" and held.get("name") and (held.get("type") != "checkbox" or "checked" in held):
            self.posted.setdefault(held["name"], []).append(held.get("value", ""))
        elif tag == "select":
            self.select = held.get("name", "")
            self.first = True
            self.posted.setdefault(self.select, []).append("")
        elif tag == "option" and self.select and ("selected" in held or self.first):
            self.posted[self.select][-1] = held.get("value", "")
            self.first = False

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.select = "" if tag == "select" else self.select


def form(page: httpx.Response) -> dict[str, list[str]]:
    parser = _Form()
    parser.feed(page.text)
    return parser.posted


def press(client: TestClient, page: httpx.Response, button: str, **changes: Any) -> httpx.Response:
    """Press a button of the form, after these changes; `__` stands for the dots in a name."""
    held: dict[str, Any] = form(page)
    held |= {name.replace("__", "."): value for name, value in changes.items()}
    return client.post("/views/account/shape", data={**held, "do": button})


@pytest.fixture
def client(crm: Crm) -> TestClient:
    for name, city, employees in PLACES:
        crm.create("account", name=name, address1_city=city, numberofemployees=employees)
    return signed_in(crm)


def test_a_view_is_shaped_and_seen_before_it_is_saved(client: TestClient) -> None:
    page = client.get("/views/account/shape?view=all")
    page = press(client, page, "add-clause:where")
    page = press(client, page, "", where__c0__field="address1_city", where__c0__operator="eq")
    page = press(client, page, "", where__c0__v0="zwolle")
    assert "Accounts for which city equals zwolle" in text_of(page)
    assert "2 Accounts" in text_of(page)
    listed = press(client, page, "apply")
    assert rows(listed) == ["Bakker Bouw", "Dijkstra Zorg"]
    assert "was shaped and is not saved" in text_of(listed)
    assert rows(client.get(str(listed.url))) == ["Bakker Bouw", "Dijkstra Zorg"]


def test_a_view_is_kept_renamed_opened_first_and_taken_away(client: TestClient) -> None:
    page = client.get("/views/account/shape?view=all")
    kept = press(client, page, "save-as", name=["In order of size"])
    id = kept.url.params["view"]
    assert "In order of size" in text_of(kept)
    renamed = press(client, client.get(f"/views/account/shape?view={id}"), "save", name=["By size"])
    assert "By size" in text_of(renamed)
    client.post("/views/account", data={"do": f"first:{id}"})
    assert "By size" in text_of(client.get("/account"))
    gone = client.post("/views/account", data={"do": f"remove:{id}"})
    assert "is taken away" in text_of(gone)
    assert "Active accounts" in text_of(client.get("/account"))
    assert client.get(f"/account?view={id}").status_code == 404


def test_a_view_without_a_name_or_with_a_wrong_value_keeps_what_was_filled_in(client: TestClient) -> None:
    page = press(client, client.get("/views/account/shape?view=all"), "add-clause:where")
    page = press(client, page, "", where__c0__field="numberofemployees", where__c0__operator="gt")
    wrong = press(client, page, "save-as", where__c0__v0="many", name=["Many"])
    assert wrong.status_code == 422
    assert form(wrong)["where.c0.v0"] == ["many"]
    assert "Is no number" in text_of(wrong) or "whole number" in text_of(wrong)
    nameless = press(client, client.get("/views/account/shape?view=all"), "save-as", name=[" "])
    assert nameless.status_code == 422 and "Fill this in" in text_of(nameless)


def test_columns_are_added_moved_and_removed_those_of_related_records_too(crm: Crm, client: TestClient) -> None:
    parent = crm.create("account", name="Holding", address1_city="Breda")
    crm.create("account", name="Dochter", parentaccountid=parent.reference("name"))
    page = press(client, client.get("/views/account/shape?view=all"), "add-column")
    fields, ways = form(page)["col-field"], form(page)["col-way"]
    fields[-1], ways[-1] = "address1_city", "parentaccountid:account"
    page = press(client, page, "", **{"col-field": fields, "col-way": ways})
    page = press(client, page, f"up-column:{len(fields) - 1}")
    page = press(client, page, "remove-column:1")
    listed = press(client, page, "apply")
    assert "City (Account)" in text_of(listed)
    assert "Breda" in text_of(client.get(str(listed.url) + "&f.name=dochter"))


def test_rows_stand_under_their_groups_with_counts_and_sums_over_all_records(client: TestClient) -> None:
    page = press(client, client.get("/views/account/shape?view=all"), "add-column")
    fields = form(page)["col-field"]
    fields[-1] = "numberofemployees"
    page = press(client, page, "", **{"col-field": fields, "group-field": "address1_city"})
    totals = form(page)["col-total"]
    totals[-1] = "sum"
    listed = press(client, page, "apply", **{"col-total": totals})
    assert rows(listed) == ["Coenën Zorg", "Bakker Bouw", "Dijkstra Zorg"]
    heads = [
        " ".join(re.sub(r"<[^>]+>", " ", each).split())
        for each in re.findall(r'"group-row">(.*?)</tr>', listed.text, re.S)
    ]
    assert [head.split() for head in heads] == [["Almere", "1", "250"], ["Zwolle", "2", "140"]]
    foot = re.search(r"<tfoot>(.*?)</tfoot>", listed.text, re.S)
    assert foot and "sum 390" in text_of(httpx.Response(200, text=foot[1]))
    paged = client.get(str(listed.url) + "&rows=1")
    assert "Almere" in text_of(paged) and "sum 390" in text_of(paged)


def test_accounts_without_an_open_opportunity_are_found(crm: Crm, client: TestClient) -> None:
    from basis.catalog.query import Query
    from basis.records import select

    with crm.scope(write=False) as scope:
        first = next(record for record in select.every(scope, Query("account")) if record["name"] == "Bakker Bouw")
    crm.create("opportunity", name="Open", parentaccountid=first.reference("name"))
    page = press(client, client.get("/views/account/shape?view=all"), "add-related:where")
    page = press(client, page, "", where__r0__kind="not_any", where__r0__tie="opportunity_parent_account")
    page = press(client, page, "add-clause:where.r0.where")
    page = press(client, page, "", **{"where.r0.where.c0.field": "statecode", "where.r0.where.c0.operator": "eq"})
    page = press(client, page, "", **{"where.r0.where.c0.v0": "0"})
    assert "there are no opportunities for which (status equals Open)" in text_of(page)
    assert rows(press(client, page, "apply")) == ["Coenën Zorg", "Dijkstra Zorg"]


def test_nested_groups_of_and_and_or_are_built_and_come_back_as_they_were(client: TestClient) -> None:
    page = press(client, client.get("/views/account/shape?view=all"), "add-group:where")
    page = press(client, page, "add-clause:where.g0")
    changes = {
        "where.g0.c0.field": "address1_city", "where.g0.c0.operator": "begins-with", "where.g0.c0.v0": "alm",
        "where.g0.c1.field": "numberofemployees", "where.g0.c1.operator": "lt", "where.g0.c1.v0": "50",
    }  # fmt: skip
    page = press(client, press(client, page, "", **changes), "", **changes)
    kept = press(client, page, "save-as", name=["Either"])
    assert rows(kept) == ["Coenën Zorg", "Dijkstra Zorg"]
    again = client.get(f"/views/account/shape?view={kept.url.params['view']}")
    assert {name: form(again)[name] for name in changes} == {name: [value] for name, value in changes.items()}
    assert "city begins with alm or number of employees is less than 50" in text_of(again).lower()


def test_a_view_is_shared_and_seen_within_the_rights_of_who_gets_it(crm: Crm, client: TestClient) -> None:
    seller = crm.a_user("Sel Ler")
    kept = press(client, client.get("/views/account/shape?view=all"), "save-as", name=["Shared one"])
    id = kept.url.params["view"]
    other = signed_in(crm, seller)
    assert other.get(f"/account?view={id}").status_code == 404
    client.post(f"/views/account/{id}/share", data={"do": "add", "principal": seller, "principal__type": "systemuser"})
    assert other.get(f"/account?view={id}").status_code == 200
    assert "Shared with me" in text_of(other.get("/account"))
    assert other.get(f"/views/account/{id}/share").status_code == 403
    assert other.post(f"/views/account/{id}/share", data={"do": "everyone"}).status_code == 403
    refused = press(other, other.get(f"/views/account/shape?view={id}"), "save", name=["Mine now"])
    assert refused.status_code == 403
    client.post(f"/views/account/{id}/share", data={"do": f"remove:{seller}"})
    assert other.get(f"/account?view={id}").status_code == 404
    client.post(f"/views/account/{id}/share", data={"do": "everyone"})
    assert other.get(f"/account?view={id}").status_code == 200


def test_an_earlier_state_of_a_view_comes_back(client: TestClient) -> None:
    kept = press(client, client.get("/views/account/shape?view=all"), "save-as", name=["Changing"])
    id = kept.url.params["view"]
    page = press(client, client.get(f"/views/account/shape?view={id}"), "add-clause:where")
    page = press(client, page, "", where__c0__field="address1_city", where__c0__operator="eq")
    changed = press(client, page, "save", where__c0__v0="Almere")
    assert rows(changed) == ["Coenën Zorg"]
    history = client.get(f"/views/account/{id}/history")
    assert text_of(history).count("Set back") == 1
    edition = re.search(r'name="edition" value="(\d+)"', history.text)
    assert edition
    back = client.post(f"/views/account/{id}/history", data={"edition": edition[1]})
    assert rows(back) == [name for name, _, _ in PLACES]


def test_only_who_may_customize_changes_a_view_of_everyone(crm: Crm, client: TestClient) -> None:
    seller = signed_in(crm, crm.a_user())
    page = seller.get("/views/account/shape?view=all")
    assert "Save for everyone" not in text_of(page)
    assert press(seller, page, "save").status_code == 403
    assert press(seller, page, "publish", name=["For all"]).status_code == 403
    published = press(client, client.get("/views/account/shape?view=all"), "publish", name=["For all"])
    assert "For all" in text_of(seller.get("/account"))
    history = client.get(f"/views/account/{published.url.params['view']}/history")
    assert "Now" in text_of(history)


def test_an_address_that_holds_no_view_is_refused_in_a_sentence(client: TestClient) -> None:
    for shape in ("nonsense", "eJwrSS0uAQAEXQHB", "%00"):
        answer = client.get(f"/account?shape={shape}")
        assert answer.status_code == 422 and "cannot be read" in text_of(answer)


def test_a_view_is_shown_as_a_kanban_whose_cards_are_moved(crm: Crm, client: TestClient) -> None:
    for name, value in (("Klein", 1_000), ("Groot", 9_000)):
        crm.create("opportunity", name=name, estimatedvalue=value)
    page = client.get("/views/opportunity/shape?view=all")
    page = client.post("/views/opportunity/shape", data={**form(page), "show-kind": "kanban"})
    board = client.post("/views/opportunity/shape", data={**form(page), "show-sum": "estimatedvalue", "do": "apply"})
    assert heads(board)[0].startswith("In progress 2 €10,000.00")
    path, choices = card(board, "Groot")
    held = {"field": "statuscode", "statuscode": choices["On hold"], "back": board.url.raw_path.decode()}
    moved = client.post(path, data=held)
    assert heads(moved)[:2] == ["In progress 1 €1,000.00", "On hold 1 €9,000.00"]


def test_a_card_that_may_not_be_moved_stays_with_the_reason(crm: Crm, client: TestClient) -> None:
    crm.create("opportunity", name="Groot", estimatedvalue=9_000)
    board = client.get(kind(client.get("/opportunity?view=all"), "Kanban"))
    path, _ = card(board, "Groot")
    headers = {"HX-Request": "true", "HX-Target": "rows"}
    refused = client.post(path, data={"field": "statuscode", "statuscode": "999"}, headers=headers)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#flash")
    assert "none of the options" in text_of(refused)
    for name in ("nothing", "createdon"):
        assert client.post(path, data={"field": name, name: "1"}).status_code == 404


def test_a_view_is_shown_as_a_calendar_month_by_month(crm: Crm, client: TestClient) -> None:
    crm.create("opportunity", name="Sluit binnenkort", estimatedclosedate=date(2026, 12, 24))
    page = client.get(kind(client.get("/opportunity?view=all"), "Calendar") + "&month=2026-12")
    assert "December 2026" in text_of(page) and "24 Sluit binnenkort" in text_of(page)
    assert "month=2027-01" in page.text and "month=2026-11" in page.text
    assert "Sluit" not in text_of(client.get(str(page.url).replace("2026-12", "2027-03")))
    assert client.get(str(page.url).replace("2026-12", "nonsense")).status_code == 200


def test_a_view_is_shown_as_cards(client: TestClient) -> None:
    page = client.get(kind(client.get("/account?view=all"), "Cards"))
    assert page.text.count('class="record-card"') == len(PLACES)


def kind(page: httpx.Response, name: str) -> str:
    """The address that shows a list in another way."""
    found = re.search(rf'<a class="icon-button" href="([^"]+)"[^>]* aria-label="{name}"', page.text)
    assert found
    return unescape(found[1])


def heads(page: httpx.Response) -> list[str]:
    found = re.findall(r'<h2 class="board-head">(.*?)</h2>', page.text, re.S)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", head)).split()) for head in found]


def card(page: httpx.Response, title: str) -> tuple[str, dict[str, str]]:
    """The address to which the form of a card posts, and the columns that it offers."""
    cards = re.findall(r'<li class="record-card".*?</li>', page.text, re.S)
    found = next(each for each in cards if title in each)
    path = re.search(r'action="([^"]+/move)"', found)
    assert path
    return path[1], {unescape(text): value for value, text in re.findall(r'<option value="(\d+)"[^>]*>(.*?)<', found)}
