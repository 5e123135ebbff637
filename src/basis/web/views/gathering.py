"""Figures below a list and above its groups, as text for a page."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from basis.catalog.query import Column as Asked
from basis.catalog.query import Order, Query
from basis.catalog.view import Grouping, View, ViewColumn, all_links
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.intervals import bucket_start
from basis.html import Markup
from basis.i18n import format_interval, format_number, say
from basis.records.figures import Sums, group_key, groups, totals
from basis.records.record import Record
from basis.security.scope import Scope
from basis.web.table import Column

WORDS = {
    "count": Message("count"),
    "sum": Message("sum"),
    "avg": Message("average"),
    "min": Message("lowest"),
    "max": Message("highest"),
}


class Head(Struct, frozen=True):
    """What stands above the rows of a group: its value, how many records it has, a text for every column."""

    title: Markup
    count: str
    figures: list[str]


class Gathering:
    """The totals and groups of one list, worked out once for all its records."""

    def __init__(self, scope: Scope, view: View, query: Query, columns: list[Column]) -> None:
        self.scope = scope
        self.columns = columns
        self.grouping = view.group
        self.totalled = {column.key: column for column in view.totals if column.key in {each.key for each in columns}}
        asked = tuple(self.totalled.values())
        self.groups = groups(scope, query, view.group, asked) if view.group else {}
        self.field = self._group_field(query) if view.group else None
        self.below = self._figures(totals(scope, query, asked), named=True) if asked else []

    def _group_field(self, query: Query) -> Field | None:
        grouping = self.grouping or Grouping("")
        entity = self.scope.catalog.entity(query.entity)
        if grouping.link:
            link = next((each for each in all_links(query.links) if each.alias == grouping.link), None)
            entity = self.scope.catalog.entity(link.entity) if link else entity
        return entity.by_name.get(grouping.field)

    def _figures(self, sums: Sums, named: bool = False) -> list[str]:
        return [self._figure(column, sums, named) for column in self.columns]

    def _figure(self, column: Column, sums: Sums, named: bool) -> str:
        asked = self.totalled.get(column.key)
        value = sums.figures.get(column.key) if asked else None
        if asked is None or value is None:
            return ""
        text = self._text(asked, column, value)
        if not named:
            return text
        return f"{say(WORDS[asked.total], self.scope.language)} {text}"

    def _text(self, asked: ViewColumn, column: Column, value: Any) -> str:
        if asked.total == "count":
            return format_number(value, self.scope.language)
        if asked.total == "avg" and not isinstance(value, Decimal):
            return format_number(value, self.scope.language, 2)
        return column.type.text(column.field, value, self.scope.locale)

    def key(self, record: Record) -> Any:
        """What tells the record's group from another; None where the list is not grouped."""
        if self.grouping is None:
            return None
        value = record.values.get(self.grouping.key)
        if self.grouping.interval and isinstance(value, date):
            return self._bucket(value).isoformat()
        return group_key(value)

    def _bucket(self, value: date) -> date:
        day = value.astimezone(self.scope.locale.zone).date() if isinstance(value, datetime) else value
        return bucket_start(day, self.grouping.interval if self.grouping else "", 1)

    def head(self, record: Record) -> Head:
        """The head of the record's group."""
        grouping, field = self.grouping or Grouping(""), self.field
        value = record.values.get(grouping.key)
        sums = self.groups.get(self.key(record))
        if value is None or field is None:
            title = Markup.escape(say(Message("(empty)"), self.scope.language))
        elif grouping.interval and isinstance(value, date):
            title = Markup.escape(format_interval(self._bucket(value), grouping.interval, self.scope.language))
        else:
            title = type_of(field).cell(field, value, self.scope.locale) or Markup("–")
        count = format_number(sums.count, self.scope.language) if sums else ""
        return Head(title, count, self._figures(sums) if sums else ["" for _ in self.columns])


def ordered_by_group(query: Query, grouping: Grouping | None) -> Query:
    """The query with the group's field read, and sorted by it first."""
    if grouping is None:
        return query
    first = Order(grouping.field, grouping.link, descending=grouping.descending)
    columns = query.columns
    if not any((each.field, each.link) == (grouping.field, grouping.link) for each in columns):
        columns = (*columns, Asked(grouping.field, grouping.link))
    return msgspec.structs.replace(query, columns=columns, order=(first, *query.order))
