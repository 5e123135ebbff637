"""Exporting what a query finds to CSV, XLSX, ODS or JSON, with the rights of whoever asks, however many records."""

import csv
import re
from collections.abc import Callable, Iterator
from itertools import tee
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.query import Column, Link, Order, Query
from basis.errors import Invalid, NotFound
from basis.fields import type_of
from basis.fields.base import Field, FieldType
from basis.fields.storage import to_plain
from basis.i18n import Locale, label
from basis.records.record import Record
from basis.records.select import every
from basis.security.scope import Scope
from basis.transfer.excel import Heading, write_workbook
from basis.transfer.ods import write_ods
from basis.transfer.plan import ID, VERSION

NATIVE = ("number", "date")
"""Editors whose values a workbook holds as themselves; all others go in as the text that users see."""
DATES = {"nl": "dd-mm-yyyy", "en": "dd/mm/yyyy"}
PLAIN_NUMBER = re.compile(r"[+-][\d.,\s]*")
RISKY = re.compile(r"'*[=+\-@\t\r]")
"""How text begins that a spreadsheet would run as a formula (OWASP, CSV injection), or that was kept from it before."""


REMEMBERED = 10_000
"""So many written values of a column are kept at most."""


class Wish(Struct, frozen=True):
    """How to export: `plain` writes CSV for programs (commas, ISO dates, decimal points); `roundtrip` adds hidden
    columns to a workbook, by which it finds its way back.
    """

    plain: bool = False
    roundtrip: bool = False


USUAL = Wish()


class Exported(Struct, frozen=True):
    """A column of an export: where a record holds the value, its field, and its title."""

    key: str
    field: Field
    type: FieldType
    title: str
    own: bool
    """Whether it is a field of the entity itself that users may change."""

    def text(self, value: Any, locale: Locale) -> str:
        return self.type.text(self.field, value, locale)

    def program_text(self, value: Any, locale: Locale) -> str:
        """Numbers with a point and dates in ISO form, whatever the language."""
        if self.type.editor not in NATIVE:
            return self.text(value, locale)
        held = to_plain(self.type.to_json(self.field, value))
        return "" if held is None else str(held)

    def native(self, value: Any, locale: Locale) -> Any:
        """The value as a cell of a workbook."""
        if value is not None and self.type.editor in NATIVE:
            return self.type.native(self.field, value, locale)
        return self.text(value, locale)


Show = Callable[[Exported, Any, Locale], Any]
"""How a value is written."""


def rows_of(columns: list[Exported], records: Iterator[Record], show: Show, locale: Locale) -> Iterator[list[Any]]:
    """The cells of each record."""
    shown = [(column.key, _remembering(column, show, locale)) for column in columns]
    for record in records:
        values = record.values
        yield [write(values.get(key)) for key, write in shown]


def _remembering(column: Exported, show: Show, locale: Locale) -> Callable[[Any], Any]:
    """Writes values of a column, those that come often only once: options, owners, days.

    Numbers are not kept: equal amounts may be of different currencies.
    """
    if column.type.editor == "number":
        return lambda value: show(column, value, locale)
    known: dict[Any, Any] = {}

    def write(value: Any) -> Any:
        if value not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[value] = show(column, value, locale)
        return known[value]

    return write


def query_of_entity(scope: Scope, entity_name: str) -> Query:
    """All fields of all records of an entity, by id."""
    entity = scope.catalog.entity(entity_name)
    return Query(entity_name, tuple(Column(field.name) for field in entity.visible_fields))


def query_of_view(scope: Scope, view_id: str) -> Query:
    """The query of a view, by its id or as `entity/name`. `NotFound` when there is no such view."""
    if "/" in view_id:
        entity, _, name = view_id.partition("/")
        return scope.catalog.view(entity, name).query()
    found = scope.catalog.ids.get(view_id)
    query = getattr(found, "query", None)
    if query is None:
        raise NotFound("There is no such view ({name}).", name=view_id)
    return query()  # type: ignore[no-any-return]


