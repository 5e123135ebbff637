"""One record on a form: shown, made and changed, with everything that was typed kept until it is saved."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from basis.catalog.entity import POINTER, Entity
from basis.catalog.form import Form
from basis.errors import Conflict, Invalid, Message, NotFound
from basis.fields import type_of
from basis.fields.base import Problem
from basis.html import Markup
from basis.i18n import label
from basis.records import matching, save, select
from basis.records.ids import new_id
from basis.records.matching import Match
from basis.records.prepare import derive, titled
from basis.records.record import Record
from basis.security.conditions import reaches, require
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, json_answer, redirect, show
from basis.web.conflict import differences, without_theirs
from basis.web.entered import Entered, entered, name_references
from basis.web.layout import Filling, Sheet, defaults, fields_of, form_of, lay_out
from basis.web.moves import moves
from basis.web.pages.duplicates import likely
from basis.web.pages.lists import LAST_LIST
from basis.web.related import WIDE, related
from basis.web.request import Fields, Request, local_path
from basis.web.shell import initials
from basis.web.table import title_of
from basis.web.timeline import timeline

SAVED = Message("{entity} {title} is saved.")
IN_DIALOG = "quick-create"
"""The target of a short form that stands in a dialog above another page (islands/quick-create.js)."""
ID = ".id"
"""The id that a record to be made will have, so that a form that is sent twice makes one record."""
SURE = ".sure"
"""Posted when the user has seen the likely matches of a new record."""
TITLE = ".title"
"""What a record to be made shall be called; a field has no dot in its name."""


def record_page(scope: Scope, request: Request) -> Shown | Answer:
    """`/{entity}/{id}`: the form of a record."""
    entity = scope.catalog.entity(request.names["entity"])
    if entity.name == POINTER:
        return _as_what_it_is(scope, request.names["id"])
    form = form_of(scope, entity)
    record = _read(scope, entity, form, request.names["id"])
    return _form_page(scope, request, entity, form, record, Entered({}, {}, {}))


def _as_what_it_is(scope: Scope, id: str) -> Answer:
    """An activity opens as the task, call or e-mail that it is."""
    kind = select.get(scope, POINTER, id, ["activitytypecode"])["activitytypecode"]
    return redirect(f"/{kind}/{id}")


def _read(scope: Scope, entity: Entity, form: Form, id: str) -> Record:
    more = ("statecode", "statuscode", "ownerid", "owningbusinessunit", "modifiedon", "modifiedby")
    names = [*fields_of(entity, form), entity.primary, *(name for name in more if entity.has(name))]
    return select.get(scope, entity.name, id, list(dict.fromkeys(names)))


def writable(scope: Scope, entity: Entity, record: Record) -> bool:
    """Whether the user may change this record; a closed one only changes its state."""
    unit, owner = record.get("owningbusinessunit"), record.get("ownerid")
    return reaches(scope, entity, "write", owner.id if owner else "", unit.id if unit else "")


def _form_page(
    scope: Scope, request: Request, entity: Entity, form: Form, record: Record, given: Entered, **more: Any
) -> Shown:
    may_write = writable(scope, entity, record)
    closed = bool(entity.states) and not entity.state(record["statecode"]).editable
    filling = Filling({**record.values, **given.shown}, given.errors, may_write and not closed)
    sheets = lay_out(scope, entity, form, filling)
    title = title_of(scope, entity, record)
    return show(
        "record.html",
        status=422 if given.errors else 409 if more.get("conflict") else 200,
        entity=entity,
        form=form,
        record=record,
        title=title,
        initials=initials(title),
        facts=_facts(scope, entity, form, record),
        sheets=sheets,
        lists=_lists(scope, entity, record.id, sheets),
        timeline=timeline(scope, entity, record.id) if _has_timeline(sheets) else None,
        problems=_problems(scope, entity, form, given.errors),
        dirty=bool(given.shown),
        may_write=may_write,
        closed=closed,
        moves=moves(scope, entity, record) if may_write else [],
        rights=_rights(scope, entity, may_write),
        back=_back(request, entity),
        came_from=_from(request),
        **{"conflict": None, **more},
    )


def _rights(scope: Scope, entity: Entity, may_write: bool) -> dict[str, bool]:
    names = ("create", "delete")
    rights = {name: scope.user.may(entity.name, name) for name in names}
    return rights | {"assign": may_write and entity.ownership == "user" and scope.user.may(entity.name, "assign")}


def _back(request: Request, entity: Entity) -> str:
    """Where "back" leads: the record one came from, else the list of this entity that was seen last."""
    held = _from(request) or local_path(request.cookies.get(LAST_LIST, ""), "")
    return held if _from(request) or held.partition("?")[0] == f"/{entity.name}" else f"/{entity.name}"


def _from(request: Request) -> str:
    return local_path(request.posted.get("from") or request.query.get("from", ""), "")


def _facts(scope: Scope, entity: Entity, form: Form, record: Record) -> list[tuple[str, Markup]]:
    facts = []
    for name in form.header[:4]:
        field = entity.by_name.get(name)
        if field is not None and not field.hidden:
            shown = type_of(field).cell(field, record.get(name), scope.locale)
            facts.append((label(field.label, scope.language), shown or Markup("–")))
    return facts


def _lists(scope: Scope, entity: Entity, id: str, sheets: list[Sheet]) -> dict[str, Any]:
    """The related lists of the first tab; those of the others are fetched when they come into sight."""
    found = {}
    for sheet in sheets[:1]:
        for column in sheet.columns:
            for block in column:
                for place in block.places:
                    if place.related:
                        width = WIDE if len(sheet.columns) == 1 else 3
                        found[place.name] = related(scope, entity, id, place.related, place.view, width)
    return found


def _has_timeline(sheets: list[Sheet]) -> bool:
    places = (place for sheet in sheets for column in sheet.columns for block in column for place in block.places)
    return any(place.timeline for place in places)


def _problems(
    scope: Scope, entity: Entity, form: Form, errors: Mapping[str, Message], prefix: str = ""
) -> list[tuple[str, str, Message]]:
    """What is wrong, in the order of the form: the id of the input, the label, the message."""
    found = []
    places = {name: at for at, name in enumerate(form.fields())}
    for name, message in sorted(errors.items(), key=lambda each: places.get(each[0], -1)):
        field = entity.by_name.get(name)
        title = label(field.label, scope.language) if field else ""
        found.append((f"{prefix}field-{name}" if field else "", title, message))
    return found


# -- making


def new_page(scope: Scope, request: Request) -> Shown:
    """`/{entity}/new`: an empty form, filled with what the address gives (`?parentaccountid=…`)."""
    entity = scope.catalog.entity(request.names["entity"])
    if entity.name == POINTER:
        return _kinds(scope, request)
    require(scope, entity, "create")
    return _new(scope, request, entity, form_of(scope, entity), Entered({}, {}, _prefilled(scope, entity, request)))


def _kinds(scope: Scope, request: Request) -> Shown:
    """Which kind of activity is to be made; what the address fills in goes along."""
    kinds = [each for each in scope.catalog.entities.values() if each.activity and not each.hidden]
    kinds = [each for each in kinds if each.name != POINTER and scope.user.may(each.name, "create")]
    query = urlencode({name: text for name, text in request.query.items() if text})
    return show("activity_kinds.html", kinds=kinds, query=f"?{query}" if query else "")


def quick_page(scope: Scope, request: Request) -> Shown:
    """`/{entity}/quick`: the short form."""
    entity = scope.catalog.entity(request.names["entity"])
    if entity.name == POINTER:
        return _kinds(scope, request)
    require(scope, entity, "create")
    form, given = form_of(scope, entity, "quick_create"), Entered({}, {}, _prefilled(scope, entity, request))
    return _new(scope, request, entity, form, given)


def _prefilled(scope: Scope, entity: Entity, request: Request) -> dict[str, Any]:
    values = defaults(entity)
    for name, field in entity.by_name.items():
        if name in request.query and not field.hidden:
            try:
                values[name] = type_of(field).parse(field, request.query, scope.locale)
            except Problem:
                continue
    if request.query.get(TITLE):
        values |= titled(entity, request.query[TITLE])
    name_references(scope, values)
    return values


def _new(
    scope: Scope, request: Request, entity: Entity, form: Form, given: Entered, matches: Sequence[Match] = ()
) -> Shown:
    in_dialog = request.target == IN_DIALOG
    prefix = "quick-" if in_dialog else ""
    values = {
        "entity": entity,
        "form": form,
        "sheets": lay_out(scope, entity, form, Filling(given.shown, given.errors, fresh=True, prefix=prefix)),
        "problems": _problems(scope, entity, form, given.errors, prefix),
        "dirty": bool(given.errors or matches),
        "matches": likely(scope, entity, list(matches)),
        "quick": form.kind == "quick_create",
        "back": _back(request, entity),
        "came_from": _from(request),
        "hidden": _hidden(entity, form, request),
        "id": request.posted.get(ID) or new_id(),
    }
    template = "_quick_create.html" if in_dialog else "new_record.html"
    return Shown(template, values, 422 if given.errors else 409 if matches else 200, part=in_dialog)


def _hidden(entity: Entity, form: Form, request: Request) -> dict[str, str]:
    """What the address fills in but the form does not show goes along unseen."""
    held = request.posted if request.method == "POST" else request.query
    names = [name for name in entity.by_name if name not in fields_of(entity, form) and name in held]
    return {key: held[key] for name in names for key in (name, f"{name}__type") if key in held}


def create(scope: Scope, request: Request) -> Answer | Shown:
    """Post of a new record, from the main or the quick form."""
    entity = scope.catalog.entity(request.names["entity"])
    form = form_of(scope, entity, "quick_create" if request.path.endswith("/quick") else "main")
    id = _regular(request.posted.get(ID, ""))
    if id and (made := _made_before(scope, entity, id)):
        return _made(scope, request, entity, made)
    names = [*fields_of(entity, form), *_hidden(entity, form, request)]
    given = entered(scope, entity, _settable(entity, names), request.posted)
    if not given.errors and SURE not in request.posted:
        found = matching.matches(scope, entity, given.values | derive(entity, given.values))
        if found:
            return _new(scope, request, entity, form, given, found)
    try:
        record = save.create(scope, entity.name, given.values, id)
        errors = given.errors
    except Invalid as invalid:
        errors = {**invalid.errors, **given.errors}
    if errors:
        return _new(scope, request, entity, form, msgspec.structs.replace(given, errors=errors))
    return _made(scope, request, entity, record)


def _regular(text: str) -> str:
    """The id in its regular form; empty when it is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _made_before(scope: Scope, entity: Entity, id: str) -> Record | None:
    """The record that the same form made when it was sent before."""
    try:
        return select.get(scope, entity.name, id, [entity.primary])
    except NotFound:
        return None


