"""Records as a table on a page: the columns of a view with their labels, and a cell of HTML for each value."""

from collections.abc import Sequence

from msgspec import Struct

from basis.catalog.entity import POINTER, Entity
from basis.catalog.view import View, all_links
from basis.fields import type_of
from basis.fields.base import Field, FieldType
from basis.html import Markup, escape
from basis.i18n import label
from basis.records.record import Record
from basis.security.scope import Scope

ENTITY_NAMES = ("activitytypecode",)
"""Text fields that hold the name of an entity; people read its label."""
STATUS = "statuscode"
LINK = Markup('<a href="/{}/{}">{}</a>')


class Column(Struct, frozen=True):
    """`key` is where a record holds the value: the field, or `link.field`; `width` is in pixels."""

    key: str
    label: str
    align: str
    width: int
    field: Field
    type: FieldType
    primary: bool = False
    link: str = ""

    @property
    def css(self) -> str:
        if self.primary:
            return "primary-cell"
        return "amount" if self.align == "end" else "short-cell" if self.whole else ""

    @property
    def whole(self) -> bool:
        return self.type.whole or self.field.name in ENTITY_NAMES

    @property
    def least(self) -> int:
        """How narrow a list may make the column before it scrolls sideways."""
        return self.width if self.whole else self.width * 4 // 5


class Cell(Struct, frozen=True):
    html: Markup
    css: str
    label: str


class Row(Struct, frozen=True):
    id: str
    title: str
    cells: list[Cell]


class Table(Struct, frozen=True):
    """`more` tells that there are further records than these."""

    title: str
    columns: list[Column]
    rows: list[Row]
    path: str = ""
    more: bool = False


def columns_of(scope: Scope, view: View) -> list[Column]:
    """The columns of a view that can be shown, the removed fields left out."""
    entity = scope.catalog.entity(view.entity)
    entities = {"": entity, **_linked(scope, view)}
    shown = []
    for column in view.columns:
        if column.link not in entities:
            continue
        field = entities[column.link].by_name.get(column.field)
        if field is None or field.hidden:
            continue
        key = f"{column.link}.{column.field}" if column.link else column.field
        type_, primary = type_of(field), not column.link and field.name == entity.primary
        name = label(field.label, scope.language)
        if column.link:
            name = f"{name} ({label(entities[column.link].label, scope.language)})"
        shown.append(Column(key, name, type_.align, column.width, field, type_, primary, column.link))
    if not any(column.primary for column in shown):
        shown = [primary_column(scope, entity), *shown]
    return shown


def _linked(scope: Scope, view: View) -> dict[str, Entity]:
    links = all_links(view.links)
    known = scope.catalog.entities
    return {link.alias or link.entity: known[link.entity] for link in links if link.entity in known}


def primary_column(scope: Scope, entity: Entity) -> Column:
    """The column that leads to the record."""
    field = entity.by_name[entity.primary]
    type_ = type_of(field)
    return Column(field.name, label(field.label, scope.language), type_.align, 240, field, type_, True)


def rows_of(scope: Scope, entity: Entity, columns: Sequence[Column], records: Sequence[Record]) -> list[Row]:
    """A row for each record; the primary field is the link to it."""
    locale = scope.locale
    plan = [(column, column.type.cell, column.field, column.key, column.css, column.label) for column in columns]
    rows = []
    for record in records:
        values, title = record.values, title_of(scope, entity, record)
        cells = []
        for column, cell, field, key, css, name in plan:
            if column.primary:
                html = LINK.format(entity.name, record.id, title)
            elif field.name in ENTITY_NAMES:
                html = _entity_label(scope, values[key])
            elif entity.name == POINTER and field.name == STATUS:
                html = activity_status(scope, record)
            else:
                html = cell(field, values[key], locale)
            cells.append(Cell(html, css, name))
        rows.append(Row(record.id, title, cells))
    return rows


def activity_status(scope: Scope, activity: Record) -> Markup:
    """The status of an activity in the words of what it is: each kind has status reasons of its own."""
    pointer = scope.catalog.entities[POINTER]
    kind = scope.catalog.entities.get(activity.get("activitytypecode") or "", pointer)
    field = kind.by_name.get(STATUS) or pointer.by_name[STATUS]
    return type_of(field).cell(field, activity[STATUS], scope.locale)


def _entity_label(scope: Scope, name: str | None) -> Markup:
    entity = scope.catalog.entities.get(name or "")
    return escape(label(entity.label, scope.language) if entity else name or "")


def title_of(scope: Scope, entity: Entity, record: Record) -> str:
    """What a record is called: its primary field, or a dash."""
    field = entity.by_name[entity.primary]
    return type_of(field).text(field, record.get(entity.primary), scope.locale) or "–"
