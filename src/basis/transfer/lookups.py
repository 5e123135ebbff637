"""Lookups of an import that name a field to find records by, or that make those that are not there."""

from collections.abc import Sequence
from typing import Any

from basis.catalog.entity import Entity
from basis.catalog.query import Column, Condition, Filter, Query
from basis.errors import BasisError, Message
from basis.fields import type_of
from basis.fields.base import Problem
from basis.fields.reference import Named, Reference
from basis.fields.storage import fold
from basis.records import select
from basis.records.prepare import titled
from basis.records.record import Record, Values
from basis.records.resolve import ambiguous, find_named, no_such
from basis.records.save import create_many
from basis.security.scope import Scope
from basis.transfer.drafts import Draft
from basis.transfer.plan import Mapped, Plan, filled_in, parts_of

MOST = 500
"""So many values are looked up in one statement."""


def resolve(scope: Scope, plan: Plan, drafts: Sequence[Draft]) -> None:
    """Replace what the plan's own lookups name by records, one statement for all rows; the rest gets its error."""
    for each in plan.columns:
        if each.looked_up:
            _resolve(scope, plan, each, drafts)


def _resolve(scope: Scope, plan: Plan, each: Mapped, drafts: Sequence[Draft]) -> None:
    name = each.field.name
    waiting = [draft for draft in drafts if isinstance(draft.values.get(name), Named) and not draft.errors]
    texts = {fold(draft.values[name].text): draft.values[name].text for draft in waiting}
    found = found_records(scope, each, list(texts.values()))
    missing = [text for text in texts.values() if not found.get(fold(text))]
    made: dict[str, Reference | Message] = {}
    if each.column.create and missing and not _may_come_later(plan, each):
        made = create_missing(scope, each, missing)
    for draft in waiting:
        text = draft.values[name].text
        held = found.get(fold(text), [])
        outcome = made.get(fold(text)) or (held[0] if len(held) == 1 else None)
        if isinstance(outcome, Reference):
            draft.values[name] = outcome
        elif isinstance(outcome, Message):
            draft.errors[name] = outcome
        else:
            draft.errors[name] = ambiguous(text, len(held)) if held else no_such(text)


def _may_come_later(plan: Plan, each: Mapped) -> bool:
    """A record of the entity itself may stand further down in the file; only afterwards is it missing."""
    return each.field.name in plan.own_lookups and not plan.again


def found_records(scope: Scope, each: Mapped, texts: Sequence[str]) -> dict[str, list[Reference]]:
    """By folded text the records that it means: by name, key or id, or by the field that the mapping names."""
    found: dict[str, list[Reference]] = {}
    for start in range(0, len(texts), MOST):
        part = texts[start : start + MOST]
        if each.column.find:
            for target in type_of(each.field).targets(each.field):
                _by_field(scope, scope.catalog.entity(target.entity), each.column.find, part, found)
        else:
            for text, references in find_named(scope, each.field, set(part)).items():
                found.setdefault(fold(text), []).extend(references)
    return found


def _by_field(scope: Scope, entity: Entity, name: str, texts: Sequence[str], found: dict[str, list[Reference]]) -> None:
    field = entity.by_name[name]
    values = {}
    for text in texts:
        try:
            values[fold(text)] = type_of(field).to_json(field, type_of(field).from_text(field, text, scope.locale))
        except Problem:
            continue  # It cannot be there, so it will not be found.
    if not values:
        return
    condition = Condition(name, "in", values=tuple(values.values()))
    query = Query(entity.name, (Column(entity.primary), Column(name)), Filter(conditions=(condition,)))
    by_value = {fold(str(value)): text for text, value in values.items()}
    for record in select.every(scope, query):
        held = fold(str(type_of(field).to_json(field, record[name])))
        if held in by_value:
            found.setdefault(by_value[held], []).append(record.reference(entity.primary))


def create_missing(scope: Scope, each: Mapped, texts: Sequence[str]) -> dict[str, Reference | Message]:
    """Make a record for each text; by folded text the record, or why it cannot be made."""
    entity = scope.catalog.entity(type_of(each.field).targets(each.field)[0].entity)
    rows = [_new(scope, entity, each, text) for text in texts]
    try:
        outcomes = create_many(scope, entity.name, rows)
    except BasisError as error:
        return {fold(text): error.message for text in texts}
    made: dict[str, Reference | Message] = {}
    for text, outcome in zip(texts, outcomes, strict=True):
        if isinstance(outcome, Record):
            made[fold(text)] = Reference(entity.name, outcome.id, text)
        else:
            made[fold(text)] = _why_not(entity, text, outcome)
    return made


def _new(scope: Scope, entity: Entity, each: Mapped, text: str) -> Values:
    values: dict[str, Any] = {each.column.find: text} if each.column.find else titled(entity, text)
    for name, pattern in each.column.fill.items():
        field = entity.by_name[name]
        values[name] = type_of(field).from_text(field, filled_in(parts_of(pattern, ()), text, ()), scope.locale)
    return values


def _why_not(entity: Entity, text: str, errors: dict[str, Message]) -> Message:
    name, reason = next(iter(errors.items()))
    field = entity.by_name.get(name)
    return Message(
        "{entity} “{name}” cannot be made: {field}: {reason}",
        entity=entity.label,
        name=text,
        field=field.label if field else {},
        reason=reason,
    )
