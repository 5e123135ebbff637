"""The query model: every operator, links, order, paging and figures, the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basis.catalog.query import Column, Condition, Filter, Link, Order, Query
from basis.errors import Invalid, NotFound
from basis.fields.reference import Reference
from basis.i18n import Locale
from basis.records import select
from basis.records.aggregate import aggregate
from tests.support.crm import Crm

ACCOUNTS = [
    {"name": "Coenën Bouw", "address1_city": "Zwolle", "revenue": Decimal(1000), "industrycode": 1},
    {"name": "COENEN Zorg", "address1_city": "zwolle", "revenue": Decimal(2500), "industrycode": 2},
    {"name": "Ärzte & Co", "address1_city": "Delft", "revenue": Decimal(400), "industrycode": 1},
    {"name": "Bakker 100%", "address1_city": None, "revenue": None, "industrycode": None},
    {"name": "bakker_zn", "address1_city": "'s-Hertogenbosch", "revenue": Decimal(50), "industrycode": 3},
]


def find(crm: Crm, *conditions: Condition, entity: str = "account", user: str = "", **more: Any) -> set[str]:
    query = Query(
        entity, (Column("name" if entity == "account" else "fullname"),), Filter(conditions=conditions), **more
    )
    with crm.scope(user or None, write=False) as scope:
        return {next(iter(record.values.values())) for record in select.page(scope, query).records}


@pytest.fixture
def filled(crm: Crm) -> Crm:
    for values in ACCOUNTS:
        crm.create("account", values)
    return crm


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("eq", "COENËN BOUW", {"Coenën Bouw"}),
        ("ne", "coenen bouw", {"COENEN Zorg", "Ärzte & Co", "Bakker 100%", "bakker_zn"}),
        ("begins-with", "coenen", {"Coenën Bouw", "COENEN Zorg"}),
        ("not-begin-with", "coe", {"Ärzte & Co", "Bakker 100%", "bakker_zn"}),
        ("ends-with", "ZORG", {"COENEN Zorg"}),
        ("contains", "0%", {"Bakker 100%"}),
        ("contains", "r_z", {"bakker_zn"}),
        ("not-contain", "b", {"Ärzte & Co", "COENEN Zorg"}),
        ("like", "coe%zorg", {"COENEN Zorg"}),
        ("like", "bakker_zn", {"bakker_zn"}),
        ("not-like", "%k%", {"Coenën Bouw", "COENEN Zorg", "Ärzte & Co"}),
        ("in", ("arzte & co", "bakker_zn"), {"Ärzte & Co", "bakker_zn"}),
        ("gt", "c", {"Coenën Bouw", "COENEN Zorg"}),
        ("between", ("b", "c"), {"Bakker 100%", "bakker_zn"}),
        ("not-between", ("b", "c"), {"Ärzte & Co", "Coenën Bouw", "COENEN Zorg"}),
    ],
)
def test_text_is_compared_without_case_and_accents(filled: Crm, operator: str, value: Any, found: set[str]) -> None:
    values = value if isinstance(value, tuple) else (value,)
    assert find(filled, Condition("name", operator, values=values)) == found


def test_not_equal_and_not_in_take_the_empty_ones_along(filled: Crm) -> None:
    assert find(filled, Condition("address1_city", "ne", "zwolle")) == {"Ärzte & Co", "Bakker 100%", "bakker_zn"}
    assert "Bakker 100%" in find(filled, Condition("industrycode", "not-in", values=(1, 2)))
    assert find(filled, Condition("address1_city", "null")) == {"Bakker 100%"}


def test_amounts_are_compared_exactly(filled: Crm) -> None:
    assert find(filled, Condition("revenue", "between", values=(400, 1000))) == {"Ärzte & Co", "Coenën Bouw"}
    assert find(filled, Condition("revenue", "gt", "1000")) == {"COENEN Zorg"}
    assert find(filled, Condition("revenue", "le", 49.99)) == set()


def test_and_or_and_not_nest(filled: Crm) -> None:
    city = Filter("or", (Condition("address1_city", value="delft"), Condition("address1_city", "null")))
    filter = Filter(conditions=(Condition("name", "contains", "a"),), filters=(city,))
    with filled.scope(write=False) as scope:
        found = select.page(scope, Query("account", filter=filter)).records
        assert {record["name"] for record in found} == {"Ärzte & Co", "Bakker 100%"}
        negated = Filter(filters=(Filter(conditions=(Condition("industrycode", value=1),), negated=True),))
        assert select.count(scope, Query("account", filter=negated)).number == 2


def test_text_sorts_as_dutch_readers_expect(filled: Crm) -> None:
    with filled.scope(write=False) as scope:
        found = select.page(scope, Query("account", (Column("name"),), order=(Order("name"),))).records
    assert [r["name"] for r in found] == ["Ärzte & Co", "Bakker 100%", "bakker_zn", "Coenën Bouw", "COENEN Zorg"]


# Wednesday 25 November 2026, half past midnight in Amsterdam; in UTC it is still the day before.
NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
MOMENTS = {
    "now": NIGHT,
    "yesterday evening": datetime(2026, 11, 24, 21, 0, tzinfo=UTC),
    "monday": datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    "sunday": datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    "last month": datetime(2026, 10, 31, 22, 0, tzinfo=UTC),
    "last year": datetime(2025, 12, 31, 12, 0, tzinfo=UTC),
    "tomorrow": datetime(2026, 11, 26, 8, 0, tzinfo=UTC),
    "next week": datetime(2026, 12, 1, 8, 0, tzinfo=UTC),
}


@pytest.fixture
def dated(crm: Crm) -> Iterator[Crm]:
    for name, moment in MOMENTS.items():
        crm.create("task", subject=name, scheduledend=moment)
        crm.create("opportunity", name=name, estimatedclosedate=moment.astimezone(Locale().zone).date())
    crm.now = NIGHT
    yield crm


SPANS = [
    ("today", None, {"now"}),
    ("yesterday", None, {"yesterday evening"}),
    ("tomorrow", None, {"tomorrow"}),
    ("this-week", None, {"now", "yesterday evening", "monday", "tomorrow"}),
    ("last-week", None, {"sunday"}),
    ("next-week", None, {"next week"}),
    ("last-month", None, {"last month"}),
    ("this-month", None, {"now", "yesterday evening", "monday", "sunday", "tomorrow"}),
    ("next-month", None, {"next week"}),
    ("last-year", None, {"last year"}),
    ("last-seven-days", None, {"now", "yesterday evening", "monday", "sunday"}),
    ("last-x-days", 2, {"now", "yesterday evening", "monday"}),
    ("last-x-months", 2, {"now", "yesterday evening", "monday", "sunday", "last month"}),
    ("next-x-days", 3, {"tomorrow", "now"}),
    ("next-x-weeks", 1, {"tomorrow", "next week", "now"}),
    ("olderthan-x-months", 6, {"last year"}),
    ("on", "2026-11-24", {"yesterday evening"}),
    ("on-or-before", "2026-11-22", {"sunday", "last month", "last year"}),
    ("on-or-after", "2026-11-25", {"now", "tomorrow", "next week"}),
    ("this-fiscal-year", None, set(MOMENTS) - {"last year"}),
    ("in-fiscal-year", 2025, {"last year"}),
    ("in-fiscal-period", 4, set(MOMENTS) - {"last year"}),
]


@pytest.mark.parametrize(("operator", "value", "found"), SPANS, ids=[span[0] for span in SPANS])
def test_relative_dates_mean_the_days_of_the_reader(dated: Crm, operator: str, value: Any, found: set[str]) -> None:
    for entity, field, name in (("task", "scheduledend", "subject"), ("opportunity", "estimatedclosedate", "name")):
        query = Query(entity, (Column(name),), Filter(conditions=(Condition(field, operator, value),)))
        with dated.scope(write=False) as scope:
            assert {record[name] for record in select.page(scope, query).records} == found, entity


def test_operators_that_mean_me_my_team_my_unit_and_who_reports_to_me(crm: Crm) -> None:
    from basis.records.associate import associate

    boss = crm.a_user(roles=["system_administrator"])
    report = crm.a_user(parentsystemuserid=Reference("systemuser", boss))
    team = crm.create("team", name="Team", businessunitid=Reference("businessunit", crm.a_unit()))
    with crm.scope() as scope:
        associate(scope, "team", team.id, "teammembership_association", [boss])
    for name, owner in (
        ("baas", Reference("systemuser", boss)),
        ("medewerker", Reference("systemuser", report)),
        ("team", team.reference()),
        ("ander", Reference("systemuser", crm.admin)),
    ):
        crm.create("account", name=name, ownerid=owner)
    expected = {
        "eq-userid": {"baas"},
        "ne-userid": {"medewerker", "team", "ander"},
        "eq-userteams": {"team"},
        "eq-useroruserteams": {"baas", "team"},
        "eq-useroruserhierarchy": {"baas", "medewerker"},
        "eq-useroruserhierarchyandteams": {"baas", "medewerker", "team"},
    }
    for operator, found in expected.items():
        assert find(crm, Condition("ownerid", operator), user=boss) == found, operator


def test_operators_that_follow_a_hierarchy(crm: Crm) -> None:
    top = crm.create("account", name="top")
    middle = crm.create("account", name="midden", parentaccountid=top.reference("name"))
    crm.create("account", name="onder", parentaccountid=middle.reference("name"))
    crm.create("account", name="los")
    cases = [
        ("under", top, {"midden", "onder"}),
        ("eq-or-under", top, {"top", "midden", "onder"}),
        ("above", middle, {"top"}),
        ("eq-or-above", middle, {"top", "midden"}),
        ("not-under", top, {"top", "los"}),
    ]
    for operator, account, found in cases:
        assert find(crm, Condition("accountid", operator, account.id)) == found, operator


def test_links_reach_the_related_record_and_records_that_exist_or_do_not(crm: Crm) -> None:
    zwolle = crm.create("account", name="Klant", address1_city="Zwolle").reference("name")
    crm.create("contact", lastname="Met", parentcustomerid=zwolle)
    crm.create("contact", lastname="Zonder")
    crm.create("opportunity", name="Kans", parentaccountid=zwolle)
    crm.create("account", name="Stil")
    link = Link("account", "accountid", "parentcustomerid", "klant", "outer", columns=(Column("address1_city"),))
    with crm.scope(write=False) as scope:
        query = Query("contact", (Column("lastname"),), links=(link,), order=(Order("address1_city", "klant"),))
        rows = [(r["lastname"], r["klant.address1_city"]) for r in select.page(scope, query).records]
        assert rows == [("Zonder", None), ("Met", "Zwolle")]
        for kind, found in (("any", "Klant"), ("not_any", "Stil")):
            related = Filter(links=(Link("opportunity", "parentaccountid", "accountid", type=kind),))  # type: ignore[arg-type]
            assert [r["name"] for r in select.page(scope, Query("account", filter=related)).records] == [found]


def test_unknown_names_and_operators_that_do_not_fit_are_refused_clearly(crm: Crm) -> None:
    with crm.scope(write=False) as scope:
        with pytest.raises(NotFound):
            select.page(scope, Query("bestaatniet"))
        with pytest.raises(NotFound):
            select.page(scope, Query("account", (Column("bestaatniet"),)))
        for condition in (
            Condition("name", "under", "x"),
            Condition("revenue", "like", "x"),
            Condition("name", "nonsense"),
            Condition("industrycode", "eq", "geen optie"),
            Condition("createdon", "last-x-days"),
        ):
            with pytest.raises(Invalid):
                select.page(scope, Query("account", filter=Filter(conditions=(condition,))))
        with pytest.raises(Invalid):
            select.page(scope, Query("account"), cursor="geen cursor")


def test_figures_group_by_text_choice_lookup_and_by_month_in_the_zone_of_the_reader(filled: Crm) -> None:
    with filled.scope(write=False) as scope:
        by_city = aggregate(
            scope,
            Query(
                "account",
                (
                    Column("address1_city", group=True, alias="city"),
                    Column("revenue", aggregate="sum", alias="sum"),
                    Column("revenue", aggregate="avg", alias="avg"),
                    Column("name", aggregate="count", alias="n"),
                ),
                order=(Order(alias="sum", descending=True),),
            ),
        )
        assert by_city.rows[0] == {"city": "Zwolle", "sum": Decimal(3500), "avg": Decimal(1750), "n": 2}
        by_owner = aggregate(
            scope, Query("account", (Column("ownerid", group=True), Column("name", aggregate="count", alias="n")))
        )
        assert by_owner.rows == ({"ownerid": Reference("systemuser", filled.admin), "n": 5},)
        by_month = aggregate(
            scope,
            Query(
                "account",
                (
                    Column("createdon", group=True, interval="month", alias="month"),
                    Column("name", aggregate="count", alias="n"),
                ),
            ),
        )
        assert by_month.rows == ({"month": "2026-11-01", "n": 5},)


@pytest.mark.parametrize(
    ("interval", "start"),
    [
        ("day", "2026-11-25"),
        ("week", "2026-11-23"),
        ("month", "2026-11-01"),
        ("quarter", "2026-10-01"),
        ("year", "2026-01-01"),
        ("fiscal-period", "2026-10-01"),
        ("fiscal-year", "2026-01-01"),
    ],
)
def test_every_interval_starts_on_the_right_day(crm: Crm, interval: str, start: str) -> None:
    crm.create("task", subject="nacht", scheduledend=NIGHT)
    crm.create("opportunity", name="dag", estimatedclosedate=date(2026, 11, 25))
    for entity, field in (("task", "scheduledend"), ("opportunity", "estimatedclosedate")):
        columns = (Column(field, group=True, interval=interval, alias="start"),)  # type: ignore[arg-type]
        with crm.scope(write=False) as scope:
            assert aggregate(scope, Query(entity, columns)).rows == ({"start": start},)


def test_a_count_stops_at_its_limit_and_says_so(filled: Crm) -> None:
    with filled.scope(write=False) as scope:
        assert select.count(scope, Query("account"), limit=3) == select.Count(3, more=True)
        assert select.count(scope, Query("account"), limit=5) == select.Count(5)
        assert select.count(scope, Query("account"), limit=None) == select.Count(5)


SORTABLE = ["name", "address1_city", "revenue", "industrycode", "createdon", "ownerid", "numberofemployees"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_pages_by_cursor_hold_every_record_once_in_the_order_of_the_whole(filled: Crm, data: st.DataObject) -> None:
    fields = data.draw(st.lists(st.sampled_from(SORTABLE), max_size=3, unique=True))
    order = tuple(Order(field, descending=data.draw(st.booleans())) for field in fields)
    size = data.draw(st.integers(1, 4))
    query = Query("account", (Column("name"),), order=order)
    with filled.scope(write=False) as scope:
        whole = [record.id for record in select.page(scope, query, limit=100).records]
        paged: list[str] = []
        cursor = ""
        while True:
            page = select.page(scope, query, limit=size, cursor=cursor)
            paged += [record.id for record in page.records]
            cursor = page.next
            if not cursor:
                break
    assert paged == whole
    assert len(set(whole)) == len(ACCOUNTS)
