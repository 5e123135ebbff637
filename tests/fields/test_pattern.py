"""Patterns of autonumbers: what they make, and which are refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from basis.catalog.changes import publish
from basis.catalog.customize import FieldWish, change_field, new_field
from basis.errors import Invalid
from basis.fields import pattern
from basis.fields.base import Problem
from basis.records import save
from tests.support.crm import Crm

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("CAS-{SEQNUM:5}", "CAS-00042"),
        ("{SEQNUM:1}", "42"),
        ("{DATETIMEUTC:yyyyMM}/{SEQNUM:3}", "202603/042"),
        ("{SEQNUM:2} {DATETIMEUTC:dd-MM-yy HH:mm:ss}", "42 04-03-26 05:06:07"),
    ],
)
def test_a_pattern_is_filled(text: str, made: str) -> None:
    pattern.checked(text, 100)
    assert pattern.made(text, 42, NOW) == made


def test_random_signs_differ() -> None:
    some = {pattern.made("{RANDSTRING:6}{SEQNUM:1}", 1, NOW) for _ in range(20)}
    assert len(some) > 1
    assert all(re.fullmatch(r"[A-Z0-9]{6}1", text) for text in some)


@pytest.mark.parametrize(
    "text",
    ["CAS", "{SEQNUM}", "{SEQNUM:0}", "{SEQNUM:17}", "{SEQNUM:x}", "{SEQNUM:3", "{SEQNUM:3}}", "{NUMBER:3}{SEQNUM:3}",
     "{SEQNUM:3}{RANDSTRING:7}", "{SEQNUM:3}{DATETIMEUTC:}", "{SEQNUM:3}{DATETIMEUTC:jaar}", "x" * 98 + "{SEQNUM:3}"],
)  # fmt: skip
def test_a_pattern_that_cannot_be_filled_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        pattern.checked(text, 100)


def test_a_pattern_numbers_new_records_and_counts_on_when_it_changes(crm: Crm) -> None:
    with crm.scope() as scope:
        wish = FieldWish("autonumber", {"en": "Number"}, settings={"pattern": "K{DATETIMEUTC:yyyy}-{SEQNUM:4}"})
        name, changes = new_field(scope.catalog, "account", wish)
        publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=scope.catalog)
    with crm.scope() as scope:
        first = save.create(scope, "account", {"name": "Eerste"})
        assert first[name] == f"K{scope.now.year}-0001"
        changes = change_field(scope.catalog, "account", name, settings={"pattern": "{SEQNUM:2}/K"})
        publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=scope.catalog)
    assert crm.create("account", name="Tweede")[name] == "02/K"


def test_a_wrong_pattern_is_refused_beside_its_input(crm_on_sqlite: Crm) -> None:
    with crm_on_sqlite.scope() as scope, pytest.raises(Invalid) as refused:
        new_field(
            scope.catalog, "account", FieldWish("autonumber", {"en": "Number"}, settings={"pattern": "CAS-{SEQ:5}"})
        )
    assert list(refused.value.errors) == ["pattern"]
