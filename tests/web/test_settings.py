"""Shaping the CRM and managing users in the browser."""

from __future__ import annotations

from tests.support.crm import Crm
from tests.support.pages import posted, signed_in, text_of, visitor


def test_a_new_field_stands_on_the_form_at_once(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    data = {
        "type": "choice",
        "label_nl": "Klantsoort",
        "label_en": "Kind of customer",
        "s.options": "Groot | Large\r\nKlein | Small",
        "required": "none",
        "on_form": "1",
    }
    page = client.post("/settings/entities/account/fields/new", data=data)
    assert "The field Kind of customer is there" in text_of(page)
    form = client.get("/account/new")
    assert "Kind of customer" in form.text and ">Large</option>" in form.text
    saved = client.post("/account/new", data=posted(form, name="Smit", new_kind_of_customer="2"))
    assert '<option value="2" selected>Small</option>' in saved.text


def test_options_keep_their_number_when_one_is_added(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    path = "/settings/entities/account/fields"
    data = {"type": "choice", "label_en": "Size", "s.options": "Large\nSmall", "on_form": "1"}
    client.post(f"{path}/new", data=data)
    client.post(f"{path}/new_size", data={**data, "s.options": "Medium\nSmall | Tiny\nLarge"})
    form = client.get("/account/new").text
    assert '<option value="1">Large' in form and '<option value="2">Tiny' in form
    assert '<option value="3">Medium' in form


def test_a_field_is_renamed_removed_and_brought_back(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    path = "/settings/entities/account/fields/fax"
    client.post(path, data={"type": "phone", "label_nl": "Telefax", "label_en": "Telefax", "required": "none"})
    assert "Telefax" in client.get("/account/new").text
    assert "is removed" in text_of(client.post(f"{path}/remove"))
    assert 'name="fax"' not in client.get("/account/new").text
    client.post(f"{path}/restore")
    form = client.get("/account/new").text
    assert 'name="fax"' in form and "Telefax" in form


def test_what_will_not_do_is_said_beside_the_input(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    answer = client.post("/settings/entities/account/fields/new", data={"type": "choice", "label_en": ""})
    assert answer.status_code == 422
    assert 'id="label-error"' in answer.text and "Give at least one option." in answer.text
    twice = {"type": "text", "label_en": "Nickname"}
    client.post("/settings/entities/account/fields/new", data=twice)
    assert "already" in client.post("/settings/entities/account/fields/new", data=twice).text


def test_an_own_entity_stands_in_the_navigation_and_holds_records(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    names = {"label_nl": "Project", "plural_nl": "Projecten", "label_en": "Project", "plural_en": "Projects"}
    page = client.post("/settings/entities/new", data={**names, "ownership": "user", "icon": "rocket", "everyone": "1"})
    assert page.url.path == "/settings/entities/new_project"
    start = text_of(client.get("/"))
    assert "Own entities Projects" in start
    saved = client.post("/new_project/new", data=posted(client.get("/new_project/new"), name="Roof"))
    assert "Project Roof is saved." in text_of(saved)
    seller = signed_in(crm_on_sqlite, crm_on_sqlite.a_user())
    assert "Roof" in seller.get("/new_project").text


def test_a_version_is_undone(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    client.post("/settings/entities/account/fields/new", data={"type": "text", "label_en": "Nickname", "on_form": "1"})
    assert "Nickname" in client.get("/settings/versions").text
    client.post("/settings/versions/2/undo")
    assert 'name="new_nickname"' not in client.get("/account/new").text


def test_entities_are_tied_many_to_many(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    account = crm_on_sqlite.create("account", {"name": "Smit"})
    client.post("/settings/entities/account/tie", data={"to": "campaign"})
    assert "Campaigns" in client.get(f"/account/{account.id}").text


def test_the_settings_are_closed_to_others(crm_on_sqlite: Crm) -> None:
    seller = signed_in(crm_on_sqlite, crm_on_sqlite.a_user())
    for path in ("", "/entities", "/entities/account", "/entities/new", "/versions", "/users", "/users/new"):
        assert seller.get(f"/settings{path}").status_code == 403
    assert seller.post("/settings/entities/account/fields/fax/remove").status_code == 403
    assert seller.post("/settings/users/new", data={"name": "Evil"}).status_code == 403
    assert 'href="/settings"' not in seller.get("/").text


def test_a_user_is_added_and_signs_in(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    form = client.get("/settings/users/new")
    role = form.text.split("Salesperson")[0].rsplit('value="', 1)[1].split('"')[0]
    data = {"name": "Bram van der Dekker", "email": "bram@example.com", "password": "a long password", "role": role}
    page = client.post("/settings/users/new", data=data)
    assert "Bram van der Dekker" in page.text
    twice = client.post("/settings/users/new", data=data)
    assert twice.status_code == 422 and "already has this" in twice.text
    bram = visitor(crm_on_sqlite)
    held = {"email": "bram@example.com", "password": "a long password"}
    assert bram.post("/sign-in", data=held).status_code == 303
    client.post(f"{page.url.path}/disable", data={"disabled": "1"})
    assert bram.get("/account").status_code == 303
    assert bram.post("/sign-in", data=held).status_code == 422


def test_a_reset_link_is_shown_once(crm_on_sqlite: Crm) -> None:
    client, user = signed_in(crm_on_sqlite), crm_on_sqlite.a_user()
    page = client.post(f"/settings/users/{user}/reset")
    assert "http://testserver/password/reset/" in page.text
    assert "/password/reset/" not in client.get(f"/settings/users/{user}").text


def test_the_last_administrator_keeps_the_role(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    form = client.get("/settings/users/new")
    role = form.text.split("Salesperson")[0].rsplit('value="', 1)[1].split('"')[0]
    assert client.post(f"/settings/users/{crm_on_sqlite.admin}", data={"role": role}).status_code == 409
    disabled = client.post(f"/settings/users/{crm_on_sqlite.admin}/disable", data={"disabled": "1"})
    assert disabled.status_code == 409


def test_a_token_is_shown_once_and_revoked(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    page = client.post("/settings/tokens", data={"name": "Reports"})
    assert "Copy the token now" in page.text
    token = client.get("/settings/tokens").text.split('name="token" value="')[1].split('"')[0]
    after = client.post("/settings/tokens/revoke", data={"token": token})
    assert "You have no tokens yet." in after.text


def test_users_choose_their_language_time_zone_and_password(crm_on_sqlite: Crm) -> None:
    user = crm_on_sqlite.a_user(password="the old password")
    client = signed_in(crm_on_sqlite, user)
    page = client.post("/profile", data={"lastname": "Dekker", "language": "nl", "timezonename": "Europe/Brussels"})
    assert "Je profiel is opgeslagen." in page.text
    assert client.post("/profile", data={"lastname": "Dekker", "timezonename": "Mars"}).status_code == 422
    assert "Dit is niet je wachtwoord." in client.post("/profile/password", data={"old": "no", "password": "x"}).text
    changed = client.post("/profile/password", data={"old": "the old password", "password": "the new password"})
    assert "Je wachtwoord is gewijzigd." in changed.text
    client.post("/profile/language", data={"language": "en"})
    assert "Search everything" in client.get("/").text