def _made(scope: Scope, request: Request, entity: Entity, record: Record) -> Answer:
    if request.target == IN_DIALOG:
        return json_answer({"entity": entity.name, "id": record.id, "label": title_of(scope, entity, record)})
    return _onwards(scope, request, entity, record)


def _settable(entity: Entity, names: list[str]) -> list[str]:
    known = [name for name in names if name in entity.by_name]
    return [name for name in known if not entity.by_name[name].readonly and name != "statecode"]


def _onwards(scope: Scope, request: Request, entity: Entity, record: Record) -> Answer:
    then, came_from = request.posted.get("then", ""), _from(request)
    message = flash(Message(SAVED.text, entity=entity.label, title=title_of(scope, entity, record)))
    if then == "close":
        return redirect(_back(request, entity), message)
    if then == "new":
        return redirect(f"/{entity.name}/new", message)
    return redirect(f"/{entity.name}/{record.id}" + (f"?from={came_from}" if came_from else ""), message)


# -- changing


def change(scope: Scope, request: Request) -> Answer | Shown:
    """Post of a changed record. When somebody else was faster, both values are shown to choose from."""
    entity = scope.catalog.entity(request.names["entity"])
    form = form_of(scope, entity)
    record = _read(scope, entity, form, request.names["id"])
    posted = without_theirs(request.posted)
    given = entered(scope, entity, _settable(entity, fields_of(entity, form)), posted, record)
    version = _version(request.posted)
    try:
        saved = save.update_one(scope, entity.name, record.id, given.values, version)
    except Invalid as invalid:
        given = msgspec.structs.replace(given, errors={**invalid.errors, **given.errors})
    except Conflict:
        both = differences(scope, entity, record, given, version)
        return _form_page(scope, request, entity, form, record, given, conflict=both)
    if given.errors:
        return _form_page(scope, request, entity, form, record, given)
    title = Record(entity.name, record.id, {**record.values, **saved.values})
    return _onwards(scope, request, entity, title)


def _version(posted: Fields) -> int:
    """The version that the form was filled in against; 0, which no record has, when it does not say."""
    text = posted.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
