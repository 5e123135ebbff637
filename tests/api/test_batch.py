"""Batches as the clients of Dataverse send them."""

from __future__ import annotations

import re

import pytest

from tests.api.conftest import Api, bare

ROOT = "http://testserver/api/data/v9.2/"


def part(request: str, body: str = "", headers: str = "", content_id: str = "") -> str:
    named = f"\r\nContent-ID: {content_id}" if content_id else ""
    return (
        f"Content-Type: application/http\r\nContent-Transfer-Encoding:binary{named}\r\n\r\n"
        f"{request} HTTP/1.1\r\n{headers}\r\n{body}\r\n"
    )


def joined(boundary: str, *parts: str) -> str:
    return "".join(f"--{boundary}\r\n{part}" for part in parts) + f"--{boundary}--\r\n"


def changeset(*parts: str) -> str:
    return "Content-Type: multipart/mixed;boundary=changeset_1\r\n\r\n" + joined("changeset_1", *parts)


def json(_: str = "") -> str:
    return "Content-Type: application/json; type=entry\r\n"


def send(api: Api, body: str, boundary: str = '"batch_1"', **headers: str) -> str:
    sent = {"Content-Type": f"multipart/mixed; boundary={boundary}", **headers}
    answer = api.post("$batch", content=body.encode(), headers=sent)
    assert answer.status_code == 200, answer.text
    assert re.fullmatch(r"multipart/mixed; boundary=batchresponse_[\w-]+", answer.headers["content-type"])
    assert answer.text.startswith("--batchresponse_")
    return str(answer.text)


def statuses(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"HTTP/1\.1 (\d+)", text)]


CREATE = part("POST contacts", '{"lastname":"Batch"}', "Content-Type: application/json\r\n", "1")


def test_reads_answer_in_order_with_raw_spaces_in_their_addresses(api: Api, people: dict[str, str]) -> None:
    first = part(f"GET {ROOT}accounts?$select=name&$filter=name eq 'Bakker BV'&$orderby=name")
    second = part("GET /api/data/v9.2/accounts/$count")
    text = send(api, joined("batch_1", first, second))
    assert statuses(text) == [200, 200]
    assert '"name":"Bakker BV"' in text and "text/plain" in text


def test_a_changeset_refers_to_what_it_made(api: Api) -> None:
    account = part("POST accounts", '{"name":"Van batch","primarycontactid@odata.bind":"$1"}', json(), "2")
    change = part("PATCH $2", '{"fax":"030-2345678"}', json(), "3")
    text = send(api, joined("batch_1", changeset(CREATE, account, change), part("GET accounts?$top=1")))
    assert statuses(text) == [204, 204, 204, 200]
    assert "changesetresponse_" in text
    assert re.findall(r"Content-ID: (\d)", text) == ["1", "2", "3"]
    assert len(re.findall(r"(?m)^OData-EntityId: http://testserver/api/data/v9.2/", text)) == 3
    row = api.rows("accounts?$select=name,fax&$expand=primarycontactid($select=lastname)")[0]
    assert (row["fax"], row["primarycontactid"]["lastname"]) == ("+31 30 234 5678", "Batch")


def test_a_changeset_that_fails_leaves_nothing_behind(api: Api) -> None:
    bad = part("POST accounts", '{"nme":"x"}', json(), "2")
    text = send(api, joined("batch_1", changeset(CREATE, bad), part("GET accounts")))
    assert statuses(text) == [400]
    assert '"target":"nme"' in text and "Content-ID: 2" in text
    assert api.get("contacts/$count").text == "0"


def test_a_batch_stops_at_the_first_failure_unless_told_otherwise(quick: Api) -> None:
    body = joined("batch_1", part("GET nonsense"), part("GET accounts/$count"))
    assert statuses(send(quick, body)) == [404]
    assert statuses(send(quick, body, Prefer="odata.continue-on-error")) == [404, 200]


def test_what_went_well_before_a_failure_stays(quick: Api) -> None:
    alone = part("POST contacts", '{"lastname":"Alleen"}', json())
    assert statuses(send(quick, joined("batch_1", alone, part("DELETE contacts(nonsense)")))) == [204, 400]
    assert quick.get("contacts/$count").text == "1"


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("leading", ["", "\r\n"])
@pytest.mark.parametrize("boundary", ["batch_1", '"batch_1"'])
@pytest.mark.parametrize("tail", ["--batch_1--\r\n", "--batch_1--", ""])
def test_bodies_are_read_leniently(quick: Api, ends: str, leading: str, boundary: str, tail: str) -> None:
    body = f"{leading}--batch_1\r\n{CREATE}\r\n--batch_1\r\n\r\nGET contacts/$count HTTP/1.1\r\n\r\n\r\n{tail}"
    assert statuses(send(quick, body.replace("\r\n", ends), boundary)) == [204, 200]


def test_a_body_of_null_is_none(quick: Api) -> None:
    id = quick.make("contacts", lastname="Weg")
    body = joined("batch_1", changeset(part(f"DELETE contacts({id})", "\r\n\r\nnull", json(), "1")))
    assert statuses(send(quick, body.replace("\r\n", "\n"))) == [204]


def test_a_changeset_does_not_read(quick: Api) -> None:
    assert statuses(send(quick, joined("batch_1", changeset(part("GET accounts"))))) == [400]


def test_a_batch_needs_its_boundary_and_somebody_signed_in(quick: Api) -> None:
    assert quick.post("$batch", content=b"x").status_code == 400
    typed = {"Content-Type": "multipart/mixed; boundary=a"}
    assert quick.post("$batch", content=b"x", headers=typed).status_code == 400
    assert quick.get("$batch").status_code == 405
    assert bare(quick.crm).post("$batch", content=b"--a--", headers=typed).status_code == 401


def test_a_batch_holds_a_thousand_requests_at_most(quick: Api) -> None:
    body = joined("a", *["\r\nGET accounts/$count HTTP/1.1\r\n\r\n"] * 1001)
    answer = quick.post("$batch", content=body, headers={"Content-Type": "multipart/mixed; boundary=a"})
    assert answer.status_code == 400


def test_parts_may_ask_for_their_own_preferences(quick: Api) -> None:
    create = part("POST contacts", '{"lastname":"X"}', "Prefer: return=representation\r\n" + json())
    text = send(quick, joined("batch_1", create))
    assert statuses(text) == [201] and '"lastname":"X"' in text
