"""A sales pipeline out of another CRM: four files with real dirt, through the mappings of docs/examples."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from basis.catalog import customize
from basis.catalog.changes import publish
from basis.catalog.query import Column, Query
from basis.records import operations, running, select
from basis.records.organization import everything
from basis.records.record import Record
from basis.transfer.importing import Report, import_file
from basis.transfer.mapping import read_mapping
from tests.support.crm import Crm
from tests.support.data import REAL_DATA

FILES = REAL_DATA / "sales-pipeline"
MAPPINGS = Path(__file__).parents[2] / "docs" / "examples" / "sales-pipeline"


def prepared(crm: Crm) -> Crm:
    """The two fields that the page of the example tells to make."""
    wishes = (
        customize.FieldWish("lookup", {"nl": "Product"}, "new_product", settings={"targets": [{"entity": "product"}]}),
        customize.FieldWish("date", {"nl": "Benaderd op", "en": "Engaged on"}, "new_engagedon"),
    )
    for wish in wishes:
        with crm.scope(everything()) as scope:
            _, changes = customize.new_field(scope.catalog, "opportunity", wish)
            publish(scope.conn, changes, author=None, now=scope.now, summary="field", known=scope.catalog)
    return crm


def run(crm: Crm, file: str, mapping: str, *, spelt: bool = True) -> Report:
    wanted = read_mapping(MAPPINGS / mapping)
    if not spelt:
        bare = tuple(
            msgspec.structs.replace(column, values={}) if column.field == "new_product" else column
            for column in wanted.columns
        )
        wanted = msgspec.structs.replace(wanted, columns=bare)
    return import_file(crm.entrance, crm.admin, FILES / file, wanted)


def opportunities(crm: Crm) -> list[Record]:
    names = ("statecode", "stepname", "actualvalue", "parentaccountid", "ownerid", "new_product", "actualclosedate")
    with crm.scope(write=False) as scope:
        return list(select.every(scope, Query("opportunity", tuple(map(Column, names)))))


@pytest.mark.real_data
def test_four_files_become_users_products_accounts_and_opportunities(crm: Crm) -> None:
    prepared(crm)
    users = run(crm, "sales_teams.csv", "users.json")
    assert (users.created, users.refused) == (35, 0)
    assert run(crm, "products.csv", "products.json").created == 7
    accounts = run(crm, "accounts.csv", "accounts.json")
    assert (accounts.created, accounts.refused) == (85, 0)
    with crm.scope(write=False) as scope:
        columns = tuple(map(Column, ("name", "parentaccountid")))
        held = list(select.every(scope, Query("account", columns)))
        assert sum(record["parentaccountid"] is not None for record in held) == 15
        columns = tuple(map(Column, ("fullname", "parentsystemuserid", "territoryid")))
        people = {record["fullname"]: record for record in select.every(scope, Query("systemuser", columns))}
    assert people["Darcel Schlecht"]["parentsystemuserid"].label == "Melvin Marxen"
    assert people["Darcel Schlecht"]["territoryid"].label == "Central"
    assert {"Dustin Brinkmann", "Cara Losch"} <= set(people)

    refused = run(crm, "sales_pipeline.csv", "opportunities.json", spelt=False)
    assert (refused.created, refused.refused) == (7_320, 1_480)
    reasons = {reject.reasons for reject in refused.rejects}
    assert reasons == {(("product", "GTXPro", "There is no record called GTXPro."),)}
    with crm.scope() as scope:
        operations.set_state(scope, refused.operation, operations.UNDOING, (operations.DONE,))
    running.run(crm.database, refused.operation)
    assert opportunities(crm) == []

    pipeline = run(crm, "sales_pipeline.csv", "opportunities.json")
    assert (pipeline.created, pipeline.refused) == (8_800, 0)
    all_of_them = opportunities(crm)
    won = [record for record in all_of_them if record["statecode"] == 1]
    assert len(won) == 4_238
    assert sum(record["statecode"] == 2 for record in all_of_them) == 2_473
    assert sum(record["stepname"] == "Engaging" for record in all_of_them) == 1_589
    assert sum(record["stepname"] == "Prospecting" for record in all_of_them) == 500
    assert sum(record["parentaccountid"] is None for record in all_of_them) == 1_425
    assert sum(record["new_product"].label == "GTX Pro" for record in all_of_them) == 1_480
    assert sum(record["actualvalue"] for record in won) == 10_005_534
    sold: dict[str, Decimal] = {}
    for record in won:
        sold[record["ownerid"].label] = sold.get(record["ownerid"].label, Decimal(0)) + record["actualvalue"]
    assert max(sold.items(), key=lambda pair: pair[1]) == ("Darcel Schlecht", Decimal(1_153_214))


@pytest.mark.real_data
def test_who_sees_little_imports_no_closed_record_of_another(crm_on_sqlite: Crm) -> None:
    crm = prepared(crm_on_sqlite)
    run(crm, "sales_teams.csv", "users.json")
    run(crm, "products.csv", "products.json")
    report = import_file(
        crm.entrance, crm.a_user(), FILES / "sales_pipeline.csv", read_mapping(MAPPINGS / "opportunities.json")
    )
    assert report.created == 0
    assert "do not allow you" in report.rejects[0].reasons[0][2] or "no record" in report.rejects[0].reasons[0][2]
