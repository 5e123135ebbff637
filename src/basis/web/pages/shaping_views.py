"""Shaping a view: its columns, filter, order, groups and way of showing, tried before it is saved."""

from typing import Any

from basis.catalog.entity import Entity
from basis.catalog.view import View
from basis.errors import Invalid, Message
from basis.i18n import label
from basis.records import select
from basis.records.views import is_id, keep_personal, needs_index, personal_view, publish_view, view_of
from basis.records.wording import sentence
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.listing import Listing, listing
from basis.web.request import Request
from basis.web.views.build import clauses_in, draft_of, name_records, view_from
from basis.web.views.draft import Draft, DraftColumn, act, posted_draft
from basis.web.views.form import Form, form_of_draft
from basis.web.views.shape import packed

SHAPED = Message("The view {name} is saved.")
INDEXED = Message("The view {name} is saved. The index that makes it fast is being made in the background.")


def shape_page(scope: Scope, request: Request) -> Shown:
    """`/views/{entity}/shape`: the form, filled with a view of the list (or with one that is shaped already)."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "read")
    listed = listing(scope, entity, request.query)
    draft = draft_of(scope, entity, listed.view)
    if request.query.get("new") == "1":
        draft = Draft(columns=[DraftColumn("", entity.primary, 240)])
    return _page(scope, entity, listed.view, draft, {})


def _page(scope: Scope, entity: Entity, view: View, draft: Draft, errors: dict[str, Message], name: str = "") -> Shown:
    shaped = view_from(scope, entity, draft, view)
    return show("view_designer.html", status=422 if errors else 200, **_values(scope, entity, view, shaped, draft),
                errors=errors, may=_may(scope, view), called=name or label(view.label, scope.language))  # fmt: skip


def _values(scope: Scope, entity: Entity, view: View, shaped: View, draft: Draft) -> dict[str, Any]:
    name_records(scope, entity, draft.where)
    form: Form = form_of_draft(scope, entity, draft)
    return {"entity": entity, "view": view, "form": form, "draft": draft, **_summary(scope, shaped)}


def _summary(scope: Scope, shaped: View) -> dict[str, Any]:
    try:
        count = select.count(scope, shaped.query())
    except Invalid as invalid:
        return {"count": None, "sentence": sentence(scope, shaped), "refused": next(iter(invalid.errors.values()))}
    return {"count": count, "sentence": sentence(scope, shaped), "refused": None}


def _may(scope: Scope, view: View) -> dict[str, bool]:
    """Whether the user may change this view itself, keep views, and make views for everyone."""
    customizer = scope.user.has("customize")
    own = is_id(view.name) and personal_view(scope, view.name).mine
    return {"change": own or (customizer and not is_id(view.name)), "publish": customizer,
            "keep": scope.user.may("userquery", "create")}  # fmt: skip


def shape(scope: Scope, request: Request) -> Answer | Shown:
    """Post of the form: one of its buttons, or what HTMX asks for while it is filled in."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "read")
    base = _base(scope, entity, request)
    draft, what = posted_draft(request.posted), request.posted.get("do", "")
    if what in ("apply", "save", "save-as", "publish"):
        return _finish(scope, request, entity, base, draft, what)
    draft = act(draft, what)
    shaped = view_from(scope, entity, draft, base)
    if request.target == "view-summary":
        values = _summary(scope, shaped) | {"entity": entity}
        return Shown("_view_summary.html", values, part=True)
    if request.target == "draft":
        return Shown("_view_draft.html", _values(scope, entity, base, shaped, draft), part=True)
    return _page(scope, entity, base, draft, {}, request.posted.get("name", ""))


def _base(scope: Scope, entity: Entity, request: Request) -> View:
    return view_of(scope, entity.name, request.posted.get("view", ""))


def _finish(scope: Scope, request: Request, entity: Entity, base: View, draft: Draft, what: str) -> Answer | Shown:
    shaped, name = view_from(scope, entity, draft, base), request.posted.get("name", "").strip()
    wrong = [clause.error for clause in clauses_in(draft.where) if clause.error is not None]
    try:
        if wrong:
            raise Invalid({"": wrong[0]})
        if what == "apply":
            return redirect(Listing(entity, base, packed(shaped)).address())
        saved = _save(scope, shaped, base, name, what)
    except Invalid as invalid:
        return _page(scope, entity, base, draft, invalid.errors, name)
    indexed = not is_id(saved) and needs_index(scope, shaped)
    text = Message((INDEXED if indexed else SHAPED).text, name=name or label(base.label, scope.language))
    return redirect(f"/{entity.name}?view={saved}", flash(text))


def _save(scope: Scope, shaped: View, base: View, name: str, what: str) -> str:
    if not name:
        raise Invalid({"name": Message("Fill this in.")})
    names = {"en": name, "nl": name}
    if what == "publish":
        return publish_view(scope, shaped, names)
    if what == "save-as":
        return keep_personal(scope, shaped, name)
    if is_id(base.name):
        return keep_personal(scope, shaped, name, base.name)
    renamed = name != label(base.label, scope.language)
    return publish_view(scope, shaped, {**base.label, scope.language: name} if renamed else base.label, base.name)
