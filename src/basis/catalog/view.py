"""Views: a saved query with its layout, the list that users open."""

from typing import Literal

from msgspec import Struct

from basis.catalog.query import Column, Filter, Link, Order, Query
from basis.i18n import Label

ViewKind = Literal["public", "quick_find", "lookup", "associated"]
QUERY_TYPES = {"public": 0, "associated": 2, "quick_find": 4, "lookup": 64}
"""Dataverse's `querytype` of each kind."""


class ViewColumn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A column of the list: a field, of the entity or of a link, and its width in pixels."""

    field: str
    link: str = ""
    width: int = 150
    id: str = ""
    """What a change to the view names the column by; `field` or `link.field` when left out."""


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

    def query(self) -> Query:
        """The view's query, its columns in the order of the list."""
        columns = tuple(Column(field=column.field, link=column.link) for column in self.columns)
        return Query(entity=self.entity, columns=columns, filter=self.filter, links=self.links, order=self.order)
