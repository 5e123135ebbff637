"""What a list shows, read from its address and written back into it: view, order, filters, search and place."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.query import Column, Condition, Filter, Link, Order, Query
from basis.catalog.view import View
from basis.errors import Message, NotFound
from basis.fields import type_of
from basis.fields.base import Problem
from basis.records.search import sought_in
from basis.records.views import preference, view_of
from basis.security.scope import Scope
from basis.web.request import Fields
from basis.web.views.shape import unpacked

ROWS = (25, 50, 100, 250)
DEFAULT_ROWS = 50
FILTER = "f."
LARGEST_PAGE = 1_000_000


class Listing(Struct, frozen=True):
    """One list as its address asks for it. `sort` is a column's key, with `-` before it the other way round."""

    entity: Entity
    view: View
    shape: str = ""
    """The view as somebody shaped it without saving, as text (views/shape.py)."""
    implied: bool = False
    """Whether the list opens with this view when the address names none, for every user alike."""
    sort: str = ""
    q: str = ""
    filters: Mapping[str, str] = {}
    related: str = ""
    rows: int = DEFAULT_ROWS
    page: int = 1
    after: str = ""
    filtering: bool = False
    """Whether the row of filters is open."""
    exact: bool = False
    """Whether to count further than one usually does."""
    editing: bool = False
    """Whether the cells are edited in place."""
    month: str = ""
    """The month that a calendar shows, as `2026-11`; this one when empty."""

    def address(self, **changes: object) -> str:
        """The address of this list, with changes; what changes the records starts at the first page."""
        place = {} if {"page", "after", "exact"} & set(changes) else {"page": 1, "after": "", "exact": False}
        changed = msgspec.structs.replace(self, **(place | changes))
        query = {
            "view": "" if changed.implied else changed.view.name,
            "shape": changed.shape,
            "sort": changed.sort,
            "q": changed.q,
            "related": changed.related,
            **{FILTER + name: text for name, text in changed.filters.items()},
            "filters": "1" if changed.filtering and not changed.filters else "",
            "rows": str(changed.rows) if changed.rows != DEFAULT_ROWS else "",
            "page": str(changed.page) if changed.page > 1 else "",
            "after": changed.after,
            "count": "exact" if changed.exact else "",
            "month": changed.month,
            "edit": "1" if changed.editing else "",
        }
        filled = urlencode({name: text for name, text in query.items() if text})
        return f"/{self.entity.name}?{filled}" if filled else f"/{self.entity.name}"

    @property
    def as_table(self) -> bool:
        """Whether the records stand in a table, the only way of showing with groups and totals."""
        return self.view.show.kind == "table" and not self.editing

    @property
    def narrowed(self) -> bool:
        """Whether fewer records are shown than the view has."""
        return bool(self.q or self.filters or self.related)


def listing(scope: Scope, entity: Entity, asked: Fields) -> Listing:
    """The list that an address asks for. `NotFound` for an unknown view."""
    view = view_of(scope, entity.name, asked.get("view", ""))
    shape = asked.get("shape", "")
    filters = {
        name.removeprefix(FILTER): text.strip()
        for name, text in asked.items()
        if name.startswith(FILTER) and text.strip()
    }
    return Listing(
        entity=entity,
        view=unpacked(shape, view) if shape else view,
        shape=shape,
        implied=view.default and not preference(scope, entity.name).default,
        sort=asked.get("sort", ""),
        q=asked.get("q", "").strip(),
        filters=filters,
        related=asked.get("related", ""),
        rows=_number(asked.get("rows", ""), DEFAULT_ROWS, max(ROWS)),
        page=_number(asked.get("page", ""), 1, LARGEST_PAGE),
        after=asked.get("after", ""),
        filtering=bool(filters) or asked.get("filters") == "1",
        exact=asked.get("count") == "exact",
        month=asked.get("month", ""),
        editing=asked.get("edit") == "1",
    )


def _number(text: str, otherwise: int, most: int) -> int:
    return min(max(1, int(text)), most) if text.isdigit() else otherwise


class Asked(Struct, frozen=True):
    """The query of a list, what is wrong with its filters by field, and whether its search looked at names alone."""

    query: Query
    errors: dict[str, Message]
    common: bool


def query_of(scope: Scope, listed: Listing, keys: Mapping[str, str]) -> Asked:
    """What a list asks for; `keys` are the columns shown: key to link (empty for the entity's own fields)."""
    query, errors = listed.view.query(), dict[str, Message]()
    filters = [query.filter, *_quick_filters(scope, listed, keys, errors)]
    sought = sought_in(scope, listed.entity, listed.q) if listed.q else None
    if sought:
        filters.append(sought.filter)
    related, links = related_filter(scope, listed.entity, listed.related)
    shown = tuple(Column(_field(key, link), link=link) for key, link in keys.items())
    query = msgspec.structs.replace(
        query,
        columns=shown,
        filter=Filter(filters=(*filters, *related)),
        links=(*query.links, *links),
        order=_order(listed, keys) or query.order,
    )
    return Asked(query, errors, bool(sought and sought.common))


def _field(key: str, link: str) -> str:
    return key.removeprefix(f"{link}.") if link else key


def _order(listed: Listing, keys: Mapping[str, str]) -> tuple[Order, ...]:
    key = listed.sort.removeprefix("-")
    if key not in keys:
        return ()
    return (Order(_field(key, keys[key]), link=keys[key], descending=listed.sort.startswith("-")),)


def _quick_filters(scope: Scope, listed: Listing, keys: Mapping[str, str], errors: dict[str, Message]) -> list[Filter]:
    found = []
    for name, text in listed.filters.items():
        field = listed.entity.by_name.get(name)
        if field is None or field.hidden or not type_of(field).quick_operator:
            raise NotFound("{entity} has no field {name}.", entity=listed.entity.label, name=name)
        try:
            operator, value = type_of(field).quick_filter(field, text, scope.locale)
        except Problem as problem:
            errors[name] = problem.message
            continue
        found.append(Filter(conditions=(Condition(name, operator, value),)))
    return found


def related_filter(scope: Scope, entity: Entity, related: str) -> tuple[tuple[Filter, ...], tuple[Link, ...]]:
    """For `relationship:id` what keeps the records that are tied to that record."""
    name, _, id = related.partition(":")
    if not id:
        return (), ()
    relationship = scope.catalog.relationships.get(name)
    if relationship is not None and relationship.entity == entity.name:
        return (Filter(conditions=(Condition(relationship.field, "eq", id),)),), ()
    association = scope.catalog.associations.get(name)
    if association is None:
        raise NotFound("There is no relationship {name}.", name=name)
    other_name, column, other_column = association.seen_from(entity.name)
    other = scope.catalog.entity(other_name)
    far = Link(other.name, other.id_field, other_column, "related_far", filter=_is(other.id_field, id))
    return (), (Link(association.name, column, entity.id_field, "related_pair", links=(far,)),)


def _is(field: str, id: str) -> Filter:
    return Filter(conditions=(Condition(field, "eq", id),))
