"""`$expand`: related records, fetched for all records of a page at once."""

from collections.abc import Iterable, Sequence

import msgspec

from basis.api.exchange import Preferences
from basis.api.odata.names import Navigation, names_of
from basis.api.odata.options import Expand, Wanted
from basis.api.odata.shape import Json, rows, shape_of
from basis.catalog.query import Column, Condition, Filter, Link, Query
from basis.fields.reference import Reference
from basis.records.record import Record
from basis.records.select import every, page
from basis.security.scope import Scope

CHUNK = 500
PARENT = "parent"


def attach(scope: Scope, records: Sequence[Record], shown: list[Json], wanted: Wanted, prefer: Preferences) -> None:
    """Put the related records that `wanted` expands into the JSON of their records."""
    for expand in wanted.expands:
        if expand.collection:
            _many(scope, records, shown, expand, prefer)
        else:
            _one(scope, records, shown, expand, prefer)


def tell(scope: Scope, records: Sequence[Record], wanted: Wanted, prefer: Preferences) -> list[Json]:
    """Records as JSON, with what is expanded in them."""
    shown = rows(shape_of(scope.catalog, wanted.entity, wanted.fields), records, prefer, scope.locale)
    if wanted.expands:
        attach(scope, records, shown, wanted, prefer)
    return shown


def columns(wanted: Wanted) -> tuple[Column, ...]:
    return tuple(Column(name) for name in (*wanted.fields, *wanted.hidden))


def query_of(scope: Scope, wanted: Wanted) -> Query:
    """The query that reads what is wanted of an entity, without conditions yet."""
    return Query(wanted.entity, columns(wanted) or (Column(scope.catalog.entity(wanted.entity).id_field),))


def _chunks(ids: Iterable[str]) -> Iterable[tuple[str, ...]]:
    unique = tuple(dict.fromkeys(ids))
    for start in range(0, len(unique), CHUNK):
        yield unique[start : start + CHUNK]


# -- to one


def _one(scope: Scope, records: Sequence[Record], shown: list[Json], expand: Expand, prefer: Preferences) -> None:
    found: dict[tuple[str, str], Json] = {}
    for navigation, wanted in expand.paths:
        held = [record.get(navigation.field) for record in records]
        ids = [value.id for value in held if isinstance(value, Reference) and value.entity == navigation.target]
        for related in _by_ids(scope, wanted, ids):
            for record, row in zip(related, tell(scope, related, wanted, prefer), strict=True):
                found[navigation.target, record.id] = row
    targets = {navigation.target for navigation, _ in expand.paths}
    field = expand.paths[0][0].field
    for record, row in zip(records, shown, strict=True):
        value = record.get(field)
        there = isinstance(value, Reference) and value.entity in targets
        row[expand.name] = found.get((value.entity, value.id)) if there and value else None


def _by_ids(scope: Scope, wanted: Wanted, ids: Iterable[str]) -> Iterable[Sequence[Record]]:
    if not scope.user.may(wanted.entity, "read"):
        return
    id_field = scope.catalog.entity(wanted.entity).id_field
    for chunk in _chunks(ids):
        narrowed = Filter(conditions=(Condition(id_field, "in", values=chunk),))
        yield page(scope, _with_filter(query_of(scope, wanted), narrowed), limit=len(chunk)).records


def _with_filter(query: Query, filter: Filter) -> Query:
    if query.filter == Filter():
        return msgspec.structs.replace(query, filter=filter)
    return msgspec.structs.replace(query, filter=Filter(filters=(filter, query.filter)))


# -- to many


def within(scope: Scope, query: Query, entity: str, navigation: Navigation, ids: tuple[str, ...]) -> Query:
    """The query narrowed to the records that a navigation leads to from these records of `entity`."""
    if navigation.association is None:
        return _with_filter(query, Filter(conditions=(Condition(navigation.field, "in", values=ids),)))
    own, other = navigation.sides
    own_entity, target = scope.catalog.entity(entity), scope.catalog.entity(navigation.target)
    these = Filter(conditions=(Condition(own_entity.id_field, "in", values=ids),))
    id_column = (Column(own_entity.id_field),)
    parent = Link(entity, own_entity.id_field, own, PARENT, columns=id_column, filter=these)
    link = Link(navigation.association.name, other, target.id_field, f"{PARENT}_pair", links=(parent,))
    return msgspec.structs.replace(query, links=(*query.links, link))


def _many(scope: Scope, records: Sequence[Record], shown: list[Json], expand: Expand, prefer: Preferences) -> None:
    navigation, wanted = expand.paths[0]
    found: dict[str, list[Json]] = {record.id: [] for record in records}
    if records and scope.user.may(wanted.entity, "read"):
        query = query_of(scope, wanted)
        query = msgspec.structs.replace(query, filter=expand.filter, links=expand.links, order=expand.order)
        key = _key(scope, records[0].entity, navigation)
        if navigation.association is None and navigation.field not in (column.field for column in query.columns):
            query = msgspec.structs.replace(query, columns=(*query.columns, Column(navigation.field)))
        for ids in _chunks(found) if expand.top is None else [(id,) for id in found]:
            narrowed = within(scope, query, records[0].entity, navigation, ids)
            related = _read(scope, narrowed, expand.top)
            for record, row in zip(related, tell(scope, related, wanted, prefer), strict=True):
                parent = record.values[key]
                found[parent.id if isinstance(parent, Reference) else parent].append(row)
    for record, row in zip(records, shown, strict=True):
        row[expand.name] = found[record.id]


def _read(scope: Scope, query: Query, top: int | None) -> Sequence[Record]:
    if top is None:
        return list(every(scope, query))
    return page(scope, query, limit=top).records if top else ()


def _key(scope: Scope, entity: str, navigation: Navigation) -> str:
    """Under which key the narrowed query gives the id of the record that its rows belong to."""
    if navigation.association is None:
        return navigation.field
    return f"{PARENT}.{names_of(scope.catalog, entity).entity.id_field}"
