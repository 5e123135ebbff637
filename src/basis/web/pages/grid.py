"""A list edited in place, like a sheet: its rows as text, and the cells that were changed in it, each for itself.

The browser only ever holds text; it is read and checked here, by the types of the fields, as in a form.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.query import Column as Asked
from basis.catalog.query import Condition, Filter, Query
from basis.errors import BasisError, Conflict, Invalid, Message
from basis.fields import type_of
from basis.fields.base import Problem
from basis.i18n import label, say
from basis.records import save, select
from basis.records.record import Record
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.web.answer import Answer, json_answer
from basis.web.listing import Listing, listing, query_of
from basis.web.request import Request
from basis.web.table import Column, columns_of

MOST_ROWS = 500
MOST_CHANGES = 2_000


class Change(Struct, frozen=True):
    """What was typed in one row: the version it was typed over, and text by the key of the column."""

    id: str
    version: int
    cells: dict[str, str]


def sheet_columns(scope: Scope, entity: Entity, listed: Listing) -> list[dict[str, Any]]:
    """The columns as the grid needs them: key, label, width, how they are edited, and what can be chosen."""
    may_write = scope.user.may(entity.name, "write")
    return [
        {
            "key": column.key,
            "label": column.label,
            "width": column.width,
            "align": column.align,
            "editor": column.type.editor if may_write and _editable(column) else "none",
            "options": [label(option.label, scope.language) for option in column.type.options(column.field)],
            "url": "/lookup?" + "&".join(f"entity={each.entity}" for each in column.type.targets(column.field)),
        }
        for column in columns_of(scope, listed.view)
    ]


def _editable(column: Column) -> bool:
    locked = column.field.readonly or column.field.required == "system"
    return not column.link and column.type.editor != "none" and (not locked or column.field.name == "ownerid")


def rows(scope: Scope, request: Request) -> Answer:
    """`/grid/{entity}/rows?…&offset=&limit=`: rows of the list at that address, as text."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "read")
    listed = listing(scope, entity, request.query)
    columns = columns_of(scope, listed.view)
    query = query_of(scope, listed, {column.key: column.link for column in columns}).query
    offset, limit = _number(request.query.get("offset", ""), 0), _number(request.query.get("limit", ""), 100)
    page = select.page(scope, query, limit=max(1, min(limit, MOST_ROWS)), offset=offset)
    return json_answer({"rows": [_row(scope, columns, record) for record in page.records]})


def _number(text: str, otherwise: int) -> int:
    return min(int(text), 10_000_000) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise


def _row(scope: Scope, columns: Sequence[Column], record: Record) -> dict[str, Any]:
    cells = {each.key: each.type.text(each.field, record.values.get(each.key), scope.locale) for each in columns}
    return {"id": record.id, "version": record.version, "cells": cells}


def save_cells(scope: Scope, request: Request) -> Answer:
    """Save what was typed, row by row. Answers each row as it stands now, with the reasons of refused cells.

    A row that somebody changed meanwhile is not written: it answers theirs as `stale`.
    """
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "write")
    try:
        changes = msgspec.json.decode(request.posted.get("changes", ""), type=list[Change])
    except msgspec.MsgspecError as error:
        raise Invalid("What was typed cannot be read; reload the page.") from error
    if len(changes) > MOST_CHANGES:
        raise Invalid("At most {most} rows can be pasted at once; import a file for more.", most=MOST_CHANGES)
    listed = listing(scope, entity, request.query)
    columns = {column.key: column for column in columns_of(scope, listed.view)}
    outcomes = [(change, _save_row(scope, entity, columns, change)) for change in changes]
    now = _now(scope, entity, list(columns.values()), [change.id for change in changes])
    return json_answer({"rows": [_outcome(change, outcome, now) for change, outcome in outcomes]})


class _Outcome(Struct):
    errors: dict[str, str] = {}
    stale: bool = False


def _save_row(scope: Scope, entity: Entity, columns: Mapping[str, Column], change: Change) -> _Outcome:
    values, errors = dict[str, Any](), dict[str, Message]()
    for key, text in change.cells.items():
        column = columns.get(key)
        if column is None or not _editable(column):
            errors[key] = Message("This column cannot be changed here.")
            continue
        try:
            values[key] = type_of(column.field).from_text(column.field, text, scope.locale)
        except Problem as problem:
            errors[key] = problem.message
    outcome = _Outcome()
    if values:
        outcome = _write(scope, entity, change, values, errors)
    outcome.errors = {key: say(message, scope.language) for key, message in errors.items()}
    return outcome


def _write(
    scope: Scope, entity: Entity, change: Change, values: dict[str, Any], errors: dict[str, Message]
) -> _Outcome:
    """Write the cells that are good; those that are refused do not hold up the others of their row."""
    try:
        with scope.conn.begin_nested():
            save.update_one(scope, entity.name, change.id, values, change.version)
    except Conflict:
        return _Outcome(stale=True)
    except Invalid as invalid:
        mine = {key: message for key, message in invalid.errors.items() if key in values}
        errors.update(mine or dict.fromkeys(values, next(iter(invalid.errors.values()))))
        rest = {key: value for key, value in values.items() if key not in mine}
        return _write(scope, entity, change, rest, errors) if mine and rest else _Outcome()
    except BasisError as error:
        errors.update(dict.fromkeys(values, error.message))
    return _Outcome()


def _now(scope: Scope, entity: Entity, columns: list[Column], ids: list[str]) -> dict[str, dict[str, Any]]:
    """The rows as they stand now, by id; also those that the list's own filter leaves out from now on."""
    found: dict[str, dict[str, Any]] = {}
    own = [column for column in columns if not column.link]
    for start in range(0, len(ids), MOST_ROWS):
        only = Filter(conditions=(Condition(entity.id_field, "in", values=tuple(ids[start : start + MOST_ROWS])),))
        query = Query(entity.name, tuple(Asked(column.key) for column in own), only)
        for record in select.page(scope, query, limit=MOST_ROWS).records:
            found[record.id] = _row(scope, own, record)
    return found


def _outcome(change: Change, outcome: _Outcome, now: dict[str, dict[str, Any]]) -> dict[str, Any]:
    row = now.get(change.id, {"id": change.id, "version": change.version, "cells": {}})
    return {**row, "errors": outcome.errors, "stale": outcome.stale}
