"""When two people change one record: what each of them means, side by side, for the second one to choose from."""

from datetime import datetime

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.fields import type_of
from basis.fields.reference import Reference
from basis.html import Markup
from basis.i18n import label
from basis.records import audit, select
from basis.records.record import Record
from basis.security.scope import Scope
from basis.web.entered import Entered
from basis.web.request import Fields

CHOICE = "take."
"""`take.FIELD` is `mine` or `theirs`."""


class Difference(Struct, frozen=True):
    """A field that holds something else now; `touched` tells whether this user changed it too."""

    name: str
    label: str
    mine: Markup
    theirs: Markup
    touched: bool


class Both(Struct, frozen=True):
    """Who changed the record last, when, and every field that differs."""

    who: str
    at: datetime | None
    fields: list[Difference]


def differences(scope: Scope, entity: Entity, now: Record, given: Entered, version: int) -> Both:
    """The fields in which what was entered differs from what is stored now.

    The history of the changes since tells which of them the others made; a field that they changed and that was
    left alone here takes their value unless the user says otherwise.
    """
    missed = [entry for entry in audit.history(scope, entity.name, now.id) if entry.action == "update"]
    missed = missed[: max(0, now.version - version)]
    before = {name: old for entry in missed for name, (old, _) in entry.changes.items()}
    fields = []
    for name, value in given.values.items():
        field = entity.by_name[name]
        if value == now.get(name):
            continue
        mine = type_of(field).cell(field, value, scope.locale)
        theirs = type_of(field).cell(field, now.get(name), scope.locale)
        touched = name not in before or _plain(type_of(field).to_json(field, value)) != _plain(before[name])
        fields.append(Difference(name, label(field.label, scope.language), mine, theirs, touched))
    return Both(_who(scope, missed[0].user_id) if missed else "", missed[0].at if missed else None, fields)


def _plain(value: object) -> str:
    """A value as the audit keeps it, comparable with one that was just made."""
    return str(value.get("id") if isinstance(value, dict) else "" if value is None else value)


def _who(scope: Scope, user_id: str) -> str:
    if not user_id or not scope.user.may("systemuser", "read"):
        return ""
    found = select.references(scope, "systemuser", [user_id]).get(user_id)
    return found.label if isinstance(found, Reference) else ""


def without_theirs(posted: Fields) -> dict[str, str]:
    """What was posted, without the fields for which the user takes the other one's value."""
    theirs = {
        name.removeprefix(CHOICE) for name, text in posted.items() if name.startswith(CHOICE) and text == "theirs"
    }
    return {name: text for name, text in posted.items() if name.split("__")[0] not in theirs}
