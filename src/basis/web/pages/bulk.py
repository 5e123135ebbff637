"""What one does with several records of a list at once: all of it, or with what is wrong per record."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.query import Query
from basis.errors import Invalid, Message
from basis.fields import type_of
from basis.fields.base import Field, Frame
from basis.html import Markup
from basis.i18n import label
from basis.records import bin, operations, save, select
from basis.records.bulk import CHANGE, DELETE, Task, begin, plain_values
from basis.records.merge import MOST as MOST_MERGED
from basis.records.record import Record
from basis.records.running import start
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, part, redirect, show
from basis.web.entered import Entered, entered
from basis.web.layout import SHOWN_ONLY
from basis.web.listing import listing, query_of
from basis.web.pages.list_members import add_to_list, task_of
from basis.web.pages.merging import merge_address
from basis.web.request import Request, local_path, several
from basis.web.table import columns_of

MOST = 1_000


class Refused(Struct, frozen=True):
    """A record that could not be changed, and why."""

    id: str
    title: str
    messages: list[Message]


class Selection(Struct, frozen=True):
    """Which records, which of their fields, and the list to go back to."""

    entity: Entity
    ids: list[str]
    back: str
    name: str
    assigning: bool
    every: Query | None = None
    """What the list asks for, when all of its records are meant; `ids` are empty then."""
    count: int = 0


def bulk(scope: Scope, request: Request) -> Answer | Shown:
    """Post of a list's selection with `action`: delete, assign or change."""
    entity = scope.catalog.entity(request.names["entity"])
    ids = list(dict.fromkeys(several(request.posted, "id")))[:MOST]
    back = local_path(request.posted.get("back", ""), f"/{entity.name}")
    every = _every(scope, entity, back) if request.posted.get("all") == "1" else None
    if not ids and every is None:
        return redirect(back, flash(Message("Select some records first."), "warning"))
    if request.posted.get("action") == "list":
        count = len(ids) if every is None else select.count(scope, every, None).number
        return add_to_list(scope, request, entity, task_of(entity, ids, every), count, back)
    if every is not None:
        return _with_all(scope, request, entity, every, back)
    if request.posted.get("action") == "merge":
        return redirect(merge_address(entity.name, ids[:MOST_MERGED]))
    if request.posted.get("action") == "delete":
        return _delete(scope, entity, ids, back)
    assigning = request.posted.get("action") == "assign"
    name = "ownerid" if assigning else request.posted.get("field", "")
    return _change(scope, request, Selection(entity, ids, back, name, assigning))


def _every(scope: Scope, entity: Entity, back: str) -> Query:
    """What the list at that address asks for."""
    listed = listing(scope, entity, dict(parse_qsl(back.partition("?")[2])))
    keys = {column.key: column.link for column in columns_of(scope, listed.view)}
    asked = query_of(scope, listed, keys)
    if asked.errors:
        raise Invalid(asked.errors)
    return asked.query


def _with_all(scope: Scope, request: Request, entity: Entity, every: Query, back: str) -> Answer | Shown:
    """The same with all records of the list, as an operation that the worker carries out."""
    count, action = select.count(scope, every, None).number, request.posted.get("action")
    if action == "delete":
        require(scope, entity, "delete")
        return _begin(scope, DELETE, Task(every), count)
    assigning = action == "assign"
    name = "ownerid" if assigning else request.posted.get("field", "")
    given = _entered(scope, request, Selection(entity, [], back, name, assigning, every, count))
    if isinstance(given, Shown):
        return given
    return _begin(scope, CHANGE, Task(every, plain_values(scope, entity.name, given.values)), count)


def _begin(scope: Scope, kind: str, task: Task, count: int) -> Answer:
    id = begin(scope, kind, task, count)
    start(scope, id)
    return redirect(f"/operations/{id}")


def _delete(scope: Scope, entity: Entity, ids: list[str], back: str) -> Answer:
    deletions = bin.remove(scope, entity.name, ids)
    text = Message("1 record is deleted.") if len(ids) == 1 else Message("{count} records are deleted.", count=len(ids))
    return redirect(back, flash(text, undo=tuple(deletions)))


