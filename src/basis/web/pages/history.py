"""The history of a record: who changed what and when, the values before and after."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field, Problem
from basis.html import Markup, escape
from basis.i18n import label
from basis.records import audit, select
from basis.security.scope import Scope
from basis.web.answer import Shown, show
from basis.web.request import Request
from basis.web.table import title_of

ACTIONS = {
    "create": Message("Created"),
    "update": Message("Changed"),
    "delete": Message("Deleted"),
    "restore": Message("Brought back"),
    "move": Message("Moved along in a merge"),
    "associate": Message("Tied to another record"),
    "disassociate": Message("Taken apart from another record"),
}


class Changed(Struct, frozen=True):
    label: str
    old: Markup
    new: Markup


class Line(Struct, frozen=True):
    """One change of the record."""

    at: datetime
    who: str
    action: Message
    changes: list[Changed]
    reason: str


def history(scope: Scope, request: Request) -> Shown:
    """`/{entity}/{id}/history`."""
    entity = scope.catalog.entity(request.names["entity"])
    record = select.get(scope, entity.name, request.names["id"], [entity.primary])
    entries = audit.history(scope, entity.name, record.id)
    names = _names(scope, [entry.user_id for entry in entries if entry.user_id])
    lines = [
        Line(
            entry.at,
            names.get(entry.user_id, "") if entry.user_id else "Basis",
            ACTIONS.get(entry.action, Message("Changed")),
            [_changed(scope, entity, name, old, new) for name, (old, new) in _worth_telling(entity, entry)],
            entry.reason,
        )
        for entry in entries
    ]
    title = title_of(scope, entity, record)
    return show("history.html", entity=entity, title=title, lines=lines, path=f"/{entity.name}/{record.id}")


def _worth_telling(entity: Entity, entry: audit.Entry) -> list[tuple[str, tuple[Any, Any]]]:
    """At the beginning only what somebody filled in; later every change."""
    fields = entity.by_name
    made = entry.action == "create"
    return [
        (name, values)
        for name, values in entry.changes.items()
        if not made or (values[1] is not None and name in fields and not fields[name].readonly)
    ]


def _names(scope: Scope, ids: list[str]) -> dict[str, str]:
    if not ids or not scope.user.may("systemuser", "read"):
        return {}
    return {id: found.label for id, found in select.references(scope, "systemuser", list(set(ids))).items()}


def _changed(scope: Scope, entity: Entity, name: str, old: Any, new: Any) -> Changed:
    field = entity.by_name.get(name)
    if field is None:
        tie = scope.catalog.associations.get(name)
        other = tie.label if tie else {}
        return Changed(label(other, scope.language) or name, Markup(""), Markup(""))
    return Changed(label(field.label, scope.language), _value(scope, field, old), _value(scope, field, new))


def _value(scope: Scope, field: Field, kept: Any) -> Markup:
    """A value as the audit keeps it, in the words of today's definition."""
    if kept is None:
        return Markup("")
    if isinstance(kept, dict):
        link = Markup('<a href="/{}/{}">{}</a>')
        return link.format(kept.get("entity", ""), kept.get("id", ""), kept.get("label", ""))
    try:
        return type_of(field).cell(field, type_of(field).from_json(field, kept), scope.locale)
    except (Problem, AttributeError, TypeError, ValueError):
        return escape(str(kept))
