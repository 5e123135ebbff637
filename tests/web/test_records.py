"""A record on its form: made, changed, closed, deleted; and nothing typed is ever lost."""

from __future__ import annotations

import io
import re
from html import unescape

from tests.support.crm import Crm
from tests.support.pages import id_in, posted, rows, signed_in, text_of


def test_a_record_is_made_and_changed(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    made = client.post("/account/new", data=posted(client.get("/account/new"), name="Dijkstra Zorg"))
    assert "Account Dijkstra Zorg is saved." in text_of(made)
    changed = client.post(made.url.path, data=posted(made, address1_city="Zwolle", revenue="1,234.50"))
    assert 'value="Zwolle"' in changed.text
    record = crm_on_sqlite.get("account", id_in(made), "address1_city", "revenue")
    assert record["address1_city"] == "Zwolle" and str(record["revenue"]) == "1234.5000"


def test_a_form_that_is_sent_twice_makes_one_record(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    form = posted(client.get("/account/new"), name="Pressed Twice")
    first, second = (client.post("/account/new", data=form) for _ in range(2))
    assert first.url.path == second.url.path
    assert rows(client.get("/account?q=pressed")) == ["Pressed Twice"]
    assert "Pressed Twice" in text_of(second)


def test_saving_an_untouched_form_changes_nothing(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit", "revenue": "1234.5678", "donotemail": True})
    client = signed_in(crm_on_sqlite)
    page = client.get(f"/account/{account.id}")
    client.post(page.url.path, data=posted(page))
    record = crm_on_sqlite.get("account", account.id, "revenue", "donotemail")
    assert record.version == 1 and str(record["revenue"]) == "1234.5700"


def test_errors_stand_beside_their_fields_and_what_was_typed_stays(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    data = posted(client.get("/account/new"), name="", emailaddress1="no address", telephone1="038 421 00 00")
    answer = client.post("/account/new", data=data)
    assert answer.status_code == 422
    assert 'href="#field-name"' in answer.text and 'id="field-emailaddress1-error"' in answer.text
    assert 'value="no address"' in answer.text and 'value="038 421 00 00"' in answer.text
    assert 'data-dirty-guard="dirty"' in answer.text


def test_two_who_change_one_record_see_both_values(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit", "address1_city": "Zwolle"})
    client, colleague = signed_in(crm_on_sqlite), crm_on_sqlite.a_user("Bram Dekker", roles=["system_administrator"])
    page = client.get(f"/account/{account.id}")
    crm_on_sqlite.update("account", account.id, {"name": "Smit BV", "websiteurl": "smit.nl"}, user=colleague)
    mine = posted(page, name="Smit Groep")
    answer = client.post(page.url.path, data=mine)
    assert answer.status_code == 409
    assert "Bram Dekker changed this record" in text_of(answer)
    assert "Smit BV" in answer.text and "Smit Groep" in answer.text
    chosen = {**posted(answer), "take.name": "mine", "take.websiteurl": "theirs"}
    client.post(page.url.path, data=chosen)
    record = crm_on_sqlite.get("account", account.id, "name", "websiteurl")
    assert (record["name"], record["websiteurl"]) == ("Smit Groep", "https://smit.nl")


def test_a_form_that_does_not_say_its_version_overwrites_nothing(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit"})
    client = signed_in(crm_on_sqlite)
    for version in ("", "garbage", "²", "9" * 40):
        mine = {**posted(client.get(f"/account/{account.id}"), name="Overwritten"), "version": version}
        assert client.post(f"/account/{account.id}", data=mine).status_code == 409
    assert crm_on_sqlite.get("account", account.id, "name")["name"] == "Smit"


def test_what_only_the_other_changed_is_theirs_by_default(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit", "address1_city": "Zwolle"})
    client = signed_in(crm_on_sqlite)
    page = client.get(f"/account/{account.id}")
    crm_on_sqlite.update("account", account.id, {"address1_city": "Almere"})
    answer = client.post(page.url.path, data=posted(page, name="Smit Groep"))
    client.post(page.url.path, data=posted(answer))
    record = crm_on_sqlite.get("account", account.id, "name", "address1_city")
    assert (record["name"], record["address1_city"]) == ("Smit Groep", "Almere")


def test_a_deleted_record_comes_back_from_the_message_or_the_bin(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit"})
    client = signed_in(crm_on_sqlite)
    page = client.post(f"/account/{account.id}/delete")
    assert page.url.path == "/account" and "Account Smit is deleted." in text_of(page)
    assert client.get(f"/account/{account.id}").status_code == 404
    bin = client.get("/bin")
    assert "Smit" in bin.text
    deletion = bin.text.split('name="deletion" value="')[1].split('"')[0]
    back = client.post("/bin/restore", data={"deletion": deletion})
    assert back.url.path == f"/account/{account.id}"


def test_a_closed_record_is_only_shown_and_reopens(crm_on_sqlite: Crm) -> None:
    deal = crm_on_sqlite.create("opportunity", {"name": "Licences"})
    client = signed_in(crm_on_sqlite)
    won = client.post(f"/opportunity/{deal.id}/state", data={"reason": "3"})
    assert "The status is now Won." in text_of(won) and "This record is closed" in text_of(won)
    assert 'name="name"' not in won.text
    reopened = client.post(f"/opportunity/{deal.id}/state", data={"reason": "1"})
    assert 'name="name"' in reopened.text
    refused = client.post(f"/opportunity/{deal.id}/state", data={"reason": "99"})
    assert refused.status_code == 422


def test_a_related_list_shows_its_records_and_makes_new_ones(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit"})
    client = signed_in(crm_on_sqlite)
    address = f"/contact/new?parentcustomerid={account.id}&parentcustomerid__type=account&from=/account/{account.id}"
    form = client.get(address)
    assert f'value="{account.id}" selected' in form.text and ">Smit</option>" in form.text
    data = posted(form, lastname="Visser", then="close")
    page = client.post("/contact/new", data=data)
    assert page.url.path == f"/account/{account.id}" and "Visser" in rows(page)[0]
    every = client.get(f"/contact?view=all&related=contact_customer_accounts:{account.id}")
    assert rows(every) == ["Visser"]


def test_a_related_list_is_a_page_without_javascript(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", name="Whole")
    page = signed_in(crm_on_sqlite).get(f"/account/{account.id}/related/contact_customer_accounts")
    assert (page.status_code, page.url.path) == (200, "/contact")


def test_an_empty_note_is_asked_for_again(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", name="Silent")
    answer = signed_in(crm_on_sqlite).post(f"/account/{account.id}/note", data={"notetext": "  "})
    assert "Write the note first" in text_of(answer)


def test_records_are_tied_together_and_taken_apart(crm_on_sqlite: Crm) -> None:
    deal = crm_on_sqlite.create("opportunity", {"name": "Licences"})
    rival = crm_on_sqlite.create("competitor", {"name": "Rival"})
    client = signed_in(crm_on_sqlite)
    name = "opportunitycompetitors_association"
    page = client.post(f"/opportunity/{deal.id}/related/{name}/add", data={"other": rival.id})
    assert "Rival" in rows(page)
    assert rows(client.get(f"/competitor?view=all&related={name}:{deal.id}")) == ["Rival"]
    page = client.post(f"/opportunity/{deal.id}/related/{name}/remove", data={"other": rival.id})
    assert "Rival" not in rows(page)


def test_a_note_with_a_file_stands_on_the_timeline(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit"})
    client = signed_in(crm_on_sqlite)
    files = {"documentbody": ("<b>offer</b>.html", io.BytesIO(b"<script>alert(1)</script>"), "text/html")}
    page = client.post(f"/account/{account.id}/note", data={"notetext": "Called back"}, files=files)
    assert "Called back" in page.text and "<b>offer" not in page.text
    link = page.text.split('href="/files/')[1].split('"')[0]
    file = client.get(f"/files/{unescape(link)}")
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["content-type"] == "application/octet-stream"


def test_a_picture_is_kept_and_shown(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit"})
    client = signed_in(crm_on_sqlite)
    page = client.get(f"/account/{account.id}")
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 40
    saved = client.post(page.url.path, data=posted(page), files={"entityimage": ("logo.png", png, "image/png")})
    assert '<img class="image-cell"' in saved.text
    again = client.post(page.url.path, data=posted(saved, name="Smit BV"))
    assert '<img class="image-cell"' in again.text
    source = again.text.split('<img class="image-cell" src="')[1].split('"')[0]
    assert client.get(source).headers["content-type"] == "image/png"


def test_a_record_is_given_to_somebody_else(crm_on_sqlite: Crm) -> None:
    account, colleague = crm_on_sqlite.create("account", {"name": "Smit"}), crm_on_sqlite.a_user("Bram Dekker")
    client = signed_in(crm_on_sqlite)
    assert "Assign Smit" in text_of(client.get(f"/account/{account.id}/assign"))
    data = {"ownerid": colleague, "ownerid__type": "systemuser"}
    page = client.post(f"/account/{account.id}/assign", data=data)
    assert "Assigned to Bram Dekker." in text_of(page)
    assert client.post(f"/account/{account.id}/assign", data={"ownerid": ""}).status_code == 422


def test_the_history_tells_who_changed_what(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit", "customertypecode": 3})
    crm_on_sqlite.update("account", account.id, {"name": "Smit BV", "customertypecode": 5})
    shown = text_of(signed_in(crm_on_sqlite).get(f"/account/{account.id}/history"))
    assert "Changed by Anna de Vries" in shown
    assert "Account name Smit Smit BV" in shown and "Customer Partner" in shown


def test_a_user_with_few_rights_reads_without_inputs(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", {"name": "Smit"})
    reader = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(roles=["read_only"]))
    page = reader.get(f"/account/{account.id}")
    assert page.status_code == 200 and 'name="name"' not in page.text
    assert reader.post(f"/account/{account.id}", data={"name": "Mine"}).status_code == 403
    assert reader.post(f"/account/{account.id}/delete").status_code == 403


def test_a_lookup_offers_beginnings_first(crm_on_sqlite: Crm) -> None:
    for name in ("Van Dijk", "Dijkstra Zorg", "Bakker"):
        crm_on_sqlite.create("account", {"name": name, "address1_city": "Zwolle"})
    client = signed_in(crm_on_sqlite)
    found = client.get("/lookup?entity=account&entity=contact&q=dijk").json()["found"]
    assert [each["label"] for each in found] == ["Dijkstra Zorg", "Van Dijk"]
    assert found[0]["sub"] == "Zwolle" and found[0]["entity"] == "account"


def test_a_lookup_offers_to_make_only_what_the_user_can_make(crm_on_sqlite: Crm) -> None:
    address = "/lookup?entity=account&entity=contact&entity=systemuser&q=Nieuwland"
    offered = signed_in(crm_on_sqlite).get(address).json()["create"]
    assert [each["entity"] for each in offered] == ["account", "contact"]
    assert offered[0]["label"] == "New Account: “Nieuwland”"
    reader = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(roles=["read_only"]))
    assert reader.get(address).json()["create"] == []


def test_the_short_form_is_filled_with_the_name_that_was_typed(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    account = posted(client.get("/account/quick?.title=Nieuwland+Bouw"))
    assert account["name"] == "Nieuwland Bouw"
    contact = posted(client.get("/contact/quick?.title=Femke+van+den+Berg"))
    assert [contact[name] for name in ("firstname", "middlename", "lastname")] == ["Femke", "van den", "Berg"]
    assert posted(client.get("/contact/quick?.title=Berg"))["lastname"] == "Berg"


def test_the_short_form_in_a_dialog_answers_the_record_or_what_is_wrong(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    in_dialog = {"HX-Request": "true", "HX-Target": "quick-create"}
    form = client.get("/account/quick", headers=in_dialog)
    assert "<html" not in form.text and 'id="quick-field-name"' in form.text
    wrong = client.post("/account/quick", data={"name": "", "kvknumber": "1"}, headers=in_dialog)
    assert wrong.status_code == 422 and 'id="quick-field-kvknumber-error"' in wrong.text
    made = client.post("/account/quick", data={"name": "Nieuwland"}, headers=in_dialog).json()
    assert made == {"entity": "account", "id": made["id"], "label": "Nieuwland"}


def test_searching_everything_finds_names_and_numbers(crm_on_sqlite: Crm) -> None:
    crm_on_sqlite.create("account", {"name": "Coenën Zorg", "telephone1": "038 421 12 34"})
    client = signed_in(crm_on_sqlite)
    assert "Coenën Zorg" in client.get("/search?q=coenen").text
    typed = client.get("/search?q=coen", headers={"HX-Request": "true", "HX-Target": "div#search-hits"})
    assert "Coenën Zorg" in typed.text and "<html" not in typed.text
    assert "Nothing found" in client.get("/search?q=xyzzy").text


def test_markup_in_a_value_is_only_ever_text(crm_on_sqlite: Crm) -> None:
    evil = "<script>alert(1)</script>"
    account = crm_on_sqlite.create("account", {"name": evil, "description": evil})
    client = signed_in(crm_on_sqlite)
    for path in ("/account", f"/account/{account.id}", f"/account/{account.id}/history", "/search?q=script"):
        assert evil not in client.get(path).text


def test_two_words_are_chosen_from_where_yes_and_no_say_too_little(crm_on_sqlite: Crm) -> None:
    call = crm_on_sqlite.create("phonecall", {"subject": "Call"})
    client = signed_in(crm_on_sqlite)
    page = client.get(f"/phonecall/{call.id}")
    assert '<option value="0">Incoming</option>' in page.text
    client.post(page.url.path, data=posted(page, directioncode="0"))
    assert crm_on_sqlite.get("phonecall", call.id, "directioncode")["directioncode"] is False


def test_numbers_have_no_needless_zeros(crm_on_sqlite: Crm) -> None:
    lines = [("1", "1.00"), ("1.5", "1.50"), ("0.125", "0.125")]
    client, group = signed_in(crm_on_sqlite), crm_on_sqlite.create("uomschedule", {"name": "Pieces"})
    for quantity, shown in lines:
        values = {"name": f"Unit {quantity}", "quantity": quantity, "uomscheduleid": group.reference("name")}
        unit = crm_on_sqlite.create("uom", values)
        assert posted(client.get(f"/uom/{unit.id}"))["quantity"] == shown


def test_what_is_wrong_stands_in_the_order_of_the_form(crm_on_sqlite: Crm) -> None:
    wrong = signed_in(crm_on_sqlite).post("/contact/new", data={"lastname": "", "emailaddress1": "no address"})
    links = re.findall(r'<a href="#field-(\w+)">', wrong.text)
    assert links == ["lastname", "emailaddress1"]


def test_one_command_reopens_to_every_open_state(crm_on_sqlite: Crm) -> None:
    meeting = crm_on_sqlite.create("appointment", {"subject": "Meet"})
    crm_on_sqlite.update("appointment", meeting.id, {"statuscode": 3})
    page = signed_in(crm_on_sqlite).get(f"/appointment/{meeting.id}")
    assert page.text.count("#lock-open") == 1
    assert all(name in text_of(page) for name in ("Busy", "Out of office", "Free", "Tentative"))


def test_a_new_record_that_may_be_here_already_is_asked_about(crm_on_sqlite: Crm) -> None:
    crm_on_sqlite.create("account", name="Jansen Bouw BV", address1_city="Zwolle")
    client = signed_in(crm_on_sqlite)
    form = posted(client.get("/account/new"), name="Janssen Bouw", address1_city="Zwolle")
    asked = client.post("/account/new", data=form)
    assert asked.status_code == 409
    assert "This may be here already Jansen Bouw BV" in text_of(asked)
    assert rows(client.get("/account")) == ["Jansen Bouw BV"]
    saved = client.post("/account/new", data=posted(asked))
    assert "Janssen Bouw is saved" in text_of(saved)
    page = client.get("/duplicates/account")
    assert "Jansen Bouw BV Zwolle Janssen Bouw Zwolle" in text_of(page)
    assert "/merge/account?id=" in page.text


def test_rules_for_duplicates_are_added_and_removed_by_who_may_customize(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    added = client.post("/duplicates/lead/rules", data={"field0": "mobilephone", "match0": "phone"})
    assert "Mobile phone (the same number)" in text_of(added)
    refused = client.post("/duplicates/lead/rules", data={"field0": ""})
    assert refused.status_code == 422 and "Choose one to 3 different fields" in text_of(refused)
    removed = client.post("/duplicates/lead/rules/remove", data={"rule": "mobilephone"})
    assert "Mobile phone (the same number)" not in text_of(removed)
    seller = signed_in(crm_on_sqlite, crm_on_sqlite.a_user())
    assert "New rule" not in text_of(seller.get("/duplicates/lead"))
    assert seller.post("/duplicates/lead/rules", data={"field0": "fax"}).status_code == 403


def test_a_new_activity_begins_with_which_kind_it_is(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", name="Klant")
    client = signed_in(crm_on_sqlite)
    about = f"regardingobjectid={account.id}&regardingobjectid__type=account"
    page = client.get(f"/activitypointer/new?{about}")
    assert "Which activity" in text_of(page) and f'href="/task/new?{about.replace("&", "&amp;")}"' in page.text
    form = posted(client.get(f"/task/new?{about}"), subject="Bellen")
    assert "Klant" in text_of(client.post("/task/new", data=form))


def test_giving_a_record_to_its_own_owner_is_no_change(crm_on_sqlite: Crm) -> None:
    account = crm_on_sqlite.create("account", name="Klant")
    owner = crm_on_sqlite.get("account", account.id, "ownerid")["ownerid"]
    crm_on_sqlite.update("account", account.id, {"ownerid": owner})
    assert text_of(signed_in(crm_on_sqlite).get(f"/account/{account.id}/history")).count("Changed") == 0
