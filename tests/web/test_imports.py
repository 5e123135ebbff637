"""The import wizard as its user goes through it: file, columns, values, trial run, import, report, undo."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest

from basis.catalog.query import Column, Query
from basis.records import operations, running, select
from tests.support.crm import Crm
from tests.support.pages import TestClient, posted, signed_in, text_of

CUSTOMERS = (
    "Klant;KvK;Soort;Omzet;Sinds;Contact\n"
    "Bakkerij Smit;12345678;Customer;1.250,50;10/24/2016;Piet de Wit\n"
    "Dijk & Zn;12345679;lev.;99,95;3/1/2017;\n"
    "Fout BV;123;Customer;1;3/1/2017;\n"
)


def sent(
    client: TestClient, content: str | bytes, name: str = "klanten.csv", entity: str = "account"
) -> httpx.Response:
    """The page that answers a file that was chosen in the wizard."""
    data = content.encode() if isinstance(content, str) else content
    return client.post(f"/import/{entity}", files={"file": (name, io.BytesIO(data))})


def go_on(client: TestClient, answer: httpx.Response, do: str, **changes: str) -> httpx.Response:
    """Post the form of a step of the wizard with one of its buttons."""
    path = answer.url.path
    fields = posted(answer, path.removeprefix("/"))
    return client.post(path, data={**fields, "do": do, **{name.replace("__", "."): v for name, v in changes.items()}})


def field_of(answer: httpx.Response, title: str) -> str:
    """The name of the select in which the field of a column is chosen."""
    before = answer.text.split(f'<th scope="row">{title}</th>', 1)[1]
    return before.split('<select class="input" name="', 1)[1].split('"', 1)[0]


def work(crm: Crm, answer: httpx.Response) -> operations.Operation:
    """Carry the operation of that page out, as the worker does."""
    id = answer.url.path.rpartition("/")[2]
    running.run(crm.database, id)
    with crm.scope(write=False) as scope:
        return operations.get(scope, id)


def names(crm: Crm, entity: str = "account") -> list[str]:
    with crm.scope(write=False) as scope:
        primary = scope.catalog.entity(entity).primary
        return sorted(record[primary] for record in select.every(scope, Query(entity, (Column(primary),))))


def test_a_file_goes_through_the_wizard_into_the_crm_and_out_again(crm: Crm) -> None:
    client = signed_in(crm)
    assert 'href="/import/account"' in client.get("/account").text
    page = sent(client, CUSTOMERS)
    assert "Bakkerij Smit" in page.text and page.url.path.startswith("/imports/")
    fields = {"Klant": "name", "KvK": "kvknumber", "Soort": "customertypecode", "Omzet": "revenue"}
    chosen = {field_of(page, title): field for title, field in fields.items()}
    page = go_on(client, page, "next", **chosen)
    assert "lev." in page.text and page.url.path.endswith("/values")
    page = go_on(client, page, "next", meaning__2__0="10")
    tried = go_on(client, page, "try", key="kvknumber", mode="upsert")
    assert "nothing was written" in tried.text and "Is no KVK number" in tried.text
    assert names(crm) == []
    done = work(crm, go_on(client, tried, "start"))
    assert done.figures == {"created": 2, "updated": 0, "unchanged": 0, "refused": 1, "doubled": 0}
    with crm.scope(write=False) as scope:
        columns = tuple(map(Column, ("name", "revenue", "customertypecode")))
        held = {r["name"]: r for r in select.every(scope, Query("account", columns))}
    assert str(held["Bakkerij Smit"]["revenue"]) == "1250.5000"
    assert held["Dijk & Zn"]["customertypecode"] == 10
    report = client.get(f"/operations/{done.id}")
    assert "Import of Accounts" in text_of(report) and "line 4, KvK “123”" in text_of(report)
    rejects = client.get(f"/operations/{done.id}/rejects")
    assert "Fout BV;123;" in rejects.text and "Is no KVK number" in rejects.text
    client.post(f"/operations/{done.id}/undo")
    running.run(crm.database, done.id)
    assert names(crm) == []


def test_what_was_mapped_before_is_offered_again(crm: Crm) -> None:
    client = signed_in(crm)
    page = sent(client, "Wie;Waar\nEen;Zwolle\n")
    page = go_on(client, page, "next", **{field_of(page, "Wie"): "name", field_of(page, "Waar"): "address1_city"})
    page = go_on(client, page, "next")
    work(crm, go_on(client, page, "start", mode="create"))
    again = sent(client, "Waar;Wie\nBreda;Twee\n")
    assert posted(again, again.url.path[1:])[field_of(again, "Wie")] == "name"
    assert posted(again, again.url.path[1:])[field_of(again, "Waar")] == "address1_city"


def test_an_import_changes_by_key_and_undoing_it_sets_the_changes_back(crm: Crm) -> None:
    crm.create("account", name="Oud", kvknumber="12345678")
    client = signed_in(crm)
    page = sent(client, "Accountnaam;KVK-nummer\nNieuw;12345678\nAnder;12345679\n")
    page = go_on(client, go_on(client, page, "next"), "next")
    done = work(crm, go_on(client, page, "start"))
    assert (done.figures["created"], done.figures["updated"]) == (1, 1)
    assert names(crm) == ["Ander", "Nieuw"]
    client.post(f"/operations/{done.id}/undo")
    running.run(crm.database, done.id)
    assert names(crm) == ["Oud"]


def test_dates_with_the_month_first_are_recognised(crm: Crm) -> None:
    client = signed_in(crm)
    page = sent(client, "name,estimatedclosedate\nA,10/24/2016\nB,3/1/2017\n", entity="opportunity")
    assert '<option value="%m/%d/%Y" selected>' in page.text
    done = work(crm, go_on(client, go_on(client, go_on(client, page, "next"), "next"), "start"))
    assert done.figures["created"] == 2
    with crm.scope(write=False) as scope:
        found = select.every(scope, Query("opportunity", (Column("name"), Column("estimatedclosedate"))))
        assert {r["name"]: str(r["estimatedclosedate"]) for r in found} == {"A": "2016-10-24", "B": "2017-03-01"}


def test_a_lookup_is_suggested_mapped_or_made(crm: Crm) -> None:
    crm.create("account", name="GTX Pro")
    client = signed_in(crm)
    page = sent(client, "lastname,parentcustomerid\nJansen,GTXPro\nDijk,Nergens BV\n", entity="contact")
    page = go_on(client, page, "next")
    assert 'value="GTX Pro"' in page.text and "suggested" in page.text
    page = go_on(client, page, "next", create__1="1")
    done = work(crm, go_on(client, page, "start", mode="create"))
    assert (done.figures["created"], done.figures["refused"]) == (2, 0)
    assert names(crm) == ["GTX Pro", "Nergens BV"]


def test_pasted_rows_are_imported_like_a_file(crm: Crm) -> None:
    client = signed_in(crm)
    page = client.post("/import/account", data={"pasted": 'name\tDescription\nEen\t"a\nb"\n'})
    assert page.url.path.startswith("/imports/")
    done = work(crm, go_on(client, go_on(client, go_on(client, page, "next"), "next"), "start", mode="create"))
    assert done.figures["created"] == 1


def test_a_large_file_is_tried_and_imported_by_the_worker_and_goes_on_where_it_was(crm: Crm) -> None:
    lines = "".join(f"Bedrijf {n};{10_000_000 + n}\n" for n in range(3_500))
    client = signed_in(crm)
    page = sent(client, "Accountnaam;KVK-nummer\n" + lines)
    page = go_on(client, go_on(client, page, "next"), "next")
    page = go_on(client, page, "try")
    assert "All rows are being tried" in page.text
    from basis.jobs.worker import work_once

    assert work_once(crm.database)
    assert "nothing was written" in client.get(page.url.path).text and names(crm) == []
    begun = go_on(client, page, "start")
    id = begun.url.path.rpartition("/")[2]
    running.run(crm.database, id, batches=2)
    from basis.transfer import importing

    importing._underway.clear()  # The process ends here, and another takes over.
    done = work(crm, begun)
    assert (done.figures["created"], done.figures["doubled"], done.state) == (3_500, 0, operations.DONE)
    assert len(names(crm)) == 3_500


def test_parents_that_stand_further_down_are_found(crm: Crm) -> None:
    client = signed_in(crm)
    page = sent(client, "Accountnaam;parentaccountid\nDochter;Moeder\nKleindochter;Dochter\nMoeder;\nWees;Niemand\n")
    page = go_on(client, page, "next")
    page = go_on(client, page, "next")
    tried = go_on(client, page, "try", mode="create")
    done = work(crm, go_on(client, tried, "start", mode="create"))
    assert (done.figures["created"], done.figures["refused"]) == (3, 1)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "leeg.csv"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "plaatje.csv"),
        (b"geen werkboek", "kapot.xlsx"),
        (b"PK\x03\x04 en dan niets", "kapot.ods"),
        ((",".join(f"k{n}" for n in range(5_000)) + "\n").encode(), "breed.csv"),
    ],
)
def test_what_is_no_table_is_refused_on_the_same_page(crm_on_sqlite: Crm, content: bytes, name: str) -> None:
    answer = sent(signed_in(crm_on_sqlite), content, name)
    assert answer.status_code == 422
    assert name in answer.text and 'role="alert"' in answer.text


def test_what_does_not_go_together_is_told_beside_the_form(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    page = sent(client, "a;a\n1;2\n")
    assert go_on(client, page, "next").status_code == 422
    page = sent(client, "name;Ook\nEen;Twee\n")
    twice = go_on(client, page, "next", **{field_of(page, "Ook"): "name"})
    assert twice.status_code == 422 and "same field" in twice.text
    page = go_on(client, go_on(client, page, "next"), "next")
    assert go_on(client, page, "start", mode="update", key="").status_code == 422


def test_a_closed_door_stays_closed(crm_on_sqlite: Crm) -> None:
    reader = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(roles=["read_only"]))
    assert "/import/account" not in reader.get("/account").text
    assert reader.get("/import/account").status_code == 403
    assert sent(reader, "name\nEen\n").status_code == 403
    mine = sent(signed_in(crm_on_sqlite), "name\nEen\n")
    other = signed_in(crm_on_sqlite, crm_on_sqlite.a_user())
    assert other.get(mine.url.path).status_code == 404


def test_a_file_cannot_be_named_instead_of_sent(crm_on_sqlite: Crm, tmp_path: Path) -> None:
    answer = signed_in(crm_on_sqlite).post("/import/account", data={"file": "/etc/passwd"})
    assert answer.status_code == 422


def bomb(tmp_path: Path) -> bytes:
    """A small workbook with a cell in its very last corner: 17 billion cells when it is unpacked."""
    import zipfile

    from basis.transfer.excel import write_workbook

    path, far = tmp_path / "klein.xlsx", tmp_path / "ver.xlsx"
    write_workbook(path, "Blad", ["name"], [["Een"]])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(far, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                last = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                content = content.replace(b"</sheetData>", last)
            new.writestr(name, content)
    return far.read_bytes()


def test_a_workbook_that_unpacks_to_more_than_fits_is_refused(crm_on_sqlite: Crm, tmp_path: Path) -> None:
    answer = sent(signed_in(crm_on_sqlite), bomb(tmp_path), "bom.xlsx")
    assert answer.status_code == 422 and "unpacks to more than fits" in answer.text


def test_a_file_over_the_limit_is_refused_before_it_is_read(crm_on_sqlite: Crm) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(2 << 30)}
    answer = signed_in(crm_on_sqlite).post("/import/account", content=b"", headers=headers)
    assert answer.status_code == 413 and "500 MB" in answer.text


def test_an_import_is_paused_and_goes_on_and_says_so_when_its_file_is_gone(crm: Crm) -> None:
    client = signed_in(crm)
    lines = "".join(f"Bedrijf {n}\n" for n in range(2_500))
    page = go_on(client, go_on(client, sent(client, "name\n" + lines), "next"), "next")
    begun = go_on(client, page, "start", mode="create")
    id = begun.url.path.rpartition("/")[2]
    running.run(crm.database, id, batches=1)
    client.post(f"/operations/{id}/pause")
    running.run(crm.database, id)
    assert len(names(crm)) == 1_000
    with crm.scope(write=False) as scope:
        held = operations.get(scope, id)
    from basis.transfer import importing

    importing._underway.clear()
    file = Path(held.spec["file"])
    content = file.read_bytes()
    file.unlink()
    client.post(f"/operations/{id}/resume")
    running.run(crm.database, id)
    report = client.get(begun.url.path)
    assert "There is no file klanten.csv." in report.text and "Paused" in report.text
    file.write_bytes(content)
    client.post(f"/operations/{id}/resume")
    assert work(crm, begun).figures["created"] == 2_500
    assert len(names(crm)) == 2_500


def test_an_import_that_was_given_up_leaves_nothing(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    page = sent(client, "name\nEen\n")
    assert "Being prepared" in client.get("/operations").text
    client.post(f"{page.url.path}/discard")
    assert "Being prepared" not in client.get("/operations").text
    assert client.get(page.url.path).status_code == 404


CARDS = """BEGIN:VCARD
VERSION:3.0
N:Vries;Jan;de;;
ORG:Bakkerij Smit;Verkoop
TEL;TYPE=CELL:06 12345678
TEL;TYPE=WORK:038 1234567
EMAIL:jan@example.com
ADR;TYPE=WORK:;;Markt 1;Zwolle;;8011 LW;Nederland
NOTE:Eerste regel\\nen een lange regel die
  doorloopt\\, met komma
