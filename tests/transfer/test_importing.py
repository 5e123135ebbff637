"""Importing files as they really come: every row in or refused with its reason, nothing half."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basis.catalog.query import Column, Query
from basis.errors import Forbidden, Invalid
from basis.fields.reference import Reference
from basis.records import select
from basis.transfer.csv import read_csv
from basis.transfer.importing import Report, import_file
from basis.transfer.mapping import ColumnMapping, Mapping, read_mapping, width_of
from basis.transfer.refused import write_rejects
from basis.transfer.sheet import read
from tests.support.crm import Crm
from tests.support.data import REGISTER

BY_KVK = Mapping(
    columns=(ColumnMapping("name", "name"), ColumnMapping("kvknumber", "kvknumber")),
    entity="account",
    key=("kvknumber",),
    header=False,
)


def run(crm: Crm, path: Path, mapping: Mapping = BY_KVK, user: str = "") -> Report:
    return import_file(crm.entrance, user or crm.admin, path, mapping)


def written(tmp_path: Path, text: str | bytes, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def accounts(crm: Crm) -> dict[str, str]:
    with crm.scope(write=False) as scope:
        query = Query("account", (Column("name"), Column("kvknumber")))
        return {record["kvknumber"]: record["name"] for record in select.every(scope, query)}


@pytest.mark.real_data
def test_the_dutch_register_comes_in_and_its_next_edition_renames_and_adds(crm: Crm) -> None:
    first = run(crm, REGISTER / "register-1.csv")
    assert (first.created, first.updated, first.doubled, first.refused) == (11_016, 0, 7, 3)
    second = run(crm, REGISTER / "register-2.csv")
    assert (second.created, second.updated) == (437, 364)
    held = accounts(crm)
    assert len(held) == 11_453
    assert held["17037842"] == '"AAE" Advanced Automated Equipment B.V.'


@pytest.mark.real_data
def test_refused_rows_can_be_mended_and_imported_again(crm: Crm, tmp_path: Path) -> None:
    report = run(crm, REGISTER / "register-1.csv")
    rejects = tmp_path / "rejects.csv"
    write_rejects(rejects, report.rejects, (), "nl")
    text = rejects.read_text(encoding="utf-8-sig")
    assert "JETRO Amsterdam;0;5046;kvknumber;0;Is no KVK number" in text.replace('"', "")
    for number, line in enumerate(text.splitlines()):
        text = text.replace(line, line.replace(";0;", f";9999999{number};", 1))
    again = run(crm, written(tmp_path, text, "mended.csv"))
    assert (again.created, again.refused) == (3, 0)


def test_a_row_is_refused_with_line_column_value_and_reason_and_the_rest_goes_in(crm: Crm, tmp_path: Path) -> None:
    path = written(tmp_path, "Goed;12345678\nFout;123\n\nZonder;\nTe breed;12345679;x\n;12345670\n")
    report = run(crm, path)
    assert (report.created, report.refused) == (1, 4)
    assert [reject.line for reject in report.rejects] == [2, 4, 5, 6]
    assert report.rejects[0].reasons == (("kvknumber", "123", "Is no KVK number; it has 8 digits."),)
    assert accounts(crm) == {"12345678": "Goed"}


def test_of_a_key_that_stands_twice_the_last_row_wins(crm: Crm, tmp_path: Path) -> None:
    report = run(crm, written(tmp_path, "Eerst;12345678\nDaarna;12345678\n"))
    assert (report.created, report.updated, report.doubled) == (1, 1, 1)
    assert accounts(crm) == {"12345678": "Daarna"}


def test_importing_the_same_file_twice_changes_nothing(crm: Crm, tmp_path: Path) -> None:
    path = written(tmp_path, "Een;12345678\nTwee;12345679\n")
    run(crm, path)
    report = run(crm, path)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_every_encoding_that_windows_makes_is_recognised(crm: Crm, tmp_path: Path, encoding: str) -> None:
    run(crm, written(tmp_path, "Café Ömer € BV;12345678\nTweede;12345679\n", encoding=encoding))
    assert accounts(crm)["12345678"] == "Café Ömer € BV"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_usual_separator_is_recognised_quotes_and_line_breaks_included(
    crm: Crm, tmp_path: Path, delimiter: str
) -> None:
    line = delimiter.join(['"Jansen; Bouw, en ""Zn"""', "12345678", '"eerste\nregel"'])
    text = f"Accountnaam{delimiter}KVK-nummer{delimiter}Omschrijving\n{line}\n"
    mapping = Mapping((), "account", ("kvknumber",))
    report = run(crm, written(tmp_path, text), mapping)
    assert report.created == 1
    with crm.scope(write=False) as scope:
        columns = (Column("name"), Column("description"))
        record = select.page(scope, Query("account", columns)).records[0]
        assert (record["name"], record["description"]) == ('Jansen; Bouw, en "Zn"', "eerste\nregel")


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "leeg.csv"), (b"\x89PNG\r\n\x1a\n\x00\x00", "plaatje.csv"), (b"geen werkboek", "kapot.xlsx")],
)
def test_what_is_no_table_is_refused_clearly(crm: Crm, tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(crm, written(tmp_path, content, name))
    assert name in str(refused.value)


def test_columns_that_fit_no_field_are_named_and_those_of_a_rejects_file_are_not(crm: Crm, tmp_path: Path) -> None:
    text = "Accountnaam;Schoenmaat;Regel;Kolom;Waarde;Reden\nEen;43;1;x;y;z\n"
    report = run(crm, written(tmp_path, text), Mapping((), "account"))
    assert (report.created, report.left_out) == (1, ("Schoenmaat",))


def test_so_many_columns_must_be_named_as_the_file_has(crm: Crm, tmp_path: Path) -> None:
    for text in ("Een;12345678;Zwolle\n", "Een\n"):
        with pytest.raises(Invalid, match="2 were named: name, kvknumber"):
            run(crm, written(tmp_path, text))
    assert accounts(crm) == {}


def test_a_row_of_titles_in_a_file_said_to_have_none_becomes_no_record(crm: Crm, tmp_path: Path) -> None:
    report = run(crm, written(tmp_path, "Accountnaam;kvknumber\nEen;12345678\n"))
    assert report.titled
    assert accounts(crm) == {"12345678": "Een"}


def test_a_damaged_letter_in_utf8_is_told_with_its_line_instead_of_spoiling_the_rest(crm: Crm, tmp_path: Path) -> None:
    content = "Één;12345678\nCafé;12345679\n".encode() + b"Caf\xe9;12345670\n"
    with pytest.raises(Invalid, match="Line 3 of file.csv"):
        run(crm, written(tmp_path, content))
    assert accounts(crm) == {}


def test_a_quote_that_is_never_closed_refuses_its_own_row_only(crm: Crm, tmp_path: Path) -> None:
    report = run(crm, written(tmp_path, '"Open;12345678\n"Dicht; BV";12345679\nLaatste;12345670\n', "a.csv"))
    assert (report.created, [reject.line for reject in report.rejects]) == (2, [1])
    report = run(crm, written(tmp_path, 'Eerste;12345671\n"Open;12345672\n' + "Goed;12345673\n" * 300, "b.csv"))
    assert (report.created, [reject.line for reject in report.rejects]) == (2, [2])


def test_a_refused_value_of_a_whole_page_is_shown_in_short(crm: Crm, tmp_path: Path) -> None:
    report = run(crm, written(tmp_path, f"Een;{'9' * 20_000}\n"))
    assert len(report.rejects[0].reasons[0][1]) == 201


def test_a_mapping_that_does_not_fit_is_refused_before_anything_is_written(crm: Crm, tmp_path: Path) -> None:
    path = written(tmp_path, "Naam;Nummer\nEen;12345678\n")
    for mapping in (
        Mapping((ColumnMapping("Bestaatniet", "name"),), "account"),
        Mapping((ColumnMapping("Naam", "bestaatniet"),), "account"),
        Mapping((ColumnMapping("Naam", "name"),), "account", ("kvknumber",)),
        Mapping((), "contact"),
    ):
        with pytest.raises(Invalid):
            run(crm, path, mapping)
    assert accounts(crm) == {}


def test_who_may_not_create_cannot_import(crm: Crm, tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        run(crm, written(tmp_path, "Een;12345678\n"), user=crm.a_user(roles=["read_only"]))


def test_a_mapping_file_replaces_values_reads_dates_and_finds_lookups(crm: Crm, tmp_path: Path) -> None:
    account = crm.create("account", name="Klant")
    mapping = read_mapping(
        written(
            tmp_path,
            """{
        "entity": "opportunity", "language": "en",
        "columns": [
            {"column": "product", "field": "name", "values": {"GTXPro": "GTX Pro"}},
            {"column": "account", "field": "parentaccountid"},
            {"column": "closed", "field": "estimatedclosedate", "date_format": "%m/%d/%Y"},
            {"column": "value", "field": "estimatedvalue"}]}""",
            "mapping.json",
        )
    )
    text = "product,account,closed,value\nGTXPro,klant,3/11/2017,1054.5\nX,Nergens,3/11/2017,1\nY,Klant,31/12/2017,1\n"
    report = run(crm, written(tmp_path, text), mapping)
    assert report.created == 1
    assert [(reject.line, reject.reasons[0][0]) for reject in report.rejects] == [(3, "account"), (4, "closed")]
    with crm.scope(write=False) as scope:
        names = ("name", "parentaccountid", "estimatedclosedate", "estimatedvalue")
        record = select.page(scope, Query("opportunity", tuple(Column(name) for name in names))).records[0]
    assert record["name"] == "GTX Pro"
    assert record["parentaccountid"] == Reference("account", account.id)
    assert (str(record["estimatedclosedate"]), str(record["estimatedvalue"])) == ("2017-03-11", "1054.5000")


def test_a_wrong_mapping_file_says_where_it_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        read_mapping(written(tmp_path, '{"columns": [{"column": 1, "field": "name"}]}', "mapping.json"))
    assert "columns[0].column" in str(refused.value)


def test_a_workbook_is_read_like_a_csv(crm: Crm, tmp_path: Path) -> None:
    from basis.transfer.excel import write_workbook

    path = tmp_path / "accounts.xlsx"
    write_workbook(path, "Blad", ["name", "kvknumber", "numberofemployees"], [["Een", "12345678", 12]])
    report = run(crm, path, Mapping((), "account", ("kvknumber",)))
    assert report.created == 1
    assert accounts(crm) == {"12345678": "Een"}


CELLS = st.text(alphabet=st.sampled_from('ab ;,"\n\t|é'), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=4))
def test_what_pythons_own_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    import csv

    path = tmp_path_factory.mktemp("csv") / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    assert [cells for _, cells, _ in read_csv(path, "utf-8", ";")] == rows


def lines(path: Path) -> Iterator[int]:
    return (row.line for row in read(path))


def test_line_numbers_are_those_of_the_file_also_after_a_cell_of_several_lines(tmp_path: Path) -> None:
    path = written(tmp_path, 'a;b\n"een\ntwee";x\n\nc;d\n')
    assert list(lines(path)) == [1, 2, 5]


def test_the_numbers_of_a_workbook_are_read_as_they_are_also_for_dutch_users(crm: Crm, tmp_path: Path) -> None:
    from basis.transfer.excel import write_workbook

    path = tmp_path / "accounts.xlsx"
    write_workbook(path, "Blad", ["name", "revenue"], [["Een", 1.25], ["Twee", 1250.5], ["Drie", "1.234,50"]])
    report = run(crm, path, Mapping((), "account", language="nl"))
    assert report.created == 3
    with crm.scope(write=False) as scope:
        found = select.every(scope, Query("account", (Column("name"), Column("revenue"))))
        assert {record["name"]: str(record["revenue"]) for record in found} == {
            "Een": "1.2500",
            "Twee": "1250.5000",
            "Drie": "1234.5000",
        }


def test_a_refused_row_of_a_workbook_is_kept_with_its_numbers(crm: Crm, tmp_path: Path) -> None:
    from basis.transfer.excel import write_workbook

    path = tmp_path / "accounts.xlsx"
    write_workbook(path, "Blad", ["name", "kvknumber", "revenue"], [["Een", 123, 1.5]])
    report = run(crm, path, Mapping((), "account", language="nl"))
    assert report.rejects[0].cells == ("Een", "123", "1.5")


def test_a_row_that_was_too_long_comes_back_as_wide_as_the_others(crm: Crm, tmp_path: Path) -> None:
    mapping = Mapping((ColumnMapping("name", "name"), ColumnMapping("city", "address1_city")), "account", header=False)
    report = run(crm, written(tmp_path, "Z;Breda\nA;B;C\nD\n"), mapping)
    rejects = tmp_path / "again.csv"
    write_rejects(rejects, report.rejects, (), "nl", width_of(mapping))
    mended = rejects.read_text(encoding="utf-8-sig").replace('"B;C"', "B").replace("D;;", "D;Breda;")
    again = run(crm, written(tmp_path, mended, "mended.csv"), mapping)
    assert (again.created, again.refused) == (2, 0)


def test_a_mapping_without_columns_matches_them_by_title(crm: Crm, tmp_path: Path) -> None:
    mapping = read_mapping(written(tmp_path, '{"entity": "account"}', "mapping.json"))
    assert run(crm, written(tmp_path, "Accountnaam;Plaats\nEen;Zwolle\n"), mapping).created == 1
