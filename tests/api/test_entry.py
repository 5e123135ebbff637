"""Who may come in, and what every answer carries."""

from __future__ import annotations

import base64

import pytest

from basis.records.organization import everything
from basis.security import sessions
from tests.api.conftest import Api, bare
from tests.support.crm import Crm


def test_every_answer_says_its_version_once_and_its_type(quick: Api) -> None:
    answer = quick.get("accounts")
    assert answer.headers.get_list("odata-version") == ["4.0"]
    assert answer.headers["content-type"] == "application/json; odata.metadata=minimal"
    assert answer.headers["x-ms-service-request-id"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("version", ["v9.0", "v9.1", "v9.2"])
def test_the_versions_of_nine_are_all_served(quick: Api, version: str) -> None:
    answer = quick.get(f"http://testserver/api/data/{version}/WhoAmI")
    assert answer.json()["UserId"] == quick.crm.admin
    assert f"/{version}/" in answer.json()["@odata.context"]


def test_another_version_is_not_found(quick: Api) -> None:
    answer = quick.get("http://testserver/api/data/v8.2/accounts")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "0x8006088a")


def test_without_credentials_one_is_asked_for_them(crm_on_sqlite: Crm) -> None:
    answer = bare(crm_on_sqlite).get("accounts")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="Basis", Bearer'
    assert set(answer.json()["error"]) == {"code", "message"}


def test_a_wrong_token_is_refused(crm_on_sqlite: Crm) -> None:
    answer = bare(crm_on_sqlite).get("accounts", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401


def test_a_token_may_come_as_a_basic_password_or_in_the_address(crm_on_sqlite: Crm) -> None:
    token = crm_on_sqlite.token()
    client = bare(crm_on_sqlite)
    basic = base64.b64encode(f"excel:{token}".encode()).decode()
    assert client.get("WhoAmI", headers={"Authorization": f"Basic {basic}"}).status_code == 200
    assert client.get(f"WhoAmI?apikey={token}").status_code == 200
    assert client.get("WhoAmI", headers={"Authorization": "Basic ???"}).status_code == 401


@pytest.mark.parametrize("header", ["MSCRMCallerID", "CallerObjectId"])
def test_an_administrator_asks_on_behalf_of_a_user_with_that_users_rights(crm_on_sqlite: Crm, header: str) -> None:
    seller = crm_on_sqlite.a_user(roles=["salesperson"])
    api = Api(crm_on_sqlite)
    assert api.get("WhoAmI", headers={header: seller}).json()["UserId"] == seller
    assert api.post("accounts", json={"name": "Of the seller"}, headers={header: seller}).status_code == 204
    assert [row["_ownerid_value"] for row in api.rows("accounts?$select=_ownerid_value")] == [seller]
    assert api.get("WhoAmI", headers={header: "null"}).json()["UserId"] == crm_on_sqlite.admin
    assert api.get("WhoAmI", headers={header: "nobody"}).status_code == 401


def test_a_user_asks_on_behalf_of_nobody_else(crm_on_sqlite: Crm) -> None:
    seller = Api(crm_on_sqlite, crm_on_sqlite.a_user(roles=["salesperson"]))
    assert seller.get("WhoAmI", headers={"MSCRMCallerID": crm_on_sqlite.admin}).status_code == 403


def test_a_link_to_the_next_page_does_not_repeat_the_key(crm_on_sqlite: Crm) -> None:
    for name in ("A", "B", "C"):
        crm_on_sqlite.create("account", name=name)
    token = crm_on_sqlite.token()
    answer = bare(crm_on_sqlite).get(f"accounts?apikey={token}", headers={"Prefer": "odata.maxpagesize=1"})
    assert token not in answer.json()["@odata.nextLink"]


def browser(crm: Crm) -> dict[str, str]:
    with crm.scope(everything()) as scope:
        secret = sessions.start(scope.conn, crm.admin, crm.now)
    return {"Cookie": f"basis_session={secret}"}


def test_the_session_of_a_browser_reads(crm_on_sqlite: Crm) -> None:
    assert bare(crm_on_sqlite).get("WhoAmI", headers=browser(crm_on_sqlite)).status_code == 200


@pytest.mark.parametrize(
    "headers, allowed",
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://testserver"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://elsewhere.example"}, False),
        ({}, False),
    ],
)
def test_a_session_changes_something_only_from_our_own_pages(
    crm_on_sqlite: Crm, headers: dict[str, str], allowed: bool
) -> None:
    sent = {**browser(crm_on_sqlite), **headers}
    answer = bare(crm_on_sqlite).post("accounts", json={"name": "Jansen"}, headers=sent)
    assert answer.status_code == (204 if allowed else 403)


def test_errors_speak_the_language_of_the_user(crm_on_sqlite: Crm) -> None:
    user = crm_on_sqlite.a_user(roles=["read_only"], language="nl")
    answer = crm_on_sqlite.client(user).post("accounts", json={"name": "Jansen"})
    assert answer.status_code == 403
    assert "rollen" in answer.json()["error"]["message"]


def test_what_goes_wrong_unexpectedly_shows_a_reference_and_no_trace(
    quick: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from basis.api.odata import dispatch

    def fail(*_: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(dispatch, "read_set", fail)
    answer = quick.get("accounts")
    assert answer.status_code == 500
    message = answer.json()["error"]["message"]
    assert "secret" not in message
    reference = message.rstrip(".").rpartition(" ")[2]
    assert reference in caplog.text and "the secret reason" in caplog.text


def test_a_method_that_an_address_does_not_take_is_told_which_it_takes(quick: Api) -> None:
    answer = quick.delete("accounts")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_unknown_addresses_and_options_are_named(quick: Api) -> None:
    assert "'nonsense'" in quick.problem("nonsense", 404)
    assert "'nonsense'" in quick.problem("accounts/nonsense", 404)
    assert "$nonsense" in quick.problem("accounts?$nonsense=1")
    assert "$search" in quick.problem("accounts?$search=x", 501)


def test_a_user_sees_only_what_the_roles_allow(crm: Crm) -> None:
    seller = crm.a_user(roles=["salesperson"], unit=crm.a_unit())
    crm.create("account", name="Of the administrator")
    crm.create("account", user=seller, name="Of the seller")
    names = [row["name"] for row in Api(crm, seller).rows("accounts?$select=name")]
    assert names == ["Of the seller"]
    assert Api(crm, seller).get("accounts/$count").text == "1"


def test_head_answers_the_headers_of_get_alone(quick: Api) -> None:
    answer = quick.head("accounts")
    assert (answer.status_code, answer.content) == (200, b"")
