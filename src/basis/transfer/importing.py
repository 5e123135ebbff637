"""Importing: the rows of a file as an operation, batch by batch, each row accepted or refused on its own.

A batch and the line that it came to commit together, so an import that was broken off goes on where it was and does
nothing twice. Everything carries the operation's id, by which the whole import is undone.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from basis.catalog.catalog import Catalog
from basis.catalog.query import Query
from basis.errors import BasisError, Invalid
from basis.fields.storage import fold
from basis.i18n import say
from basis.records import operations, running
from basis.records.operations import Operation
from basis.records.select import count
from basis.security.entrance import Entrance
from basis.security.scope import Scope
from basis.security.users import User
from basis.transfer.drafts import BATCH, Draft, Lot, draft_of, lots, meant
from basis.transfer.mapping import Mapping
from basis.transfer.plan import Plan, are_titles, prepare
from basis.transfer.refused import Reject, again_row, every_reject, refusal_of
from basis.transfer.saving import Tally, save, waits_for_others
from basis.transfer.sheet import Format, Row, read

IMPORT, TRIAL = "import", operations.TRIAL
MANY = 5_000
"""After so many new records the planner's idea of the data may be out of date."""
KEPT = 1_000
"""So many refused rows a report holds; all of them stand with the operation."""
AGAIN = "again"
MOST_OPEN = 8
"""So many files are kept open between batches."""
Progress = Callable[[int], None]


class Order(Struct, frozen=True, omit_defaults=True):
    """What an import needs to know: where the file lies and what it is called, and how it is mapped."""

    file: str
    name: str
    mapping: Mapping
    trial: str = ""
    """The operation that tried it."""
    rows: int = 0
    """How many rows there are, where they were counted."""


class Report(Struct):
    """What became of the rows.

    `doubled` counts rows whose key stood in the file before: the last one wins. `left_out` are the titles of columns
    that went into no field. `titled` tells that a first row of titles was left out of a file said to have none.
    `rejects` are the first refused rows by line; the operation has all.
    """

    operation: str = ""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    doubled: int = 0
    refused: int = 0
    rejects: list[Reject] = []
    left_out: tuple[str, ...] = ()
    titled: bool = False


class Underway(Struct):
    """An import that this process has in hand: its plan, the lots that come next, and the line they come after."""

    catalog: Catalog
    plan: Plan
    lots: Iterator[Lot]
    cursor: str
    names: frozenset[int] = frozenset()
    """In a trial, where rows may name records that stand further down: what these are called."""


_underway: dict[str, Underway] = {}
"""By operation; whatever is lost from here is opened again, since the operation itself knows how far it is."""


# -- from the command line


def import_file(
    entrance: Entrance, user: User | str, path: Path, mapping: Mapping, progress: Progress = lambda rows: None
) -> Report:
    """Import a file as that user. Refused rows stand in the report; all others are in, whatever came after them.

    `Invalid` before anything is written when file or mapping will not do; `Forbidden` without the right.
    """
    with entrance.acting_as(user) as scope:
        opened = open_file(scope, path, mapping)
    report = Report(rejects=[], left_out=opened.plan.left_out, titled=opened.titled)
    order = Order(str(path.resolve()), path.name, mapping)
    with entrance.acting_as(user, write=True) as scope:
        spec = msgspec.to_builtins(order)
        report.operation = id = operations.begin(scope, IMPORT, mapping.entity, spec, 0)
    try:
        _to_the_end(entrance, user, id, progress)
    except BaseException:
        _pause(entrance, id)
        raise
    _fill(entrance, report)
    if report.created > MANY and _grew(entrance, user, opened.plan, report.created):
        entrance.database.analyse()
    return report


def _to_the_end(entrance: Entrance, user: User | str, id: str, progress: Progress) -> None:
    more, before = True, 0
    while more:
        with entrance.acting_as(user, write=True) as scope:
            more = run_batch(scope, operations.read(scope.conn, id))
            held = operations.read(scope.conn, id)
        progress(held.done - before)
        before = held.done


def _pause(entrance: Entrance, id: str) -> None:
    """What was broken off (Ctrl+C, a full disk) waits, to go on or to be undone."""
    _underway.pop(id, None)
    with entrance.database.write() as conn:
        operations.advance(conn, operations.read(conn, id), state=operations.PAUSED)


