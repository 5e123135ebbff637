"""Records as they stand before a change, locked, with whether the user may change them."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import case, literal

from basis.catalog.entity import Entity
from basis.catalog.query import Column, Condition, Filter, Query
from basis.fields import type_of
from basis.records.compile import add_field, add_identity, begin
from basis.records.matching import matched_fields
from basis.records.record import Record
from basis.records.search import searched_fields
from basis.records.totals import parts_of, totalled_by
from basis.security.conditions import allowed
from basis.security.scope import Scope


class Current(Struct, frozen=True):
    """A record before the change; `writable` tells whether the wanted privilege reaches it."""

    record: Record
    writable: bool


def relevant_fields(scope: Scope, entity: Entity, changed: set[str]) -> set[str]:
    """The fields that must be known to save these: they, and what depends on them."""
    wanted = {name for name in changed if entity.has(name) and not entity.by_name[name].hidden}
    for derived in entity.derived:
        if {*derived.parts} & changed:
            wanted |= {derived.field, *derived.parts}
    wanted |= {name for name in ("statecode", "statuscode", "ownerid", "exchangerate") if entity.has(name)}
    if "ownerid" in changed and entity.has("owningbusinessunit"):
        wanted.add("owningbusinessunit")
    if "transactioncurrencyid" in changed:
        wanted |= {field.name for field in entity.fields if hasattr(type_of(field), "base_column")}
    if parts_of(entity) & changed:
        wanted |= parts_of(entity)
    wanted |= {relationship.field for relationship in totalled_by(scope, entity)}
    if set(searched_fields(entity)) & wanted:
        wanted |= set(searched_fields(entity))
    if matched_fields(entity) & changed:
        wanted |= matched_fields(entity)
    for key in entity.keys:
        if {*key.fields} & changed:
            wanted |= {*key.fields}
    return wanted


def read_current(
    scope: Scope, entity: Entity, ids: Sequence[str], fields: set[str], privilege: str = "write"
) -> dict[str, Current]:
    """The records with these ids that the user may read. PostgreSQL locks their rows until the commit."""
    condition = Condition(entity.id_field, "in", values=tuple(ids))
    compiled = begin(scope, Query(entity.name, filter=Filter(conditions=(condition,))))
    add_identity(compiled)
    for name in sorted(fields):
        add_field(compiled, Column(name))
    table = scope.catalog.table(entity.name)
    rights = allowed(scope, entity, table, privilege)
    may = literal(1) if rights is None else case((rights, 1), else_=0)
    compiled.selected.append(may.label("may"))
    statement = compiled.statement().with_for_update(of=table)
    return {
        row[0]: Current(
            Record(entity.name, row[0], {slot.key: slot.load(row) for slot in compiled.slots}, row[1]),
            bool(row[-1]),
        )
        for row in scope.conn.execute(statement)
    }
