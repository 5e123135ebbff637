"""A file as a sheet: numbered rows of text, whatever it was made with."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from basis.errors import Invalid, Message
from basis.transfer.cards import read_cards
from basis.transfer.csv import CsvRow, read_csv
from basis.transfer.excel import EXTENSIONS, read_workbook

MOST_COLUMNS = 500
CARDS = (".vcf", ".ics")


class Row(Struct, frozen=True):
    """One row: the number of the line it starts at, its cells as text, and why it cannot be read."""

    line: int
    cells: tuple[str, ...]
    problem: Message | None = None


class Format(Struct, frozen=True):
    """How a file is to be read; what is empty is found out from the file itself."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


AS_FOUND = Format()


def read(path: Path, format: Format = AS_FOUND) -> Iterator[Row]:
    """The rows of a CSV, XLSX, XLS or ODS file, of address cards or a calendar, empty ones left out.

    `Invalid` with a clear sentence for a file that is missing, empty or something else.
    """
    if not path.is_file():
        raise Invalid("There is no file {name}.", name=path.name)
    if path.stat().st_size == 0:
        raise Invalid("The file {name} is empty.", name=path.name)
    rows: Iterator[CsvRow]
    if path.suffix.lower() in EXTENSIONS:
        rows = read_workbook(path, format.sheet)
    elif path.suffix.lower() in CARDS:
        rows = read_cards(path)
    else:
        rows = read_csv(path, format.encoding, format.delimiter)
    widest = 0
    for line, cells, problem in rows:
        if not widest:
            widest = max((at for at, cell in enumerate(cells, 1) if cell.strip()), default=0)
            if widest > MOST_COLUMNS:
                raise Invalid("The file {name} has {count} columns; {most} is the most that fits.",
                              name=path.name, count=widest, most=MOST_COLUMNS)  # fmt: skip
        if any(cell.strip() for cell in cells):
            yield Row(line, tuple(cells), problem)