def _entered(scope: Scope, request: Request, chosen: Selection) -> Entered | Shown:
    """The value that the records shall get, or the page that asks for it."""
    entity, name = chosen.entity, chosen.name
    require(scope, entity, "assign" if chosen.assigning else "write")
    if "sure" not in request.posted or name not in {field.name for field in changeable(entity)}:
        return _ask(scope, chosen)
    given = entered(scope, entity, [name], request.posted)
    return _ask(scope, chosen, given) if given.errors else given


def _change(scope: Scope, request: Request, chosen: Selection) -> Answer | Shown:
    entity, ids = chosen.entity, chosen.ids
    given = _entered(scope, request, chosen)
    if isinstance(given, Shown):
        return given
    operation = operations.begin(scope, CHANGE, entity.name, {}, len(ids), operations.DONE)
    acting = operations.within(scope, operation)
    outcomes = save.update_many(acting, entity.name, [(id, given.values) for id in ids])
    wrong = [(id, outcome) for id, outcome in zip(ids, outcomes, strict=True) if not isinstance(outcome, Record)]
    if wrong:
        return _ask(scope, chosen, given, _refused(scope, entity, wrong))
    text = Message("1 record is changed.") if len(ids) == 1 else Message("{count} records are changed.", count=len(ids))
    figures = {"changed": len(ids), "refused": 0}
    operations.advance(scope.conn, operations.read(scope.conn, operation), done=len(ids), figures=figures)
    return redirect(chosen.back, flash(text, operation=operation))


def _refused(scope: Scope, entity: Entity, wrong: list[tuple[str, Any]]) -> list[Refused]:
    named = select.references(scope, entity.name, [id for id, _ in wrong])
    return [Refused(id, named[id].label if id in named else "", list(errors.values())) for id, errors in wrong]


def _ask(scope: Scope, chosen: Selection, given: Entered | None = None, refused: Sequence[Refused] = ()) -> Shown:
    """Which field and what value; with what was refused and the choice to leave that out."""
    entity, bad = chosen.entity, {each.id for each in refused}
    fields = sorted(changeable(entity), key=lambda field: label(field.label, scope.language).casefold())
    field = next((field for field in fields if field.name == chosen.name), None)
    error = given.errors.get(chosen.name) if given else None
    value = given.shown.get(chosen.name) if given else None
    return show(
        "bulk.html",
        status=422 if error or refused else 200,
        entity=entity,
        ids=chosen.ids,
        every=chosen.every is not None,
        amount=chosen.count if chosen.every is not None else len(chosen.ids),
        good=[id for id in chosen.ids if id not in bad],
        back=chosen.back,
        fields=fields,
        chosen=field,
        input=_input(scope, field, value, error) if field else Markup(""),
        assigning=chosen.assigning,
        error=error,
        refused=refused,
    )


def changeable(entity: Entity) -> list[Field]:
    """The fields that one can give many records at once."""
    unique = {name for key in entity.keys for name in key.fields}
    return [
        field
        for field in entity.visible_fields
        if not field.readonly and field.name not in SHOWN_ONLY and field.name not in unique
        and type_of(field).editor != "none"
    ]  # fmt: skip


def _input(scope: Scope, field: Field, value: Any, error: Message | None) -> Markup:
    frame = Frame("bulk-value", scope.locale, described_by="bulk-error" if error else "", invalid=error is not None)
    return type_of(field).input(field, value, frame)


def field_part(scope: Scope, request: Request) -> Shown:
    """The input of the field that was just chosen."""
    entity = scope.catalog.entity(request.names["entity"])
    name = request.query.get("field", "")
    field = next((field for field in changeable(entity) if field.name == name), None)
    if field is None:
        raise Invalid("Choose a field.")
    return part("_bulk_value.html", chosen=field, input=_input(scope, field, None, None), error=None)
