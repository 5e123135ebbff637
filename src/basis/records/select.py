"""Reading records: one, a page of a query, all of it, or how many there are."""

import base64
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.exc import OperationalError, StatementError

from basis.catalog.query import Column, Condition, Filter, Query
from basis.errors import Invalid, NotFound
from basis.fields.reference import Reference
from basis.fields.storage import iso
from basis.records.compile import Compiled, add_field, begin
from basis.records.plans import plan_of, prepared
from basis.records.record import Count, Page, Record
from basis.security.scope import Scope

COUNT_LIMIT = 10_000
LARGEST_PAGE = 5_000


def get(scope: Scope, entity: str, id: str, fields: Sequence[str] = ()) -> Record:
    """One record with these fields, or all. `NotFound` when there is none, or not for this user."""
    defined = scope.catalog.entity(entity)
    names = fields or [field.name for field in defined.visible_fields]
    condition = Condition(defined.id_field, "eq", id)
    query = Query(entity, tuple(Column(name) for name in names), Filter(conditions=(condition,)))
    for record in page(scope, query, limit=1).records:
        return record
    raise NotFound("This {entity} does not exist, or you may not see it.", entity=defined.label)


def page(scope: Scope, query: Query, *, limit: int = 50, cursor: str = "", offset: int = 0) -> Page:
    """At most `limit` records, from the start, after a `cursor` (a page's `next`), or after so many rows.

    Going on by cursor costs the same at any depth. `Invalid` for a cursor that is not of this query.
    """
    if query.distinct:
        return _distinct_page(scope, prepared(scope, query), limit, offset)
    if query.top:
        limit = min(limit, query.top)
    plan = plan_of(scope, query)
    if cursor:
        statement = plan.continued(_values(cursor, plan.compiled), limit + 1)
        statement = statement.offset(offset) if offset else statement
    else:
        statement = plan.statement(limit + 1, offset)
    rows = _rows(scope, statement, cursor)
    records = tuple(map(plan.record, rows[:limit]))
    if len(rows) <= limit or (query.top and len(records) >= query.top):
        return Page(records)
    return Page(records, _cursor(rows[limit - 1][plan.width :]))


def _rows(scope: Scope, statement: Select[Any], cursor: str) -> Sequence[Any]:
    try:
        return scope.conn.execute(statement).fetchall()
    except StatementError as error:
        if cursor and not isinstance(error, OperationalError):
            # Its values are not those of this order: somebody made it up, or changed the order.
            raise Invalid("This page does not exist; start at the first one.") from error
        raise


def every(scope: Scope, query: Query, batch: int = 1000) -> Iterator[Record]:
    """All records of a query, read in batches; for exports and jobs."""
    cursor, left = "", query.top
    while True:
        found = page(scope, msgspec.structs.replace(query, top=0), limit=min(batch, left or batch), cursor=cursor)
        yield from found.records
        cursor = found.next
        left -= len(found.records) if query.top else 0
        if not cursor or (query.top and left <= 0):
            return


def count(scope: Scope, query: Query, limit: int | None = COUNT_LIMIT) -> Count:
    """How many records the query finds; counted exactly up to `limit` (None: always)."""
    compiled = begin(scope, query)
    compiled.selected.append(literal_column("1"))
    inner = compiled.statement()
    if query.distinct:
        compiled.selected = []
        for column in query.columns:
            add_field(compiled, column)
        inner = compiled.statement().distinct()
    if limit is not None:
        inner = inner.limit(limit + 1)
    number = scope.conn.execute(select(func.count()).select_from(inner.subquery())).scalar() or 0
    if limit is not None and number > limit:
        return Count(limit, more=True)
    return Count(number)


def references(scope: Scope, entity: str, ids: Sequence[str]) -> dict[str, Reference]:
    """The records with these ids that the user may see, as references with their names."""
    defined = scope.catalog.entity(entity)
    condition = Condition(defined.id_field, "in", values=tuple(ids))
    query = Query(entity, (Column(defined.primary),), Filter(conditions=(condition,)))
    found = page(scope, query, limit=max(1, len(ids)))
    return {record.id: record.reference(defined.primary) for record in found.records}


def _distinct_page(scope: Scope, compiled: Compiled, limit: int, offset: int) -> Page:
    """Rows that differ: they are no records of their own, so they have no id and are sorted by what they show."""
    sort = [key.ordered() for key in compiled.sort[:-1]] or [part.asc() for part in compiled.selected]
    # PostgreSQL sorts distinct rows only by what is selected.
    compiled.selected += [key.expression.label(f"s{at}") for at, key in enumerate(compiled.sort[:-1])]
    statement = compiled.statement().distinct().order_by(*sort).limit(limit).offset(offset)
    rows = scope.conn.execute(statement).fetchall()
    entity = compiled.root.entity.name
    return Page(tuple(Record(entity, "", {slot.key: slot.load(row) for slot in compiled.slots}) for row in rows))


# -- cursors: the sort values of the last row, as text for an address


def _cursor(values: Sequence[Any]) -> str:
    plain = [_plain(value) for value in values]
    return base64.urlsafe_b64encode(msgspec.json.encode(plain)).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": iso(value)}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"n": str(value)} if isinstance(value, Decimal) else value


def _values(cursor: str, compiled: Compiled) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = [_revived(value) for value in msgspec.json.decode(base64.urlsafe_b64decode(padded), type=list[Any])]
    except (ValueError, msgspec.MsgspecError, ArithmeticError, LookupError, TypeError, StopIteration) as error:
        raise Invalid("This page does not exist; start at the first one.") from error
    if len(values) != len(compiled.sort):
        raise Invalid("This page does not exist; start at the first one.")
    return values


def _revived(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kind, text = next(iter(value.items()))
    revive: dict[str, Any] = {"t": datetime.fromisoformat, "d": date.fromisoformat, "n": Decimal}
    return revive[kind](text)
