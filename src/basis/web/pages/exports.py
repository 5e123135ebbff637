"""Exporting a list: all records that its address shows, as a file that is streamed."""

from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.query import Column
from basis.errors import Invalid, Message, NotFound
from basis.i18n import label
from basis.records import select
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.transfer.exporting import Wish, export
from basis.transfer.ods import MIME as ODS
from basis.web.answer import Answer, Shown, download, show
from basis.web.listing import Asked, Listing, listing, query_of
from basis.web.pages.imports import temporary
from basis.web.request import Request
from basis.web.table import columns_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Way(Struct, frozen=True):
    """A kind of file: what it is called and for, how its name ends, its media type, and how it is written."""

    title: Message
    help: Message
    suffix: str
    media_type: str
    wish: Wish = Wish()


WAYS = {
    "xlsx": Way(
        Message("Excel workbook (XLSX)"), Message("Numbers and dates as such, frozen titles, filters."), ".xlsx", XLSX
    ),
    "edit": Way(
        Message("Excel workbook to edit and import again"),
        Message("Knows its records: an import writes what you changed, and nothing that others changed meanwhile."),
        ".xlsx",
        XLSX,
        Wish(roundtrip=True),
    ),
    "ods": Way(Message("OpenDocument spreadsheet (ODS)"), Message("For LibreOffice."), ".ods", ODS),
    "csv": Way(Message("CSV"), Message("As you read it: your dates and decimals, semicolons."), ".csv", "text/csv"),
    "plain": Way(
        Message("CSV for programs"),
        Message("Commas, ISO dates, decimal points, names of fields as titles."),
        ".csv",
        "text/csv",
        Wish(plain=True),
    ),
    "json": Way(Message("JSON"), Message("Values as the Web API writes them."), ".json", "application/json"),
}


def export_page(scope: Scope, request: Request) -> Shown:
    """`/export/{entity}` with the query of a list: what kind of file, which columns."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "read")
    listed = listing(scope, entity, request.query)
    asked = _asked(scope, listed)
    return show(
        "export.html",
        entity=entity,
        listed=listed,
        address=listed.address(),
        count=select.count(scope, asked.query, None).number,
        ways=WAYS,
    )


def _asked(scope: Scope, listed: Listing) -> Asked:
    asked = query_of(scope, listed, {column.key: column.link for column in columns_of(scope, listed.view)})
    if asked.errors:
        raise Invalid(asked.errors)
    return asked


def export_file(scope: Scope, request: Request) -> Answer:
    """`/export/{entity}/file?as=xlsx&columns=all&list=…`: the file."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "read")
    way = WAYS.get(request.query.get("as", ""))
    if way is None:
        raise NotFound("There is no page at this address.")
    listed = listing(scope, entity, dict(parse_qsl(request.query.get("list", ""))))
    query = _asked(scope, listed).query
    if request.query.get("columns") == "all":
        query = msgspec.structs.replace(query, columns=_with_all(entity, query.columns))
    file, name = temporary(way.suffix), label(listed.view.label, scope.language)
    try:
        export(scope, query, file, name, way.wish)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return download(file, _file_name(name, way.suffix), way.media_type)


def _with_all(entity: Entity, shown: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of the list, and behind them all other fields."""
    known = {column.field for column in shown if not column.link}
    return (*shown, *(Column(field.name) for field in entity.visible_fields if field.name not in known))


def _file_name(name: str, suffix: str) -> str:
    """The view's name without what file systems do not take."""
    return "".join(" " if sign in '\\/:*?"<>|' else sign for sign in name).strip() + suffix
