"""Lookups before a save: records known by name are found, and every record pointed at exists and may be pointed at."""

from collections.abc import Iterable

from sqlalchemy import and_, or_, select

from basis.catalog.entity import Entity
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field, Problem
from basis.fields.id import regular_id
from basis.fields.partylist import PARTNER
from basis.fields.reference import Named, Reference
from basis.fields.storage import KEY, fold
from basis.records.record import Values
from basis.records.traits import traits
from basis.security.conditions import WORDS, allowed
from basis.security.scope import Scope

Errors = dict[str, Message]


def resolve_all(scope: Scope, entity: Entity, batch: list[Values], errors: list[Errors]) -> None:
    """Replace every Named and check every Reference in the batch; what fails goes into that row's errors.

    One statement per target entity for the whole batch, however many rows it has.
    """
    for field in traits(entity).lookups:
        _resolve(scope, entity, field, batch, errors)
    for field in traits(entity).parties:
        _resolve_parties(scope, entity, field, batch, errors)


def _resolve(scope: Scope, entity: Entity, field: Field, batch: list[Values], errors: list[Errors]) -> None:
    rows = [(at, values[field.name]) for at, values in enumerate(batch) if values.get(field.name) is not None]
    if not rows:
        return
    named = {value.text for _, value in rows if isinstance(value, Named)}
    found = find_named(scope, field, named) if named else {}
    for at, value in rows:
        if isinstance(value, Named):
            _settle(batch[at], errors[at], field, found.get(value.text, []), value)
    _check(scope, entity, field, batch, errors)


def _resolve_parties(scope: Scope, entity: Entity, field: Field, batch: list[Values], errors: list[Errors]) -> None:
    """Each party that is a record, as if it stood in a lookup of its own; addresses stay as they are."""
    places = [
        (at, number, party)
        for at, values in enumerate(batch)
        for number, party in enumerate(values.get(field.name) or ())
        if not isinstance(party, str)
    ]
    parts: list[Values] = [{PARTNER.name: party} for _, _, party in places]
    problems: list[Errors] = [{} for _ in places]
    _resolve(scope, entity, PARTNER, parts, problems)
    for (at, number, _), part, problem in zip(places, parts, problems, strict=True):
        if problem:
            errors[at].setdefault(field.name, problem[PARTNER.name])
        else:
            held = batch[at][field.name]
            batch[at][field.name] = (*held[:number], part[PARTNER.name], *held[number + 1 :])


def ambiguous(name: str, count: int) -> Message:
    """Why a lookup is refused when several records go by the name."""
    return Message("{name} names {count} records; give its key or id.", name=name, count=count)


def _settle(values: Values, errors: Errors, field: Field, found: list[Reference], named: Named) -> None:
    if len(found) == 1:
        values[field.name] = found[0]
    elif found:
        errors[field.name] = ambiguous(named.text, len(found))
    else:
        errors[field.name] = no_such(named.text)


def no_such(name: str) -> Message:
    """Why a lookup is refused when no record goes by the name."""
    return Message("There is no record called {name}.", name=name)


def find_named(scope: Scope, field: Field, names: set[str]) -> dict[str, list[Reference]]:
    """The records that go by these names: their id, primary field or single-field key, of any target."""
    found: dict[str, list[Reference]] = {name: [] for name in names}
    for target in type_of(field).targets(field):
        entity = scope.catalog.entities[target.entity]
        for name, reference in _of_entity(scope, entity, names):
            if reference not in found[name]:
                found[name].append(reference)
    return found


def _of_entity(scope: Scope, entity: Entity, names: set[str]) -> Iterable[tuple[str, Reference]]:
    table = scope.catalog.table(entity.name)
    by_key = {fold(name): name for name in names}
    ids = {identity: name for name in names if (identity := _id(name))}
    columns = [table.c[entity.primary + KEY]]
    columns += [
        table.c[key.fields[0] + KEY] for key in entity.keys if len(key.fields) == 1 and key.fields[0] + KEY in table.c
    ]
    wanted = [column.in_(list(by_key)) for column in columns]
    if ids:
        wanted.append(table.c[entity.id_field].in_(list(ids)))
    rights = allowed(scope, entity, table)
    where = or_(*wanted) if rights is None else and_(or_(*wanted), rights)
    rows = scope.conn.execute(select(table.c[entity.id_field], table.c[entity.primary], *columns).where(where))
    for id, label, *keys in rows:
        for text in {by_key[key] for key in keys if key in by_key} | ({ids[id]} if id in ids else set()):
            yield text, Reference(entity.name, id, label or "")


def _id(text: str) -> str:
    try:
        return regular_id(text) if len(text) >= 32 else ""
    except Problem:
        return ""


def _check(scope: Scope, entity: Entity, field: Field, batch: list[Values], errors: list[Errors]) -> None:
    """Every reference must exist; setting it needs `append` on this entity and `append_to` on the other record."""
    wanted: dict[str, set[str]] = {}
    for at, values in enumerate(batch):
        value = values.get(field.name)
        if isinstance(value, Reference) and field.name not in errors[at]:
            wanted.setdefault(value.entity, set()).add(value.id)
    for name, ids in wanted.items():
        labels, appendable = _existing(scope, scope.catalog.entities[name], ids)
        for at, values in enumerate(batch):
            value = values.get(field.name)
            if not isinstance(value, Reference) or value.entity != name or field.name in errors[at]:
                continue
            if value.id not in labels:
                errors[at][field.name] = Message("This record does not exist any more, or you may not see it.")
            elif not (scope.user.may(entity.name, "append") and value.id in appendable):
                message = Message("Your roles do not allow you to {action} this record.", action=WORDS["append_to"])
                errors[at][field.name] = message
            else:
                values[field.name] = Reference(name, value.id, labels[value.id])


def _existing(scope: Scope, entity: Entity, ids: set[str]) -> tuple[dict[str, str], set[str]]:
    """The labels of those that exist and may be read, and the ids of those that may be appended to."""
    table = scope.catalog.table(entity.name)
    id_column = table.c[entity.id_field]
    readable, appendable = allowed(scope, entity, table), allowed(scope, entity, table, "append_to")
    selected = [id_column, table.c[entity.primary]]
    where = id_column.in_(list(ids))
    rows = scope.conn.execute(select(*selected).where(where if readable is None else and_(where, readable))).fetchall()
    labels = {id: label or "" for id, label in rows}
    if appendable is None:
        return labels, set(labels)
    return labels, set(scope.conn.execute(select(id_column).where(where, appendable)).scalars())
