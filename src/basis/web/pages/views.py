"""The views of an entity as a list to keep in order: pin, open first, share, look back, take away."""

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.view import ViewColumn
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field, Frame
from basis.fields.owner import OwnerType
from basis.fields.reference import Reference
from basis.i18n import format_datetime, label
from basis.records import select
from basis.records.views import (
    Personal,
    editions,
    is_id,
    personal_view,
    personal_views,
    pin,
    preference,
    remove_view,
    set_back,
    set_default,
    share_view,
    shared_with,
    view_of,
)
from basis.records.wording import sentence
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.security.sharing import EVERYONE
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.request import Request

SHARE_WITH = Field("principal", "owner", {"en": "Share with", "nl": "Delen met"}, settings=OwnerType.Settings())


class Line(Struct, frozen=True):
    """A view in the list: whose it is, how it stands with the user, and what may be done with it."""

    name: str
    label: str
    owner: str
    sentence: str
    pinned: bool
    first: bool
    changeable: bool
    shareable: bool


def views_page(scope: Scope, request: Request) -> Shown:
    """`/views/{entity}`: all views that the user may open."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "read")
    liked = preference(scope, entity.name)
    lines = [_personal(scope, each, liked.default, liked.pinned) for each in personal_views(scope, entity.name)]
    customizer = scope.user.has("customize")
    for view in scope.catalog.public_views(entity.name):
        first = view.name == liked.default or (view.default and not liked.default)
        name = label(view.label, scope.language)
        pinned = view.name in liked.pinned
        lines.append(Line(view.name, name, "", sentence(scope, view), pinned, first, customizer, False))
    return show("views.html", entity=entity, lines=lines)


def _personal(scope: Scope, each: Personal, default: str, pinned: tuple[str, ...]) -> Line:
    owner = each.owner.label
    words = sentence(scope, each.view)
    may_share = each.mine and scope.user.may("userquery", "share")
    return Line(each.id, each.name, owner, words, each.id in pinned, each.id == default, each.mine, may_share)


def act(scope: Scope, request: Request) -> Answer:
    """Pin or unpin a view, let the list open with it, or take it away: `pin:NAME` and the like."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "read")
    what, _, name = request.posted.get("do", "").partition(":")
    message, undo = None, list[str]()
    if what in ("pin", "unpin"):
        pin(scope, entity.name, name, what == "pin")
    elif what == "first":
        set_default(scope, entity.name, "" if _default_of_all(scope, entity, name) else name)
        called = label(view_of(scope, entity.name, name).label, scope.language)
        message = Message("The list now opens with {view}.", view=called)
    elif what == "remove":
        called = label(view_of(scope, entity.name, name).label, scope.language)
        deletion = remove_view(scope, entity.name, name)
        message = Message("The view {name} is taken away.", name=called)
        undo = [deletion] if deletion else []
    return redirect(f"/views/{entity.name}", flash(message, undo=tuple(undo)) if message else None)


def _default_of_all(scope: Scope, entity: Entity, name: str) -> bool:
    return not is_id(name) and scope.catalog.view(entity.name, name).default


# -- sharing


def share_page(scope: Scope, request: Request) -> Shown:
    """`/views/{entity}/{view}/share`: who sees a view of the user."""
    return _share(scope, request, None)


def _share(scope: Scope, request: Request, error: Message | None) -> Shown:
    entity = scope.catalog.entity(request.names["entity"])
    found = personal_view(scope, request.names["view"])
    principals = shared_with(scope, found.id)
    frame = Frame("principal", scope.locale, label=label(SHARE_WITH.label, scope.language))
    return show(
        "view_share.html",
        status=422 if error else 200,
        entity=entity,
        found=found,
        everyone=EVERYONE in principals,
        principals=_named(scope, [each for each in principals if each != EVERYONE]),
        input=type_of(SHARE_WITH).input(SHARE_WITH, None, frame),
        error=error,
    )


def _named(scope: Scope, ids: list[str]) -> list[Reference]:
    found: dict[str, Reference] = {}
    for name in ("systemuser", "team"):
        if ids and scope.user.may(name, "read"):
            found |= select.references(scope, name, ids)
    return sorted(found.values(), key=lambda each: each.label.casefold())


def share(scope: Scope, request: Request) -> Answer | Shown:
    """Share with one more, with one less, or with everyone."""
    id = personal_view(scope, request.names["view"]).id
    held, what = set(shared_with(scope, id)), request.posted.get("do", "")
    if what.startswith("remove:"):
        held.discard(what.removeprefix("remove:"))
    elif what in ("everyone", "not-everyone"):
        held = held | {EVERYONE} if what == "everyone" else held - {EVERYONE}
    else:
        chosen = type_of(SHARE_WITH).parse(SHARE_WITH, request.posted, scope.locale)
        if not isinstance(chosen, Reference):
            return _share(scope, request, Message("Choose a user or a team."))
        held.add(chosen.id)
    share_view(scope, id, sorted(held))
    return redirect(f"/views/{request.names['entity']}/{id}/share")


# -- history


class Past(Struct, frozen=True):
    key: str
    at: str
    by: str
    sentence: str
    columns: str
    current: bool


def history_page(scope: Scope, request: Request) -> Shown:
    """`/views/{entity}/{view}/history`: every state that the view had, and who gave it."""
    entity, name = scope.catalog.entity(request.names["entity"]), request.names["view"]
    view = view_of(scope, entity.name, name)
    found = editions(scope, entity.name, name)
    names = {each.id: each.label for each in _named(scope, [each.user_id for each in found if each.user_id])}
    past = [
        Past(
            each.key,
            format_datetime(each.at, scope.locale) if each.at else "",
            names.get(each.user_id, "Basis"),
            sentence(scope, each.view),
            ", ".join(_column_names(scope, entity, each.view.columns)),
            at == 0,
        )
        for at, each in enumerate(found)
    ]
    may = personal_view(scope, name).mine if is_id(name) else scope.user.has("customize")
    return show("view_history.html", entity=entity, view=view, past=past, may=may)


def _column_names(scope: Scope, entity: Entity, columns: tuple[ViewColumn, ...]) -> list[str]:
    fields = [entity.by_name.get(each.field) for each in columns if not each.link]
    return [label(field.label, scope.language) for field in fields if field is not None]


def set_back_to(scope: Scope, request: Request) -> Answer:
    """Give the view an earlier state back."""
    entity, name = request.names["entity"], request.names["view"]
    set_back(scope, entity, name, request.posted.get("edition", ""))
    return redirect(f"/{entity}?view={name}", flash(Message("The view is as it was then.")))
