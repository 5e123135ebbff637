"""Moving: records that point at one record are made to point at another, whatever state they are in.

As with an owner that cascades, the right to change the record that is pointed at is what counts. The audit says so.
"""

from collections.abc import Sequence

from sqlalchemy import update

from basis.catalog.relationship import Relationship
from basis.catalog.system_fields import VERSION
from basis.fields import type_of
from basis.fields.reference import Reference
from basis.records import audit
from basis.records.cascade import children
from basis.records.save import retotal
from basis.records.totals import parents_of
from basis.security.scope import Scope

MOVE = "move"


def move_all(scope: Scope, relationship: Relationship, old: Reference, new: Reference, but: Sequence[str] = ()) -> None:
    """Point everything that points at `old` through the relationship at `new`, but for these records.

    What would then point at itself points at nothing.
    """
    ids = [id for id, _ in children(scope, relationship, [old.id]) if id not in but]
    own = [id for id in ids if id == new.id and relationship.entity == relationship.target]
    move(scope, relationship, [id for id in ids if id not in own], old, new)
    move(scope, relationship, own, old, None)


def move(
    scope: Scope, relationship: Relationship, ids: Sequence[str], old: Reference | None, new: Reference | None
) -> int:
    """Point these records at `new`, those that still point at `old`; answers how many did."""
    entity = scope.catalog.entities[relationship.entity]
    field, table = entity.by_name[relationship.field], scope.catalog.table(entity.name)
    if not ids:
        return 0
    parents = parents_of(scope, entity, list(ids))
    column = table.c[field.name]
    where = (table.c[entity.id_field].in_(ids), column.is_(None) if old is None else column == old.id)
    columns = type_of(field).dump(field, new)
    changed = update(table).where(*where).values(columns | {VERSION: table.c[VERSION] + 1, "modifiedon": scope.now})
    moved = list(scope.conn.execute(changed.returning(table.c[entity.id_field])).scalars())
    change = {field.name: (_shown(old), _shown(new))}
    audit.write(scope, [audit.row(scope, entity.name, id, MOVE, change) for id in moved])
    retotal(scope, entity, parents)
    retotal(scope, entity, parents_of(scope, entity, moved))
    return len(moved)


def _shown(reference: Reference | None) -> dict[str, str] | None:
    return {"id": reference.id, "entity": reference.entity, "label": reference.label} if reference else None
