"""Related lists: one by itself, and tying records of a many-to-many relationship together and apart."""

from basis.errors import Message
from basis.records import associate, select
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, part, redirect, show
from basis.web.related import other_side, related, whole_list
from basis.web.request import Request
from basis.web.table import title_of


def related_part(scope: Scope, request: Request) -> Shown | Answer:
    """The list for a tab that came into sight; without JavaScript, the whole list on a page of its own."""
    entity, id = scope.catalog.entity(request.names["entity"]), request.names["id"]
    if not request.by_htmx:
        return redirect(whole_list(other_side(scope, entity, request.names["name"])[0], request.names["name"], id))
    columns = int(request.query.get("columns", "3")) if request.query.get("columns", "3").isdigit() else 3
    found = related(scope, entity, id, request.names["name"], request.query.get("view", ""), min(columns, 8))
    return part("_related.html", list=found, path=f"/{entity.name}/{id}", entity=entity)


def add_form(scope: Scope, request: Request) -> Shown:
    """Which existing record to tie to this one."""
    return _add(scope, request, None)


def _add(scope: Scope, request: Request, error: Message | None) -> Shown:
    entity, id = scope.catalog.entity(request.names["entity"]), request.names["id"]
    other, _ = other_side(scope, entity, request.names["name"])
    record = select.get(scope, entity.name, id, [entity.primary])
    return show(
        "add_related.html",
        status=422 if error else 200,
        entity=entity,
        other=other,
        title=title_of(scope, entity, record),
        path=f"/{entity.name}/{id}",
        action=f"/{entity.name}/{id}/related/{request.names['name']}/add",
        error=error,
    )


def add(scope: Scope, request: Request) -> Answer | Shown:
    """Tie the chosen record to this one."""
    entity, id, name = scope.catalog.entity(request.names["entity"]), request.names["id"], request.names["name"]
    other, _ = other_side(scope, entity, name)
    chosen = [part for part in request.posted.get("other", "").split("\n") if part]
    if not chosen:
        return _add(scope, request, Message("Choose a record."))
    associate.associate(scope, entity.name, id, name, chosen[-1:])
    return redirect(f"/{entity.name}/{id}", flash(Message("{entity} added.", entity=other.label)))


def remove(scope: Scope, request: Request) -> Answer:
    """Take a record off the list; it is not deleted."""
    entity, id, name = scope.catalog.entity(request.names["entity"]), request.names["id"], request.names["name"]
    associate.disassociate(scope, entity.name, id, name, [request.posted.get("other", "")])
    return redirect(f"/{entity.name}/{id}", flash(Message("Taken off the list.")))
