"""Lists and records: what they hold, how they are told, and how one goes on to the next page."""

from __future__ import annotations

from typing import Any

import pytest

from basis.catalog.query import Column, Query
from basis.records import select
from tests.api.conftest import Api
from tests.support.crm import Crm

EVERYTHING = {"Prefer": 'odata.include-annotations="*"'}


def test_a_list_gives_what_was_selected_with_id_and_etag(api: Api, people: dict[str, str]) -> None:
    answer = api.get("accounts?$select=name,revenue&$orderby=name desc").json()
    assert answer["@odata.context"].endswith("/api/data/v9.2/$metadata#accounts(name,revenue)")
    assert [row["name"] for row in answer["value"]] == ["Jansen & Zn", "Bakker BV"]
    assert answer["value"][0] == {
        "@odata.etag": 'W/"1"', "name": "Jansen & Zn", "revenue": 500.0, "accountid": people["jansen"],
    }  # fmt: skip


def test_a_record_holds_every_field_under_its_property(api: Api, people: dict[str, str]) -> None:
    row = api.get(f"accounts({people['bakker']})").json()
    assert row["_primarycontactid_value"] == people["jan"]
    assert row["createdon"] == "2026-11-24T09:05:00Z"
    assert (row["statecode"], row["statuscode"], row["versionnumber"]) == (0, 1, 2)
    assert "primarycontactid" not in row


