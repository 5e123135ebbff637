"""Views of users: kept as records (`userquery`), so that rights, sharing, history and the recycle bin hold for them.

The views of the organisation itself stand in the catalog; here both are found, and made into each other.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from basis.catalog.changes import publish
from basis.catalog.check import check_view
from basis.catalog.customize import made_name
from basis.catalog.query import Column, Condition, Filter, Order, Query
from basis.catalog.store import Change, read_differences, versions
from basis.catalog.view import View
from basis.catalog.view_indexes import INDEX_VIEWS, index_of, is_large
from basis.errors import Forbidden, Invalid, Message, NotFound, Refused
from basis.fields.reference import Reference
from basis.jobs.queue import enqueue
from basis.records import audit, bin, save, select
from basis.records.preferences import prefer, preferred
from basis.records.record import Record
from basis.security.scope import Scope
from basis.security.sharing import share_with, sharers

ENTITY = "userquery"
FIELDS = ("name", "returnedtypecode", "definition", "description", "ownerid", "modifiedon")
EMPTY: dict[str, Any] = {
    "description": {}, "default": False, "filter": {}, "links": [], "order": [], "find": [], "hidden": False,
    "group": None, "frozen": 0, "show": {},
}  # fmt: skip
"""What a view has when it says nothing; written out over a standard view, whose own would stay otherwise."""


class Personal(Struct, frozen=True):
    """A view that a user made. `mine`: whether the user who asks may change it; others have it by sharing."""

    id: str
    name: str
    view: View
    owner: Reference
    version: int
    mine: bool


class Preference(Struct, frozen=True):
    """How a user likes the views of an entity: the one that opens first, and those that stand on top."""

    default: str = ""
    pinned: tuple[str, ...] = ()


class Edition(Struct, frozen=True):
    """A state that a view had: who made it so and when (UTC), and the view as it was then."""

    key: str
    at: Any
    user_id: str
    view: View


# -- finding


def personal_views(scope: Scope, entity: str) -> list[Personal]:
    """The views of an entity that the user made, or that were shared with them, by name."""
    if not scope.user.may(ENTITY, "read"):
        return []
    about = Filter(conditions=(Condition("returnedtypecode", "eq", entity),))
    query = Query(ENTITY, tuple(map(Column, FIELDS)), about, order=(Order("name"),))
    return [_personal(scope, record) for record in select.page(scope, query, limit=500).records]


def personal_view(scope: Scope, id: str) -> Personal:
    """One of them by id; `NotFound` when it is not there or not for this user."""
    try:
        return _personal(scope, select.get(scope, ENTITY, id, FIELDS))
    except NotFound:
        raise NotFound("There is no such view ({name}).", name=id) from None


def _personal(scope: Scope, record: Record) -> Personal:
    owner = record["ownerid"]
    mine = owner is not None and owner.id in (scope.user.id, *scope.user.team_ids)
    view = _read(record["definition"], record.id, record["name"], record["returnedtypecode"])
    return Personal(record.id, record["name"], view, owner, record.version, mine)


def _read(definition: str, id: str, name: str, entity: str) -> View:
    try:
        view = msgspec.json.decode(definition, type=View)
    except msgspec.MsgspecError as error:
        raise Invalid("The view {name} cannot be read ({reason}).", name=name, reason=str(error)) from error
    return msgspec.structs.replace(view, name=id, entity=entity, label={"en": name, "nl": name}, default=False)


def view_of(scope: Scope, entity: str, name: str = "") -> View:
    """The view of that name or id; without one the user's own choice, else the default. `NotFound` for others."""
    if not name:
        chosen = preference(scope, entity).default
        if not chosen:
            return scope.catalog.view(entity)
        try:
            return view_of(scope, entity, chosen)
        except (NotFound, Invalid):
            return scope.catalog.view(entity)
    if is_id(name):
        found = personal_view(scope, name).view
        if found.entity != entity:
            raise NotFound("There is no such view ({name}).", name=name)
        return found
    return scope.catalog.view(entity, name)


def is_id(name: str) -> bool:
    """Whether the name is that of a user's view; names of the organisation's views hold no dash."""
    return "-" in name


def preference(scope: Scope, entity: str) -> Preference:
    """What the user set for the views of an entity."""
    return preferred(scope, f"views.{entity}", Preference())


def set_default(scope: Scope, entity: str, name: str) -> None:
    """Let the list of the entity open with this view for the user; an empty name takes that back."""
    if name:
        view_of(scope, entity, name)
    prefer(scope, f"views.{entity}", msgspec.structs.replace(preference(scope, entity), default=name))


def pin(scope: Scope, entity: str, name: str, pinned: bool) -> None:
    """Put a view on top of the user's list of views, or take it from there."""
    view_of(scope, entity, name)
    held = preference(scope, entity)
    others = tuple(each for each in held.pinned if each != name)
    prefer(scope, f"views.{entity}", msgspec.structs.replace(held, pinned=(*others, name) if pinned else others))


# -- keeping


def checked_view(scope: Scope, view: View) -> View:
    """The view, when all of it fits the catalog; `Invalid` with the first thing that does not."""
    for problem in check_view(scope.catalog, view):
        raise Invalid({"": problem.message})
    return view


