"""From a Query to SQL: columns, links, filters and order, with the user's rights inside the same statement."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    exists,
    false,
    literal,
    not_,
    or_,
    select,
    tuple_,
)

from basis.catalog.entity import Entity
from basis.catalog.query import Column, Condition, Filter, Link, Order, Query
from basis.catalog.system_fields import VERSION
from basis.errors import Invalid, Message, NotFound
from basis.fields import type_of
from basis.fields.base import Field, FieldType, Place, Problem
from basis.security.conditions import allowed, require
from basis.security.scope import Scope


class Slot(Struct, frozen=True):
    """Where the value of one asked-for field lies in a row, and how to make it."""

    key: str
    field: Field
    type: FieldType
    start: int
    stop: int

    def load(self, row: Sequence[Any]) -> Any:
        return self.type.load(self.field, row[self.start : self.stop])


class Aliases:
    """The names of linked tables in one statement. Tables keep theirs, since making one copies every column."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def take(self, table: Table) -> FromClause:
        """A name of the table that the statement does not use yet."""
        number = self._used.get(table.name, 0)
        self._used[table.name] = number + 1
        held: list[FromClause] = table.info.setdefault("aliases", [])
        while len(held) <= number:
            held.append(table.alias())
        return held[number]


class Site(Struct, frozen=True):
    """One entity as it stands in the statement: the root, or a link."""

    entity: Entity
    place: Place
    aliases: Aliases


class SortKey(Struct, frozen=True):
    """An expression to sort by; `nullable` ones need care when a page continues after a record."""

    expression: ColumnElement[Any]
    descending: bool
    nullable: bool

    def ordered(self) -> ColumnElement[Any]:
        # Empty values come first, as SQLite has it; without a possible empty value an index serves on both.
        if not self.nullable:
            return self.expression.desc() if self.descending else self.expression.asc()
        if self.descending:
            return self.expression.desc().nulls_last()
        return self.expression.asc().nulls_first()


class Compiled(Struct):
    """A statement under way: what is selected, from where, under which conditions, in which order."""

    root: Site
    sites: dict[str, Site]
    source: FromClause
    conditions: list[ColumnElement[bool]]
    selected: list[ColumnElement[Any]]
    slots: list[Slot]
    sort: list[SortKey]

    def statement(self) -> Select[Any]:
        return select(*self.selected).select_from(self.source).where(*self.conditions)


def field_of(entity: Entity, name: str) -> Field:
    """The field of that name, as a user may ask for it; `NotFound` for one that is not there or was removed."""
    field = entity.by_name.get(name)
    if field is None or field.hidden:
        raise NotFound("{entity} has no field {name}.", entity=entity.name, name=name)
    return field


def begin(scope: Scope, query: Query, privilege: str = "read") -> Compiled:
    """The statement with its links, filters and rights; columns and order are still to come.

    Raises `Forbidden` when the user may not read the entity at all, `NotFound` for unknown names and
    `Invalid` for operators and values that do not fit.
    """
    entity = scope.catalog.entity(query.entity)
    require(scope, entity, privilege)
    table = scope.catalog.table(query.entity)
    root = Site(entity, scope.place(table), Aliases())
    compiled = Compiled(root, {"": root}, table, [], [], [], [])
    rights = allowed(scope, entity, table, privilege)
    if rights is not None:
        compiled.conditions.append(rights)
    for link in query.links:
        _join(scope, compiled, root, link)
    condition = _filter(scope, compiled.sites, query.filter, root)
    if condition is not None:
        compiled.conditions.append(condition)
    return compiled


