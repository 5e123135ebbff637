"""`$apply`: figures over groups."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api

FORMATTED = "@OData.Community.Display.V1.FormattedValue"


def test_groups_are_counted_and_added_up(shared: Api) -> None:
    address = (
        "accounts?$apply=groupby((industrycode),aggregate(revenue with sum as total,$count as n))&$orderby=total desc"
    )
    first, second = shared.rows(address, Prefer='odata.include-annotations="*"')
    assert (first["industrycode"], first["total"], first["n"]) == (1, 1500.0, 1)
    assert (first[f"industrycode{FORMATTED}"], first[f"total{FORMATTED}"]) == ("Accounting", "€1,500.00")
    assert second["total"] == 500.0


def test_everything_is_one_group_without_a_groupby(shared: Api) -> None:
    inner = "revenue with min as a,revenue with max as b,revenue with average as c,name with countdistinct as d"
    row = shared.rows(f"accounts?$apply=aggregate({inner},createdon with max as e)")[0]
    assert row == {"a": 500.0, "b": 1500.0, "c": 1000.0, "d": 2, "e": "2026-11-24T09:05:00Z"}


def test_a_filter_comes_first(shared: Api) -> None:
    address = "accounts?$apply=filter(revenue gt 600 and contains(name,'(') eq false)/groupby((address1_city))"
    assert shared.rows(address) == [{"address1_city": "Zwolle"}]


def test_groups_may_lie_beyond_a_lookup(shared: Api) -> None:
    rows = shared.rows("accounts?$apply=groupby((primarycontactid/fullname),aggregate($count as n))")
    assert rows == [{"contact_fullname": None, "n": 1}, {"contact_fullname": "Jan de Wit", "n": 1}]


def test_groups_by_a_lookup_tell_its_id_and_name(shared: Api) -> None:
    row = shared.rows("contacts?$apply=groupby((_ownerid_value))", Prefer='odata.include-annotations="*"')[0]
    assert row["_ownerid_value"] == shared.crm.admin
    assert row[f"_ownerid_value{FORMATTED}"] == "Anna de Vries"


def test_the_first_groups_only(shared: Api) -> None:
    address = "accounts?$apply=groupby((name))&$orderby=name desc&$top=1"
    assert shared.rows(address) == [{"name": "Jansen & Zn"}]
    assert shared.rows("accounts?$apply=groupby((name))&$top=0") == []


@pytest.mark.parametrize(
    "apply, status",
    [
        ("nonsense", 501), ("groupby(name)", 400), ("groupby((nonsense))", 400), ("groupby((name)", 400),
        ("aggregate(revenue)", 400), ("aggregate(revenue with nonsense as x)", 501), ("", 400),
        ("aggregate(name with sum as x)", 400), ("aggregate($count as x,$count as x)", 400),
        ("filter(name eq 'x')", 400),
        ("groupby((name))/filter(name eq 'x')", 501), ("groupby((name),topcount(1,revenue))", 501),
    ],
)  # fmt: skip
def test_what_is_no_transformation_is_refused(shared: Api, apply: str, status: int) -> None:
    answer = shared.get("accounts", params={"$apply": apply})
    assert answer.status_code == status, answer.text
