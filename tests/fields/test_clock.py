"""Times on the clock: the same for every reader, while moments move with the reader's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from basis.catalog.changes import publish
from basis.catalog.customize import FieldWish, change_field, new_field
from basis.catalog.query import Column, Condition, Filter, Query
from basis.errors import Invalid
from basis.fields import type_of
from basis.i18n import Locale
from basis.records import aggregate, save, select
from basis.transfer.excel import read_workbook
from basis.transfer.exporting import export
from tests.support.crm import Crm

AMSTERDAM, AUCKLAND = Locale("nl"), Locale("en", "Pacific/Auckland")
OPENS = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def opens(crm: Crm) -> str:
    """The name of a time on the clock at accounts: when the shop opens."""
    with crm.scope() as scope:
        wish = FieldWish(
            "datetime", {"en": "Opens", "nl": "Gaat open"}, settings={"time_zone_independent": True}, form=True
        )
        name, changes = new_field(scope.catalog, "account", wish)
        publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=scope.catalog)
    return name


def test_everybody_reads_the_time_as_it_was_typed(crm: Crm, opens: str) -> None:
    with crm.scope(locale=AMSTERDAM) as scope:
        field = scope.catalog.field("account", opens)
        typed = type_of(field).from_text(field, "01-07-2026 09:00", AMSTERDAM)
        id = save.create(scope, "account", {"name": "Winkel", opens: typed}).id
    with crm.scope(write=False, locale=AUCKLAND) as scope:
        value = select.get(scope, "account", id, [opens])[opens]
    assert value == OPENS
    for locale, text in ((AMSTERDAM, "01-07-2026 09:00"), (AUCKLAND, "01/07/2026 09:00")):
        assert type_of(field).text(field, value, locale) == text
        assert type_of(field).shown(field, value, locale) == "2026-07-01T09:00"
    assert type_of(field).to_json(field, value) == "2026-07-01T09:00:00Z"
    assert type_of(field).from_json(field, "2026-07-01T09:00:00+02:00") == OPENS


def test_today_is_what_the_readers_calendar_says(crm: Crm, opens: str) -> None:
    with crm.scope(locale=AUCKLAND) as scope:
        here = scope.now.astimezone(AUCKLAND.zone).replace(tzinfo=UTC, hour=23, minute=30)
        today = save.create(scope, "account", {"name": "Vandaag", opens: here}).id
        save.create(scope, "account", {"name": "Morgen", opens: here + timedelta(hours=1)})
        for operator, value in (("today", None), ("on", here.date().isoformat())):
            query = Query("account", filter=Filter(conditions=(Condition(opens, operator, value),)))
            assert [record.id for record in select.page(scope, query).records] == [today]
        by_day = Query(
            "account", (Column(opens, group=True, interval="day"), Column("name", aggregate="count", alias="n"))
        )
        assert {row[opens] for row in aggregate.aggregate(scope, by_day).rows} >= {here.date().isoformat()}


def test_a_workbook_holds_the_time_as_everybody_sees_it(crm: Crm, opens: str, tmp_path: Path) -> None:
    crm.create("account", {"name": "Winkel", opens: OPENS})
    with crm.scope(write=False, locale=AUCKLAND) as scope:
        export(scope, Query("account", (Column("name"), Column(opens))), tmp_path / "shops.xlsx")
    assert [line[1] for line in read_workbook(tmp_path / "shops.xlsx")][1] == ["Winkel", "2026-07-01T09:00:00"]


def test_what_times_mean_never_changes_afterwards(crm: Crm, opens: str) -> None:
    with crm.scope() as scope, pytest.raises(Invalid) as refused:
        change_field(scope.catalog, "account", opens, settings={"time_zone_independent": False})
    assert list(refused.value.errors) == ["settings"]