def _join(scope: Scope, compiled: Compiled, outer: Site, link: Link) -> None:
    alias = link.alias or link.entity
    if alias in compiled.sites:
        raise Invalid("The alias {alias} is used twice.", alias=alias)
    site, on = _linked(scope, outer, link)
    compiled.sites[alias] = site
    if link.type == "outer":
        # A filter of an outer link narrows what is joined, not which records there are.
        narrowed = _filter(scope, {**compiled.sites, "": site}, link.filter, site)
        on = on if narrowed is None else and_(on, narrowed)
    compiled.source = compiled.source.join(site.place.table, on, isouter=link.type == "outer")
    for inner in link.links:
        _join(scope, compiled, site, inner)
    condition = None if link.type == "outer" else _filter(scope, {**compiled.sites, "": site}, link.filter, site)
    if condition is not None:
        compiled.conditions.append(condition)


def _linked(scope: Scope, outer: Site, link: Link) -> tuple[Site, ColumnElement[bool]]:
    """The linked entity, and the condition that ties it to the outer one, rights included.

    In SQL it gets a name of its own: an alias that somebody chose may be a table's, or too long.
    """
    if link.entity in scope.catalog.associations:
        return _intersect(scope, outer, link)
    entity = scope.catalog.entity(link.entity)
    table = outer.aliases.take(scope.catalog.table(link.entity))
    site = Site(entity, scope.place(table), outer.aliases)
    on = _column(site, link.from_) == _column(outer, link.to)
    rights = allowed(scope, entity, table)
    return site, on if rights is None else and_(on, rights)


def _intersect(scope: Scope, outer: Site, link: Link) -> tuple[Site, ColumnElement[bool]]:
    """A link through the table of a many-to-many relationship, which has no fields of its own."""
    table = outer.aliases.take(scope.catalog.tables[link.entity])
    empty = Entity(name=link.entity, set="", label={}, plural={}, primary="", fields=())
    site = Site(empty, scope.place(table), outer.aliases)
    if link.from_ not in table.c:
        raise NotFound("{entity} has no field {name}.", entity=link.entity, name=link.from_)
    return site, table.c[link.from_] == _column(outer, link.to)


def _column(site: Site, name: str) -> ColumnElement[Any]:
    """The plain column of a field, to join on."""
    columns = site.place.table.c
    if name not in columns or (site.entity.fields and site.entity.by_name.get(name) is None):
        raise NotFound("{entity} has no field {name}.", entity=site.entity.name, name=name)
    return columns[name]


# -- filters


def _filter(scope: Scope, sites: dict[str, Site], filter: Filter, here: Site) -> ColumnElement[bool] | None:
    parts = [_condition(sites, condition, here) for condition in filter.conditions]
    for inner in filter.filters:
        part = _filter(scope, sites, inner, here)
        if part is not None:
            parts.append(part)
    parts += [_exists(scope, here, link) for link in filter.links]
    if not parts:
        return None
    joined = and_(*parts) if filter.type == "and" else or_(*parts)
    return not_(joined) if filter.negated else joined


def _condition(sites: dict[str, Site], condition: Condition, here: Site) -> ColumnElement[bool]:
    site = sites.get(condition.link) if condition.link else here
    if site is None:
        raise NotFound("There is no link {name}.", name=condition.link)
    field = field_of(site.entity, condition.field)
    type_ = type_of(field)
    if condition.operator not in type_.operators:
        raise Invalid(
            "The operator {operator} does not fit the field {field}.",
            operator=condition.operator,
            field=field.label,
        )
    try:
        if condition.column:
            values: list[Any] = [_comparable(site, field, field_of(site.entity, condition.column))]
        else:
            given = condition.values or (() if condition.value is None else (condition.value,))
            moment = site.place.moment
            values = [type_.operand(field, condition.operator, value, moment) for value in given]
        if condition.operator == "eq" and not values:
            return type_.where(field, site.place, "null", ())
        if condition.operator == "ne" and not values:
            return type_.where(field, site.place, "not-null", ())
        return type_.where(field, site.place, condition.operator, values)
    except Problem as problem:
        raise Invalid({field.name: problem.message}) from None
    except (ValueError, OverflowError, IndexError):
        raise Invalid({field.name: Message("This value does not fit the field.")}) from None


