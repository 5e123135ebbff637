"""The rejects file: refused rows as they came, with line, column, value and reason behind them, to mend and import."""

import csv
from collections.abc import Sequence
from pathlib import Path

from basis.i18n import say
from basis.transfer.importing import Reject
from basis.transfer.mapping import REJECT_TITLES


def write_rejects(path: Path, rejects: Sequence[Reject], titles: Sequence[str], language: str) -> None:
    """Write them as CSV with semicolons, UTF-8 with a mark (which Excel needs); `titles` is empty without a title row.

    A row with too few cells is filled up, of one with too many the surplus stays in the last cell.
    """
    width = len(titles) or max((len(reject.cells) for reject in rejects), default=0)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        if titles:
            added = [say(title, language) for title in REJECT_TITLES]
            writer.writerow([*titles, *added])
        for reject in rejects:
            cells = list(reject.cells[: width - 1]) + [";".join(reject.cells[width - 1 :])]
            cells += [""] * (width - len(cells))
            columns, values, reasons = (" / ".join(parts) for parts in zip(*reject.reasons, strict=True))
            writer.writerow([*cells, reject.line, columns, values, reasons])
