"""Importing: rows of a file through the door to records, in batches, each row accepted or refused on its own."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import msgspec

from basis.catalog.entity import Entity, Key
from basis.catalog.query import Query
from basis.errors import BasisError, Invalid, Message
from basis.fields import type_of
from basis.fields.base import Field, Problem
from basis.i18n import Locale, say
from basis.records.keys import find_by_key, key_of
from basis.records.record import Record, Values
from basis.records.resolve import Errors
from basis.records.save import Outcome, create_many, update_many
from basis.records.select import count
from basis.security.conditions import require
from basis.security.entrance import Entrance
from basis.security.scope import Scope
from basis.security.users import User
from basis.transfer.excel import Plain
from basis.transfer.mapping import ColumnMapping, Mapping, guess, names_of, positions, unmapped
from basis.transfer.sheet import Format, Row, read

BATCH = 1_000
"""So many rows are saved in one transaction: a tenth of a second, in which others on SQLite wait to write."""
PLAIN = Locale("en")
"""How a workbook's own numbers are written."""
SHOWN = 200
"""So many characters of a refused value are repeated beside the reason."""
MANY = 5_000
"""After so many new records the planner's idea of the data may be out of date."""
Progress = Callable[[int], None]


class Reject(msgspec.Struct, frozen=True):
    """A row that was refused: its line and cells, and per problem the column, the value and the reason."""

    line: int
    cells: tuple[str, ...]
    reasons: tuple[tuple[str, str, str], ...]


class Report(msgspec.Struct):
    """What became of the rows.

    `doubled` counts rows whose key stood in the file before: the last one wins. `left_out` are the titles of columns
    that went into no field. `titled` tells that a first row of titles was left out of a file said to have none.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    doubled: int = 0
    rejects: list[Reject] = []
    left_out: tuple[str, ...] = ()
    titled: bool = False

    @property
    def refused(self) -> int:
        return len(self.rejects)


class Draft(msgspec.Struct):
    """A row on its way: its values, and what is wrong with them by field."""

    row: Row
    values: Values
    errors: Errors
    texts: dict[str, str]
    key: str = ""


class Plan(msgspec.Struct, frozen=True):
    """A mapping made ready for one file: entity, key, where each column stands, how wide a row is."""

    entity: Entity
    key: Key | None
    mode: str
    columns: tuple[tuple[int, ColumnMapping, Field], ...]
    width: int
    locale: Locale
    """How the file is written; reasons are given in the user's own `language`."""
    language: str
    left_out: tuple[str, ...]


def import_file(
    entrance: Entrance, user: User | str, path: Path, mapping: Mapping, progress: Progress = lambda rows: None
) -> Report:
    """Import a file as that user. Refused rows stand in the report; all others are in, whatever came after them.

    `Invalid` before anything is written when file or mapping will not do; `Forbidden` without the right.
    """
    rows = read(path, Format(mapping.encoding, mapping.delimiter, mapping.sheet))
    first = next(rows, None)
    if first is None:
        raise Invalid("The file {name} is empty.", name=path.name)
    with entrance.acting_as(user) as scope:
        plan = prepare(scope, mapping, first)
    report = Report(rejects=[], left_out=plan.left_out, titled=not mapping.header and _are_titles(plan, first))
    seen: set[str] = set()
    for batch in _batches(rows if mapping.header or report.titled else chain([first], rows), plan, seen, report):
        with entrance.acting_as(user, write=True) as scope:
            _save(scope, plan, batch, report)
        progress(len(batch))
    if report.created > MANY and _grew(entrance, user, plan, report.created):
        entrance.database.analyse()
    report.rejects.sort(key=lambda reject: reject.line)
    return report


def _grew(entrance: Entrance, user: User | str, plan: Plan, created: int) -> bool:
    """Whether the new records are more than a tenth of all; beside a million, ten thousand change nothing."""
    with entrance.acting_as(user) as scope:
        return not count(scope.unlimited(), Query(plan.entity.name), 10 * created).more


def prepare(scope: Scope, mapping: Mapping, first: Row) -> Plan:
    """The mapping against the file's first row and the entity. `Invalid` when they do not go together."""
    entity = scope.catalog.entity(mapping.entity)
    require(scope, entity, "write" if mapping.mode == "update" else "create")
    if not mapping.columns:
        mapping = msgspec.structs.replace(mapping, columns=guess(scope, entity, first.cells))
        if not mapping.columns:
            raise Invalid("No column of the file matches a field of {entity}; give a mapping.", entity=entity.plural)
    columns = [(at, column, _field(entity, column.field)) for at, column in positions(mapping, first.cells)]
    key = key_of(entity, set(mapping.key)) if mapping.key else None
    if key is not None and not {*key.fields} <= {column.field for _, column, _ in columns}:
        raise Invalid("The key {key} is not among the columns.", key=", ".join(key.fields))
    if key is None and mapping.mode == "update":
        raise Invalid("To update records, name the key by which they are found.")
    language = mapping.language or scope.language
    locale = Locale(language, scope.locale.zone_name)
    left_out = unmapped(mapping, first.cells)
    return Plan(entity, key, mapping.mode, tuple(columns), len(first.cells), locale, scope.language, left_out)


