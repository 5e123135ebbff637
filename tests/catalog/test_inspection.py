"""`basis check` finds what is broken in a database, and says what to do."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from basis.catalog.inspection import inspect_database
from tests.support.crm import Crm


def findings(crm: Crm) -> list[str]:
    with crm.scope(write=False) as scope:
        return [
            f"{each.place}: {each.message}" for each in inspect_database(scope.conn, scope.catalog) if not each.note
        ]


def break_it(crm: Crm, *statements: str) -> None:
    with crm.database.write() as conn:
        for statement in statements:
            conn.execute(text(statement))


def test_a_healthy_database_has_nothing_to_tell(crm: Crm) -> None:
    crm.create("account", name="Één", industrycode=1)
    crm.create("email", subject="Opgemaakt", description="<p>Beste <b>klant</b>,</p><p>tot ziens</p>", to=("a@b.nl",))
    assert findings(crm) == []


def test_a_missing_table_is_told_without_falling_over(crm: Crm) -> None:
    break_it(crm, "drop table letter")
    assert findings(crm) == ["letter: This table is missing; restore a backup."]


def test_a_missing_unique_index_is_told_for_what_it_means(crm: Crm) -> None:
    break_it(crm, "drop index uq_account_kvknumber")
    assert any("values may occur twice" in each for each in findings(crm))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update account set name__key = 'x'", "account.name: 1 records are sorted and found by a wrong key"),
        ("update account set industrycode = 987654", "account.industrycode: 1 records hold 987654"),
        ("update account set statuscode = 2", "account.statuscode: 1 records have a status reason of another status"),
    ],
)
def test_values_that_contradict_the_definitions_are_told(crm: Crm, statement: str, said: str) -> None:
    crm.create("account", name="Klant")
    break_it(crm, statement)
    assert any(each.startswith(said) for each in findings(crm))


def test_columns_and_keys_that_were_changed_by_hand_are_told(crm: Crm) -> None:
    if crm.database.dialect != "postgresql":
        break_it(crm, "alter table account drop column fax", "alter table account add column fax integer")
        assert any(each.startswith("account.fax: This column is INTEGER") for each in findings(crm))
        return
    break_it(
        crm,
        "alter table account alter column numberofemployees type text",
        "alter table account alter column telephone1 type varchar(3)",
        "alter table account drop constraint fk_account_primarycontactid",
    )
    said = " ".join(findings(crm))
    assert "account.numberofemployees: This column is TEXT" in said
    assert "account.telephone1: This column is VARCHAR(3)" in said
    assert "account.primarycontactid: The foreign key is missing" in said
