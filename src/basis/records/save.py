"""Creating and changing records: checked, complete, audited and searchable, in one transaction or not at all.

Both work on batches, since an import saves hundreds at once; one record is a batch of one.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, Update, bindparam, update

from basis.catalog.entity import Entity, Key
from basis.catalog.system_fields import VERSION
from basis.errors import Conflict, Invalid, NotFound
from basis.fields import type_of
from basis.fields.reference import Reference
from basis.records import activities, audit, matching, search
from basis.records.cascade import assign_related
from basis.records.current import Current, read_current, relevant_fields
from basis.records.hierarchy import refuse_loop
from basis.records.ids import new_id
from basis.records.keys import find_by_key, key_of, refuse_doubles, refuse_taken, write_good
from basis.records.numbers import reserve
from basis.records.owners import default_owner, place_in_units
from basis.records.prepare import (
    base_amounts,
    checked,
    derive,
    exchange_rate,
    require_filled,
    stored,
    with_defaults,
)
from basis.records.record import Record, Values
from basis.records.resolve import Errors, resolve_all
from basis.records.rows import insert_rows
from basis.records.states import check_editable, settle
from basis.records.totals import Parents, parents_in, parts_of, totals_of, with_amounts
from basis.records.traits import traits
from basis.security.conditions import forbidden, require
from basis.security.scope import Scope
from basis.security.users import SECURITY_ENTITIES, require_an_administrator, rights_changed

Outcome = Record | Errors
"""What became of one row of a batch: the saved record, or why not, by field."""


def create(scope: Scope, entity: str, values: Mapping[str, Any], id: str = "") -> Record:
    """Create one record; answers it with what was set. `Invalid` with all errors, `Forbidden` without the right."""
    outcome = create_many(scope, entity, [values], [id] if id else None)[0]
    if isinstance(outcome, Record):
        return outcome
    raise Invalid(outcome)


def create_many(
    scope: Scope,
    entity_name: str,
    rows: Sequence[Mapping[str, Any]],
    ids: Sequence[str] | None = None,
    free: Key | None = None,
) -> list[Outcome]:
    """Create records; each row succeeds or is refused on its own, and only those that succeed are written.

    `free` is a key by which the caller has just found no record for any of the rows.
    """
    entity = scope.catalog.entity(entity_name)
    require(scope, entity, "create")
    activities.refuse_pointer(entity)
    errors: list[Errors] = [{} for _ in rows]
    batch = [checked(entity, row, problems) for row, problems in zip(rows, errors, strict=True)]
    given = list(ids) if ids else [new_id() for _ in rows]
    for values, problems in zip(batch, errors, strict=True):
        with_defaults(entity, values)
        settle(entity, None, values, problems)
        default_owner(scope, entity, values)
    resolve_all(scope, entity, batch, errors)
    place_in_units(scope, entity, batch, errors, "create")
    _complete_new(scope, entity, batch, errors)
    _number(scope, entity, batch, errors)
    refuse_doubles(scope, entity, given, batch, errors, free)
    if ids:
        refuse_taken(scope, entity, given, errors)
    write_good(
        scope,
        entity,
        given,
        batch,
        errors,
        lambda good: _insert(scope, entity, [(given[at], batch[at]) for at in good]),
    )
    return [
        problems or Record(entity.name, id, values, 1)
        for id, values, problems in zip(given, batch, errors, strict=True)
    ]


def _complete_new(scope: Scope, entity: Entity, batch: list[Values], errors: list[Errors]) -> None:
    """What follows by itself in new records: stamps, derived texts, amounts, exchange rates."""
    changed = _stamps(scope)
    stamps = changed | {"createdon": changed["modifiedon"], "createdby": changed["modifiedby"]}
    rates: dict[Reference | None, Decimal] = {}
    for values, problems in zip(batch, errors, strict=True):
        values |= stamps
        values |= derive(entity, values)
        values |= with_amounts(entity, values, problems)
        require_filled(entity, values, problems)
        if traits(entity).money and not problems:
            currency = values.get("transactioncurrencyid")
            if currency not in rates:
                rates[currency] = exchange_rate(scope, currency)
            values["exchangerate"] = rates[currency]


def _stamps(scope: Scope) -> Values:
    """Who changes a record, and when."""
    me = Reference("systemuser", scope.user.id, scope.user.name) if scope.user.id else None
    return {"modifiedon": scope.now, "modifiedby": me}


def _number(scope: Scope, entity: Entity, batch: list[Values], errors: list[Errors]) -> None:
    for field in traits(entity).numbered:
        rows = [v for v, problems in zip(batch, errors, strict=True) if not problems and v.get(field.name) is None]
        first = reserve(scope, entity.name, field, len(rows)) if rows else 0
        for offset, values in enumerate(rows):
            values[field.name] = type_of(field).numbered(field, first + offset, scope.now)  # type: ignore[attr-defined]


def _insert(scope: Scope, entity: Entity, good: list[tuple[str, Values]]) -> None:
    if not good:
        return
    table = scope.catalog.table(entity.name)
    rows, id_field = [], entity.id_field
    for id, values in good:
        columns = stored(entity, values)
        columns |= base_amounts(entity, values, set(values))
        columns[id_field], columns[VERSION] = id, 1
        rows.append(columns)
    insert_rows(scope.conn, table, rows)
    changes = [audit.differences(scope, entity.name, {}, values) for _, values in good]
    entries = [
        audit.row(scope, entity.name, id, "create", change) for (id, _), change in zip(good, changes, strict=True)
    ]
    audit.write(scope, entries)
    if not entity.internal:
        search.write(scope, entity, good, fresh=True)
    matching.write(scope, entity, good, fresh=True)
    if entity.activity:
        activities.mirror(scope, entity, [(id, {**values, VERSION: 1}) for id, values in good], fresh=True)
    if entity.name in SECURITY_ENTITIES:
        rights_changed(scope.conn)
    retotal(scope, entity, parents_in(scope, entity, [values for _, values in good]))


def update_one(scope: Scope, entity: str, id: str, values: Mapping[str, Any], version: int | None = None) -> Record:
    """Change one record; answers its new version and the values that were looked at.

    With `version` a record that was changed since is refused (`Conflict` with the current record).
    """
    outcome = update_many(scope, entity, [(id, values)], {id: version} if version is not None else {})[0]
    if isinstance(outcome, Record):
        return outcome
    raise Invalid(outcome)


def update_many(
    scope: Scope,
    entity_name: str,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    versions: Mapping[str, int] | None = None,
) -> list[Outcome]:
    """Change records; each row succeeds or is refused on its own. A record stands in the batch at most once.

    Raises `NotFound`, `Forbidden` and `Conflict` for the batch as a whole, since they concern no field.
    """
    entity = scope.catalog.entity(entity_name)
    require(scope, entity, "write")
    names = {name for _, values in rows for name in values}
    ids = [id for id, _ in rows]
    current = read_current(scope, entity, ids, relevant_fields(scope, entity, names))
    errors: list[Errors] = [{} for _ in rows]
    batch: list[Values] = []
    for (id, values), problems in zip(rows, errors, strict=True):
        held = _writable(entity, current.get(id), (versions or {}).get(id))
        batch.append(checked(entity, values, problems))
        settle(entity, held.record.values, batch[-1], problems)
    resolve_all(scope, entity, batch, errors)
    if "ownerid" in names:
        require(scope, entity, "assign")
        place_in_units(scope, entity, batch, errors, "assign")
    changes = [
        _complete(scope, entity, current[id].record, values, problems)
        for id, values, problems in zip(ids, batch, errors, strict=True)
    ]
    after = [{**current[id].record.values, **change} for id, change in zip(ids, changes, strict=True)]
    if names & {name for key in entity.keys for name in key.fields}:
        refuse_doubles(scope, entity, ids, after, errors)
    write_good(
        scope, entity, ids, after, errors,
        lambda good: _update(scope, entity, [(current[ids[at]].record, changes[at]) for at in good if changes[at]]),
    )  # fmt: skip
    return [
        problems or Record(entity.name, id, whole, current[id].record.version + bool(change))
        for id, change, whole, problems in zip(ids, changes, after, errors, strict=True)
    ]


def _writable(entity: Entity, held: Current | None, version: int | None) -> Current:
    activities.refuse_pointer(entity)
    if held is None:
        raise NotFound("This {entity} does not exist, or you may not see it.", entity=entity.label)
    if not held.writable:
        raise forbidden(entity, "write")
    if version is not None and version != held.record.version:
        raise Conflict(
            "Somebody changed this {entity} meanwhile; look at the changes and save again.",
            current=held.record,
            entity=entity.label,
        )
    return held


def _complete(scope: Scope, entity: Entity, old: Record, values: Values, errors: Errors) -> Values:
    """What really changes: the given values that differ, with everything that follows from them."""
    change = {name: value for name, value in values.items() if value != old.get(name)}
    if not change:
        return {}
    check_editable(entity, old.values, set(change) - {"owningbusinessunit"}, errors)
    refuse_loop(scope, entity, old.id, change, errors)
    whole = {**old.values, **change}
    require_filled(entity, whole, errors, set(change))
    if "transactioncurrencyid" in change and traits(entity).money and not errors:
        change["exchangerate"] = whole["exchangerate"] = exchange_rate(scope, change["transactioncurrencyid"])
    if any({*derived.parts} & set(change) for derived in entity.derived):
        change |= derive(entity, whole)
    if parts_of(entity) & set(change):
        amounts = with_amounts(entity, whole, errors)
        change |= {name: value for name, value in amounts.items() if value != old.get(name)}
    return change | _stamps(scope)


def _update(scope: Scope, entity: Entity, good: list[tuple[Record, Values]]) -> None:
    table = scope.catalog.table(entity.name)
    groups: dict[frozenset[str], list[dict[str, Any]]] = {}
    entries, found, mirrored, matched = [], [], [], []
    searched, compared = set(search.searched_fields(entity)), matching.matched_fields(entity)
    for old, change in good:
        whole = {**old.values, **change}
        columns = stored(entity, change) | base_amounts(entity, whole, set(change))
        columns[VERSION] = old.version + 1
        groups.setdefault(frozenset(columns), []).append({"the_id": old.id, "the_version": old.version, **columns})
        difference = audit.differences(scope, entity.name, old.values, change)
        entries.append(audit.row(scope, entity.name, old.id, "update", difference))
        if searched & set(change):
            found.append((old.id, whole))
        if compared & set(change):
            matched.append((old.id, whole))
        mirrored.append((old.id, {**change, VERSION: old.version + 1}))
    for columns_set, rows in groups.items():
        statement = _update_of(table, entity.id_field, columns_set)
        if scope.conn.execute(statement, rows).rowcount not in (len(rows), -1):
            raise Conflict(
                "Somebody changed this {entity} meanwhile; look at the changes and save again.",
                entity=entity.label,
            )
    audit.write(scope, entries)
    if not entity.internal and found:
        search.write(scope, entity, found)
    matching.write(scope, entity, matched)
    activities.mirror(scope, entity, mirrored, fresh=False)
    for old, change in good:
        if "ownerid" in change and old.get("ownerid") is not None:
            assign_related(scope, entity, old, change["ownerid"])
    if good and entity.name in SECURITY_ENTITIES:
        require_an_administrator(scope.conn, scope.catalog)
        rights_changed(scope.conn)
    counted = [values for old, change in good for values in (old.values, {**old.values, **change})]
    retotal(scope, entity, parents_in(scope, entity, counted))


def _update_of(table: Table, id_field: str, columns: frozenset[str]) -> Update:
    """The statement that sets these columns of a record if its version is still the same; kept with the table."""
    held: dict[frozenset[str], Update] = table.info.setdefault("updates", {})
    if columns not in held:
        same = (table.c[id_field] == bindparam("the_id"), table.c[VERSION] == bindparam("the_version"))
        held[columns] = update(table).where(*same).values({name: bindparam(name) for name in columns})
    return held[columns]


def retotal(scope: Scope, entity: Entity, parents: Parents) -> None:
    """Work out the totals in which records of the entity count, and the amounts that follow from those."""
    for name, ids in parents.items():
        relationship = scope.catalog.relationships[name]
        parent = scope.catalog.entities[relationship.target]
        totals = totals_of(scope, relationship, ids)
        wanted = parts_of(parent) | {total.field for total in parent.totals}
        held = read_current(scope.unlimited(), parent, list(ids), relevant_fields(scope, parent, wanted)) if ids else {}
        changed = []
        for id, values in totals:
            if id in held:
                old = held[id].record
                values |= with_amounts(parent, {**old.values, **values}, {})
                change = {field: value for field, value in values.items() if value != old.get(field)}
                if change:
                    changed.append((old, change | _stamps(scope)))
        if changed:
            _update(scope, parent, changed)


def upsert_by_key(
    scope: Scope, entity_name: str, key: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[Record, bool]:
    """Change the record with that key, or create it; answers it and whether it is new."""
    entity = scope.catalog.entity(entity_name)
    errors: Errors = {}
    wanted = checked(entity, key, errors, trusted=True)
    if errors:
        raise Invalid(errors)
    found = find_by_key(scope, entity, key_of(entity, set(key)), [wanted])[0]
    if found is None:
        return create(scope, entity_name, {**wanted, **values}), True
    return update_one(scope, entity_name, found, values), False
