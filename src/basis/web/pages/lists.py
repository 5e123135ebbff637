"""The list of a view: rows with sorting, filters, search, counting and paging; its address tells all of it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.view import Show
from basis.errors import Message
from basis.fields.base import Frame
from basis.html import Markup
from basis.i18n import Label, format_number
from basis.records import select
from basis.records.record import Count, Record
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.web.answer import Cookie, Shown, show
from basis.web.listing import FILTER, ROWS, Listing, listing, query_of
from basis.web.pages.grid import sheet_columns
from basis.web.pages.list_members import list_tie
from basis.web.request import Request
from basis.web.table import Column, Row, columns_of, rows_of
from basis.web.views.gathering import Gathering, Head, ordered_by_group
from basis.web.views.picker import view_choices
from basis.web.views.shape import packed
from basis.web.views.showing import board, month, ways_to_show

LAST_LIST = "basis_list"
"""The cookie with the address of the list that was seen last, where a record leads back to."""


MOST_IN_SHEET = 1_000_000
"""So many rows one scrolls through at most; a filter leads to the others."""
BODIES = {"table": "_rows.html", "cards": "_cards.html", "kanban": "_board.html", "calendar": "_month.html"}
ICONS = {"table": "table", "cards": "layout-grid", "kanban": "columns", "calendar": "calendar"}
KIND_NAMES = {
    "table": Message("Table"),
    "cards": Message("Cards"),
    "kanban": Message("Kanban"),
    "calendar": Message("Calendar"),
}


class Heading(Struct, frozen=True):
    """A column's head: `sorted` is ascending, descending or empty; `filter` the widget below it."""

    column: Column
    path: str
    sorted: str
    filter: Markup


class Shelf(Struct, frozen=True):
    """What the template shows of one page of a list; `common` tells that only names were searched."""

    listed: Listing
    headings: list[Heading]
    rows: list[Row]
    first: int
    last: int
    count: Count
    previous: str
    next: str
    errors: list[tuple[Label, Message]]
    common: bool
    heads: dict[str, Head]
    """Above the row of which record a group begins, and its head."""
    totals: list[str]
    """The figures below the columns; empty where no column has one."""