END:VCARD
BEGIN:VCARD
VERSION:2.1
FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zo=C3=AB Jansen
item1.EMAIL:zoe@example.com
END:VCARD
"""
CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Kennismaking
DTSTART;TZID=Europe/Amsterdam:20261124T100000
DTEND:20261124T100000Z
LOCATION:Zwolle
END:VEVENT
END:VCALENDAR
"""


def test_address_cards_become_contacts_and_a_calendar_appointments(crm: Crm) -> None:
    crm.create("account", name="Bakkerij Smit")
    client = signed_in(crm)
    page = go_on(client, go_on(client, sent(client, CARDS, "adressen.vcf", "contact"), "next"), "next")
    assert work(crm, go_on(client, page, "start", mode="create")).figures["created"] == 2
    asked = (
        "fullname",
        "mobilephone",
        "telephone1",
        "emailaddress1",
        "address1_city",
        "parentcustomerid",
        "description",
    )
    with crm.scope(write=False) as scope:
        held = {r["fullname"]: r for r in select.every(scope, Query("contact", tuple(map(Column, asked))))}
    jan = held["Jan de Vries"]
    assert (jan["address1_city"], jan["parentcustomerid"].label) == ("Zwolle", "Bakkerij Smit")
    assert jan["description"] == "Eerste regel\nen een lange regel die doorloopt, met komma"
    assert held["Zoë Jansen"]["emailaddress1"] == "zoe@example.com"
    page = go_on(client, go_on(client, sent(client, CALENDAR, "agenda.ics", "appointment"), "next"), "next")
    assert work(crm, go_on(client, page, "start", mode="create")).figures["created"] == 1
    with crm.scope(write=False) as scope:
        columns = tuple(map(Column, ("scheduledstart", "scheduledend", "location")))
        event = select.page(scope, Query("appointment", columns)).records[0]
    assert (event["scheduledstart"].hour, event["scheduledend"].hour, event["location"]) == (9, 10, "Zwolle")
    assert sent(client, "BEGIN:VCARD\n", "leeg.vcf", "contact").status_code == 422
