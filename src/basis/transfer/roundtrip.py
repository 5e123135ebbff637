"""The way back of an exported workbook: hidden columns say which record a row is and what version it had.

Only the cells that were changed since are written; a record that somebody else changed meanwhile is refused.
"""

from collections.abc import Sequence
from typing import Any

from basis.catalog.query import Column, Condition, Filter, Query
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Problem
from basis.i18n import LANGUAGES, Locale
from basis.records import select
from basis.records.record import Record
from basis.security.scope import Scope
from basis.transfer.drafts import Draft
from basis.transfer.plan import Mapped, Plan

LONGEST = 32_767
"""So many characters of a text fit into a cell."""


def keep_changed(scope: Scope, plan: Plan, drafts: Sequence[Draft]) -> None:
    """Leave in each draft of a known record only what its row changed; those changed by others get an error."""
    known = [draft for draft in drafts if draft.id and "" not in draft.errors]
    if not known:
        return
    now = _now(scope, plan, [draft.id for draft in known])
    for draft in known:
        record = now.get(draft.id)
        if record is None:
            draft.errors[""] = Message("This record does not exist any more, or you may not see it.")
            continue
        for each in plan.columns:
            if _is_same(each, draft, record, plan.locale):
                draft.values.pop(each.field.name, None)
                draft.errors.pop(each.field.name, None)
        if record.version != draft.version and (draft.values or draft.errors):
            draft.errors = {"": _changed(plan, draft, record)}


def _changed(plan: Plan, draft: Draft, record: Record) -> Message:
    """What the record holds now where the row holds something else."""
    each = next(each for each in plan.columns if each.field.name in {*draft.values, *draft.errors})
    return Message(
        "Somebody changed this record meanwhile; {field} is “{value}” now. Export it again to change it.",
        field=each.field.label,
        value=type_of(each.field).text(each.field, record.get(each.field.name), plan.locale),
    )


def _now(scope: Scope, plan: Plan, ids: Sequence[str]) -> dict[str, Record]:
    """The records as they are now, with the fields of the plan."""
    condition = Condition(plan.entity.id_field, "in", values=tuple(dict.fromkeys(ids)))
    names = dict.fromkeys([plan.entity.primary, *(each.field.name for each in plan.columns)])
    query = Query(plan.entity.name, tuple(map(Column, names)), Filter(conditions=(condition,)))
    return {record.id: record for record in select.every(scope, query)}


def _is_same(each: Mapped, draft: Draft, record: Record, locale: Locale) -> bool:
    """Whether a cell holds what the record has: its value, or the text that an export writes for it."""
    field, value = each.field, record.get(each.field.name)
    given = draft.values.get(field.name)
    if field.name not in draft.errors and given is not None and _checked(each, given) == value:
        return True
    type_, text = type_of(field), draft.texts.get(field.name, "")
    return any(type_.text(field, value, Locale(language, locale.zone_name))[:LONGEST] == text for language in LANGUAGES)


def _checked(each: Mapped, value: Any) -> Any:
    try:
        return type_of(each.field).check(each.field, value)
    except Problem:
        return None
