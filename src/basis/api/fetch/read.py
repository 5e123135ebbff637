"""Answering `fetchXml=`, `savedQuery=` and `userQuery=`."""

from urllib.parse import quote

import msgspec

from basis.api.exchange import Answer, Asked, answer_json, refuse
from basis.api.fetch.cookie import cursor_in, make
from basis.api.fetch.parse import Fetch, parse_fetch
from basis.api.odata.collections import COUNT_LIMIT, TOTAL, applied, without_token
from basis.api.odata.figures import figures_of
from basis.api.odata.shape import Part, Shape, part_of, rows
from basis.catalog.catalog import Catalog
from basis.catalog.query import Column, Link, Query
from basis.catalog.view import View
from basis.errors import NotFound
from basis.fields.base import Problem
from basis.fields.id import regular_id
from basis.records.record import Page
from basis.records.select import LARGEST_PAGE, count, page
from basis.security.scope import Scope

COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
MORE = "@Microsoft.Dynamics.CRM.morerecords"
PART = "fetchXml"


def read_fetch(scope: Scope, asked: Asked, entity: str, text: str) -> Answer:
    """One page of a FetchXML query on the set it is asked of."""
    fetch = complete(scope.catalog, parse_fetch(text))
    if fetch.query.entity != entity:
        raise refuse(PART, "The query is about {entity}; ask it of that set.", entity=fetch.query.entity)
    body: dict[str, object] = {"@odata.context": f"{asked.root}$metadata#{scope.catalog.entities[entity].set}"}
    if fetch.query.aggregated:
        _figures(scope, asked, fetch, body)
    else:
        _records(scope, asked, fetch, body)
    return answer_json(body, headers=applied(asked.prefer))


def complete(catalog: Catalog, fetch: Fetch) -> Fetch:
    """The fetch with `all-attributes` spelled out."""
    columns = list(fetch.query.columns)
    for alias in fetch.everything:
        entity = catalog.entity(fetch.aliases[alias])
        there = {(column.field, column.link) for column in columns}
        columns += [Column(field.name, alias) for field in entity.visible_fields if (field.name, alias) not in there]
    query = msgspec.structs.replace(fetch.query, columns=tuple(columns))
    return msgspec.structs.replace(fetch, query=query)


def _figures(scope: Scope, asked: Asked, fetch: Fetch, body: dict[str, object]) -> None:
    found = figures_of(scope, fetch.query, asked.prefer)
    size = fetch.count or asked.prefer.page_size or LARGEST_PAGE
    start = (fetch.page - 1) * size
    body["value"] = found[start : start + size]
    if len(found) > start + size:
        body |= {COOKIE: make(fetch.page, ""), MORE: True}


def _records(scope: Scope, asked: Asked, fetch: Fetch, body: dict[str, object]) -> None:
    query, prefer = fetch.query, asked.prefer
    size = min(fetch.count or query.top or prefer.page_size or LARGEST_PAGE, LARGEST_PAGE)
    if fetch.total:
        found = count(scope, query, COUNT_LIMIT)
        body[f"@{TOTAL}"], body[f"@{TOTAL}limitexceeded"] = found.number, found.more
    cursor = cursor_in(fetch.cookie) if fetch.cookie else ""
    offset = 0 if cursor else (fetch.page - 1) * size
    part = _page(scope, query, size, cursor, offset)
    body["value"] = rows(shape_of_query(scope.catalog, query), part.records, prefer, scope.locale)
    if part.next:
        body |= {COOKIE: make(fetch.page, "" if query.distinct else part.next), MORE: True}


def _page(scope: Scope, query: Query, size: int, cursor: str, offset: int) -> Page:
    """A page; of distinct rows, which have no cursor, `next` only tells that there is more."""
    if not query.distinct:
        return page(scope, query, limit=size, cursor=cursor, offset=offset)
    found = page(scope, query, limit=size + 1, offset=offset).records
    return Page(found[:size], "more" if len(found) > size and not query.top else "")


def shape_of_query(catalog: Catalog, query: Query) -> Shape:
    """How the rows of any query are told: linked columns as `alias.column`."""
    entities = {"": query.entity, **_aliases(query.links)}
    parts: list[Part] = []
    defined = catalog.entity(query.entity)
    for column in query.columns:
        entity = entities[column.link]
        field = catalog.field(entity, column.field)
        key = column.alias or (f"{column.link}.{column.field}" if column.link else column.field)
        if key != defined.id_field or query.distinct:
            parts.append(part_of(catalog, entity, field, key, key if column.link or column.alias else ""))
    return Shape(defined.id_field, tuple(parts))


def _aliases(links: tuple[Link, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for link in links:
        found |= {link.alias or link.entity: link.entity, **_aliases(link.links)}
    return found


# -- views


def read_view(scope: Scope, asked: Asked, entity: str, id: str) -> Answer:
    """One page of a view, with the link to the next."""
    view = view_of(scope.catalog, entity, id)
    text, token = without_token(asked.query)
    size = min(asked.prefer.page_size or LARGEST_PAGE, LARGEST_PAGE)
    query = view.query()
    found = page(scope, query, limit=size, cursor=token)
    body: dict[str, object] = {"@odata.context": f"{asked.root}$metadata#{scope.catalog.entities[entity].set}"}
    body["value"] = rows(shape_of_query(scope.catalog, query), found.records, asked.prefer, scope.locale)
    if found.next:
        body["@odata.nextLink"] = f"{asked.root}{quote(asked.path)}?{text}&$skiptoken={found.next}"
    return answer_json(body, headers=applied(asked.prefer))


def view_of(catalog: Catalog, entity: str, id: str) -> View:
    """The view with that id. `NotFound` when the entity has none such."""
    try:
        found = catalog.ids.get(regular_id(id))
    except Problem:
        found = None
    if not isinstance(found, View) or found.entity != entity or found.hidden:
        raise NotFound("There is no such view ({name}).", name=id)
    return found
