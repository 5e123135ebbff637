"""Figures over groups of records: counted, added up, averaged, with the same rights as the records themselves."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Double, Integer, distinct, func, literal_column

from basis.catalog.query import Column, Query
from basis.errors import Invalid
from basis.fields import type_of
from basis.fields.base import Field, FieldType
from basis.records.compile import Compiled, add_slot, begin, field_of, site_of
from basis.security.scope import Scope

LARGEST = 50_000


class Figures(Struct, frozen=True):
    """One row per group: values by alias. Dates grouped by an interval are the text of its first day."""

    rows: tuple[dict[str, Any], ...]
    fields: dict[str, Field]
    """Per alias the field it comes from, to show the value with."""


class _Plain(FieldType):
    """A figure or the text of an interval: as the database gives it."""

    name = ""


_PLAIN = _Plain()


def aggregate(scope: Scope, query: Query, limit: int = LARGEST) -> Figures:
    """The groups of a query whose columns group or aggregate, sorted as it says, at most `limit` of them."""
    compiled = begin(scope, query)
    grouped: list[ColumnElement[Any]] = []
    by_alias: dict[str, ColumnElement[Any]] = {}
    fields: dict[str, Field] = {}
    for column in (*query.columns, *_link_columns(query)):
        site = site_of(compiled, column.link)
        field = field_of(site.entity, column.field)
        alias = column.alias or column.field
        fields[alias] = field
        start = len(compiled.selected)
        if column.group:
            grouped += _add_group(compiled, column, field)
        else:
            figure = _figure(compiled, column, field)
            add_slot(compiled, _named(column, alias), field, _PLAIN, [figure])
        by_alias[alias] = literal_column(f"c{start}")
    statement = compiled.statement()
    if grouped:
        statement = statement.group_by(*grouped)
    order = _order(query, by_alias, grouped)
    statement = statement.order_by(*order).limit(min(query.top or limit, limit))
    rows = scope.conn.execute(statement).fetchall()
    return Figures(tuple({slot.key: slot.load(row) for slot in compiled.slots} for row in rows), fields)


def _link_columns(query: Query) -> list[Column]:
    return [
        msgspec.structs.replace(column, link=link.alias or link.entity)
        for link in query.links
        for column in link.columns
    ]


def _named(column: Column, alias: str) -> Column:
    return Column(column.field, column.link, alias)


def _add_group(compiled: Compiled, column: Column, field: Field) -> Sequence[ColumnElement[Any]]:
    place = site_of(compiled, column.link).place
    type_ = type_of(field)
    selected, grouped = type_.group(field, place, column.interval)
    loader = _PLAIN if column.interval else type_
    start = len(compiled.selected)
    add_slot(compiled, _named(column, column.alias or column.field), field, loader, selected)
    # By its name in the result: PostgreSQL takes the same expression with other parameters for another one.
    return [_by_name(part, selected, start) for part in grouped]


def _by_name(part: ColumnElement[Any], selected: Sequence[ColumnElement[Any]], start: int) -> ColumnElement[Any]:
    for offset, shown in enumerate(selected):
        if shown is part:
            return literal_column(f"c{start + offset}")
    return part


def _figure(compiled: Compiled, column: Column, field: Field) -> ColumnElement[Any]:
    place = site_of(compiled, column.link).place
    type_ = type_of(field)
    name = column.aggregate or "count"
    if name not in type_.aggregates:
        raise Invalid("One cannot take the {figure} of {field}.", figure=name, field=field.label)
    if name == "count":
        return func.count()
    if name == "countcolumn":
        key = type_.key(field, place)
        return func.count(distinct(key)) if column.distinct else func.count(key)
    amount = type_.sum_of(field, place)
    if name == "avg":
        exact = amount.type if not isinstance(amount.type, Integer) else Double()
        return func.avg(amount, type_=exact)
    figures: dict[str, Any] = {"sum": func.sum, "min": func.min, "max": func.max}
    figure: ColumnElement[Any] = figures[name](amount)
    return figure


def _order(
    query: Query, by_alias: dict[str, ColumnElement[Any]], grouped: list[ColumnElement[Any]]
) -> list[ColumnElement[Any]]:
    """As asked; else by the groups, so that the same question has the same answer."""
    chosen: list[ColumnElement[Any]] = []
    for order in query.order:
        expression = by_alias.get(order.alias or order.field)
        if expression is None:
            raise Invalid("One can only sort figures by a column that is shown.")
        chosen.append(expression.desc().nulls_last() if order.descending else expression.asc().nulls_first())
    return chosen or [expression.asc().nulls_first() for expression in grouped]