def list_page(scope: Scope, request: Request) -> Shown:
    """`/{entity}`: the whole page, or its rows alone for HTMX."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "read")
    return list_of(scope, request, listing(scope, entity, request.query))


def list_of(scope: Scope, request: Request, listed: Listing) -> Shown:
    """The list, as a page or as the part that HTMX asks for."""
    entity = listed.entity
    values: dict[str, Any] = {
        "entity": entity,
        "shelf": shelf_of(scope, listed),
        "listed": listed,
        "may": may(scope, entity),
        **_shown(scope, listed),
    }
    address = listed.address(page=listed.page, after=listed.after)
    cookies = (Cookie(LAST_LIST, address[:2000]),)
    if request.target == "rows":
        headers = {"HX-Push-Url": address}
        return Shown(values["body"], values, part=True, headers=headers, cookies=cookies)
    kinds = [(KIND_NAMES[kind], ICONS[kind], kind, _path(listed, each))
             for kind, each in ways_to_show(entity, listed.view).items()]  # fmt: skip
    shown = show("list.html", choices=view_choices(scope, listed), row_choices=ROWS, kinds=kinds, **values)
    return msgspec.structs.replace(shown, cookies=cookies)


def _path(listed: Listing, wanted: Show) -> str:
    """The address that shows the records in another way."""
    return listed.address(shape=packed(msgspec.structs.replace(listed.view, show=wanted)))


def _shown(scope: Scope, listed: Listing) -> dict[str, Any]:
    """The template of the body, and the board or calendar that it shows."""
    kind = listed.view.show.kind
    if listed.editing:
        entity = listed.entity
        sheet = msgspec.json.encode(sheet_columns(scope, entity, listed)).decode()
        number = select.count(scope, query_of(scope, listed, {}).query, MOST_IN_SHEET).number
        return {"body": "_grid.html", "sheet": sheet, "size": number}
    if kind in ("table", "cards"):
        return {"body": BODIES[kind]}
    columns = columns_of(scope, listed.view)
    query = query_of(scope, listed, {column.key: column.link for column in columns}).query
    wanted = ways_to_show(listed.entity, listed.view)[kind]
    if kind == "kanban":
        return {"body": BODIES[kind], "board": board(scope, listed.entity, wanted, query, columns)}
    return {"body": BODIES[kind], "calendar": month(scope, listed.entity, wanted, query, columns, listed.month)}


def may(scope: Scope, entity: Entity) -> dict[str, bool]:
    """What the user may do with records of the entity at all."""
    owned = entity.ownership == "user"
    names = ("create", "write", "delete")
    rights = {name: scope.user.may(entity.name, name) for name in names}
    rights |= {"list": list_tie(scope, entity) is not None}
    return rights | {"assign": owned and rights["write"] and scope.user.may(entity.name, "assign")}


def shelf_of(scope: Scope, listed: Listing) -> Shelf:
    """The records of one page of a list, with all that leads to the others."""
    columns = columns_of(scope, listed.view)
    asked = query_of(scope, listed, {column.key: column.link for column in columns})
    view = listed.view if listed.as_table else msgspec.structs.replace(listed.view, columns=(), group=None)
    query = ordered_by_group(asked.query, view.group)
    gathering = Gathering(scope, view, query, columns)
    offset = 0 if listed.after else (listed.page - 1) * listed.rows
    page = select.page(scope, query, limit=listed.rows, cursor=listed.after, offset=offset)
    rows = rows_of(scope, listed.entity, columns, page.records)
    first = (listed.page - 1) * listed.rows + 1
    whole = not page.next and listed.page == 1
    count = Count(len(rows)) if whole else select.count(scope, query, None if listed.exact else select.COUNT_LIMIT)
    number = listed.page
    return Shelf(
        listed=listed,
        headings=[_heading(scope, listed, column) for column in columns],
        rows=rows,
        first=first if rows else 0,
        last=first + len(rows) - 1,
        count=count,
        previous=listed.address(page=number - 1, after="") if number > 1 else "",
        next=listed.address(page=number + 1, after=page.next) if page.next else "",
        errors=[(listed.entity.by_name[name].label, message) for name, message in asked.errors.items()],
        common=asked.common,
        heads=_heads(gathering, page.records),
        totals=gathering.below if rows else [],
    )


def _heads(gathering: Gathering, records: Sequence[Record]) -> dict[str, Head]:
    heads, last = dict[str, Head](), object()
    for record in records if gathering.grouping else ():
        if gathering.key(record) != last:
            last = gathering.key(record)
            heads[record.id] = gathering.head(record)
    return heads


def _heading(scope: Scope, listed: Listing, column: Column) -> Heading:
    up, down = column.key, f"-{column.key}"
    order = listed.sort or _order_of_view(listed)
    path = listed.address(sort=down if order == up else up) if column.type.sortable else ""
    sorted_ = {up: "ascending", down: "descending"}.get(order, "")
    return Heading(column, path, sorted_, _filter(scope, listed, column))


def _order_of_view(listed: Listing) -> str:
    if not listed.view.order:
        return ""
    first = listed.view.order[0]
    key = f"{first.link}.{first.field}" if first.link else first.field
    return f"-{key}" if first.descending else key


def _filter(scope: Scope, listed: Listing, column: Column) -> Markup:
    if not listed.filtering or column.link or not column.type.quick_operator:
        return Markup("")
    name = FILTER + column.field.name
    frame = Frame(id=f"filter-{column.field.name}", locale=scope.locale, name=name, label=column.label)
    return column.type.filter_input(column.field, listed.filters.get(column.field.name, ""), frame)


def shown_count(scope: Scope, count: Count) -> str:
    """`1.234`, or `10.000+` where counting stopped."""
    return format_number(count.number, scope.language) + ("+" if count.more else "")
