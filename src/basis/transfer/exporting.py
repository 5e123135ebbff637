"""Exporting a view or an entity to CSV or XLSX, with the rights of whoever asks."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from basis.catalog.query import Column, Order, Query
from basis.errors import Invalid, NotFound
from basis.fields import type_of
from basis.fields.base import Field
from basis.i18n import label
from basis.records.record import Record
from basis.records.select import every
from basis.security.scope import Scope
from basis.transfer.excel import write_workbook

NATIVE = ("number", "date")
"""Editors whose values a workbook holds as themselves; all others go in as the text that users see."""


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


def export(scope: Scope, query: Query, path: Path, name: str = "") -> int:
    """Write what the query finds to a .csv or .xlsx file; answers the number of records.

    CSV: UTF-8 with a mark, semicolons, values as their reader sees them. XLSX: numbers and dates as such.
    """
    fields = _fields(scope, query)
    entity = scope.catalog.entity(query.entity)
    if not query.order:
        query = Query(query.entity, query.columns, query.filter, query.links, (Order(entity.primary),))
    titles = [label(field.label, scope.language) for _, field in fields]
    if path.suffix.lower() == ".xlsx":
        rows = (_native_row(scope, fields, record) for record in every(scope, query))
        return write_workbook(path, name or label(entity.plural, scope.language), titles, rows)
    if path.suffix.lower() != ".csv":
        raise Invalid("Export to a file that ends in .csv or .xlsx.")
    return _write_csv(path, titles, _text_rows(scope, fields, query))


def _fields(scope: Scope, query: Query) -> list[tuple[str, Field]]:
    """Per column where its value stands in a record, and its field."""
    entities = {"": query.entity}
    _aliases(query.links, entities)
    return [
        (f"{column.link}.{column.field}" if column.link else column.field,
         scope.catalog.field(entities[column.link], column.field))
        for column in query.columns
    ]  # fmt: skip


def _aliases(links: Any, entities: dict[str, str]) -> None:
    for link in links:
        entities[link.alias or link.entity] = link.entity
        _aliases(link.links, entities)


def _text_rows(scope: Scope, fields: list[tuple[str, Field]], query: Query) -> Iterator[list[str]]:
    for record in every(scope, query):
        yield [_harmless(type_of(field).text(field, record.get(key), scope.locale)) for key, field in fields]


def _harmless(text: str) -> str:
    """A spreadsheet runs text that starts like a formula; an apostrophe keeps it text (OWASP, CSV injection)."""
    if text[:1] in ("=", "@", "\t", "\r") or (text[:1] in ("+", "-") and not text[1:2].isdigit()):
        return "'" + text
    return text


def _native_row(scope: Scope, fields: list[tuple[str, Field]], record: Record) -> list[Any]:
    row = []
    for key, field in fields:
        value, type_ = record.get(key), type_of(field)
        if value is not None and type_.editor in NATIVE:
            row.append(type_.native(field, value, scope.locale))
        else:
            row.append(type_.text(field, value, scope.locale))
    return row


def _write_csv(path: Path, titles: list[str], rows: Iterator[list[str]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(titles)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
