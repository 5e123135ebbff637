"""Who gets in, who does not, and what protects a session."""

from __future__ import annotations

from datetime import timedelta

from basis.security import sessions
from tests.support.crm import FOUNDING, PASSWORD, Crm
from tests.support.pages import TestClient, posted, signed_in, text_of, visitor

RIGHT = {"email": FOUNDING.admin_email, "password": PASSWORD}
WRONG = {"email": FOUNDING.admin_email, "password": "something else"}


def test_a_page_sends_strangers_to_sign_in_and_back(crm_on_sqlite: Crm) -> None:
    client = visitor(crm_on_sqlite)
    asked = client.get("/account?sort=-name")
    assert asked.headers["location"] == "/sign-in?next=%2Faccount%3Fsort%3D-name"
    answer = client.post("/sign-in", data={**RIGHT, "next": "/account?sort=-name"})
    assert answer.headers["location"] == "/account?sort=-name"
    assert client.get("/account").status_code == 200


def test_signing_in_never_leads_to_another_site(crm_on_sqlite: Crm) -> None:
    for evil in ("https://evil.example", "//evil.example", "/\\evil.example"):
        answer = visitor(crm_on_sqlite).post("/sign-in", data={**RIGHT, "next": evil})
        assert answer.headers["location"] == "/"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(crm_on_sqlite: Crm) -> None:
    answer = visitor(crm_on_sqlite).post("/sign-in", data=RIGHT)
    cookie = next(held for held in answer.headers.get_list("set-cookie") if held.startswith("basis_session"))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie


def test_a_wrong_password_says_no_more_than_that(crm_on_sqlite: Crm) -> None:
    client = visitor(crm_on_sqlite)
    known = text_of(client.post("/sign-in", data=WRONG))
    unknown = text_of(client.post("/sign-in", data={**WRONG, "email": "nobody@example.com"}))
    assert "do not belong together" in known
    assert known == unknown


def test_after_ten_wrong_passwords_one_waits_a_quarter_of_an_hour(crm_on_sqlite: Crm) -> None:
    client = visitor(crm_on_sqlite)
    with crm_on_sqlite.entrance.nobody(write=True) as (conn, _):
        for _ in range(sessions.ATTEMPTS):
            sessions.note_attempt(conn, FOUNDING.admin_email, crm_on_sqlite.now)
    assert client.post("/sign-in", data=RIGHT).status_code == 429
    crm_on_sqlite.now += timedelta(minutes=16)
    assert client.post("/sign-in", data=RIGHT).status_code == 303


def test_what_was_typed_when_the_session_had_ended_is_saved_after_signing_in(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    client.get("/account/new")
    crm_on_sqlite.now += timedelta(days=60)
    refused = client.post("/account/new", data={"name": "Typed < & kept", "description": "\nTwo\nlines"})
    assert (refused.status_code, "what you typed is kept" in text_of(refused)) == (401, True)
    wrong = client.post("/sign-in", data={**posted(refused, "sign-in"), **WRONG})
    again = client.post("/sign-in", data={**posted(wrong, "sign-in"), **RIGHT})
    assert "signed in again" in text_of(again)
    saved = client.post("/account/new", data=posted(again, "account/new"))
    assert "Typed < & kept" in text_of(saved)
    held = posted(client.get(saved.url.path))
    assert held["description"].splitlines() == ["Two", "lines"]


def test_a_password_that_met_an_ended_session_is_kept_nowhere(crm_on_sqlite: Crm) -> None:
    answer = visitor(crm_on_sqlite).post("/profile/password", data={"password": "tell nobody this"})
    assert (answer.status_code, "tell nobody" in answer.text) == (401, False)


def test_a_dialog_says_that_the_session_has_ended_and_keeps_what_it_holds(crm_on_sqlite: Crm) -> None:
    headers = {"HX-Request": "true", "HX-Target": "quick-create"}
    answer = visitor(crm_on_sqlite).post("/account/quick", data={"name": "X"}, headers=headers)
    assert (answer.status_code, "in another tab" in text_of(answer)) == (401, True)


def test_signing_out_ends_the_session_itself(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    secret = client.cookies["basis_session"]
    assert client.get("/account").url.path == "/account"
    client.post("/sign-out")
    client.cookies.set("basis_session", secret)
    assert client.get("/account").url.path == "/sign-in"


def test_a_post_from_another_site_is_refused(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    forged = client.post("/account/new", data={"name": "Forged"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert forged.status_code == 403
    del client.headers["Sec-Fetch-Site"]
    foreign = client.post("/account/new", data={"name": "Forged"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert client.post("/account/new", data={"name": "Forged"}).status_code == 403
    own = client.post("/account/new", data={"name": "Own"}, headers={"Origin": "http://testserver"})
    assert own.status_code == 200


def test_a_reset_link_works_once(crm_on_sqlite: Crm) -> None:
    with crm_on_sqlite.entrance.nobody(write=True) as (conn, _):
        secret = sessions.start(conn, crm_on_sqlite.admin, crm_on_sqlite.now, kind="reset")
    client = visitor(crm_on_sqlite)
    assert client.post(f"/password/reset/{secret}", data={"password": "short"}).status_code == 422
    assert client.post(f"/password/reset/{secret}", data={"password": "a new long password"}).status_code == 303
    assert client.get(f"/password/reset/{secret}").status_code == 404
    assert client.post("/sign-in", data=RIGHT).status_code == 422
    assert client.post("/sign-in", data={**RIGHT, "password": "a new long password"}).status_code == 303


def test_the_page_for_a_forgotten_password_promises_no_mail(crm_on_sqlite: Crm) -> None:
    assert "basis user reset-link" in visitor(crm_on_sqlite).get("/password/forgotten").text


def test_pages_carry_a_strict_policy_and_stay_out_of_caches(crm_on_sqlite: Crm) -> None:
    answer = signed_in(crm_on_sqlite).get("/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert f'nonce="{policy.split("nonce-")[1].split(chr(39))[0]}"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert " style=" not in answer.text and " onclick" not in answer.text


def test_a_missing_page_and_a_wrong_method_are_calm_pages(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    assert client.get("/no/such/page/anywhere").status_code == 404
    assert client.get("/nothing").status_code == 404
    assert client.get("/sign-out").status_code == 404 or client.get("/bin/restore").status_code in (404, 405)


def test_an_error_of_ours_shows_a_number_and_no_trace(crm_on_sqlite: Crm, monkeypatch: object) -> None:

    from basis.app import create_app
    from basis.web import routes
    from basis.web.pages import home

    def broken(scope: object, request: object) -> None:
        raise ZeroDivisionError("secret detail")

    original = home.home
    home.home = broken  # type: ignore[assignment]
    try:
        client = TestClient(create_app(entrance=crm_on_sqlite.entrance), headers={"Sec-Fetch-Site": "none"})
        client.cookies = signed_in(crm_on_sqlite).cookies
        answer = client.get("/")
    finally:
        home.home = original
    assert routes and answer.status_code == 500
    assert "foutnummer" in answer.text.lower() or "Error number" in answer.text
    assert "secret detail" not in answer.text and "Traceback" not in answer.text


def test_a_request_that_is_too_large_is_refused_before_it_is_read(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    answer = client.post("/account/new", content=b"name=x", headers={"Content-Length": str(60 << 20)})
    assert answer.status_code == 413
    assert "larger than 50 MB" in text_of(answer)
