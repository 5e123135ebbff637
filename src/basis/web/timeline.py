"""The timeline of a record: its notes and the activities about it, the newest first."""

from datetime import datetime

import msgspec
from msgspec import Struct

from basis.catalog.entity import POINTER, Entity
from basis.catalog.query import Column, Condition, Filter, Link, Order, Query
from basis.fields import type_of
from basis.fields.partylist import PARTNER, PARTY
from basis.fields.reference import Reference
from basis.html import Markup, escape
from basis.i18n import format_datetime, label
from basis.records import select
from basis.records.record import Record
from basis.security.scope import Scope
from basis.web.table import activity_status

NOTE, NOTE_FIELD, ACTIVITY_FIELD = "annotation", "objectid", "regardingobjectid"
SHOWN = 15
TINTS = ("blue", "green", "yellow", "purple", "teal", "orange")


class Event(Struct, frozen=True):
    """One line: what happened, when, by whom, with a link to it."""

    title: str
    path: str
    text: Markup
    when: str
    at: datetime
    icon: str
    tint: str
    badge: Markup = Markup("")
    file: Markup = Markup("")


class Timeline(Struct, frozen=True):
    """`may_note` tells whether the user can add a note; `kinds` are the activities that can be made."""

    events: list[Event]
    may_note: bool
    kinds: list[tuple[str, str, str]]
    more: bool


def timeline(scope: Scope, entity: Entity, id: str) -> Timeline:
    """The newest notes and activities of a record."""
    noted, active = points_at(scope, NOTE, NOTE_FIELD, entity), points_at(scope, POINTER, ACTIVITY_FIELD, entity)
    notes = _notes(scope, id) if noted and scope.user.may(NOTE, "read") else []
    activities = _activities(scope, entity, id) if scope.user.may(POINTER, "read") else []
    events = sorted([*notes, *activities], key=lambda event: event.at, reverse=True)
    may_note = noted and scope.user.may(NOTE, "create") and scope.user.may(entity.name, "append_to")
    kinds = [
        (f"/{kind.name}/new?{ACTIVITY_FIELD}={id}&{ACTIVITY_FIELD}__type={entity.name}&from=/{entity.name}/{id}",
         label(kind.label, scope.language), kind.icon)
        for kind in scope.catalog.entities.values()
        if active and kind.activity and not kind.hidden and scope.user.may(kind.name, "create")
    ]  # fmt: skip
    return Timeline(events[:SHOWN], may_note, kinds, len(events) > SHOWN)


def points_at(scope: Scope, entity: str, field: str, target: Entity) -> bool:
    """Whether such a record can be about a record of the target."""
    defined = scope.catalog.entities.get(entity)
    held = defined.by_name.get(field) if defined else None
    return held is not None and target.name in {each.entity for each in type_of(held).targets(held)}


def _query(entity: str, field: str, id: str, columns: tuple[str, ...]) -> Query:
    condition = Condition(field, "eq", id)
    order = (Order("createdon", descending=True),)
    return Query(entity, tuple(Column(name) for name in columns), Filter(conditions=(condition,)), order=order)


def _notes(scope: Scope, id: str) -> list[Event]:
    columns = ("subject", "notetext", "createdon", "createdby", "documentbody")
    page = select.page(scope, _query(NOTE, NOTE_FIELD, id, columns), limit=SHOWN + 1)
    return [_note(scope, record) for record in page.records]


def _note(scope: Scope, record: Record) -> Event:
    field, body = (scope.catalog.entities[NOTE].by_name[name] for name in ("documentbody", "notetext"))
    return Event(
        title=record["subject"] or _name(record["createdby"]),
        path=f"/{NOTE}/{record.id}",
        text=type_of(body).full(body, record["notetext"], scope.locale),
        when=format_datetime(record["createdon"], scope.locale),
        at=record["createdon"],
        icon="notes",
        tint="yellow",
        file=type_of(field).cell(field, record["documentbody"], scope.locale),
    )


def _activities(scope: Scope, entity: Entity, id: str) -> list[Event]:
    """The activities about the record, and those in which it takes part."""
    columns = ("subject", "description", "activitytypecode", "scheduledend", "createdon", "statuscode", "ownerid")
    about = _query(POINTER, ACTIVITY_FIELD, id, columns)
    queries = [about] if points_at(scope, POINTER, ACTIVITY_FIELD, entity) else []
    if points_at(scope, PARTY, PARTNER.name, entity):
        queries.append(_taking_part(about, id))
    found = {record.id: record for query in queries for record in select.page(scope, query, limit=SHOWN + 1).records}
    return [_activity(scope, record) for record in found.values()]


def _taking_part(about: Query, id: str) -> Query:
    """The query for the activities of which the record is a party. One with two roles stands in two rows."""
    party = Filter(conditions=(Condition(PARTNER.name, "eq", id),))
    link = Link(PARTY, "activityid", "activityid", filter=party)
    return msgspec.structs.replace(about, filter=Filter(), links=(link,))


def _activity(scope: Scope, record: Record) -> Event:
    kind = scope.catalog.entities.get(record["activitytypecode"] or "", scope.catalog.entities[POINTER])
    names = sorted(name for name, entity in scope.catalog.entities.items() if entity.activity)
    tint = TINTS[names.index(kind.name) % len(TINTS)] if kind.name in names else "blue"
    due = record["scheduledend"] or record["createdon"]
    body = scope.catalog.entities[POINTER].by_name["description"]
    about = [label(kind.label, scope.language), _name(record["ownerid"])]
    return Event(
        title=record["subject"] or label(kind.label, scope.language),
        path=f"/{kind.name}/{record.id}",
        text=type_of(body).full(body, record["description"], scope.locale)
        or escape(" · ".join(part for part in about if part)),
        when=format_datetime(due, scope.locale),
        at=record["createdon"],
        icon=kind.icon,
        tint=tint,
        badge=activity_status(scope, record),
    )


def _name(value: object) -> str:
    return value.label if isinstance(value, Reference) else ""
