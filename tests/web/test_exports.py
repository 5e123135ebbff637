"""Exporting a list from the browser, opened again by another library, and the way back of an edited workbook."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from python_calamine import CalamineWorkbook

from basis.catalog.query import Column, Query
from basis.fields.reference import Reference
from basis.records import running, select
from basis.records.operations import Operation
from tests.support.crm import Crm
from tests.support.pages import TestClient, signed_in, text_of
from tests.web.test_imports import go_on, sent, work

RISKY = ["=1+1", "+31-20-1", "-1+cmd|' /C calc'!A0", "@sum", "'=oud", "-5", "+31 20 1234567"]


def exported(client: TestClient, entity: str, kind: str, columns: str = "", **asked: str) -> httpx.Response:
    """The file of a list, through the form of its export page."""
    page = client.get(f"/export/{entity}", params=asked)
    assert page.status_code == 200
    query = {"list": urlencode(asked), "as": kind, "columns": columns}
    answer = client.get(f"/export/{entity}/file", params=query)
    assert answer.status_code == 200
    return answer


def sheet(answer: httpx.Response) -> list[list[Any]]:
    """The cells of a workbook, read by a library that did not write it."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return book.get_sheet_by_index(0).to_python()


@pytest.fixture
def customers(crm: Crm) -> Crm:
    person = crm.create("contact", lastname="Jansen")
    values = {"address1_city": "Zwolle", "revenue": 1250.5, "primarycontactid": Reference("contact", person.id)}
    crm.create("account", values, name="Bakkerij Smit")
    crm.create("account", name="Dijk & Zn", address1_city="Breda")
    return crm


def test_a_list_is_exported_as_it_is_shown_in_each_kind_of_file(customers: Crm) -> None:
    client = signed_in(customers)
    assert 'href="/export/account?q=Smit"' in client.get("/account?q=Smit").text
    assert "1 record" in text_of(client.get("/export/account?q=Smit"))
    for kind in ("xlsx", "ods", "edit"):
        rows = sheet(exported(client, "account", kind, q="Smit"))
        assert [row[0] for row in rows] == ["Account name", "Bakkerij Smit"]
    text = exported(client, "account", "csv", "all", q="Smit").content.decode("utf-8-sig")
    held = next(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert (held["Account name"], held["Annual revenue"]) == ("Bakkerij Smit", "€1,250.50")
    plain = next(csv.DictReader(io.StringIO(exported(client, "account", "plain", "all", q="Smit").text)))
    assert (plain["name"], plain["revenue"]) == ("Bakkerij Smit", "1250.5000")
    found = json.loads(exported(client, "account", "json", "all").content)
    assert {each["name"]: each["revenue"] for each in found} == {"Bakkerij Smit": 1250.5, "Dijk & Zn": None}


def test_a_workbook_has_typed_cells_in_the_readers_language(customers: Crm) -> None:
    client = signed_in(customers, customers.a_user(roles=["system_administrator"], language="nl"))
    answer = exported(client, "account", "xlsx", "all", q="Smit")
    rows = sheet(answer)
    assert rows[1][rows[0].index("Jaaromzet")] == 1250.5
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        written = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in written and "<autoFilter" in written


def test_filters_and_rights_count(customers: Crm) -> None:
    client = signed_in(customers)
    rows = sheet(exported(client, "account", "xlsx", **{"f.address1_city": "Breda"}))
    assert [row[0] for row in rows[1:]] == ["Dijk & Zn"]
    stranger = signed_in(customers, customers.a_user(unit=customers.a_unit()))
    assert len(sheet(exported(stranger, "account", "xlsx"))) == 1
    assert client.get("/export/account/file?as=exe").status_code == 404
    assert client.get("/export/account?view=nergens").status_code == 404


def test_text_that_looks_like_a_formula_does_no_harm_and_comes_back_as_it_was(crm_on_sqlite: Crm) -> None:
    crm = crm_on_sqlite
    for text in RISKY:
        crm.create("account", name=text)
    client = signed_in(crm)
    content = exported(client, "account", "csv").content
    cells = [line[0] for line in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")][1:]
    assert not any(cell.startswith(("=", "@")) or cell in RISKY[1:3] for cell in cells)
    assert {"'=1+1", "''=oud", "-5", "+31 20 1234567"} <= set(cells)
    assert {row[0] for row in sheet(exported(client, "account", "xlsx"))[1:]} == set(RISKY)
    client.post("/account/bulk", data={"all": "1", "action": "delete", "back": "/account"})
    page = go_on(client, go_on(client, sent(client, content), "next"), "next")
    work(crm, go_on(client, page, "start", mode="create"))
    with crm.scope(write=False) as scope:
        held = [record["name"] for record in select.every(scope, Query("account", (Column("name"),)))]
    assert set(held) == set(RISKY)


def edited(answer: httpx.Response, changes: dict[str, str]) -> bytes:
    """The workbook with texts replaced, as a spreadsheet program would save it."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            for before, after in changes.items() if name.endswith(("sheet1.xml", "sharedStrings.xml")) else ():
                content = content.replace(f">{before}<", f">{after}<")
            new.writestr(name, content)
    return made.getvalue()


def imported(crm: Crm, client: TestClient, content: bytes) -> Operation:
    page = sent(client, content, "bewerkt.xlsx")
    assert "exported by Basis" in page.text
    page = go_on(client, go_on(client, page, "next"), "next")
    return work(crm, go_on(client, go_on(client, page, "try"), "start"))


def test_of_an_edited_workbook_only_changed_cells_are_written(customers: Crm) -> None:
    client = signed_in(customers)
    answer = exported(client, "account", "edit", "all")
    customers.create("contact", lastname="Jansen")  # The name of the contact fits two records now.
    done = imported(customers, client, edited(answer, {"Zwolle": "Kampen"}))
    assert done.figures == {"created": 0, "updated": 1, "unchanged": 1, "refused": 0, "doubled": 0}
    with customers.scope(write=False) as scope:
        columns = tuple(map(Column, ("name", "address1_city", "revenue", "primarycontactid")))
        held = {record["name"]: record for record in select.every(scope, Query("account", columns))}
    assert held["Bakkerij Smit"]["address1_city"] == "Kampen"
    assert str(held["Bakkerij Smit"]["revenue"]) == "1250.5000"
    assert held["Bakkerij Smit"]["primarycontactid"] is not None
    client.post(f"/operations/{done.id}/undo")
    running.run(customers.database, done.id)
    assert customers.get("account", held["Bakkerij Smit"].id, "address1_city")["address1_city"] == "Zwolle"


def test_what_others_changed_meanwhile_is_told_and_not_overwritten(customers: Crm) -> None:
    client = signed_in(customers)
    answer = exported(client, "account", "edit", "all")
    with customers.scope(write=False) as scope:
        ids = {r["name"]: r.id for r in select.every(scope, Query("account", (Column("name"),)))}
    customers.update("account", ids["Bakkerij Smit"], {"address1_city": "Almere"})
    done = imported(customers, client, edited(answer, {"Zwolle": "Kampen", "Breda": "Tilburg"}))
    assert (done.figures["updated"], done.figures["refused"]) == (1, 1)
    report = text_of(client.get(f"/operations/{done.id}"))
    assert "Somebody changed this record meanwhile" in report and "is “Almere” now" in report
    assert customers.get("account", ids["Bakkerij Smit"], "address1_city")["address1_city"] == "Almere"
