"""Amounts that follow from others: of a line from quantity and price, of an order from its lines."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import func, select

from basis.catalog.entity import Entity
from basis.catalog.relationship import Relationship
from basis.fields import type_of
from basis.fields.base import Problem
from basis.records.record import Values
from basis.records.resolve import Errors
from basis.security.scope import Scope


def parts_of(entity: Entity) -> set[str]:
    """The fields that amounts of the entity are worked out from, and those amounts."""
    names = {amount.field for amount in entity.amounts}
    return names | {name for amount in entity.amounts for term in amount.terms for name in term.times}


def with_amounts(entity: Entity, values: Values, errors: Errors) -> Values:
    """The amounts of a record with these (complete) values. One that its field cannot hold is an error there."""
    made: Values = {}
    for amount in entity.amounts:
        whole = {**values, **made}
        if all(whole.get(name) is None for term in amount.terms for name in term.times):
            made[amount.field] = None
            continue
        total = Decimal(0)
        for term in amount.terms:
            product = term.factor
            for name in term.times:
                product *= whole.get(name) or 0
            total += product
        field = entity.by_name[amount.field]
        try:
            made[amount.field] = type_of(field).check(field, total)
        except Problem as problem:
            errors[amount.field] = problem.message
    return made


def totalled_by(scope: Scope, entity: Entity) -> list[Relationship]:
    """The relationships through which records of the entity count in a total of another."""
    return scope.catalog.counted_in.get(entity.name, [])


def totals_of(scope: Scope, relationship: Relationship, ids: Iterable[str]) -> list[tuple[str, Values]]:
    """The new totals of these records, added up in the database."""
    parent = scope.catalog.entities[relationship.target]
    child, table = scope.catalog.entities[relationship.entity], scope.catalog.table(relationship.entity)
    found = []
    for id in ids:
        values: Values = {}
        for total in parent.totals:
            if total.relationship != relationship.name:
                continue
            sums = [func.sum(table.c[name]) for name in (total.add, total.subtract) if name and child.has(name)]
            row = scope.conn.execute(select(*sums).where(table.c[relationship.field] == id)).one()
            if row[0] is not None:
                values[total.field] = row[0] - (row[1] or 0 if len(row) > 1 else 0)
            else:
                values[total.field] = Decimal(0)
        found.append((id, values))
    return found


Parents = dict[str, set[str]]
"""Per relationship (by name) the records whose totals must be worked out again."""


def parents_of(scope: Scope, entity: Entity, ids: Sequence[str]) -> Parents:
    """The records in whose totals these count, as they are stored."""
    table = scope.catalog.table(entity.name)
    found: Parents = {}
    for relationship in totalled_by(scope, entity):
        column = table.c[relationship.field]
        where = table.c[entity.id_field].in_(ids)
        found[relationship.name] = set(scope.conn.execute(select(column).where(where, column.is_not(None))).scalars())
    return found


def parents_in(scope: Scope, entity: Entity, rows: Iterable[Values]) -> Parents:
    """The records in whose totals these values count."""
    held = list(rows)
    return {
        relationship.name: {row[relationship.field].id for row in held if row.get(relationship.field) is not None}
        for relationship in totalled_by(scope, entity)
    }
