"""The program that reads a workbook, as a process of its own: `python -m basis.transfer.workbook rows FILE [SHEET]`.

Each row goes out as a line of JSON: texts, and numbers as numbers; `sheets` writes the names of the sheets. A damaged
workbook ends it with code 2 and the reason, one that takes more than its memory with any other.
"""

import json
import sys
from datetime import date, datetime
from typing import Any

MEMORY = 2 << 30
"""So many bytes reading may take; a million rows of ten columns take about half."""


def main(wanted: str, path: str, sheet: str) -> int:
    """Write what is wanted of the workbook; answers the exit code."""
    _limit_memory()
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(path)
        if wanted == "sheets":
            sys.stdout.write(json.dumps(workbook.sheet_names))
            return 0
        rows = workbook.get_sheet_by_name(sheet or workbook.sheet_names[0]).iter_rows()
        _write(rows)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        sys.stderr.write(str(error))
        return 2
    return 0


def _write(rows: Any) -> None:
    encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
    try:
        for row in rows:
            sys.stdout.write(encode([_plain(cell) for cell in row]) + "\n")
    except BrokenPipeError:
        sys.stderr.close()  # Whoever asked has seen enough.


def _limit_memory() -> None:
    """Only where the system can: on Windows the workbook may take what there is."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _plain(cell: Any) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else cell
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    if isinstance(cell, int):
        return cell
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""))