def keep_personal(scope: Scope, view: View, name: str, id: str = "", version: int | None = None) -> str:
    """Save a view as the user's own, new or again; answers its id. `Invalid` by `name` or as a whole."""
    checked_view(scope, view)
    values = {"name": name.strip(), "returnedtypecode": view.entity, "definition": _written(view)}
    if id:
        return save.update_one(scope, ENTITY, id, values, version).id
    return save.create(scope, ENTITY, values).id


def _written(view: View) -> str:
    return msgspec.json.encode(msgspec.structs.replace(view, name="", label={}, default=False)).decode()


def publish_view(scope: Scope, view: View, label: dict[str, str], name: str = "") -> str:
    """Make or change a view of the organisation; answers its name. `Forbidden` without the right to customize."""
    _require_customizer(scope)
    checked_view(scope, view)
    if not any(text.strip() for text in label.values()):
        raise Invalid({"name": Message("Fill this in.")})
    known = scope.catalog.views.get(view.entity, {})
    name = name or _free_name(made_name(label), known)
    body = {**EMPTY, **msgspec.to_builtins(msgspec.structs.replace(view, label=label))}
    body |= {"name": name, "default": known[name].default if name in known else False}
    _publish(scope, Change("view", view.entity, name, body), f"View {name} of {view.entity}")
    if needs_index(scope, view):
        enqueue(scope.conn, INDEX_VIEWS, {}, now=scope.now, user_id=scope.user.id)
    return name


def needs_index(scope: Scope, view: View) -> bool:
    """Whether the worker makes an index for a view of the organisation: on a large entity, where one helps."""
    return is_large(scope.conn, scope.catalog, view.entity) and index_of(scope.catalog, view) is not None


def _free_name(name: str, known: dict[str, View]) -> str:
    found, number = name, 2
    while found in known:
        found, number = f"{name}_{number}", number + 1
    return found


def _require_customizer(scope: Scope) -> None:
    if not scope.user.has("customize"):
        raise Forbidden("Only who may customize can change the views of everyone; save it as your own.")


def _publish(scope: Scope, change: Change, summary: str) -> None:
    author = scope.user.id or None
    publish(scope.conn, [change], author=author, now=scope.now, summary=summary, known=scope.catalog)


def remove_view(scope: Scope, entity: str, name: str) -> str | None:
    """Take a view away; answers the deletion that brings a user's view back.

    `Refused` for the organisation's default view. One of the organisation comes back by undoing its version.
    """
    if is_id(name):
        return bin.remove(scope, ENTITY, [personal_view(scope, name).id])[0]
    _require_customizer(scope)
    view = scope.catalog.view(entity, name)
    if view.default:
        raise Refused("This is the default view; make another one the default first.")
    body = {**EMPTY, **msgspec.to_builtins(view), "hidden": True}
    _publish(scope, Change("view", entity, name, body), f"View {name} of {entity} removed")
    return None


# -- sharing


def shared_with(scope: Scope, id: str) -> tuple[str, ...]:
    """The ids of the users and teams with whom a view of the user is shared. `Forbidden` for a view of another."""
    return sharers(scope.conn, _shareable(scope, id).id)


def share_view(scope: Scope, id: str, principals: Sequence[str]) -> None:
    """Share a view with exactly these users and teams. `Forbidden` for a view of somebody else."""
    share_with(scope.conn, ENTITY, _shareable(scope, id).id, principals)


def _shareable(scope: Scope, id: str) -> Personal:
    found = personal_view(scope, id)
    if not found.mine or not scope.user.may(ENTITY, "share"):
        raise Forbidden("Only the owner of a view can share it.")
    return found


# -- history


def editions(scope: Scope, entity: str, name: str) -> list[Edition]:
    """The states that a view had, the newest first."""
    return _of_personal(scope, name) if is_id(name) else _of_organization(scope, entity, name)


def _of_personal(scope: Scope, id: str) -> list[Edition]:
    held, found = personal_view(scope, id), []
    entries = audit.history(scope, ENTITY, id)
    for number, entry in enumerate(entries):
        definition = entry.changes.get("definition", (None, None))[1]
        if definition:
            view = _read(definition, id, held.name, held.view.entity)
            found.append(Edition(str(len(entries) - number), entry.at, entry.user_id, view))
    return found


def _of_organization(scope: Scope, entity: str, name: str) -> list[Edition]:
    found, first = [], scope.catalog.view(entity, name)
    for version in versions(scope.conn, 1000):
        for difference in read_differences(scope.conn, version.version):
            if (difference.kind, difference.entity, difference.name) == ("view", entity, name) and difference.after:
                view = msgspec.convert({**difference.after, "entity": entity}, View)
                found.append(Edition(str(version.version), version.at, version.user_id, view))
    return found or [Edition("0", None, "", first)]


def set_back(scope: Scope, entity: str, name: str, key: str) -> None:
    """Give a view the state that it had in an edition, as a new one."""
    edition = next((each for each in editions(scope, entity, name) if each.key == key), None)
    if edition is None:
        raise NotFound("This view has no such version.")
    if is_id(name):
        keep_personal(scope, edition.view, personal_view(scope, name).name, name)
    else:
        publish_view(scope, edition.view, edition.view.label, name)
