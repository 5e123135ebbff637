"""What a user entered in a form: the values to save, what is wrong with them, and what to show again."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Problem
from basis.fields.reference import Reference
from basis.records import select
from basis.records.record import Record
from basis.security.scope import Scope
from basis.web.request import Fields


class Entered(Struct, frozen=True):
    """`values` differ from the record as it is stored; `shown` are all that came, or the text that was refused."""

    values: dict[str, Any]
    errors: dict[str, Message]
    shown: dict[str, Any]


def entered(scope: Scope, entity: Entity, names: Iterable[str], posted: Fields, old: Record | None = None) -> Entered:
    """Read the named fields from what was posted; fields that did not come are left out.

    A text that still is what the input showed for the stored value means no change: an input may show less than
    is stored (two decimals of four, no seconds).
    """
    found = Entered({}, {}, {})
    for name in names:
        field = entity.by_name[name]
        if name not in posted and f"{name}__held" not in posted:
            continue
        type_, text = type_of(field), posted.get(name, "").replace("\r\n", "\n")
        if old is not None and text == type_.shown(field, old.get(name), scope.locale):
            found.shown[name] = old.get(name)
            continue
        try:
            value = type_.parse(field, posted, scope.locale)
            found.values[name] = found.shown[name] = value
        except Problem as problem:
            found.errors[name] = problem.message
            found.shown[name] = text
    name_references(scope, found.shown)
    return found


def name_references(scope: Scope, values: dict[str, Any]) -> None:
    """Give references that are only known by their id the name of their record, to show them with."""
    found = [part for value in values.values() for part in (value if isinstance(value, tuple) else (value,))]
    nameless = {part for part in found if isinstance(part, Reference) and not part.label}
    named: dict[Reference, Reference] = {}
    for entity in {part.entity for part in nameless}:
        if entity in scope.catalog.entities and scope.user.may(entity, "read"):
            ids = [part.id for part in nameless if part.entity == entity]
            named |= {held: held for held in select.references(scope, entity, ids).values()}
    for name, value in values.items():
        if isinstance(value, tuple):
            values[name] = tuple(named.get(part, part) for part in value)
        elif isinstance(value, Reference):
            values[name] = named.get(value, value)
