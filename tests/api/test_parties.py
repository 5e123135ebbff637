"""The parties of activities in the Web API: a collection that is written with its activity and read by `$expand`."""

from __future__ import annotations

from tests.api.conftest import Api

LIST = "email_activity_parties"


def mail(api: Api, contact: str) -> str:
    given = [
        {"partyid_systemuser@odata.bind": f"/systemusers({api.crm.admin})", "participationtypemask": 1},
        {"partyid_contact@odata.bind": f"/contacts({contact})", "participationtypemask": 2},
        {"addressused": "inkoop@visser.example", "participationtypemask": 2},
    ]
    return api.make("emails", subject="Offerte", email_activity_parties=given)


def told(api: Api, id: str) -> list[tuple[int, str | None, str | None]]:
    expand = f"{LIST}($select=participationtypemask,addressused,_partyid_value)"
    answer = api.get(f"emails({id})?$select=subject&$expand={expand}").json()
    rows = [(row["participationtypemask"], row["_partyid_value"], row["addressused"]) for row in answer[LIST]]
    return sorted(rows, key=str)


def test_parties_are_written_with_their_activity_and_read_by_expand(api: Api) -> None:
    contact = api.make("contacts", lastname="Visser", emailaddress1="jan@visser.example")
    id = mail(api, contact)
    assert [(mask, party) for mask, party, _ in told(api, id)] == [(1, api.crm.admin), (2, contact), (2, None)]
    assert ("inkoop@visser.example" in {address for _, _, address in told(api, id)}) is True
    changed = {LIST: [{"partyid_contact@odata.bind": f"/contacts({contact})", "participationtypemask": 3}]}
    assert api.patch(f"emails({id})", json=changed).status_code == 204
    assert [(mask, party) for mask, party, _ in told(api, id)] == [(3, contact)]
    assert api.patch(f"emails({id})", json={"subject": "Offerte 2"}).status_code == 204
    assert len(told(api, id)) == 1
    assert api.patch(f"emails({id})", json={LIST: []}).status_code == 204
    assert told(api, id) == []


def test_activities_are_found_through_their_parties(api: Api) -> None:
    contact = api.make("contacts", lastname="Visser")
    id = mail(api, contact)
    fetch = (
        "<fetch><entity name='email'><attribute name='subject'/><link-entity name='activityparty' from='activityid' "
        f"to='activityid'><filter><condition attribute='partyid' operator='eq' value='{contact}'/></filter>"
        "</link-entity></entity></fetch>"
    )
    rows = api.get("emails", params={"fetchXml": fetch}).json()["value"]
    assert [row["activityid"] for row in rows] == [id]
    own = api.rows(f"contacts({contact})/contact_activity_parties?$select=participationtypemask")
    assert [row["participationtypemask"] for row in own] == [2]
    filtered = api.rows(f"emails?$select=subject&$filter={LIST}/any(p:p/participationtypemask eq 2)")
    assert [row["activityid"] for row in filtered] == [id]


def test_wrong_parties_are_refused_by_name(api: Api) -> None:
    contact = api.make("contacts", lastname="Visser")
    bind = {"partyid_contact@odata.bind": f"/contacts({contact})"}
    to = {"participationtypemask": 2}
    attendee = {**bind, "participationtypemask": 5}
    for wrong in ({}, bind, attendee, to, "x", {**bind, **to, "nothing": 1}, {"addressused": "x", **to}):
        answer = api.post("emails", json={"subject": "x", LIST: [wrong]})
        assert answer.status_code == 400, answer.text
    assert api.post("emails", json={"subject": "x", LIST: {}}).status_code == 400
    id = mail(api, contact)
    assert api.post(f"emails({id})/{LIST}", json={"addressused": "x@y.example"}).status_code >= 400


def test_a_party_list_is_told_in_the_definitions_but_is_no_property(api: Api) -> None:
    attributes = {row["LogicalName"]: row for row in api.rows("EntityDefinitions(LogicalName='email')/Attributes")}
    assert attributes["to"]["AttributeType"] == "PartyList"
    row = api.get(f"emails({mail(api, api.make('contacts', lastname='Visser'))})").json()
    assert "to" not in row
    metadata = api.get("$metadata").text
    assert f'Name="{LIST}" Type="Collection(mscrm.activityparty)"' in metadata
