"""The way back of an exported workbook: hidden columns say which record a row is and what it looked like then.

Only the cells that were changed since are written; a record that somebody else changed meanwhile is refused.
"""

from collections.abc import Sequence

from basis.catalog.query import Column, Condition, Filter, Query
from basis.errors import Message
from basis.records import select
from basis.security.scope import Scope
from basis.transfer.drafts import Draft
from basis.transfer.plan import Plan


def refuse_changed(scope: Scope, plan: Plan, held: list[tuple[str, Draft]]) -> list[tuple[str, Draft]]:
    """Those of the records that still have the version their row was exported with; the others get an error."""
    versioned = [id for id, draft in held if draft.version]
    if not versioned:
        return held
    now = versions(scope, plan.entity.name, versioned)
    good = []
    for id, draft in held:
        if draft.version and id not in now:
            draft.errors[""] = Message("This record does not exist any more, or you may not see it.")
        elif draft.version and now[id] != draft.version:
            draft.errors[""] = Message("Somebody changed this record meanwhile; export it again to see how it is now.")
        else:
            good.append((id, draft))
    return good


def versions(scope: Scope, entity: str, ids: Sequence[str]) -> dict[str, int]:
    """The versions of the records with these ids that the user may see."""
    defined = scope.catalog.entity(entity)
    condition = Condition(defined.id_field, "in", values=tuple(dict.fromkeys(ids)))
    query = Query(entity, (Column(defined.primary),), Filter(conditions=(condition,)))
    return {record.id: record.version for record in select.every(scope, query)}
