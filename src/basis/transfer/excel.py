"""Workbooks: reading XLSX, XLS and ODS, and writing XLSX."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from basis.errors import Invalid, Message

EXTENSIONS = (".xlsx", ".xlsm", ".xls", ".ods")


class Plain(str):
    """The text of a number in a workbook, written with a decimal point whatever the reader's language."""


def read_workbook(path: Path, sheet: str = "") -> Iterator[tuple[int, list[str], Message | None]]:
    """Row number and cells as text of one sheet (the first, unless named); dates as ISO, numbers plain."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        chosen = sheet or workbook.sheet_names[0]
        rows = workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError) as error:
        raise Invalid("The workbook {name} cannot be read ({reason}).", name=path.name, reason=str(error)) from error
    for number, row in enumerate(rows, 1):
        yield number, [_text(cell) for cell in row], None


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return Plain(int(cell) if cell.is_integer() else cell)
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)


def write_workbook(path: Path, name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write one sheet with a bold, frozen title row; answers the number of rows. Memory does not grow with them."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet(_sheet_name(name))
        bold = workbook.add_format({"bold": True})
        styles: dict[type, Any] = {
            date: workbook.add_format({"num_format": "dd-mm-yyyy"}),
            datetime: workbook.add_format({"num_format": "dd-mm-yyyy hh:mm"}),
        }
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(titles):
            sheet.write_string(0, column, title, bold)
            sheet.set_column(column, column, max(12, min(40, len(title) + 4)))
        count = 0
        for count, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write(sheet, count, column, value, styles)
    return count


def _write(sheet: Any, row: int, column: int, value: Any, styles: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    elif isinstance(value, date | datetime):
        sheet.write_datetime(row, column, value, styles[type(value)])
    else:
        sheet.write_string(row, column, str(value)[:32_767])


def _sheet_name(name: str) -> str:
    """Excel allows 31 characters and none of these."""
    return "".join(sign for sign in name if sign not in "[]:*?/\\'")[:31] or "Basis"
