"""The list of a view: its address tells what is seen, and several records change at once."""

from __future__ import annotations

import re

import pytest

from basis.jobs.worker import work_once
from tests.support.crm import Crm
from tests.support.pages import TestClient, rows, selection, signed_in, text_of

NAMES = ["Bakker Bouw", "Coenën Zorg", "Dijkstra Zorg", "Smit Horeca"]
CITIES = ["Zwolle", "Almere", "Zwolle", "Breda"]


@pytest.fixture
def client(crm_on_sqlite: Crm) -> TestClient:
    with crm_on_sqlite.scope() as scope:
        from basis.records import save

        for number, (name, city) in enumerate(zip(NAMES, CITIES, strict=True)):
            values = {"name": name, "address1_city": city, "customertypecode": 3 if number % 2 else 8}
            save.create(scope, "account", values)
    return signed_in(crm_on_sqlite)


def ids(client: TestClient) -> dict[str, str]:
    found = re.findall(r'href="/account/([0-9a-f-]{36})">(.*?)</a>', client.get("/account").text)
    return {name: id for id, name in found}


def test_a_list_shows_the_default_view_with_its_count(client: TestClient) -> None:
    page = client.get("/account")
    assert rows(page) == NAMES
    assert "Active accounts" in page.text and "4 records" in text_of(page)


def test_a_header_sorts_up_and_down(client: TestClient) -> None:
    assert rows(client.get("/account?sort=-name")) == NAMES[::-1]
    assert rows(client.get("/account?sort=address1_city"))[0] == "Coenën Zorg"
    assert 'aria-sort="descending"' in client.get("/account?sort=-name").text


def test_a_filter_for_each_column_narrows_the_list(client: TestClient) -> None:
    assert rows(client.get("/account?f.name=coenen")) == ["Coenën Zorg"]
    assert rows(client.get("/account?f.address1_city=zwo")) == ["Bakker Bouw", "Dijkstra Zorg"]
    assert rows(client.get("/account?f.customertypecode=3")) == ["Coenën Zorg", "Smit Horeca"]
    assert rows(client.get("/account?f.ownerid=vries&f.name=smit")) == ["Smit Horeca"]


def test_numbers_are_filtered_with_signs_and_dates_by_day(crm_on_sqlite: Crm, client: TestClient) -> None:
    crm_on_sqlite.create("opportunity", {"name": "Big", "estimatedvalue": 90_000})
    crm_on_sqlite.create("opportunity", {"name": "Small", "estimatedvalue": 500})
    assert rows(client.get("/opportunity?view=all&f.estimatedvalue=>1000")) == ["Big"]
    wrong = client.get("/opportunity?view=all&f.estimatedvalue=many")
    assert wrong.status_code == 200 and "Is no number" in wrong.text


def test_searching_in_a_list_ignores_case_and_accents(client: TestClient) -> None:
    assert rows(client.get("/account?q=ZORG")) == ["Coenën Zorg", "Dijkstra Zorg"]
    none = client.get("/account?q=xyzzy")
    assert rows(none) == [] and "Nothing found" in none.text


def test_pages_follow_each_other_and_lead_back(client: TestClient) -> None:
    import re
    from html import unescape

    first = client.get("/account?rows=2")
    assert rows(first) == NAMES[:2] and "1–2 of 4" in text_of(first)
    following = unescape(re.search(r'href="([^"]+)"[^>]*rel="next"', first.text)[1])  # type: ignore[index]
    second = client.get(following)
    assert rows(second) == NAMES[2:] and "3–4 of 4" in text_of(second)
    back = unescape(re.search(r'href="([^"]+)"[^>]*rel="prev"', second.text)[1])  # type: ignore[index]
    assert rows(client.get(back)) == NAMES[:2]


def test_htmx_gets_the_rows_alone_with_the_address_to_show(client: TestClient) -> None:
    headers = {"HX-Request": "true", "HX-Target": "div#rows"}
    part = client.get("/account?q=zorg&f.name=&sort=", headers=headers)
    assert "<html" not in part.text and rows(part) == ["Coenën Zorg", "Dijkstra Zorg"]
    assert part.headers["hx-push-url"] == "/account?q=zorg"