def _comparable(site: Site, field: Field, other: Field) -> ColumnElement[Any]:
    """What to compare a field with when it is another field: kept in the same way, or there is no telling."""
    mine, theirs = type_of(field).key(field, site.place), type_of(other).key(other, site.place)
    kinds = [(type(key.type), getattr(key.type, "scale", None)) for key in (mine, theirs)]
    if kinds[0] != kinds[1]:
        raise Problem("Cannot be compared with {field}.", field=other.label)
    return theirs


def _exists(scope: Scope, outer: Site, link: Link) -> ColumnElement[bool]:
    """Whether related records exist (any), or do not (not_any)."""
    site, on = _linked(scope, outer, link)
    parts = [on]
    condition = _filter(scope, {"": site}, link.filter, site)
    if condition is not None:
        parts.append(condition)
    parts += [_exists(scope, site, inner) for inner in link.links]
    found = exists().select_from(site.place.table).where(and_(*parts))
    return not_(found) if link.type == "not_any" else found


# -- columns and order


def site_of(compiled: Compiled, link: str) -> Site:
    site = compiled.sites.get(link)
    if site is None:
        raise NotFound("There is no link {name}.", name=link)
    return site


def add_field(compiled: Compiled, column: Column) -> None:
    """Select a field, of the root or of a link; its value is found under its alias, or `link.field`."""
    site = site_of(compiled, column.link)
    field = field_of(site.entity, column.field)
    type_ = type_of(field)
    add_slot(compiled, column, field, type_, type_.selects(field, site.place))


def add_slot(
    compiled: Compiled, column: Column, field: Field, type_: FieldType, selects: Sequence[ColumnElement[Any]]
) -> None:
    start = len(compiled.selected)
    compiled.selected += [part.label(f"c{start + offset}") for offset, part in enumerate(selects)]
    key = column.alias or (f"{column.link}.{column.field}" if column.link else column.field)
    compiled.slots.append(Slot(key, field, type_, start, start + len(selects)))


def add_identity(compiled: Compiled) -> None:
    """Select the id and version of the root first, so that every row knows which record it is."""
    columns = compiled.root.place.table.c
    compiled.selected += [columns[compiled.root.entity.id_field].label("c0"), columns[VERSION].label("c1")]


def add_order(compiled: Compiled, orders: Sequence[Order]) -> None:
    """Sort as asked, and by id in the end, so that the order is total."""
    for order in orders:
        site = site_of(compiled, order.link)
        field = field_of(site.entity, order.field)
        type_ = type_of(field)
        if not type_.sortable:
            raise Invalid("One cannot sort by {field}.", field=field.label)
        nullable = bool(order.link) or field.name not in (site.entity.primary, site.entity.id_field)
        compiled.sort.append(SortKey(type_.sort_key(field, site.place), order.descending, nullable))
    columns = compiled.root.place.table.c
    compiled.sort.append(SortKey(columns[compiled.root.entity.id_field], False, False))


def after(sort: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    """The condition that a row comes after the one with these sort values (the last is its id).

    One direction and no empty values: a row comparison, which an index serves. Else spelled out.
    """
    one_way = len({key.descending for key in sort}) == 1
    if one_way and not any(key.nullable for key in sort):
        row = tuple_(*(key.expression for key in sort))
        bound = tuple_(*(_bound(key, value) for key, value in zip(sort, values, strict=True)))
        return row < bound if sort[0].descending else row > bound
    options: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, value in zip(sort, values, strict=True):
        options.append(and_(*equal, _beyond(key, value)))
        equal.append(key.expression.is_(None) if value is None else key.expression == value)
    return or_(*options)


def _bound(key: SortKey, value: Any) -> ColumnElement[Any]:
    return literal(value, key.expression.type)


def _beyond(key: SortKey, value: Any) -> ColumnElement[bool]:
    """Later than a value in the order of one key; empty is the least."""
    expression = key.expression
    if key.descending:
        if value is None:
            return false()
        return or_(expression < value, expression.is_(None)) if key.nullable else expression < value
    return expression.is_not(None) if value is None else expression > value
