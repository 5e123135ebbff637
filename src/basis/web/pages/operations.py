"""Operations: what was done with many records at once, how far it is, what was refused, and undoing it."""

from datetime import timedelta
from typing import Any

from msgspec import Struct

from basis.errors import Message
from basis.i18n import label
from basis.records import operations, select
from basis.records.operations import Operation
from basis.records.running import start
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, redirect, show
from basis.web.request import Request

KINDS = {
    "change": Message("Change of {records}"),
    "delete": Message("Deletion of {records}"),
    "add": Message("Addition of {records} to a list"),
    "import": Message("Import of {records}"),
    "merge": Message("Merge of {records}"),
}
STATES = {
    operations.DRAFT: Message("Being prepared"),
    operations.WAITING: Message("Waiting"),
    operations.RUNNING: Message("Going on"),
    operations.PAUSED: Message("Paused"),
    operations.DONE: Message("Done"),
    operations.UNDOING: Message("Being undone"),
    operations.UNDONE: Message("Undone"),
}
FIGURES = {
    "changed": Message("Done"),
    "created": Message("Created"),
    "updated": Message("Changed"),
    "unchanged": Message("Unchanged"),
    "doubled": Message("Key stood in the file before"),
    "refused": Message("Refused"),
    "undone": Message("Undone"),
}
SELDOM = ("doubled", "undone")
"""Figures that are only told when there is something to tell."""
SHOWN_REFUSALS = 200


class Line(Struct, frozen=True):
    """An operation as people read it. `undoable`: whether its user may still take it back."""

    operation: Operation
    title: Message
    state: Message
    who: str
    going: bool
    undoable: bool
    figures: list[tuple[Message, int]]


def operations_page(scope: Scope, request: Request) -> Shown:
    """`/operations`: the newest ones."""
    found = operations.newest(scope)
    names = _names(scope, [each.user_id for each in found])
    return show("operations.html", lines=[_line(scope, each, names) for each in found])


def operation_page(scope: Scope, request: Request) -> Answer | Shown:
    """`/operations/{id}`: one of them; for HTMX the part that says how far it is."""
    held = operations.get(scope, request.names["id"])
    if held.state == operations.DRAFT:
        return redirect(f"/imports/{held.id}")
    refused, count = operations.refusals(scope.conn, held.id, SHOWN_REFUSALS)
    line = _line(scope, held, _names(scope, [held.user_id]))
    values: dict[str, Any] = {
        "line": line,
        "refused": refused,
        "count": count,
        "entity": scope.catalog.entities.get(held.entity),
    }
    if request.target == "operation":
        return Shown("_operation.html", values, part=True)
    return show("operation.html", **values)


def _line(scope: Scope, held: Operation, names: dict[str, str]) -> Line:
    entity = scope.catalog.entities.get(held.entity)
    records = entity.plural if entity else {}
    title = Message(KINDS.get(held.kind, KINDS["change"]).text, records=label(records, scope.language) or held.entity)
    fresh = scope.now - held.at < timedelta(days=operations.UNDO_FOR.days)
    undoable = held.state in (operations.DONE, operations.PAUSED) and fresh
    told = {name: number for name, number in held.figures.items() if number or name not in SELDOM}
    figures = [(FIGURES[name], number) for name, number in told.items() if name in FIGURES]
    going = held.state in operations.UNFINISHED
    return Line(held, title, STATES[held.state], names.get(held.user_id, "Basis"), going, undoable, figures)


def _names(scope: Scope, ids: list[str]) -> dict[str, str]:
    wanted = [id for id in dict.fromkeys(ids) if id]
    if not wanted or not scope.user.may("systemuser", "read"):
        return {}
    return {id: each.label for id, each in select.references(scope, "systemuser", wanted).items()}


def undo(scope: Scope, request: Request) -> Answer:
    """Take the operation back, as a job."""
    return _go_on(scope, request, operations.UNDOING, (operations.DONE, operations.PAUSED))


def pause(scope: Scope, request: Request) -> Answer:
    """Stop after the batch at hand; it can go on later."""
    held = operations.set_state(scope, request.names["id"], operations.PAUSED, operations.UNFINISHED[:2])
    return redirect(f"/operations/{held.id}")


def resume(scope: Scope, request: Request) -> Answer:
    """Go on where it was paused."""
    return _go_on(scope, request, operations.RUNNING, (operations.PAUSED,))


def _go_on(scope: Scope, request: Request, state: str, allowed: tuple[str, ...]) -> Answer:
    held = operations.set_state(scope, request.names["id"], state, allowed)
    start(scope, held.id)
    return redirect(f"/operations/{held.id}")