def test_selected_records_are_deleted_and_taken_back(client: TestClient) -> None:
    held = ids(client)
    chosen = [held["Bakker Bouw"], held["Smit Horeca"]]
    page = client.post("/account/bulk", data=selection(chosen, action="delete", back="/account"))
    assert "2 records are deleted." in text_of(page)
    assert rows(page) == ["Coenën Zorg", "Dijkstra Zorg"]
    undo = re.search(r'name="deletion" value="([^"]+)"', page.text)
    assert undo
    assert rows(client.post("/bin/restore", data={"deletion": undo[1]})) == NAMES


def test_selected_records_get_one_value(client: TestClient) -> None:
    held = ids(client)
    ask = client.post("/account/bulk", data=selection(list(held.values()), action="change", back="/account"))
    assert "Change 4 records" in text_of(ask)
    data = selection(list(held.values()), action="change", field="address1_city", address1_city="Utrecht", sure="1")
    client.post("/account/bulk", data=data)
    assert len(rows(client.get("/account?f.address1_city=utrecht"))) == 4


def test_what_refuses_a_change_is_named_and_the_rest_can_go_on(crm_on_sqlite: Crm, client: TestClient) -> None:
    held = ids(client)
    crm_on_sqlite.update("account", held["Smit Horeca"], {"statecode": 1})
    data = selection(list(held.values()), action="change", field="address1_city", address1_city="Utrecht", sure="1")
    answer = client.post("/account/bulk", data=data)
    assert answer.status_code == 422
    assert "1 of 4 records refuse this" in text_of(answer) and "Smit Horeca" in answer.text
    assert rows(client.get("/account?f.address1_city=utrecht")) == []


def test_a_user_sees_only_what_the_roles_allow(crm_on_sqlite: Crm, client: TestClient) -> None:
    reader = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(roles=["read_only"]))
    page = reader.get("/account")
    assert rows(page) == NAMES
    assert "/account/new" not in page.text and 'value="delete"' not in page.text
    assert reader.get("/account/new").status_code == 403
    unit = crm_on_sqlite.a_unit()
    elsewhere = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(unit=unit))
    assert rows(elsewhere.get("/account")) == []


def test_an_unknown_view_or_entity_is_a_page_that_says_so(client: TestClient) -> None:
    assert client.get("/account?view=nothing").status_code == 404
    assert client.get("/nothing").status_code == 404
    assert client.get("/account?after=rubbish").status_code == 422


def test_the_list_of_activities_tells_each_status_in_the_words_of_its_kind(crm_on_sqlite: Crm) -> None:
    crm_on_sqlite.create("task", {"subject": "Write"})
    crm_on_sqlite.create("appointment", {"subject": "Meet"})
    shown = text_of(signed_in(crm_on_sqlite).get("/activitypointer"))
    assert "Not started" in shown and "Busy" in shown


def test_rows_are_selected_only_by_who_can_do_something_with_them(crm_on_sqlite: Crm) -> None:
    crm_on_sqlite.create("account", {"name": "Smit"})
    reader = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(roles=["read_only"]))
    assert "data-select-row" not in reader.get("/account").text
    assert "data-select-row" in signed_in(crm_on_sqlite).get("/account").text


def test_all_records_of_a_list_are_changed_beyond_its_page_and_set_back(crm_on_sqlite: Crm, client: TestClient) -> None:
    back = "/account?view=all&f.address1_city=zwolle&rows=1"
    asked = client.post("/account/bulk", data={"action": "change", "all": "1", "back": back})
    assert "Change 2 records" in text_of(asked)
    values = {"action": "change", "all": "1", "back": back, "field": "fax", "fax": "038", "sure": "1"}
    going = client.post("/account/bulk", data=values)
    assert "Change of Accounts" in text_of(going) and "0 of 2" in text_of(going)
    work(crm_on_sqlite)
    done = client.get(going.url.path)
    assert "2 of 2" in text_of(done) and "Undo" in text_of(done)
    assert len(rows(client.get("/account?view=all&q=zorg"))) == 2
    client.post(f"{going.url.path}/undo")
    work(crm_on_sqlite)
    assert "Undone" in text_of(client.get(going.url.path))
    assert "Change of Accounts" in text_of(client.get("/operations"))