def _fill(entrance: Entrance, report: Report) -> None:
    with entrance.database.read() as conn:
        figures = operations.read(conn, report.operation).figures
        report.rejects = [each for _, each in zip(range(KEPT), every_reject(conn, report.operation), strict=False)]
    report.rejects.sort(key=lambda reject: reject.line)
    for name in ("created", "updated", "unchanged", "doubled", "refused"):
        setattr(report, name, figures.get(name, 0))


def _grew(entrance: Entrance, user: User | str, plan: Plan, created: int) -> bool:
    """Whether the new records are more than a tenth of all; beside a million, ten thousand change nothing."""
    with entrance.acting_as(user) as scope:
        return not count(scope.unlimited(), Query(plan.entity.name), 10 * created).more


# -- reading the file


class Opened(Struct, frozen=True):
    """A file at its first row of data, and the mapping held against it."""

    plan: Plan
    rows: Iterator[Row]
    titled: bool


def open_file(scope: Scope, path: Path, mapping: Mapping) -> Opened:
    """`Invalid` when file or mapping will not do; `Forbidden` without the right."""
    rows = read(path, Format(mapping.encoding, mapping.delimiter, mapping.sheet))
    first = next(rows, None)
    if first is None:
        raise Invalid("The file {name} is empty.", name=path.name)
    plan = prepare(scope, mapping, first)
    titled = not mapping.header and are_titles(plan, first)
    return Opened(plan, rows if mapping.header or titled else chain([first], rows), titled)


def _take_up(scope: Scope, held: Operation) -> Underway:
    """The import where the operation says that it is: from memory, or by opening the file again."""
    known = _underway.get(held.id)
    if known is not None and known.cursor == held.cursor and known.catalog is scope.catalog:
        return known
    order = msgspec.convert(held.spec, Order)
    opened = open_file(scope, Path(order.file), order.mapping)
    line = int(held.cursor) if held.cursor.isdigit() else 0
    rows = (row for row in opened.rows if row.line > line)
    names = frozenset[int]()
    if held.kind == TRIAL and opened.plan.own_lookups:
        names = frozenset(_names(opened.plan, open_file(scope, Path(order.file), order.mapping).rows))
    found = Underway(scope.catalog, opened.plan, lots(rows, opened.plan), held.cursor, names)
    if len(_underway) >= MOST_OPEN:
        _underway.pop(next(iter(_underway)), None)
    _underway[held.id] = found
    return found


def _names(plan: Plan, rows: Iterator[Row]) -> Iterator[int]:
    """What the records of the file are called, as hashes."""
    places = [each for each in plan.columns if each.field.name == plan.entity.primary]
    for row in rows:
        for each in places:
            if each.at < len(row.cells):
                yield hash(fold(meant(each.column, row.cells[each.at]).strip()))


# -- batch by batch


def run_batch(scope: Scope, held: Operation) -> bool:
    """Import the next rows, in the caller's transaction; answers whether there are more."""
    acting = operations.within(scope, held.id)
    try:
        if held.cursor.startswith(AGAIN):
            return _again(acting, held)
        underway = _take_up(acting, held)
        lot = next(underway.lots, None)
    except BasisError as error:
        _give_up(scope, held, error)
        return False
    if lot is None:
        _underway.pop(held.id, None)
        return _begin_again(scope, held, 1)
    tally = _attempt(acting, held, underway.plan, lot, keep=True)
    if tally is None:
        return False
    underway.cursor = str(lot.drafts[-1].row.line)
    _note(scope, held, underway.plan, lot, tally, underway.cursor)
    return True


def _attempt(scope: Scope, held: Operation, plan: Plan, lot: Lot, *, keep: bool) -> Tally | None:
    """What saving the rows comes to, kept or taken back; None when they cannot be saved at all, which is noted."""
    attempt = scope.conn.begin_nested()
    try:
        tally = save(scope, plan, lot.drafts)
    except BasisError as error:
        attempt.rollback()
        _give_up(scope, held, error)
        return None
    if keep:
        attempt.commit()
    else:
        attempt.rollback()
    return tally


