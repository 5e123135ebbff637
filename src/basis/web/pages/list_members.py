"""Adding records of a list to a marketing list, or to anything else that they are tied to many to many."""

from basis.catalog.entity import Entity
from basis.catalog.query import Query
from basis.catalog.relationship import Association
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field, Frame, Target
from basis.fields.lookup import LookupSettings
from basis.fields.reference import Reference
from basis.i18n import label
from basis.records.bulk import ADD, Task, begin
from basis.records.running import start
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, redirect, show
from basis.web.request import Request

LIST = "list"


def list_tie(scope: Scope, entity: Entity) -> Association | None:
    """The relationship by which records of the entity are members of marketing lists."""
    ties = scope.catalog.associations_of(entity.name)
    may = scope.user.may(entity.name, "append") and scope.user.may(LIST, "append_to")
    return next((tie for tie in ties if LIST in (tie.first, tie.second)), None) if may else None


def add_to_list(scope: Scope, request: Request, entity: Entity, task: Task, count: int, back: str) -> Answer | Shown:
    """Ask for the list; then the worker adds the records to it."""
    require(scope, entity, "append")
    tie = list_tie(scope, entity)
    if tie is None:
        return redirect(back)
    field = Field("list", "lookup", scope.catalog.entity(LIST).label, settings=LookupSettings((Target(LIST),)))
    chosen = type_of(field).parse(field, request.posted, scope.locale) if request.posted.get("sure") else None
    if isinstance(chosen, Reference):
        made = Task(task.query, ids=task.ids, tie=tie.name, other=chosen.id)
        id = begin(scope, ADD, made, count)
        start(scope, id)
        return redirect(f"/operations/{id}")
    error = Message("Choose a list.") if request.posted.get("sure") else None
    frame = Frame("list", scope.locale, True, label=label(field.label, scope.language), invalid=error is not None)
    return show("add_to_list.html", status=422 if error else 200, entity=entity, ids=task.ids, amount=count, back=back,
                input=type_of(field).input(field, None, frame), error=error)  # fmt: skip


def task_of(entity: Entity, ids: list[str], every: Query | None) -> Task:
    """The chosen records, or all of a list."""
    return Task(every if every is not None else Query(entity.name), ids=() if every is not None else tuple(ids))
