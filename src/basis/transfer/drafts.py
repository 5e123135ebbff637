"""Drafts: rows of a file on their way to be records, their cells read as the fields' own values."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from msgspec import Struct

from basis.catalog.entity import Key
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field, Problem
from basis.fields.id import regular_id
from basis.i18n import Locale
from basis.records.prepare import titled
from basis.records.record import Values
from basis.records.resolve import Errors
from basis.transfer.excel import Plain
from basis.transfer.mapping import ColumnMapping
from basis.transfer.plan import Mapped, Plan, filled_in
from basis.transfer.sheet import Row

BATCH = 1_000
"""So many rows are saved in one transaction: a tenth of a second, in which others on SQLite wait to write."""
PLAIN = Locale("en")
"""How a workbook's own numbers are written."""
PROTECTED = re.compile(r"'+[=+\-@\t\r]")
"""Text that an export kept from being run as a formula, by an apostrophe in front."""


class Draft(Struct):
    """A row on its way: its values, and what is wrong with them by field."""

    row: Row
    values: Values
    errors: Errors
    texts: dict[str, str]
    key: str = ""
    id: str = ""
    """The record that the row was exported from, and its version then; 0 when the row tells none."""
    version: int = 0


class Lot(Struct, frozen=True):
    """Drafts that are saved together; of `doubled` the key stood in the file before."""

    drafts: list[Draft]
    doubled: int = 0


def lots(rows: Iterator[Row], plan: Plan) -> Iterator[Lot]:
    """Drafts in lots in which no key stands twice, so that a later row meets what an earlier one wrote."""
    drafts = (draft_of(row, plan) for row in rows)
    seen: set[int] = set()
    while chunk := list(islice(drafts, BATCH)):
        within, waiting, doubled = set[str](), list[Draft](), 0
        for draft in chunk:
            if draft.key and draft.key in within:
                yield Lot(waiting, doubled)
                waiting, within, doubled = [], set(), 0
            if draft.key:
                doubled += hash(draft.key) in seen
                within.add(draft.key)
                seen.add(hash(draft.key))
            waiting.append(draft)
        yield Lot(waiting, doubled)


def draft_of(row: Row, plan: Plan) -> Draft:
    """A row as values, with all that is wrong with it."""
    draft = Draft(row, {}, {}, {})
    if row.problem is not None:
        draft.errors[""] = row.problem
        return draft
    if len(row.cells) != plan.width:
        draft.errors[""] = Message(
            "This row has {count} cells; {width} were expected.", count=len(row.cells), width=plan.width
        )
        return draft
    if plan.identity is not None:
        _read_identity(plan.identity, draft)
    for each in plan.columns:
        draft.texts[each.field.name] = row.cells[each.at]
        try:
            _read(plan, each, draft)
        except Problem as problem:
            draft.errors[each.field.name] = problem.message
    if plan.key is not None and not draft.errors:
        _read_key(plan, plan.key, draft)
    return draft


def _read_identity(places: tuple[int, int], draft: Draft) -> None:
    """The record that an exported row is about; a row that was added in the workbook has none."""
    id, version = (draft.row.cells[at].strip() for at in places)
    if not id:
        return
    try:
        draft.id, draft.version = regular_id(id), int(version)
    except (Problem, ValueError):
        draft.errors[""] = Message("The hidden cells of this row were changed, so it is not known which record it is.")


def _read(plan: Plan, each: Mapped, draft: Draft) -> None:
    column, field = each.column, each.field
    text = meant(column, draft.row.cells[each.at])
    if each.parts:
        text = filled_in(each.parts, text, draft.row.cells)
    if each.splits:
        draft.values |= titled(plan.entity, text.strip())
        return
    locale = PLAIN if isinstance(text, Plain) else plan.locale
    draft.values[field.name] = _value(field, text, column, locale)


def meant(column: ColumnMapping, text: str) -> str:
    """What a cell stands for: the value it is mapped to, or the default where it is empty."""
    if text[:1] == "'" and PROTECTED.match(text):
        text = text[1:]
    if column.values:
        text = column.values.get(text, column.values.get(text.strip(), text))
    return text or column.default


def _value(field: Field, text: str, column: ColumnMapping, locale: Locale) -> Any:
    if column.date_format and text.strip():
        try:
            moment = datetime.strptime(text.strip(), column.date_format)
        except ValueError:
            raise Problem("Is no date of the form {form}.", form=column.date_format) from None
        midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
        return type_of(field).from_text(field, moment.date().isoformat() if midnight else moment.isoformat(), locale)
    return type_of(field).from_text(field, text, locale)


def _read_key(plan: Plan, key: Key, draft: Draft) -> None:
    parts = []
    for name in key.fields:
        field, value = plan.entity.by_name[name], draft.values.get(name)
        if value is None:
            draft.errors[name] = Message("The key is empty; fill it in.")
            return
        try:
            draft.values[name] = value = type_of(field).check(field, value)
        except Problem as problem:
            draft.errors[name] = problem.message
            return
        parts.append(str(value).casefold())
    draft.key = "\x1f".join(parts)