def test_annotations_come_when_they_are_asked_for(api: Api, people: dict[str, str]) -> None:
    address = f"accounts({people['bakker']})?$select=name,revenue,industrycode,_primarycontactid_value,createdon"
    answer = api.get(address, headers=EVERYTHING)
    row = answer.json()
    formatted = "@OData.Community.Display.V1.FormattedValue"
    assert row[f"revenue{formatted}"] == "€1,500.00"
    assert row[f"industrycode{formatted}"] == "Accounting"
    assert row[f"createdon{formatted}"] == "24/11/2026 10:05"
    assert row[f"_primarycontactid_value{formatted}"] == "Jan de Wit"
    assert row["_primarycontactid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "contact"
    navigation = "_primarycontactid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"
    assert row[navigation] == "primarycontactid"
    assert f"name{formatted}" not in row
    assert answer.headers["preference-applied"] == 'odata.include-annotations="*"'
    assert not any("@OData" in key for key in api.get(address).json())


def test_only_the_annotations_that_were_named_come(api: Api, people: dict[str, str]) -> None:
    wanted = 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"'
    rows = api.rows("contacts?$select=_parentcustomerid_value", Prefer=wanted)
    assert all("_parentcustomerid_value@OData.Community.Display.V1.FormattedValue" in row for row in rows)
    assert not any("@Microsoft" in key for row in rows for key in row)


@pytest.mark.parametrize("spelling", ["{id}", "'{id}'", "{{{id}}}", "accountid={id}"])
def test_a_record_is_found_by_its_id_in_every_spelling(api: Api, people: dict[str, str], spelling: str) -> None:
    for id in (people["bakker"], people["bakker"].upper()):
        assert api.get(f"accounts({spelling.format(id=id)})").json()["name"] == "Bakker BV"


def test_a_record_is_found_by_an_alternate_key(api: Api) -> None:
    api.make("accounts", name="Met nummer", kvknumber="12345678")
    assert api.get("accounts(kvknumber='12345678')?$select=name").json()["name"] == "Met nummer"
    assert api.get("accounts(kvknumber='87654321')").status_code == 404
    assert "no key on name" in api.problem("accounts(name='Met nummer')")


def test_a_key_of_several_fields_may_hold_lookups(api: Api) -> None:
    schedule = api.make("uomschedules", name="Stuks")
    api.make("uoms", name="Doos", quantity=6, **{"uomscheduleid__bind": f"uomschedules({schedule})"})
    assert api.get(f"uoms(name='Doos',_uomscheduleid_value={schedule})").json()["name"] == "Doos"


def test_one_property_is_read_alone(api: Api, people: dict[str, str]) -> None:
    place = f"accounts({people['bakker']})"
    assert api.get(f"{place}/name").json()["value"] == "Bakker BV"
    assert api.get(f"{place}/name/$value").text == "Bakker BV"
    assert api.get(f"{place}/revenue/$value").text == "1500.0000"
    assert api.get(f"{place}/creditonhold/$value").text == "false"
    assert api.get(f"{place}/fax").status_code == 204


def test_lookups_lead_on(api: Api, people: dict[str, str]) -> None:
    place = f"accounts({people['bakker']})"
    assert api.get(f"{place}/primarycontactid?$select=fullname").json()["fullname"] == "Jan de Wit"
    assert api.get(f"{place}/primarycontactid/fullname/$value").text == "Jan de Wit"
    assert api.get(f"{place}/primarycontactid/$ref").json()["@odata.id"].endswith(f"contacts({people['jan']})")
    assert api.get(f"{place}/parentaccountid").status_code == 204
    assert api.get(f"contacts({people['jan']})/parentcustomerid_account/name").json()["value"] == "Bakker BV"
    assert api.get(f"contacts({people['jan']})/parentcustomerid_contact").status_code == 204
    assert api.get(f"{place}/ownerid").json()["fullname"] == "Anna de Vries"


def test_collections_lead_back(api: Api, people: dict[str, str]) -> None:
    place = f"accounts({people['bakker']})/contact_customer_accounts"
    assert [row["lastname"] for row in api.rows(f"{place}?$select=lastname&$orderby=lastname")] == ["de Wit", "Zwart"]
    assert api.get(f"{place}/$count").text == "2"
    assert api.rows(f"{place}?$filter=firstname eq 'Piet'")[0]["contactid"] == people["piet"]
    assert api.get(f"{place}({people['jan']})?$select=lastname").json()["lastname"] == "de Wit"
    assert api.get(f"accounts({people['jan']})/contact_customer_accounts").status_code == 404


def test_related_records_come_along(api: Api, people: dict[str, str]) -> None:
    expand = "primarycontactid($select=fullname),contact_customer_accounts($select=lastname;$orderby=lastname)"
    bakker, jansen = api.rows(f"accounts?$select=name&$orderby=name&$expand={expand}")
    assert bakker["primarycontactid"]["fullname"] == "Jan de Wit"
    assert [row["lastname"] for row in bakker["contact_customer_accounts"]] == ["de Wit", "Zwart"]
    assert (jansen["primarycontactid"], jansen["contact_customer_accounts"]) == (None, [])
    assert "_primarycontactid_value" not in bakker


def test_an_expand_filters_and_stops(api: Api, people: dict[str, str]) -> None:
    inner = "$select=lastname;$filter=startswith(lastname,'z') or lastname eq 'de (Wit)';$top=1"
    rows = api.rows(f"accounts?$select=name&$orderby=name&$expand=contact_customer_accounts({inner})")
    assert [len(row["contact_customer_accounts"]) for row in rows] == [1, 0]


def test_a_lookup_of_several_entities_expands_to_what_it_holds(api: Api, people: dict[str, str]) -> None:
    rows = api.rows("accounts?$select=name&$expand=ownerid($select=fullname)")
    assert {row["ownerid"]["fullname"] for row in rows} == {"Anna de Vries"}
    row = api.rows("contacts?$select=lastname&$expand=parentcustomerid_account($select=name)")[0]
    assert row["parentcustomerid_account"]["name"] == "Bakker BV"


def test_many_to_many_expands_both_ways(api: Api) -> None:
    lead, competitor = api.make("leads", subject="Kans", lastname="X"), api.make("competitors", name="Rivaal")
    link = {"@odata.id": f"http://testserver/api/data/v9.2/competitors({competitor})"}
    assert api.post(f"leads({lead})/leadcompetitors_association/$ref", json=link).status_code == 204
    assert api.rows(f"leads({lead})/leadcompetitors_association?$select=name")[0]["name"] == "Rivaal"
    row = api.rows("competitors?$select=name&$expand=leadcompetitors_association($select=subject)")[0]
    assert [each["subject"] for each in row["leadcompetitors_association"]] == ["Kans"]
    only = api.rows("leads?$select=subject&$expand=leadcompetitors_association($select=name;$top=1)")[0]
    assert only["leadcompetitors_association"][0]["name"] == "Rivaal"


def walk(api: Api, address: str, size: int) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    found: list[dict[str, Any]] = []
    while address:
        answer = api.get(address, headers={"Prefer": f"odata.maxpagesize={size}"})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["value"]) <= size
        found += page["value"]
        address = page.get("@odata.nextLink", "")
    return found


@pytest.mark.parametrize("order", ["name", "revenue desc", "address1_city,revenue desc", "_ownerid_value", ""])
def test_pages_join_to_the_whole_list(api: Api, order: str) -> None:
    for number in range(11):
        city, revenue = ("Zwolle", None)[number % 2], (100 * number if number % 3 else None)
        api.make("accounts", name=f"Account {number % 4}", address1_city=city, revenue=revenue)
    address = f"accounts?$select=name&$filter=name ne 'é'{f'&$orderby={order}' if order else ''}"
    whole = [row["accountid"] for row in api.rows(address)]
    assert [row["accountid"] for row in walk(api, address, 3)] == whole
    assert len(set(whole)) == 11


