"""Queries made ready to run, and kept: most requests ask what was asked a moment ago by the same user."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, select

from basis.catalog.catalog import Catalog
from basis.catalog.query import Column, Filter, Link, Query
from basis.fields.base import FieldType
from basis.fields.spans import SPANS
from basis.records.compile import Compiled, add_field, add_identity, add_order, after, begin
from basis.records.record import Record, Values
from basis.security.scope import Scope
from basis.security.users import User

LIMIT = 300
"""So many queries are kept by one process, whoever asked."""
MOST_VALUES = 50
"""A query that names more records than this is hardly ever asked again."""


class Plan(Struct):
    """A compiled query with its ordered statement; `width` columns come before the sort values."""

    catalog: Catalog
    user: User
    compiled: Compiled
    width: int
    ordered: Select[Any]
    plain: tuple[tuple[str, int], ...]
    """Values that are their column as it is: key and place in the row."""
    made: tuple[tuple[str, Callable[[Sequence[Any]], Any]], ...]
    """Values that their type makes."""
    statements: dict[tuple[int, int], Select[Any]] = {}

    def statement(self, limit: int, offset: int) -> Select[Any]:
        """The first `limit` rows after `offset`; kept, since SQLAlchemy then knows its SQL already."""
        held, key = self.statements, (limit, offset)
        if key not in held:
            if len(held) > 20:
                held.clear()
            held[key] = self._after(offset, limit) if offset else self.ordered.limit(limit)
        return held[key]

    def _after(self, offset: int, limit: int) -> Select[Any]:
        """The rows after so many. Those are skipped by their ids alone, along an index where there is one.

        PostgreSQL would else look up the names that lookups show for each row that it skips. With links a record may
        stand in several rows, and its id would not say which.
        """
        compiled = self.compiled
        if len(compiled.sites) > 1:
            return self.ordered.limit(limit).offset(offset)
        id_column = compiled.root.place.table.c[compiled.root.entity.id_field]
        order = [key.ordered() for key in compiled.sort]
        ids = select(id_column).where(*compiled.conditions).order_by(*order).limit(limit).offset(offset)
        return self.ordered.where(id_column.in_(ids.correlate(None)))

    def continued(self, values: Sequence[Any], limit: int) -> Select[Any]:
        """The `limit` rows after the one with these sort values."""
        return self.ordered.where(after(self.compiled.sort, values)).limit(limit)

    def record(self, row: Sequence[Any]) -> Record:
        values: Values = {key: row[at] for key, at in self.plain}
        for key, load in self.made:
            values[key] = load(row)
        return Record(self.compiled.root.entity.name, row[0], values, row[1])


_held: dict[Any, Plan] = {}


def plan_of(scope: Scope, query: Query) -> Plan:
    """The plan of a query for this user. Raises what `compile.begin` raises."""
    key = _key(scope, query)
    if key is None:
        return _make(scope, query)
    held = _held.get(key)
    if held is not None and held.user is scope.user and held.catalog is scope.catalog:
        return held
    made = _make(scope, query)
    if len(_held) >= LIMIT:
        _held.clear()
    _held[key] = made
    return made


def _key(scope: Scope, query: Query) -> Any:
    """What a plan depends on; None for a query whose meaning moves with the clock, or that is not worth keeping."""
    kinds = []
    for operator, values in _conditions(query.filter, query.links):
        if operator in SPANS or "fiscal" in operator or len(values) > MOST_VALUES:
            return None
        # 1, 1.0 and True are equal, and yet not the same text.
        kinds.append(tuple(map(type, values)))
    key = (scope.user.id, scope.locale, query, tuple(kinds))
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _conditions(filter: Filter, links: Sequence[Link]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for condition in filter.conditions:
        yield condition.operator, (condition.value, *condition.values)
    for inner in filter.filters:
        yield from _conditions(inner, ())
    for link in (*links, *filter.links):
        yield from _conditions(link.filter, link.links)


def _make(scope: Scope, query: Query) -> Plan:
    compiled = prepared(scope, query)
    width = len(compiled.selected)
    compiled.selected += [key.expression.label(f"s{at}") for at, key in enumerate(compiled.sort)]
    statement = compiled.statement().order_by(*(key.ordered() for key in compiled.sort))
    as_is = [slot for slot in compiled.slots if type(slot.type).load is FieldType.load]
    made = [slot for slot in compiled.slots if type(slot.type).load is not FieldType.load]
    return Plan(
        scope.catalog,
        scope.user,
        compiled,
        width,
        statement,
        tuple((slot.key, slot.start) for slot in as_is),
        tuple((slot.key, slot.load) for slot in made),
    )


def prepared(scope: Scope, query: Query) -> Compiled:
    """The query with its columns and its order, those of links included."""
    compiled = begin(scope, query)
    if not query.distinct:
        add_identity(compiled)
    entity = compiled.root.entity
    for column in query.columns or (Column(entity.primary),):
        add_field(compiled, column)
    for link in query.links:
        _add_link_columns(compiled, link)
    add_order(compiled, query.order)
    return compiled


def _add_link_columns(compiled: Compiled, link: Link) -> None:
    for column in link.columns:
        add_field(compiled, Column(column.field, link.alias or link.entity, column.alias))
    for inner in link.links:
        _add_link_columns(compiled, inner)
