"""Merging records side by side: which one is kept, and of which record each value is taken."""

from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.errors import Invalid, Message
from basis.fields import type_of
from basis.fields.base import Field
from basis.html import Markup
from basis.i18n import label
from basis.records import select
from basis.records.merge import MOST, merge, mergeable
from basis.records.record import Record
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.request import Request, several
from basis.web.table import title_of

KEPT = "kept"


class Choice(Struct, frozen=True):
    """A value that one may take: of which record, how it is shown, and whether it is taken now."""

    id: str
    html: Markup
    chosen: bool


class Line(Struct, frozen=True):
    """A field with the values of all records beside each other. `differs`: whether there is anything to choose."""

    name: str
    label: str
    choices: list[Choice]
    differs: bool


def merge_address(entity: str, ids: list[str]) -> str:
    """The address of the page on which these records are merged."""
    return f"/merge/{entity}?{urlencode([('id', id) for id in ids])}"


def merge_page(scope: Scope, request: Request) -> Shown:
    """`/merge/{entity}?id=…&id=…`: the records side by side."""
    entity = scope.catalog.entity(request.names["entity"])
    return _page(scope, entity, several(request.query, "id"), {}, None)


def _page(scope: Scope, entity: Entity, ids: list[str], posted: dict[str, str], error: Message | None) -> Shown:
    require(scope, entity, "write")
    require(scope, entity, "delete")
    records = _records(scope, entity, ids)
    kept = posted.get(KEPT) or _fullest(entity, records).id
    lines = [_line(scope, field, records, kept, posted) for field in mergeable(entity)]
    lines = [line for line in lines if any(choice.html for choice in line.choices)]
    return show(
        "merge.html",
        status=422 if error else 200,
        entity=entity,
        records=[(record.id, title_of(scope, entity, record), record.get("createdon")) for record in records],
        kept=kept,
        lines=sorted(lines, key=lambda line: not line.differs),
        error=error,
    )


def _records(scope: Scope, entity: Entity, ids: list[str]) -> list[Record]:
    wanted = list(dict.fromkeys(ids))[:MOST]
    if len(wanted) < 2:
        raise Invalid("Choose at least two records to merge, and at most {most}.", most=MOST)
    names = [field.name for field in mergeable(entity)]
    names += [name for name in ("createdon",) if entity.has(name)]
    return [select.get(scope, entity.name, id, list(dict.fromkeys([entity.primary, *names]))) for id in wanted]


def _fullest(entity: Entity, records: list[Record]) -> Record:
    """The record with most fields filled in, the oldest of those: usually the one to keep."""
    return max(records, key=lambda record: sum(record.get(field.name) is not None for field in mergeable(entity)))


def _line(scope: Scope, field: Field, records: list[Record], kept: str, posted: dict[str, str]) -> Line:
    type_ = type_of(field)
    values = [record.get(field.name) for record in records]
    filled = next((record.id for record, value in zip(records, values, strict=True) if value is not None), kept)
    mine = next(value for record, value in zip(records, values, strict=True) if record.id == kept)
    chosen = posted.get(f"f.{field.name}") or (kept if mine is not None else filled)
    choices = [
        Choice(record.id, type_.cell(field, value, scope.locale), record.id == chosen)
        for record, value in zip(records, values, strict=True)
    ]
    return Line(field.name, label(field.label, scope.language), choices, any(each != values[0] for each in values))


def do_merge(scope: Scope, request: Request) -> Answer | Shown:
    """Merge as chosen; what is refused comes back with the choices as they were."""
    entity, ids = scope.catalog.entity(request.names["entity"]), several(request.posted, "id")
    records = {record.id: record for record in _records(scope, entity, ids)}
    kept = request.posted.get(KEPT, "")
    posted = dict(request.posted)
    try:
        if kept not in records:
            raise Invalid("Choose which record is kept.")
        values = _values(entity, records, kept, posted)
        with scope.conn.begin_nested():
            operation = merge(scope, entity.name, kept, [id for id in ids if id != kept], values)
    except Invalid as invalid:
        posted.pop(KEPT, None) if kept not in records else None
        return _page(scope, entity, ids, posted, next(iter(invalid.errors.values())))
    text = Message("{count} records are merged into this one.", count=len(records))
    return redirect(f"/{entity.name}/{kept}", flash(text, operation=operation))


def _values(entity: Entity, records: dict[str, Record], kept: str, posted: dict[str, str]) -> dict[str, Any]:
    """The values that the kept record does not have yet, of the records that were chosen for them."""
    values = {}
    for field in mergeable(entity):
        chosen = records.get(posted.get(f"f.{field.name}", ""), records[kept])
        if chosen.get(field.name) != records[kept].get(field.name):
            values[field.name] = chosen.get(field.name)
    return values