def test_a_change_of_selected_records_is_undone_from_its_message(crm_on_sqlite: Crm, client: TestClient) -> None:
    chosen = list(ids(client).values())[:2]
    values = {"action": "change", "field": "fax", "fax": "038", "sure": "1"}
    changed = client.post("/account/bulk", data=selection(chosen, **values))
    assert "2 records are changed" in text_of(changed)
    path = re.search(r'action="(/operations/[^"]+/undo)"', changed.text)
    assert path
    client.post(path[1])
    work(crm_on_sqlite)
    assert crm_on_sqlite.get("account", chosen[0], "fax")["fax"] is None


def test_all_records_of_a_list_are_deleted_only_with_the_right_to(crm_on_sqlite: Crm, client: TestClient) -> None:
    reader = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(roles=["read_only"]))
    refused = reader.post("/account/bulk", data={"action": "delete", "all": "1", "back": "/account"})
    assert refused.status_code == 403
    client.post("/account/bulk", data={"action": "delete", "all": "1", "back": "/account"})
    work(crm_on_sqlite)
    assert rows(client.get("/account")) == []


def work(crm: Crm) -> None:
    """Let the worker do all that waits."""
    while work_once(crm.database):
        pass


def test_records_are_added_to_a_marketing_list(crm_on_sqlite: Crm, client: TestClient) -> None:
    list_ = crm_on_sqlite.create("list", listname="Nieuwsbrief", createdfromcode=1)
    asked = client.post("/account/bulk", data={"action": "list", "all": "1", "back": "/account"})
    assert "Add 4 records to a list" in text_of(asked)
    values = {"action": "list", "all": "1", "back": "/account", "sure": "1"}
    assert client.post("/account/bulk", data=values).status_code == 422
    going = client.post("/account/bulk", data={**values, "list": list_.id, "list__type": "list"})
    work(crm_on_sqlite)
    assert "4 of 4" in text_of(client.get(going.url.path))
    assert len(rows(client.get(f"/account?view=all&related=listaccount_association:{list_.id}"))) == 4


def test_selected_records_are_merged_side_by_side_and_come_apart_again(crm_on_sqlite: Crm, client: TestClient) -> None:
    bakker, smit = ids(client)["Bakker Bouw"], ids(client)["Smit Horeca"]
    page = client.post("/account/bulk", data=selection([bakker, smit], action="merge"))
    assert "Keep Bakker Bouw" in text_of(page) and "Keep Smit Horeca" in text_of(page)
    merged = client.post("/merge/account", data={"id": [bakker, smit], "kept": smit, "f.address1_city": bakker})
    assert "2 records are merged" in text_of(merged)
    assert rows(client.get("/account")) == ["Coenën Zorg", "Dijkstra Zorg", "Smit Horeca"]
    assert crm_on_sqlite.get("account", smit, "address1_city")["address1_city"] == "Zwolle"
    undo = re.search(r'action="(/operations/[^"]+/undo)"', merged.text)
    assert undo
    client.post(undo[1])
    work(crm_on_sqlite)
    assert rows(client.get("/account")) == NAMES
    assert crm_on_sqlite.get("account", smit, "address1_city")["address1_city"] == "Breda"


def test_a_merge_that_makes_no_sense_is_refused_in_a_sentence(crm_on_sqlite: Crm, client: TestClient) -> None:
    bakker, smit = ids(client)["Bakker Bouw"], ids(client)["Smit Horeca"]
    assert client.get(f"/merge/account?id={bakker}").status_code == 422
    nobody = client.post("/merge/account", data={"id": [bakker, smit], "kept": "nobody"})
    assert nobody.status_code == 422 and "Choose which record is kept" in text_of(nobody)
    reader = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(roles=["read_only"]))
    assert reader.get(f"/merge/account?id={bakker}&id={smit}").status_code == 403