def _note(scope: Scope, held: Operation, plan: Plan, lot: Lot, tally: Tally, cursor: str) -> None:
    wrong = [draft for draft in lot.drafts if draft.errors]
    _note_refused(scope, held, plan, wrong, 1)
    figures = _figures(tally) | {"refused": len(wrong), "doubled": lot.doubled}
    operations.advance(scope.conn, held, cursor=cursor, done=len(lot.drafts), figures=figures)


def _note_refused(scope: Scope, held: Operation, plan: Plan, wrong: list[Draft], again: int) -> None:
    """Keep refused rows; those that lack a record of the file itself are tried in round `again`."""
    found = [refusal_of(plan, draft, again if waits_for_others(plan, draft) else 0) for draft in wrong]
    operations.note_refusals(scope.conn, held.id, found)


def _figures(tally: Tally) -> dict[str, int]:
    return {"created": tally.created, "updated": tally.updated, "unchanged": tally.unchanged}


def _finish(scope: Scope, held: Operation) -> bool:
    operations.advance(scope.conn, held, state=operations.DONE)
    return False


def _give_up(scope: Scope, held: Operation, error: BasisError) -> None:
    """The file is gone or damaged further down, or the mapping does not fit any more: it waits, and says why."""
    _underway.pop(held.id, None)
    reason = say(error, scope.language)
    operations.note_refusals(scope.conn, held.id, [operations.Refusal("", "", reason)])
    operations.advance(scope.conn, held, state=operations.PAUSED)


# -- rows that named records of the same file


def _begin_again(scope: Scope, held: Operation, around: int) -> bool:
    if not operations.waits_again(scope.conn, held.id, around):
        return _finish(scope, held)
    operations.advance(scope.conn, held, cursor=f"{AGAIN}:{around}:0")
    return True


def _again(scope: Scope, held: Operation) -> bool:
    """Try rows again whose records came later; round after round, as long as one brings something."""
    _, around, brought = held.cursor.split(":")
    taken = operations.taken_again(scope.conn, held.id, int(around), BATCH)
    if not taken:
        return _begin_again(scope, held, int(around) + 1) if int(brought) else _finish(scope, held)
    order = msgspec.convert(held.spec, Order)
    plan = replace(open_file(scope, Path(order.file), order.mapping).plan, again=True)
    drafts = [draft_of(again_row(each), plan) for each in taken]
    tally = save(scope, plan, drafts)
    wrong = [draft for draft in drafts if draft.errors]
    _note_refused(scope, held, plan, wrong, int(around) + 1)
    cursor = f"{AGAIN}:{around}:{int(brought) + tally.done}"
    figures = _figures(tally) | {"refused": len(wrong) - len(taken)}
    operations.advance(scope.conn, held, cursor=cursor, figures=figures)
    return True


# -- trying


def try_batch(scope: Scope, held: Operation) -> bool:
    """Do as if the next rows were imported, and take that back; only the figures and refusals stay."""
    try:
        underway = _take_up(scope, held)
        lot = next(underway.lots, None)
    except BasisError as error:
        _give_up(scope, held, error)
        return False
    if lot is None:
        _underway.pop(held.id, None)
        return _finish(scope, held)
    tally = _attempt(scope, held, underway.plan, lot, keep=False)
    if tally is None:
        return False
    _excuse(underway, lot.drafts, tally)
    if underway.plan.mode == "upsert":
        again = min(lot.doubled, tally.created)
        tally.created, tally.updated = tally.created - again, tally.updated + again
    underway.cursor = str(lot.drafts[-1].row.line)
    _note(scope, held, underway.plan, lot, tally, underway.cursor)
    return True


def _excuse(underway: Underway, drafts: list[Draft], tally: Tally) -> None:
    """Rows that only name records which the file itself brings will go in."""
    plan = underway.plan
    for draft in drafts if underway.names else ():
        if waits_for_others(plan, draft) and all(
            hash(fold(draft.texts[name].strip())) in underway.names for name in draft.errors
        ):
            draft.errors.clear()
            tally.created += 1


def specified(order: Order) -> dict[str, Any]:
    """The order as an operation keeps it."""
    return msgspec.to_builtins(order)  # type: ignore[no-any-return]


running.kinds[IMPORT] = run_batch
running.kinds[TRIAL] = try_batch
