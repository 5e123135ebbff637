"""FetchXML and saved views over the Web API."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tests.api.conftest import Api

ACCOUNT = '<fetch {0}><entity name="account"><attribute name="name"/><order attribute="name"/>{1}</entity></fetch>'
B, J = "Bakker BV", "Jansen & Zn"


def fetch(api: Api, xml: str, set_name: str = "accounts") -> dict[str, Any]:
    answer = api.get(set_name, params={"fetchXml": xml}, headers={"Prefer": 'odata.include-annotations="*"'})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(api: Api, inner: str) -> list[str]:
    return [row["name"] for row in fetch(api, ACCOUNT.format("", inner))["value"]]


@pytest.mark.parametrize(
    "condition, found",
    [
        ('attribute="name" operator="eq" value="bakker bv"', [B]),
        ('attribute="name" operator="neq" value="bakker bv"', [J]),
        ('attribute="name" operator="like" value="%ker%"', [B]),
        ('attribute="name" operator="like" value="[b]akker%"', [B]),
        ('attribute="name" operator="not-like" value="b%"', [J]),
        ('attribute="revenue" operator="gt" value="1000"', [B]),
        ('attribute="industrycode" operator="eq" value="2"', [J]),
        ('attribute="creditonhold" operator="eq" value="0"', [B, J]),
        ('attribute="fax" operator="null"', [B, J]),
        ('attribute="primarycontactid" operator="not-null"', [B]),
        ('attribute="ownerid" operator="eq-userid"', [B, J]),
        ('attribute="createdon" operator="today"', [B, J]),
        ('attribute="createdon" operator="last-x-days" value="3"', [B, J]),
        ('attribute="createdon" operator="olderthan-x-months" value="3"', []),
        ('attribute="createdon" operator="on" value="2026-11-24"', [B, J]),
        ('attribute="createdon" valueof="modifiedon" operator="eq"', [B, J]),
    ],
)
def test_a_condition_finds(shared: Api, condition: str, found: list[str]) -> None:
    assert names(shared, f"<filter><condition {condition}/></filter>") == found


def test_values_stand_inside_their_condition(shared: Api) -> None:
    inside = '<condition attribute="{0}" operator="{1}"><value>{2}</value><value>{3}</value></condition>'
    assert names(shared, f"<filter>{inside.format('industrycode', 'in', 1, 9)}</filter>") == [B]
    assert names(shared, f"<filter>{inside.format('revenue', 'between', 100, 600)}</filter>") == [J]


def test_filters_nest(shared: Api) -> None:
    inner = '<condition attribute="name" operator="{0}" value="{1}"/>'
    xml = (
        f'<filter type="or">{inner.format("eq", "x")}<filter type="and">{inner.format("begins-with", "jan")}'
        f"{inner.format('ends-with', 'zn')}</filter></filter>"
    )
    assert names(shared, xml) == [J]


LINK = '<link-entity name="contact" from="contactid" to="primarycontactid" alias="c" link-type="{0}">{1}</link-entity>'


def test_linked_columns_come_under_their_alias(shared: Api) -> None:
    outer = fetch(shared, ACCOUNT.format("", LINK.format("outer", '<attribute name="fullname"/>')))["value"]
    assert [row["c.fullname"] for row in outer] == ["Jan de Wit", None]
    inner = fetch(shared, ACCOUNT.format("", LINK.format("inner", '<attribute name="ownerid"/>')))["value"]
    assert [row["name"] for row in inner] == [B]
    assert inner[0]["c.ownerid@OData.Community.Display.V1.FormattedValue"] == "Anna de Vries"
    assert inner[0]["c.ownerid@Microsoft.Dynamics.CRM.lookuplogicalname"] == "systemuser"


def test_a_filter_of_an_outer_link_keeps_the_others(shared: Api) -> None:
    narrowed = '<attribute name="fullname"/><filter><condition attribute="firstname" operator="eq" value="x"/></filter>'
    rows = fetch(shared, ACCOUNT.format("", LINK.format("outer", narrowed)))["value"]
    assert [row["c.fullname"] for row in rows] == [None, None]


def test_conditions_may_name_a_link_that_comes_later(shared: Api) -> None:
    named = '<filter><condition entityname="c" attribute="firstname" operator="null"/></filter>'
    assert names(shared, named + LINK.format("outer", "")) == [J]


@pytest.mark.parametrize("kind, found", [("any", [B]), ("not any", [J])])
def test_related_records_are_asked_for_within_a_filter(shared: Api, kind: str, found: list[str]) -> None:
    link = (
        f'<filter><link-entity name="contact" from="parentcustomerid" to="accountid" link-type="{kind}"><filter>'
        '<condition attribute="firstname" operator="eq" value="piet"/></filter></link-entity></filter>'
    )
    assert names(shared, link) == found


@pytest.mark.parametrize("kind", ["exists", "in"])
def test_links_that_only_ask_whether_there_is_one(shared: Api, kind: str) -> None:
    link = f'<link-entity name="contact" from="parentcustomerid" to="accountid" link-type="{kind}"/>'
    assert names(shared, link) == [B]


def test_many_to_many_goes_over_its_table(api: Api) -> None:
    lead, rival = api.make("leads", subject="Kans", lastname="X"), api.make("competitors", name="Rivaal")
    api.post(f"leads({lead})/leadcompetitors_association/$ref", json={"@odata.id": f"competitors({rival})"})
    xml = (
        '<fetch><entity name="lead"><attribute name="subject"/><link-entity name="leadcompetitors_association" '
        'from="leadid" to="leadid" intersect="true"><link-entity name="competitor" from="competitorid" '
        'to="competitorid" alias="k"><attribute name="name"/></link-entity></link-entity></entity></fetch>'
    )
    assert fetch(api, xml, "leads")["value"][0]["k.name"] == "Rivaal"


def test_a_link_to_the_entity_itself_needs_no_alias(shared: Api) -> None:
    link = '<link-entity name="account" from="accountid" to="parentaccountid" link-type="outer"/>'
    assert names(shared, link) == [B, J]


def test_without_columns_all_are_given(shared: Api) -> None:
    row = fetch(shared, '<fetch top="1"><entity name="account"/></fetch>')["value"][0]
    assert {"name", "revenue", "_ownerid_value", "accountid"} <= set(row)
    everything = fetch(shared, '<fetch top="1"><entity name="account"><all-attributes/></entity></fetch>')
    assert set(everything["value"][0]) == set(row)


def test_distinct_rows_have_no_identity(shared: Api) -> None:
    xml = (
        '<fetch distinct="true" count="1" page="{0}"><entity name="contact"><attribute name="ownerid"/>'
        '<attribute name="parentcustomerid"/><order attribute="ownerid"/></entity></fetch>'
    )
    found = fetch(shared, xml.format(1), "contacts")
    assert len(found["value"]) == 1 and "@odata.etag" not in found["value"][0]
    assert "@Microsoft.Dynamics.CRM.morerecords" not in found


def pages(api: Api, count: int) -> list[list[str]]:
    """The names on each page, walked as the Microsoft client does: by the cookie that each page gives."""
    found, extra, page = [], "", 1
    while True:
        answer = fetch(api, ACCOUNT.format(f'count="{count}" page="{page}" {extra}', ""))
        found.append([row["name"] for row in answer["value"]])
        if not answer.get("@Microsoft.Dynamics.CRM.morerecords"):
            return found
        cookie = ElementTree.fromstring(answer["@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"])
        assert cookie.get("pagenumber") == str(page + 1)
        held = unquote(unquote(cookie.get("pagingcookie", "")))
        assert held.startswith("<cookie ")
        page += 1
        extra = f"paging-cookie='{held.replace('<', '&lt;').replace(chr(34), '&quot;')}'"


def test_pages_go_on_by_cookie_or_by_number(api: Api) -> None:
    for letter in "ABCDE":
        api.make("accounts", name=letter)
    assert pages(api, 2) == [["A", "B"], ["C", "D"], ["E"]]
    second = fetch(api, ACCOUNT.format('count="2" page="2"', ""))["value"]
    assert [row["name"] for row in second] == ["C", "D"]
    counted = fetch(api, ACCOUNT.format('count="2" returntotalrecordcount="true"', ""))
    assert counted["@Microsoft.Dynamics.CRM.totalrecordcount"] == 5


GROUP = '<fetch aggregate="true"><entity name="account">{0}</entity></fetch>'


def test_figures_come_under_their_alias_with_their_text(shared: Api) -> None:
    xml = GROUP.format(
        '<attribute name="revenue" alias="total" aggregate="sum"/>'
        '<attribute name="accountid" alias="n" aggregate="count"/>'
        '<attribute name="industrycode" alias="branch" groupby="true"/><order alias="total" descending="true"/>'
    )
    first, second = fetch(shared, xml)["value"]
    assert (first["total"], first["n"], first["branch"]) == (1500.0, 1, 1)
    assert first["total@OData.Community.Display.V1.FormattedValue"] == "€1,500.00"
    assert first["branch@OData.Community.Display.V1.FormattedValue"] == "Accounting"
    assert second["total"] == 500.0


def test_figures_group_by_linked_columns_and_dates(shared: Api) -> None:
    by_link = '<attribute name="firstname" alias="who" groupby="true"/>'
    xml = GROUP.format(
        '<attribute name="accountid" alias="n" aggregate="countcolumn" distinct="true"/>'
        + LINK.format("inner", by_link)
    )
    assert fetch(shared, xml)["value"] == [{"n": 1, "n@OData.Community.Display.V1.FormattedValue": "1", "who": "Jan"}]
    by_month = GROUP.format(
        '<attribute name="accountid" alias="n" aggregate="count"/>'
        '<attribute name="createdon" alias="m" groupby="true" dategrouping="month"/>'
    )
    assert fetch(shared, by_month)["value"][0]["m"] == "2026-11-01"


def test_figures_of_nothing(shared: Api) -> None:
    none = '<filter><condition attribute="name" operator="eq" value="x"/></filter>'
    xml = GROUP.format(f'<attribute name="revenue" alias="total" aggregate="sum"/>{none}')
    assert fetch(shared, xml)["value"] == [{"total": None}]


@pytest.mark.parametrize(
    "xml",
    [
        "", "x", "<fetch>", "<fetch/>", "<entity name='account'/>",
        "<fetch><entity name='account'><nonsense/></entity></fetch>",
        "<fetch><entity name='contact'/></fetch>", "<fetch top='2' count='1'><entity name='account'/></fetch>",
        "<fetch top='x'><entity name='account'/></fetch>",
        "<fetch><entity name='account'><filter><condition attribute='name' operator='x'/></filter></entity></fetch>",
        "<fetch><entity name='account'><filter><condition attribute='name' operator='eq'/></filter></entity></fetch>",
        "<fetch><entity name='account'><filter type='xor'/></entity></fetch>",
        "<fetch aggregate='true'><entity name='account'><attribute name='name'/></entity></fetch>",
        "<fetch><entity name='account'><link-entity name='contact' from='contactid' to='primarycontactid' alias='a'/>"
        "<link-entity name='contact' from='contactid' to='primarycontactid' alias='a'/></entity></fetch>",
        '<!DOCTYPE f [<!ENTITY a "b">]><fetch><entity name="account"/></fetch>',
        "<fetch><entity name='account'>" + "<filter>" * 50 + "</filter>" * 50 + "</entity></fetch>",
    ],
)  # fmt: skip
def test_what_is_no_query_is_refused(shared: Api, xml: str) -> None:
    answer = shared.get("accounts", params={"fetchXml": xml})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("kind", ["all", "not all"])
def test_links_of_unclear_meaning_are_not_done(shared: Api, kind: str) -> None:
    link = f'<filter><link-entity name="contact" from="parentcustomerid" to="accountid" link-type="{kind}"/></filter>'
    assert shared.get("accounts", params={"fetchXml": ACCOUNT.format("", link)}).status_code == 501


def test_unknown_names_are_not_found(shared: Api) -> None:
    xml = "<fetch><entity name='account'><attribute name='nonsense'/></entity></fetch>"
    assert shared.get("accounts", params={"fetchXml": xml}).status_code in (400, 404)


# -- views


def test_a_saved_view_is_a_list(shared: Api) -> None:
    chosen = "savedqueries?$filter=returnedtypecode eq 'account' and isdefault eq true and querytype eq 0"
    view = shared.rows(f"{chosen}&$select=savedqueryid,name")[0]
    rows = shared.rows(f"accounts?savedQuery={view['savedqueryid']}")
    assert [row["name"] for row in rows] == [B, J]
    assert "_primarycontactid_value" in rows[0]
    assert shared.get("contacts", params={"savedQuery": view["savedqueryid"]}).status_code == 404
    assert shared.get("accounts?userQuery=nonsense").status_code == 404


def test_a_view_pages_by_its_link(shared: Api) -> None:
    view = shared.rows("savedqueries?$filter=returnedtypecode eq 'account' and querytype eq 0")[0]
    page = shared.get(f"accounts?savedQuery={view['savedqueryid']}", headers={"Prefer": "odata.maxpagesize=1"}).json()
    rest = shared.get(page["@odata.nextLink"]).json()
    assert [row["name"] for row in (*page["value"], *rest["value"])] == [B, J]


@pytest.mark.long
def test_the_fetch_xml_of_every_view_runs(shared: Api) -> None:
    """What `savedqueries` give can be asked back, with the same rows as the view itself."""
    sets = {row["LogicalName"]: row["EntitySetName"] for row in shared.rows("EntityDefinitions")}
    for view in shared.rows("savedqueries"):
        set_name = sets[view["returnedtypecode"]]
        by_view = shared.rows(f"{set_name}?savedQuery={view['savedqueryid']}")
        by_fetch = fetch(shared, view["fetchxml"], set_name)["value"]
        assert len(by_view) == len(by_fetch), view["name"]
        cells = re.findall(r'cell name="([\w.]+)"', view["layoutxml"])
        assert cells and all(isinstance(name, str) for name in cells)
