"""What one does with a record beside changing its fields: delete, assign, change its state, note something."""

from urllib.parse import parse_qsl

from basis.errors import Invalid, Message, NotFound
from basis.fields import type_of
from basis.fields.base import Frame
from basis.i18n import label
from basis.records import bin, save, select
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.entered import entered
from basis.web.listing import listing
from basis.web.pages.lists import LAST_LIST, list_of
from basis.web.request import Request, local_path
from basis.web.table import title_of
from basis.web.timeline import NOTE, NOTE_FIELD


def delete(scope: Scope, request: Request) -> Answer:
    """To the recycle bin, with a message that takes it back."""
    entity = scope.catalog.entity(request.names["entity"])
    record = select.get(scope, entity.name, request.names["id"], [entity.primary])
    deletions = bin.remove(scope, entity.name, [record.id])
    text = Message("{entity} {title} is deleted.", entity=entity.label, title=title_of(scope, entity, record))
    last = local_path(request.cookies.get(LAST_LIST, ""), "")
    then = local_path(request.posted.get("from", ""), "")
    back = then or (last if last.partition("?")[0] == f"/{entity.name}" else f"/{entity.name}")
    return redirect(back, flash(text, undo=tuple(deletions)))


def restore(scope: Scope, request: Request) -> Answer:
    """Bring deletions back: that of a message just shown, or one of the recycle bin."""
    ids = request.posted.get("deletion", "").split()
    if not ids:
        return redirect("/bin")
    places = [bin.restore(scope, id) for id in ids]
    entity, id = places[0]
    if len(places) == 1:
        return redirect(f"/{entity}/{id}", flash(Message("The record is back.")))
    return redirect(f"/{entity}", flash(Message("{count} records are back.", count=len(places))))


def change_state(scope: Scope, request: Request) -> Answer:
    """Close, reopen or otherwise move on, to a status reason."""
    entity = scope.catalog.entity(request.names["entity"])
    id, reason = request.names["id"], request.posted.get("reason", "")
    if not reason.isdigit():
        raise Invalid("Choose a status.")
    save.update_one(scope, entity.name, id, {"statuscode": int(reason)})
    found = entity.reason(int(reason))
    text = Message("The status is now {state}.", state=found.label if found else {})
    return redirect(f"/{entity.name}/{id}", flash(text))


def move(scope: Scope, request: Request) -> Answer | Shown:
    """Give one field of a record another value, as one moves a card; back to the list that it was moved in."""
    entity, id = scope.catalog.entity(request.names["entity"]), request.names["id"]
    name = request.posted.get("field", "")
    field = entity.by_name.get(name)
    if field is None or field.hidden or field.readonly:
        raise NotFound("{entity} has no field {name}.", entity=entity.label, name=name)
    given = entered(scope, entity, [name], request.posted)
    if given.errors:
        raise Invalid(given.errors)
    save.update_one(scope, entity.name, id, given.values)
    back = local_path(request.posted.get("back", ""), f"/{entity.name}")
    if request.target == "rows":
        query = dict(parse_qsl(back.partition("?")[2]))
        return list_of(scope, request, listing(scope, entity, query))
    return redirect(back)


def assign_form(scope: Scope, request: Request) -> Shown:
    """Who shall own the record."""
    return _assign(scope, request, {})


def _assign(scope: Scope, request: Request, errors: dict[str, Message]) -> Shown:
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "assign")
    record = select.get(scope, entity.name, request.names["id"], [entity.primary, "ownerid"])
    field, error = entity.by_name["ownerid"], errors.get("ownerid") or errors.get("")
    frame = Frame("field-ownerid", scope.locale, True, described_by="owner-error" if error else "")
    return show(
        "assign.html",
        status=422 if errors else 200,
        entity=entity,
        title=title_of(scope, entity, record),
        field_label=label(field.label, scope.language),
        input=type_of(field).input(field, record["ownerid"], frame),
        error=error,
        path=f"/{entity.name}/{record.id}",
    )


def assign(scope: Scope, request: Request) -> Answer | Shown:
    """Give the record to another owner."""
    entity, id = scope.catalog.entity(request.names["entity"]), request.names["id"]
    given = entered(scope, entity, ["ownerid"], request.posted)
    try:
        if not given.values.get("ownerid"):
            raise Invalid({"ownerid": Message("Choose a user or a team.")})
        save.update_one(scope, entity.name, id, given.values)
    except Invalid as invalid:
        return _assign(scope, request, invalid.errors)
    owner = given.shown["ownerid"]
    text = Message("Assigned to {name}.", name=getattr(owner, "label", "") or getattr(owner, "text", ""))
    return redirect(f"/{entity.name}/{id}", flash(text))


def note(scope: Scope, request: Request) -> Answer:
    """Put a note on the record's timeline."""
    entity, id = scope.catalog.entity(request.names["entity"]), request.names["id"]
    text = request.posted.get("notetext", "").strip()
    document = request.posted.get("documentbody", "")
    if text or document:
        posted = {**request.posted, NOTE_FIELD: id, f"{NOTE_FIELD}__type": entity.name}
        names = ["notetext", "documentbody", NOTE_FIELD]
        given = entered(scope, scope.catalog.entity(NOTE), names, posted)
        save.create(scope, NOTE, given.values)
    back = local_path(request.posted.get("back", ""), f"/{entity.name}/{id}")
    return redirect(back, None if text or document else flash(Message("Write the note first."), "error"))
