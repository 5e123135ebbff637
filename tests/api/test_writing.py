"""Creating, changing, deleting and tying records over the Web API."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api, id_in

REPRESENTATION = {"Prefer": "return=representation"}
NOWHERE = "00000000-0000-4000-8000-000000000001"


def details(answer: object) -> dict[str, str]:
    """The messages of a refusal by target."""
    return {row["target"]: row["message"] for row in answer.json()["error"]["details"]}  # type: ignore[attr-defined]


def test_a_create_answers_where_the_record_is(api: Api) -> None:
    answer = api.post("accounts", json={"name": "Jansen"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["odata-entityid"] == answer.headers["location"]
    assert api.get(answer.headers["odata-entityid"]).json()["name"] == "Jansen"


def test_a_create_gives_the_record_to_who_prefers_it(api: Api) -> None:
    contact = api.make("contacts", lastname="Jansen")
    body = {"name": "Jansen", "revenue": 1234.5678, "primarycontactid@odata.bind": f"/contacts({contact})"}
    answer = api.post("accounts?$select=name,revenue&$expand=primarycontactid", json=body, headers=REPRESENTATION)
    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "return=representation")
    assert answer.headers["etag"] == answer.json()["@odata.etag"]
    assert (answer.json()["revenue"], answer.json()["primarycontactid"]["lastname"]) == (1234.57, "Jansen")
    assert "fax" not in answer.json()


def test_the_client_may_choose_the_id(api: Api) -> None:
    assert api.post("accounts", json={"name": "A", "accountid": NOWHERE}).status_code == 204
    again = api.post("accounts", json={"name": "B", "accountid": NOWHERE})
    assert (again.status_code, list(details(again))) == (400, ["accountid"])


def test_every_kind_of_value_comes_back_as_it_was_sent(api: Api) -> None:
    body = {
        "subject": "Bellen", "description": "Regel 1\nRegel 2", "scheduledend": "2026-12-01T10:00:00.1234567+02:00",
        "prioritycode": 2, "actualdurationminutes": 30,
    }  # fmt: skip
    row = api.post("tasks", json=body, headers=REPRESENTATION).json()
    assert row["scheduledend"] == "2026-12-01T08:00:00Z"
    assert {name: row[name] for name in body if name != "scheduledend"} == {
        name: value for name, value in body.items() if name != "scheduledend"
    }


@pytest.mark.parametrize("spelling", ["/{}", "{}", "http://testserver/api/data/v9.2/{}", "/api/data/v9.2/{}"])
def test_a_lookup_is_bound_by_any_address(quick: Api, spelling: str) -> None:
    contact = quick.make("contacts", lastname="Jansen")
    body = {"name": "A", "primarycontactid@odata.bind": spelling.format(f"contacts({contact.upper()})")}
    row = quick.post("accounts", json=body, headers=REPRESENTATION).json()
    assert row["_primarycontactid_value"] == contact


def test_a_lookup_is_bound_by_key_and_by_null(api: Api) -> None:
    api.make("accounts", name="Moeder", kvknumber="12345678")
    id = api.make("accounts", name="Dochter", parentaccountid__bind="/accounts(kvknumber='12345678')")
    assert api.get(f"accounts({id})/parentaccountid/name").json()["value"] == "Moeder"
    api.patch(f"accounts({id})", json={"parentaccountid@odata.bind": None})
    assert api.get(f"accounts({id})/parentaccountid").status_code == 204


def test_a_lookup_of_several_entities_is_bound_by_the_navigation_to_each(api: Api) -> None:
    account, contact = api.make("accounts", name="A"), api.make("contacts", lastname="C")
    id = api.make("contacts", lastname="D", parentcustomerid_account__bind=f"accounts({account})")
    assert api.get(f"contacts({id})/parentcustomerid_account/name").json()["value"] == "A"
    api.patch(f"contacts({id})", json={"parentcustomerid_contact@odata.bind": f"contacts({contact})"})
    assert api.get(f"contacts({id})/parentcustomerid_contact/lastname").json()["value"] == "C"
    assert api.get(f"contacts({id})/parentcustomerid_account").status_code == 204
    user = api.crm.a_user()
    api.patch(f"contacts({id})", json={"ownerid@odata.bind": f"/systemusers({user})"})
    assert api.get(f"contacts({id})").json()["_ownerid_value"] == user


def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    contact = api.make("contacts", lastname="C")
    body = {
        "nonsense": 1, "revenue": "abc", "numberofemployees": 1.5, "_primarycontactid_value": contact,
        "primarycontactid": contact, "primarycontactid@odata.bind": "/nonsense(1)", "entityimage": None,
    }  # fmt: skip
    answer = api.post("accounts", json=body)
    assert answer.status_code == 400
    assert set(details(answer)) == set(body) - {"entityimage"}
    assert "type 'Microsoft.Dynamics.CRM.account'" in details(answer)["nonsense"]
    refused = api.post("accounts", json={"industrycode": 77, "kvknumber": "1", "createdon": "2020-01-01T00:00:00Z"})
    assert set(details(refused)) == {"name", "industrycode", "kvknumber", "createdon"}


def test_what_was_read_may_be_sent_back(api: Api) -> None:
    """Generic clients send every property, annotations and empty read-only ones included."""
    body = {
        "@odata.type": "#Microsoft.Dynamics.CRM.account", "name": "A", "createdon": None, "_ownerid_value": None,
        "accountid": None, "versionnumber": None, "name@OData.Community.Display.V1.FormattedValue": "A",
        "primarycontactid": None,
    }  # fmt: skip
    assert api.post("accounts", json=body).status_code == 204


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"name":"\xff"}', b'{"name":"\\ud800"}', b"null"])
def test_a_body_that_is_no_object_is_refused(quick: Api, body: bytes) -> None:
    assert quick.post("accounts", content=body).status_code == 400


def test_related_records_are_not_made_along(quick: Api) -> None:
    body = {"name": "A", "primarycontactid": {"lastname": "B"}}
    assert quick.post("accounts", json=body).status_code == 501


def test_a_stale_change_is_refused_and_changes_nothing(api: Api) -> None:
    id = api.make("accounts", name="A")
    first = {"If-Match": 'W/"1"'}
    assert api.patch(f"accounts({id})", json={"name": "B"}, headers=first).status_code == 204
    stale = api.patch(f"accounts({id})", json={"name": "C"}, headers=first)
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "0x80060882")
    assert api.get(f"accounts({id})").json()["name"] == "B"
    assert api.delete(f"accounts({id})", headers=first).status_code == 412
    assert api.delete(f"accounts({id})", headers={"If-Match": 'W/"2"'}).status_code == 204


def test_a_change_answers_the_record_to_who_prefers_it(api: Api) -> None:
    id = api.make("accounts", name="A")
    plain = api.patch(f"accounts({id})", json={"name": "B"})
    assert (plain.status_code, id_in(plain)) == (204, id)
    told = api.patch(f"accounts({id})?$select=name", json={"name": "C"}, headers=REPRESENTATION)
    assert (told.status_code, told.json()["name"], told.headers["etag"]) == (200, "C", 'W/"3"')


def test_an_upsert_makes_the_record_unless_it_must_be_there(api: Api) -> None:
    missing = api.patch(f"accounts({NOWHERE})", json={"name": "A"}, headers={"If-Match": "*"})
    assert missing.status_code == 404
    assert id_in(api.patch(f"accounts({NOWHERE})", json={"name": "A"})) == NOWHERE
    only_new = {"If-None-Match": "*"}
    assert api.patch(f"accounts({NOWHERE})", json={"name": "B"}, headers=only_new).status_code == 412
    both = {"If-Match": "*", "If-None-Match": "null"}
    assert api.patch(f"accounts({NOWHERE})", json={"name": "C"}, headers=both).status_code == 204
    assert api.get(f"accounts({NOWHERE})/name").json()["value"] == "C"


def test_an_upsert_by_key_finds_or_makes(api: Api) -> None:
    place = "accounts(kvknumber='12345678')"
    made = api.patch(place, json={"name": "A"}, headers=REPRESENTATION)
    assert (made.status_code, made.json()["kvknumber"]) == (201, "12345678")
    changed = api.patch(place, json={"name": "B"}, headers=REPRESENTATION)
    assert (changed.status_code, changed.json()["accountid"]) == (200, made.json()["accountid"])
    assert api.delete(place).status_code == 204
    assert api.delete(place).status_code == 404


def test_one_property_is_set_and_emptied(api: Api) -> None:
    place = f"accounts({api.make('accounts', name='A', fax='030-2345678')})"
    assert api.put(f"{place}/name", json={"value": "B"}).status_code == 204
    assert api.delete(f"{place}/fax").status_code == 204
    row = api.get(place).json()
    assert (row["name"], row["fax"]) == ("B", None)
    assert api.put(f"{place}/name", json={"no": "B"}).status_code == 400
    assert list(details(api.delete(f"{place}/name"))) == ["name"]


def test_lookups_are_set_by_reference(api: Api, people: dict[str, str]) -> None:
    place = f"accounts({people['jansen']})/primarycontactid"
    garbled = {"@odata.id": f"http:/testserver/api/data/v9.2/contacts({people['piet'].upper()})"}
    assert api.put(f"{place}/$ref", json=garbled).status_code == 204
    assert api.get(f"{place}/firstname").json()["value"] == "Piet"
    assert api.delete(f"{place}/$ref").status_code == 204
    assert api.get(place).status_code == 204
    wrong = {"@odata.id": f"accounts({people['bakker']})"}
    assert api.put(f"{place}/$ref", json=wrong).status_code == 400


def test_a_collection_takes_records_in_and_lets_them_go(api: Api, people: dict[str, str]) -> None:
    place = f"accounts({people['jansen']})/contact_customer_accounts"
    reference = {"@odata.id": f"http://testserver/api/data/v9.2/contacts({people['piet']})"}
    assert api.post(f"{place}/$ref", json=reference).status_code == 204
    assert [row["firstname"] for row in api.rows(f"{place}?$select=firstname")] == ["Piet"]
    assert api.delete(f"{place}({people['jan']})/$ref").status_code == 204
    assert api.get(f"contacts({people['jan']})").json()["_parentcustomerid_value"] == people["bakker"]
    assert api.delete(f"{place}/$ref?$id={reference['@odata.id']}").status_code == 204
    assert api.get(f"{place}/$count").text == "0"
    assert api.post(place, json={"lastname": "Nieuw"}).status_code == 204
    assert api.get(f"{place}/$count").text == "1"


def test_many_to_many_is_tied_and_untied(api: Api) -> None:
    lead, rival = api.make("leads", subject="Kans", lastname="X"), api.make("competitors", name="Rivaal")
    place = f"leads({lead})/leadcompetitors_association"
    for _ in range(2):
        assert api.post(f"{place}/$ref", json={"@odata.id": f"competitors({rival})"}).status_code == 204
    assert api.get(f"{place}/$count").text == "1"
    assert api.delete(f"{place}({rival})/$ref").status_code == 204
    assert api.get(f"{place}/$count").text == "0"
    assert api.post(place, json={"name": "Nieuw"}).status_code == 204
    body = {"subject": "Met", "lastname": "Y", "leadcompetitors_association@odata.bind": [f"/competitors({rival})"]}
    other = id_in(api.post("leads", json=body))
    assert api.rows(f"leads({other})/leadcompetitors_association?$select=name")[0]["name"] == "Rivaal"


def test_a_state_is_changed_like_a_value(api: Api) -> None:
    id = api.make("accounts", name="A")
    assert api.patch(f"accounts({id})", json={"statecode": 1}).status_code == 204
    row = api.get(f"accounts({id})").json()
    assert (row["statecode"], row["statuscode"]) == (1, 2)
    assert list(details(api.patch(f"accounts({id})", json={"name": "B"}))) == ["name"]
    assert list(details(api.patch(f"accounts({id})", json={"statecode": 0, "statuscode": 2}))) == ["statuscode"]


def test_many_records_are_made_or_none(api: Api) -> None:
    place = "accounts/Microsoft.Dynamics.CRM.CreateMultiple"
    row = {"@odata.type": "Microsoft.Dynamics.CRM.account"}
    answer = api.post(place, json={"Targets": [{**row, "name": "A"}, {**row, "name": "B"}]})
    ids = answer.json()["Ids"]
    assert [api.get(f"accounts({id})").json()["name"] for id in ids] == ["A", "B"]
    refused = api.post(place, json={"Targets": [{"name": "C"}, {"fax": "1"}]})
    assert (refused.status_code, list(details(refused))) == (400, ["Targets[1].name"])
    assert api.get("accounts/$count").text == "2"


def test_many_records_are_changed_or_upserted(api: Api) -> None:
    id = api.make("accounts", name="A", kvknumber="12345678")
    update = "accounts/Microsoft.Dynamics.CRM.UpdateMultiple"
    assert api.post(update, json={"Targets": [{"accountid": id, "name": "B"}]}).status_code == 204
    assert api.post(update, json={"Targets": [{"name": "B"}]}).status_code == 400
    assert api.post(update, json={"Targets": [{"accountid": NOWHERE, "name": "B"}]}).status_code == 404
    targets = [
        {"@odata.id": "accounts(kvknumber='12345678')", "name": "C"},
        {"@odata.id": "accounts(kvknumber='87654321')", "name": "D"},
    ]
    answer = api.post("accounts/Microsoft.Dynamics.CRM.UpsertMultiple", json={"Targets": targets}).json()
    assert [row["RecordCreated"] for row in answer["Results"]] == [False, True]
    assert api.names("accounts", "kvknumber ne null") == ["C", "D"]


def test_rights_hold_for_writes(api: Api) -> None:
    id = api.make("accounts", name="A")
    reader = Api(api.crm, api.crm.a_user(roles=["read_only"]))
    assert reader.post("accounts", json={"name": "B"}).status_code == 403
    assert reader.patch(f"accounts({id})", json={"name": "B"}).status_code == 403
    assert reader.delete(f"accounts({id})").status_code == 403
    stranger = Api(api.crm, api.crm.a_user(roles=["salesperson"], unit=api.crm.a_unit()))
    assert stranger.get(f"accounts({id})").status_code == 404
    assert stranger.delete(f"accounts({id})").status_code == 404
    taken = stranger.patch(f"accounts({id})", json={"name": "B"})
    assert taken.status_code == 400 and api.get(f"accounts({id})").json()["name"] == "A"


def test_activities_are_changed_as_what_they_are(api: Api) -> None:
    """The list of all activities follows them; it is not written itself."""
    task = api.make("tasks", subject="Bellen")
    assert api.get(f"activitypointers({task})/activitytypecode").json()["value"] == "task"
    assert api.patch(f"activitypointers({task})", json={"subject": "Schrijven"}).status_code == 409
    assert api.post("activitypointers", json={"subject": "Los"}).status_code == 409
    assert api.patch(f"tasks({task})", json={"subject": "Schrijven"}).status_code == 204
    assert api.get(f"activitypointers({task})/subject").json()["value"] == "Schrijven"
    assert api.delete(f"activitypointers({task})").status_code == 204
    assert api.get(f"tasks({task})").status_code == 404
