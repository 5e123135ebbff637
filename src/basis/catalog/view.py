"""Views: a saved query with its layout, the list that users open."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from basis.catalog.query import Column, Filter, Link, Order, Query
from basis.i18n import Label

ViewKind = Literal["public", "quick_find", "lookup", "associated"]
Figure = Literal["", "count", "sum", "avg", "min", "max"]
Interval = Literal["", "day", "week", "month", "quarter", "year"]
QUERY_TYPES = {"public": 0, "associated": 2, "quick_find": 4, "lookup": 64}
"""Dataverse's `querytype` of each kind."""


class ViewColumn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A column of the list: a field, of the entity or of a link, and its width in pixels."""

    field: str
    link: str = ""
    width: int = 150
    id: str = ""
    """What a change to the view names the column by; `field` or `link.field` when left out."""
    total: Figure = ""
    """The figure over all records of the view that stands below the column."""

    @property
    def key(self) -> str:
        """Where a record of the view's query holds the value."""
        return f"{self.link}.{self.field}" if self.link else self.field


class Show(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the records are shown: as a table, as cards, as columns of cards, or in a calendar.

    `by` is the choice, status or lookup field whose values are the columns of a kanban; `date` (and `until`) the
    fields that place a record in the calendar; `sum` the field that is added up per column of a kanban.
    """

    kind: Literal["table", "cards", "kanban", "calendar"] = "table"
    by: str = ""
    sum: str = ""
    date: str = ""
    until: str = ""


TABLE = Show()


class Grouping(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The rows gathered under the values of a field; dates by an interval."""

    field: str
    link: str = ""
    interval: Interval = ""
    descending: bool = False

    @property
    def key(self) -> str:
        """Where a record of the view's query holds the value."""
        return f"{self.link}.{self.field}" if self.link else self.field


class View(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A saved query with its layout; `name` is unique within the entity."""

    name: str
    label: Label
    columns: tuple[ViewColumn, ...]
    entity: str = ""
    """Filled from the folder when the standard is read."""
    kind: ViewKind = "public"
    default: bool = False
    filter: Filter = Filter()
    links: tuple[Link, ...] = ()
    order: tuple[Order, ...] = ()
    description: Label = {}
    find: tuple[str, ...] = ()
    """For a quick find view: the fields that clients of the Web API look into. Lists search every searchable field."""
    hidden: bool = False
    group: Grouping | None = None
    frozen: int = 0
    """So many of the first columns stay in sight when the list scrolls sideways."""
    show: Show = TABLE

    @property
    def totals(self) -> tuple[ViewColumn, ...]:
        """The columns that have a figure below them."""
        return tuple(column for column in self.columns if column.total)

    def query(self) -> Query:
        """The view's query, its columns in the order of the list."""
        columns = tuple(Column(field=column.field, link=column.link) for column in self.columns)
        return Query(entity=self.entity, columns=columns, filter=self.filter, links=self.links, order=self.order)


def all_links(links: tuple[Link, ...]) -> Iterator[Link]:
    """These links and those within them."""
    for link in links:
        yield link
        yield from all_links(link.links)