def export(scope: Scope, query: Query, path: Path, name: str = "", wish: Wish = USUAL) -> int:
    """Write what the query finds to a .csv, .xlsx, .ods or .json file; answers the number of records.

    Memory does not grow with them. CSV: UTF-8 with a mark, semicolons, values as their reader sees them. Workbooks:
    numbers and dates as such. JSON: a list of objects, values as the Web API writes them.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise Invalid("Export to a file that ends in .csv, .xlsx, .ods or .json.")
    entity = scope.catalog.entity(query.entity)
    if not query.order:
        query = msgspec.structs.replace(query, order=(Order(entity.primary),))
    name = name or label(entity.plural, scope.language)
    return write(scope, _Task(path, name, exported(scope, query), every(scope, query), wish))


class _Task(Struct, frozen=True):
    """What a writer needs."""

    path: Path
    name: str
    columns: list[Exported]
    records: Iterator[Record]
    wish: Wish


def exported(scope: Scope, query: Query) -> list[Exported]:
    """The columns of a query; those of other entities have the entity's name behind them."""
    entities = {"": query.entity}
    _aliases(query.links, entities)
    return [_exported(scope, scope.catalog.entity(entities[each.link]), each) for each in query.columns]


def _exported(scope: Scope, entity: Entity, column: Column) -> Exported:
    field = (
        entity.by_name[column.field]
        if column.field in entity.by_name
        else scope.catalog.field(entity.name, column.field)
    )
    title = label(field.label, scope.language)
    if column.link:
        title = f"{title} ({label(entity.label, scope.language)})"
    key = f"{column.link}.{column.field}" if column.link else column.field
    return Exported(key, field, type_of(field), title, not column.link and not field.readonly)


def _aliases(links: tuple[Link, ...], entities: dict[str, str]) -> None:
    for link in links:
        entities[link.alias or link.entity] = link.entity
        _aliases(link.links, entities)


# -- CSV


def _to_csv(scope: Scope, task: _Task) -> int:
    count, plain = 0, task.wish.plain

    def show(column: Exported, value: Any, locale: Locale) -> str:
        return harmless(column.program_text(value, locale) if plain else column.text(value, locale))

    with task.path.open("w", encoding="utf-8" if plain else "utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter="," if plain else ";")
        writer.writerow([column.field.name if plain else column.title for column in task.columns])
        for row in rows_of(task.columns, task.records, show, scope.locale):
            writer.writerow(row)
            count += 1
    return count


def harmless(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front, which an import takes off again."""
    if text[:1] in "'=+-@\t\r" and RISKY.match(text) and not PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


# -- workbooks


def _to_workbook(scope: Scope, task: _Task) -> int:
    headings = [_heading(column, scope.language, task.wish.roundtrip) for column in task.columns]
    if not task.wish.roundtrip:
        rows = rows_of(task.columns, task.records, Exported.native, scope.locale)
        return write_workbook(task.path, task.name, headings, rows)
    headings += [Heading(ID, hidden=True), Heading(VERSION, hidden=True)]
    seen, known = tee(task.records)
    rows = rows_of(task.columns, seen, Exported.native, scope.locale)
    told = ([*row, record.id, record.version] for row, record in zip(rows, known, strict=True))
    return write_workbook(task.path, task.name, headings, told)


def _heading(column: Exported, language: str, roundtrip: bool) -> Heading:
    return Heading(column.title, _format(column, language), _width(column), locked=roundtrip and not column.own)


def _format(column: Exported, language: str) -> str:
    """The Excel format of a number (by its precision) or of a date."""
    if column.type.editor == "date":
        return DATES[language] + ("" if column.type.format == "DateOnly" else " hh:mm")
    if column.type.editor == "number":
        digits = getattr(column.field.settings, "precision", 0)
        return "#,##0" + ("." + "0" * digits if digits else "")
    return ""


def _width(column: Exported) -> int:
    """How many characters wide: short texts are whole, others get some room."""
    return 14 if column.type.whole else 24


def _to_ods(scope: Scope, task: _Task) -> int:
    rows = rows_of(task.columns, task.records, Exported.native, scope.locale)
    return write_ods(task.path, task.name, [column.title for column in task.columns], rows)


# -- JSON


def _to_json(scope: Scope, task: _Task) -> int:
    count, encode = 0, msgspec.json.Encoder(decimal_format="number").encode
    with task.path.open("wb") as file:
        file.write(b"[")
        for count, record in enumerate(task.records, 1):
            held = {"id": record.id} | {column.key: _json(column, record) for column in task.columns}
            file.write((b"\n" if count == 1 else b",\n") + encode(held))
        file.write(b"\n]\n")
    return count


def _json(column: Exported, record: Record) -> Any:
    value = record.get(column.key)
    held = column.type.to_json(column.field, value)
    name = getattr(value, "label", "")
    return {"id": held, "entity": value.entity, "name": name} if name and value is not None else held


WRITERS: dict[str, Callable[[Scope, _Task], int]] = {
    ".csv": _to_csv,
    ".xlsx": _to_workbook,
    ".ods": _to_ods,
    ".json": _to_json,
}