def _are_titles(plan: Plan, first: Row) -> bool:
    """Whether every mapped cell of the row is what its own field is called."""
    return all(first.cells[at].strip().casefold() in names_of(field) for at, _, field in plan.columns)


def _field(entity: Entity, name: str) -> Field:
    field = entity.by_name.get(name)
    if field is None or field.hidden:
        raise Invalid("{entity} has no field {name}.", entity=entity.label, name=name)
    return field


def _batches(rows: Iterator[Row], plan: Plan, seen: set[str], report: Report) -> Iterator[list[Draft]]:
    """Drafts in batches in which no key stands twice, so that a later row meets what an earlier one wrote."""
    drafts = (_draft(row, plan) for row in rows)
    waiting: list[Draft] = []
    while chunk := list(islice(drafts, BATCH)):
        within: set[str] = set()
        for draft in chunk:
            if draft.key and draft.key in within:
                yield waiting
                waiting, within = [], set()
            if draft.key:
                report.doubled += draft.key in seen
                within.add(draft.key)
                seen.add(draft.key)
            waiting.append(draft)
        yield waiting
        waiting = []


def _draft(row: Row, plan: Plan) -> Draft:
    draft = Draft(row, {}, {}, {})
    if row.problem is not None:
        draft.errors[""] = row.problem
        return draft
    if len(row.cells) != plan.width:
        draft.errors[""] = Message(
            "This row has {count} cells; {width} were expected.", count=len(row.cells), width=plan.width
        )
        return draft
    for at, column, field in plan.columns:
        text = row.cells[at]
        text = column.values.get(text, column.values.get(text.strip(), text)) or column.default
        draft.texts[field.name] = row.cells[at]
        try:
            locale = PLAIN if isinstance(text, Plain) else plan.locale
            draft.values[field.name] = _value(field, text, column, locale)
        except Problem as problem:
            draft.errors[field.name] = problem.message
    if plan.key is not None and not draft.errors:
        _read_key(plan, plan.key, draft)
    return draft


def _value(field: Field, text: str, column: ColumnMapping, locale: Locale) -> Any:
    if column.date_format and text.strip():
        try:
            moment = datetime.strptime(text.strip(), column.date_format)
        except ValueError:
            raise Problem("Is no date of the form {form}.", form=column.date_format) from None
        return type_of(field).from_text(field, moment.isoformat() if moment.hour else moment.date().isoformat(), locale)
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


# -- saving a batch


def _save(scope: Scope, plan: Plan, batch: Sequence[Draft], report: Report) -> None:
    good = [draft for draft in batch if not draft.errors]
    ids = _existing(scope, plan, good)
    fresh = [draft for draft, id in zip(good, ids, strict=True) if id is None]
    held = [(id, draft) for draft, id in zip(good, ids, strict=True) if id is not None]
    if plan.mode == "update":
        for draft in fresh:
            draft.errors[""] = Message("There is no record with this key.")
    elif fresh:
        outcomes = create_many(scope, plan.entity.name, [draft.values for draft in fresh], free=plan.key)
        _settle(fresh, outcomes)
        report.created += sum(isinstance(outcome, Record) for outcome in outcomes)
    if plan.mode == "create":
        for _, draft in held:
            draft.errors[""] = Message("There is a record with this key already.")
    elif held:
        _update(scope, plan, held, report)
    report.rejects += [_reject(plan, draft) for draft in batch if draft.errors]


def _existing(scope: Scope, plan: Plan, good: list[Draft]) -> list[str | None]:
    if plan.key is None:
        return [None] * len(good)
    return find_by_key(scope, plan.entity, plan.key, [draft.values for draft in good])


def _update(scope: Scope, plan: Plan, held: list[tuple[str, Draft]], report: Report) -> None:
    drafts = [draft for _, draft in held]
    try:
        outcomes = update_many(scope, plan.entity.name, [(id, draft.values) for id, draft in held])
    except BasisError as error:
        if len(held) > 1:
            for pair in held:
                _update(scope, plan, [pair], report)
            return
        drafts[0].errors[""] = error.message
        return
    _settle(drafts, outcomes)
    for outcome in outcomes:
        if isinstance(outcome, Record):
            changed = "modifiedon" in outcome.values
            report.updated += changed
            report.unchanged += not changed


def _settle(drafts: Sequence[Draft], outcomes: Sequence[Outcome]) -> None:
    for draft, outcome in zip(drafts, outcomes, strict=True):
        if not isinstance(outcome, Record):
            draft.errors |= outcome


def _reject(plan: Plan, draft: Draft) -> Reject:
    titles = {field.name: column.column for _, column, field in plan.columns}
    reasons = tuple(
        (titles.get(name, name), _short(draft.texts.get(name, "")), say(message, plan.language))
        for name, message in draft.errors.items()
    )
    return Reject(draft.row.line, draft.row.cells, reasons)


def _short(text: str) -> str:
    """As much of a refused value as a reader needs to recognise it."""
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
