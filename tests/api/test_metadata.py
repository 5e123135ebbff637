"""Definitions over the Web API: what clients ask before they read or write a record."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from basis.catalog.catalog import definition_id
from basis.catalog.changes import publish
from basis.catalog.store import Change
from tests.api.conftest import Api

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
ACCOUNT = "EntityDefinitions(LogicalName='account')"


@pytest.fixture(scope="module")
def schema(shared: Api) -> Any:
    answer = shared.get("$metadata", headers={"Accept": "*/*"})
    assert answer.headers["content-type"] == "application/xml"
    return ElementTree.fromstring(answer.content)[0][0]


def test_the_schema_names_every_type_and_set(shared: Api, schema: Any) -> None:
    assert (schema.get("Namespace"), schema.get("Alias")) == ("Microsoft.Dynamics.CRM", "mscrm")
    types = {element.get("Name") for element in schema.iter(f"{EDM}EntityType")}
    assert {"crmbaseentity", "account", "contact"} <= types
    sets = {element.get("Name") for element in schema.iter(f"{EDM}EntitySet")}
    assert sets == {row["url"] for row in shared.rows("")}


def test_the_schema_fits_together(schema: Any) -> None:
    """Every type, partner and constraint that one mentions, another has; names within a type are unique."""
    types = {element.get("Name"): element for element in schema.iter(f"{EDM}EntityType")}
    for name, element in types.items():
        members = [child.get("Name") for child in element if child.get("Name")]
        assert len(members) == len(set(members)), name
        properties = {child.get("Name") for child in element.iter(f"{EDM}Property")}
        for key in element.iter(f"{EDM}PropertyRef"):
            assert key.get("Name") in properties
        for navigation in element.iter(f"{EDM}NavigationProperty"):
            target = types[navigation.get("Type").removeprefix("Collection(").rstrip(")").removeprefix("mscrm.")]
            there = {child.get("Name"): child for child in target.iter(f"{EDM}NavigationProperty")}
            assert navigation.get("Partner") in there, (name, navigation.get("Name"))
            for constraint in navigation.iter(f"{EDM}ReferentialConstraint"):
                assert constraint.get("Property") in properties
                theirs = {child.get("Name") for child in target.iter(f"{EDM}Property")}
                assert constraint.get("ReferencedProperty") in theirs


def test_the_schema_tells_types_as_dataverse_does(schema: Any) -> None:
    account = next(element for element in schema.iter(f"{EDM}EntityType") if element.get("Name") == "account")
    types = {element.get("Name"): element.get("Type") for element in account.iter(f"{EDM}Property")}
    assert types["accountid"] == "Edm.Guid" and types["_primarycontactid_value"] == "Edm.Guid"
    assert (types["name"], types["revenue"], types["industrycode"]) == ("Edm.String", "Edm.Decimal", "Edm.Int32")
    assert (types["createdon"], types["creditonhold"]) == ("Edm.DateTimeOffset", "Edm.Boolean")
    assert types["versionnumber"] == "Edm.Int64"
    assert account.get("BaseType") == "mscrm.crmbaseentity"


def test_a_new_field_is_in_the_schema_and_in_the_records_at_once(api: Api) -> None:
    id = api.make("accounts", name="A")
    body = {"type": "text", "label": {"en": "Nickname"}}
    with api.crm.scope() as scope:
        publish(scope.conn, [Change("field", "account", "nickname", body)], author=None, now=api.crm.now, summary="")
    assert b'"nickname"' in api.get("$metadata").content
    assert api.patch(f"accounts({id})", json={"nickname": "Ap"}).status_code == 204
    assert api.get(f"accounts({id})?$select=nickname").json()["nickname"] == "Ap"


def test_a_client_finds_the_set_of_a_table(shared: Api) -> None:
    """As the Microsoft client asks, with spaces as plus and signs encoded."""
    address = (
        "EntityDefinitions?%24select=LogicalName,EntitySetName,PrimaryIdAttribute&%24filter=LogicalName+eq+'account'"
    )
    row = shared.rows(address)[0]
    assert (row["EntitySetName"], row["PrimaryIdAttribute"]) == ("accounts", "accountid")
    assert set(row) == {"LogicalName", "EntitySetName", "PrimaryIdAttribute", "MetadataId"}


def test_a_table_is_told_by_name_or_id(shared: Api) -> None:
    row = shared.get(f"{ACCOUNT}?$select=EntitySetName,PrimaryNameAttribute,PrimaryImageAttribute").json()
    assert (row["PrimaryNameAttribute"], row["PrimaryImageAttribute"]) == ("name", "entityimage")
    by_id = shared.get(f"EntityDefinitions({definition_id('entity', '', 'account')})").json()
    assert by_id["LogicalName"] == "account" and by_id["OwnershipType"] == "UserOwned"
    assert shared.get("EntityDefinitions(LogicalName='nonsense')").status_code == 404


def test_labels_come_in_every_language_and_in_the_users(shared: Api) -> None:
    row = shared.get(f"{ACCOUNT}/Attributes(LogicalName='name')?$select=DisplayName").json()
    labels = {label["LanguageCode"]: label["Label"] for label in row["DisplayName"]["LocalizedLabels"]}
    assert labels == {1043: "Accountnaam", 1033: "Account name"}
    assert row["DisplayName"]["UserLocalizedLabel"]["LanguageCode"] == 1033


def test_the_options_of_choices_are_told_with_their_labels(shared: Api) -> None:
    address = f"{ACCOUNT}/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata"
    rows = shared.rows(f"{address}?$select=LogicalName&$expand=OptionSet($select=Options)")
    industry = next(row for row in rows if row["LogicalName"] == "industrycode")
    option = industry["OptionSet"]["Options"][0]
    assert option["Value"] == 1 and option["Label"]["UserLocalizedLabel"]["Label"] == "Accounting"
    assert set(industry["OptionSet"]) == {"Options", "MetadataId"}
    one = f"{ACCOUNT}/Attributes(LogicalName='industrycode')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata"
    assert shared.get(f"{one}/OptionSet").json()["Name"] == "industry"
    assert shared.get(f"{one}?$expand=GlobalOptionSet").json()["GlobalOptionSet"]["IsGlobal"] is True


@pytest.mark.parametrize(
    "cast, field",
    [
        ("StringAttributeMetadata", "name"), ("LookupAttributeMetadata", "ownerid"),
        ("MoneyAttributeMetadata", "revenue"), ("BooleanAttributeMetadata", "creditonhold"),
        ("StateAttributeMetadata", "statecode"), ("StatusAttributeMetadata", "statuscode"),
        ("DateTimeAttributeMetadata", "createdon"), ("UniqueIdentifierAttributeMetadata", "accountid"),
        ("MemoAttributeMetadata", "description"), ("IntegerAttributeMetadata", "numberofemployees"),
        ("ImageAttributeMetadata", "entityimage"),
    ],
)  # fmt: skip
def test_a_cast_gives_the_fields_of_one_type(shared: Api, cast: str, field: str) -> None:
    rows = shared.rows(f"{ACCOUNT}/Attributes/Microsoft.Dynamics.CRM.{cast}")
    assert field in [row["LogicalName"] for row in rows]
    assert {row["@odata.type"] for row in rows} == {f"#Microsoft.Dynamics.CRM.{cast}"}


def test_fields_tell_their_limits(shared: Api) -> None:
    rows = {row["LogicalName"]: row for row in shared.rows(f"{ACCOUNT}/Attributes")}
    assert rows["createdon"]["DateTimeBehavior"] == {"Value": "UserLocal"}
    assert rows["name"]["MaxLength"] == 160 and rows["name"]["RequiredLevel"]["Value"] == "ApplicationRequired"
    assert rows["revenue"]["MinValue"] == 0 and rows["ownerid"]["Targets"] == ["systemuser", "team"]
    assert rows["createdon"]["IsValidForUpdate"] is False and rows["accountid"]["IsPrimaryId"] is True
    assert (
        shared.rows(f"{ACCOUNT}/Attributes?$filter=IsPrimaryName eq true&$select=LogicalName")[0]["LogicalName"]
        == "name"
    )
    filtered = "$filter=RequiredLevel/Value eq 'ApplicationRequired'&$select=LogicalName"
    assert [row["LogicalName"] for row in shared.rows(f"{ACCOUNT}/Attributes?{filtered}")] == ["name"]


def test_keys_and_relationships_are_told(shared: Api) -> None:
    assert shared.rows(f"{ACCOUNT}/Keys?$select=SchemaName,KeyAttributes")[0]["KeyAttributes"] == ["kvknumber"]
    to_many = {row["SchemaName"]: row for row in shared.rows(f"{ACCOUNT}/OneToManyRelationships")}
    assert to_many["contact_customer_accounts"]["ReferencingAttribute"] == "parentcustomerid"
    to_one = {row["SchemaName"]: row for row in shared.rows(f"{ACCOUNT}/ManyToOneRelationships")}
    assert to_one["account_primary_contact"]["ReferencingEntityNavigationPropertyName"] == "primarycontactid"
    between = shared.rows("EntityDefinitions(LogicalName='lead')/ManyToManyRelationships")
    assert "leadcompetitors_association" in [row["SchemaName"] for row in between]
    by_name = "RelationshipDefinitions(SchemaName='account_primary_contact')"
    assert shared.get(by_name).json()["ReferencedEntity"] == "contact"
    cast = "RelationshipDefinitions/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata"
    assert {row["RelationshipType"] for row in shared.rows(cast)} == {"ManyToManyRelationship"}


def test_every_navigation_that_a_relationship_names_can_be_expanded(shared: Api) -> None:
    """The names in the metadata are those that reading understands, for every entity of the standard."""
    for table in shared.rows("EntityDefinitions?$select=LogicalName,EntitySetName"):
        place = f"EntityDefinitions(LogicalName='{table['LogicalName']}')"
        ones = shared.rows(f"{place}/ManyToOneRelationships")
        many = shared.rows(f"{place}/OneToManyRelationships")
        names = [row["ReferencingEntityNavigationPropertyName"] for row in ones]
        names += [row["ReferencedEntityNavigationPropertyName"] for row in many]
        for start in range(0, len(names), 15):
            expand = ",".join(f"{name}($select=createdon)" for name in names[start : start + 15])
            shared.rows(f"{table['EntitySetName']}?$top=1&$expand={expand}")


def test_expanded_attributes_and_shared_choices(shared: Api) -> None:
    expand = "$expand=Attributes($select=LogicalName;$filter=IsPrimaryId eq true),Keys"
    row = shared.get(f"{ACCOUNT}?$select=LogicalName&{expand}").json()
    assert [each["LogicalName"] for each in row["Attributes"]] == ["accountid"]
    assert row["Keys"][0]["LogicalName"] == "kvknumber"
    choice = shared.get("GlobalOptionSetDefinitions(Name='industry')").json()
    assert choice["Options"][0]["Value"] == 1
    assert len(shared.rows("GlobalOptionSetDefinitions")) > 3


def test_views_and_forms_are_sets(shared: Api) -> None:
    active = shared.rows("savedqueries?$filter=returnedtypecode eq 'account' and contains(name,'active')&$count=true")
    assert {row["querytype"] for row in active} <= {0, 2, 4, 64}
    one = shared.get(f"savedqueries({active[0]['savedqueryid']})?$select=name,layoutxml").json()
    assert one["layoutxml"].startswith("<grid ") and set(one) == {"@odata.context", "name", "layoutxml"}
    forms = shared.rows("systemforms?$filter=objecttypecode eq 'account'&$orderby=name desc&$select=name,type")
    assert {row["type"] for row in forms} == {2, 7}


def test_which_messages_a_table_takes_is_told_to_the_client_that_asks(shared: Api) -> None:
    wanted = "(sdkmessageid/name eq 'CreateMultiple' or sdkmessageid/name eq 'UpdateMultiple')"
    address = (
        f"sdkmessagefilters?$expand=sdkmessageid($select=name)&$filter={wanted} and primaryobjecttypecode eq 'account'"
    )
    assert sorted(row["sdkmessageid"]["name"] for row in shared.rows(address)) == ["CreateMultiple", "UpdateMultiple"]


def test_definitions_are_only_read_here(quick: Api) -> None:
    assert quick.post("EntityDefinitions", json={}).status_code == 405
    assert quick.delete("savedqueries(00000000-0000-0000-0000-000000000000)").status_code == 405


def test_functions_are_called_with_and_without_parentheses(shared: Api) -> None:
    for spelled in ("WhoAmI", "WhoAmI()"):
        answer = shared.get(spelled).json()
        assert answer["UserId"] == shared.crm.admin and answer["BusinessUnitId"] and answer["OrganizationId"]
    assert shared.get("RetrieveVersion()").json()["Version"].startswith("9.2.")
    for spelled in ("(EntityNames=['account'])", '(EntityNames=@p1)?@p1=["account"]'):
        counted = shared.get(f"RetrieveTotalRecordCount{spelled}").json()["EntityRecordCountCollection"]
        assert (counted["Keys"], counted["Values"]) == (["account"], [2])
    assert shared.get("RetrieveTotalRecordCount()").status_code == 400
    assert shared.get("RetrieveCurrentOrganization()").json()["Detail"]["FriendlyName"] == "Voorbeeld BV"
