"""Texts with a form of their own: ticker symbols, languages and time zones, as people and programs write them."""

from __future__ import annotations

import pytest

from basis.catalog.query import Column, Condition, Filter, Query
from basis.fields.base import Field, Problem
from basis.fields.language import LanguageSettings, LanguageType
from basis.fields.ticker import TickerType
from basis.fields.timezone import TimeZoneType
from basis.i18n import Locale
from basis.records import select
from tests.support.crm import Crm
from tests.support.pages import signed_in

NL, EN = Locale("nl"), Locale("en")
LANGUAGE = Field("language", "language", {}, settings=LanguageSettings())


@pytest.mark.parametrize(("typed", "kept"), [("asml", "ASML"), (" brk.b ", "BRK.B"), ("ams:asml", "AMS:ASML")])
def test_a_ticker_symbol_is_kept_in_capitals(typed: str, kept: str) -> None:
    assert TickerType().regular(typed.strip()) == kept


@pytest.mark.parametrize("typed", ["ASML NV", "A$", ".B", "BRK."])
def test_what_is_no_ticker_symbol_is_refused(typed: str) -> None:
    with pytest.raises(Problem):
        TickerType().regular(typed)


@pytest.mark.parametrize("typed", ["1043", "Nederlands", "dutch", "nl"])
def test_a_language_is_understood_by_number_name_and_code(typed: str) -> None:
    assert LanguageType().from_text(LANGUAGE, typed, NL) == 1043


def test_a_language_is_shown_by_its_name_in_the_readers_language() -> None:
    assert LanguageType().text(LANGUAGE, 1031, NL) == "Duits"
    assert LanguageType().text(LANGUAGE, 1031, EN) == "German"


def test_a_time_zone_is_understood_however_it_is_written() -> None:
    assert TimeZoneType().regular("america/new york") == "America/New_York"


def test_the_form_of_a_user_names_the_language(crm_on_sqlite: Crm) -> None:
    reader = crm_on_sqlite.a_user(roles=["system_administrator"], language="nl")
    page = signed_in(crm_on_sqlite, reader).get(f"/systemuser/{reader}").text
    assert '<option value="1043" selected>Nederlands</option>' in page
    assert '<option value="1031"' not in page
    assert '<option value="Europe/Amsterdam" selected>' in page


def test_users_who_read_my_language_are_found(crm: Crm) -> None:
    dutch, english = crm.a_user(language="nl"), crm.a_user(language="en")
    query = Query(
        "systemuser", (Column("fullname"),), Filter(conditions=(Condition("uilanguageid", "eq-userlanguage"),))
    )
    with crm.scope(write=False, locale=EN) as scope:
        found = {record.id for record in select.page(scope, query).records}
    assert english in found and dutch not in found
