"""Workbooks: reading XLSX, XLS and ODS, and writing XLSX.

They are read in a process of their own with a limit on its memory: a workbook can hold a thousand times what it weighs.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from basis.errors import Invalid, Message

EXTENSIONS = (".xlsx", ".xlsm", ".xls", ".ods")
WIDEST, NARROWEST = 40, 10
"""Columns of a written workbook are so many characters wide."""


class Plain(str):
    """The text of a number in a workbook, written with a decimal point whatever the reader's language."""


def read_workbook(path: Path, sheet: str = "") -> Iterator[tuple[int, list[str], Message | None]]:
    """Row number and cells as text of one sheet (the first, unless named); dates as ISO, numbers plain.

    `Invalid` when it is damaged, or unpacks to more than the memory that reading may take.
    """
    with _reader(path, "rows", sheet) as reading:
        assert reading.stdout is not None
        try:
            for number, line in enumerate(reading.stdout, 1):
                yield number, [_text(cell) for cell in msgspec.json.decode(line, type=list[str | int | float])], None
        except msgspec.MsgspecError:
            pass  # A line that was broken off: the exit code tells why.
        except GeneratorExit:
            reading.kill()
            raise
        _expect_good(path, reading)


def sheets_of(path: Path) -> list[str]:
    """The names of the sheets of a workbook. `Invalid` as for reading."""
    with _reader(path, "sheets", "") as reading:
        assert reading.stdout is not None
        names = reading.stdout.read()
        _expect_good(path, reading)
    return list(json.loads(names))


def _reader(path: Path, wanted: str, sheet: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "basis.transfer.workbook", wanted, str(path), sheet]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _expect_good(path: Path, reading: "subprocess.Popen[bytes]") -> None:
    assert reading.stderr is not None
    told = reading.stderr.read().decode(errors="replace").strip()
    code = reading.wait()
    if code == 0:
        return
    if code == 2:
        raise Invalid("The workbook {name} cannot be read ({reason}).", name=path.name, reason=told[-300:])
    raise Invalid("The workbook {name} unpacks to more than fits; save it as CSV and import that.", name=path.name)


def _text(cell: str | int | float) -> str:
    return cell if isinstance(cell, str) else Plain(cell)


# -- writing


class Heading(Struct, frozen=True):
    """A column to write: title, Excel format of its numbers or dates, width, and whether it is hidden or locked."""

    title: str
    format: str = ""
    width: int = 16
    hidden: bool = False
    locked: bool = False


def write_workbook(path: Path, name: str, titles: Sequence[str | Heading], rows: Iterable[Sequence[Any]]) -> int:
    """Write one sheet with a bold, frozen title row and filters; answers the number of rows.

    Memory does not grow with them. Where a column is hidden, it is locked and the others are not, so that nobody
    changes it by accident.
    """
    import xlsxwriter

    headings = [title if isinstance(title, Heading) else Heading(title) for title in titles]
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet(_sheet_name(name))
        styles = _prepare(workbook, sheet, headings)
        count = 0
        for count, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write(sheet, count, column, value, styles[column])
        if headings:
            sheet.autofilter(0, 0, max(count, 1), len(headings) - 1)
    return count


def _prepare(workbook: Any, sheet: Any, headings: Sequence[Heading]) -> list[dict[type, Any]]:
    """Write the titles; answers the formats of each column by type of value."""
    guarded = any(heading.hidden for heading in headings)
    bold = workbook.add_format({"bold": True, "bottom": 1})
    styles = []
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(headings):
        unlocked = {"locked": not guarded or heading.hidden or heading.locked}
        plain = workbook.add_format({**unlocked, **({"num_format": heading.format} if heading.format else {})})
        day = workbook.add_format({**unlocked, "num_format": heading.format or "dd-mm-yyyy"})
        moment = workbook.add_format({**unlocked, "num_format": heading.format or "dd-mm-yyyy hh:mm"})
        styles.append({date: day, datetime: moment, str: workbook.add_format(unlocked), float: plain})
        width = max(NARROWEST, min(WIDEST, max(heading.width, len(heading.title) + 4)))
        sheet.set_column(column, column, width, styles[-1][str], {"hidden": heading.hidden})
        sheet.write_string(0, column, heading.title, bold)
    if guarded:
        allowed = ("format_cells", "format_columns", "format_rows", "insert_rows", "sort", "autofilter")
        sheet.protect("", dict.fromkeys(allowed, True))
    return styles


def _write(sheet: Any, row: int, column: int, value: Any, styles: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, styles[str])
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value, styles[float])
    elif isinstance(value, date | datetime):
        sheet.write_datetime(row, column, value, styles[type(value)])
    else:
        sheet.write_string(row, column, str(value)[:32_767], styles[str])


def _sheet_name(name: str) -> str:
    """Excel allows 31 characters and none of these."""
    return "".join(sign for sign in name if sign not in "[]:*?/\\'")[:31] or "Basis"