def test_a_next_link_is_absolute_and_ends(quick: Api) -> None:
    for name in "ABC":
        quick.make("accounts", name=name)
    first = quick.get("accounts?$select=name", headers={"Prefer": "odata.maxpagesize=2"})
    assert first.headers["preference-applied"] == "odata.maxpagesize=2"
    link = first.json()["@odata.nextLink"]
    assert link.startswith("http://testserver/api/data/v9.2/accounts?$select=name&$skiptoken=")
    assert "@odata.nextLink" not in quick.get(link).json()
    assert "@odata.nextLink" not in quick.get("accounts?$top=2").json()


def test_top_skip_and_count(quick: Api) -> None:
    for name in "ABCD":
        quick.make("accounts", name=name)
    answer = quick.get("accounts?$select=name&$orderby=name&$top=2&$skip=1&$count=true").json()
    assert [row["name"] for row in answer["value"]] == ["B", "C"]
    assert answer["@odata.count"] == 4
    assert quick.get("accounts?$top=0&$count=true").json()["value"] == []
    assert quick.get("accounts/$count?$filter=name ge 'C'").text == "2"
    told = quick.get("accounts?$count=true", headers=EVERYTHING).json()
    assert told["@Microsoft.Dynamics.CRM.totalrecordcount"] == 4
    assert told["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is False


def test_a_made_up_page_never_breaks_anything(api: Api, people: dict[str, str]) -> None:
    assert "page" in api.problem("accounts?$skiptoken=nonsense")
    for token in ("WzFd", "eyJ9", "WyJhIiwiYiJd", "W10", "WzFd.x", "W3t9XQ"):
        for order in ("", "$orderby=revenue,createdon&"):
            assert api.get(f"accounts?{order}$skiptoken={token}").status_code in (200, 400)


def test_a_version_that_the_client_has_is_not_sent_again(quick: Api) -> None:
    id = quick.make("accounts", name="Jansen")
    etag = quick.get(f"accounts({id})").headers["etag"]
    assert etag == 'W/"1"'
    again = quick.get(f"accounts({id})", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert quick.get(f"accounts({id})", headers={"If-None-Match": "null"}).status_code == 200
    assert quick.get(f"accounts({id})?$expand=ownerid", headers={"If-None-Match": etag}).status_code == 200
    assert quick.get(f"accounts({id})", headers={"If-None-Match": etag, **EVERYTHING}).status_code == 200
    quick.patch(f"accounts({id})", json={"name": "Janssen"})
    assert quick.get(f"accounts({id})", headers={"If-None-Match": etag}).status_code == 200
    assert quick.get(f"accounts({id})", headers={"If-Match": etag}).status_code == 412


def test_names_that_are_not_there_are_refused_with_their_type(quick: Api) -> None:
    expected = "Could not find a property named 'nonsense' on type 'Microsoft.Dynamics.CRM.account'."
    for option in ("$select=nonsense", "$orderby=nonsense", "$filter=nonsense eq 1", "$expand=nonsense"):
        assert expected in quick.problem(f"accounts?{option}")
    assert "many records" in quick.problem("accounts?$filter=contact_customer_accounts/lastname eq 'x'")


def test_the_service_lists_its_sets(quick: Api) -> None:
    listed = {row["url"] for row in quick.rows("")}
    assert {"accounts", "contacts", "opportunities"} <= listed
    assert listed == {row["url"] for row in quick.get("http://testserver/api/data/v9.2").json()["value"]}


def test_the_base_amount_stands_beside_an_amount_and_cannot_be_written(crm: Crm) -> None:
    api = Api(crm)
    with crm.scope(write=False) as scope:
        query = Query("transactioncurrency", (Column("isocurrencycode"),))
        dollar = next((r for r in select.every(scope, query) if r["isocurrencycode"] == "USD"), None)
    if dollar is None:
        values = {"currencyname": "Dollar", "isocurrencycode": "USD", "currencysymbol": "$", "currencyprecision": 2}
        dollar = crm.create("transactioncurrency", {**values, "exchangerate": "1.25"})
    crm.update("transactioncurrency", dollar.id, {"exchangerate": "1.25"})
    bound = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({dollar.id})"}
    api.make("accounts", name="Abroad", revenue=125, **bound)
    row = api.rows("accounts?$select=revenue,revenue_base&$filter=revenue_base eq 100")[0]
    assert (row["revenue"], row["revenue_base"]) == (125, 100)
    names = [each["LogicalName"] for each in api.rows("EntityDefinitions(LogicalName='account')/Attributes")]
    assert "revenue_base" in names
