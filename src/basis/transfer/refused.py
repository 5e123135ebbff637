"""Refused rows: how an operation keeps them, and the file of them to mend and import again."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from basis.errors import Message
from basis.i18n import say
from basis.records import operations
from basis.records.operations import Refusal
from basis.transfer.drafts import Draft
from basis.transfer.excel import Plain
from basis.transfer.mapping import REJECT_TITLES
from basis.transfer.plan import Plan
from basis.transfer.sheet import Row

SHOWN = 200
"""So many characters of a refused value are repeated beside the reason."""
EXAMPLES = 3


class Reject(Struct, frozen=True):
    """A row that was refused: its line and cells, and per problem the column, the value and the reason."""

    line: int
    cells: tuple[str, ...]
    reasons: tuple[tuple[str, str, str], ...]


class Detail(Struct, frozen=True, omit_defaults=True):
    """A refused row as an operation keeps it; `plain` are the places of a workbook's own numbers.

    `kinds` are the sentences of the reasons with their places empty, by which problems are counted.
    """

    cells: tuple[str, ...]
    reasons: tuple[tuple[str, str, str], ...]
    kinds: tuple[str, ...] = ()
    plain: tuple[int, ...] = ()


class Trouble(Struct, frozen=True):
    """One kind of problem: in which column, how it reads, how many rows have it, and lines and values of a few."""

    column: str
    reason: str
    count: int
    examples: tuple[tuple[int, str], ...]


def refusal_of(plan: Plan, draft: Draft, again: int = 0) -> Refusal:
    """A refused draft as its operation keeps it."""
    titles = {each.field.name: each.column.column for each in plan.columns}
    reasons = tuple(
        (titles.get(name, name), _short(draft.texts.get(name, "")), say(message, plan.language))
        for name, message in draft.errors.items()
    )
    row = draft.row
    plain = tuple(at for at, cell in enumerate(row.cells) if isinstance(cell, Plain))
    detail = Detail(
        tuple(map(str, row.cells)), reasons, tuple(message.text for message in draft.errors.values()), plain
    )
    column, value, reason = reasons[0]
    where = Message("line {line}, {column} “{value}”", line=row.line, column=column, value=value)
    if not column:
        where = Message("line {line}", line=row.line)
    title = say(where, plan.language)
    return Refusal("", title, reason, row.line, msgspec.json.encode(detail).decode(), again)


def _short(text: str) -> str:
    """As much of a refused value as a reader needs to recognise it."""
    return str(text) if len(text) <= SHOWN else text[:SHOWN] + "…"


def again_row(refusal: Refusal) -> Row:
    """The row that was refused, as it was read."""
    detail = _detail(refusal)
    cells = tuple(Plain(cell) if at in detail.plain else cell for at, cell in enumerate(detail.cells))
    return Row(refusal.line or 0, cells)


def _detail(refusal: Refusal) -> Detail:
    return msgspec.json.decode(refusal.detail or "", type=Detail)


def every_reject(conn: Connection, operation: str) -> Iterator[Reject]:
    """The refused rows of an import as they were noted; memory does not grow with them."""
    for each in operations.every_refusal(conn, operation):
        if each.detail is not None:
            detail = _detail(each)
            yield Reject(each.line or 0, detail.cells, detail.reasons)


def troubles(conn: Connection, operation: str, language: str) -> list[Trouble]:
    """Every kind of problem of an import with its count, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    reasons: dict[tuple[str, str], str] = {}
    examples: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for each in operations.every_refusal(conn, operation):
        if each.detail is None:
            continue
        detail = _detail(each)
        for kind, (column, value, reason) in zip(detail.kinds, detail.reasons, strict=True):
            key = (column, kind)
            counts[key] += 1
            reasons.setdefault(key, reason)
            held = examples.setdefault(key, [])
            if len(held) < EXAMPLES and all(value != known for _, known in held):
                held.append((each.line or 0, value))
    return [
        Trouble(column, reasons[column, kind], count, tuple(examples[column, kind]))
        for (column, kind), count in counts.most_common()
    ]


def write_rejects(path: Path, rejects: Iterable[Reject], titles: Sequence[str], language: str, width: int = 0) -> None:
    """Write them as CSV with semicolons, UTF-8 with a mark (which Excel needs); `titles` is empty without a title row.

    Behind the cells stand line, column, value and reason. A row with too few cells is filled up, of one with too many
    the surplus stays in the last cell. `width` is how many columns the file had, where no titles tell it.
    """
    width = len(titles) or width
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        if titles:
            writer.writerow([*titles, *(say(title, language) for title in REJECT_TITLES)])
        for reject in rejects:
            width = width or len(reject.cells)
            cells = list(reject.cells[: width - 1]) + [";".join(reject.cells[width - 1 :])]
            cells += [""] * (width - len(cells))
            columns, values, reasons = (" / ".join(parts) for parts in zip(*reject.reasons, strict=True))
            writer.writerow([*cells, reject.line, columns, values, reasons])
