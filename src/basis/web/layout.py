"""A form laid out for one record: its tabs, sections and cells, with every input made."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.form import Cell, Form, Section, Tab
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field, Frame
from basis.html import Markup
from basis.i18n import label
from basis.records.record import Values
from basis.security.scope import Scope

SHOWN_ONLY = ("statecode",)
"""Fields that change through a command of their own."""


class Place(Struct, frozen=True):
    """One cell: a field with its input (`id` is empty when it is only shown), a related list, or the timeline."""

    name: str
    label: str = ""
    html: Markup = Markup("")
    id: str = ""
    hint: str = ""
    error: Message | None = None
    required: bool = False
    css: str = ""
    related: str = ""
    view: str = ""
    timeline: bool = False


class Block(Struct, frozen=True):
    """One section."""

    id: str
    label: str
    columns: int
    places: list[Place]

    @property
    def related(self) -> Place | None:
        """The related list of a section that holds nothing else."""
        return self.places[0] if len(self.places) == 1 and self.places[0].related else None

    @property
    def timeline(self) -> bool:
        return len(self.places) == 1 and self.places[0].timeline


class Sheet(Struct, frozen=True):
    """One tab; `wrong` counts the errors on it."""

    id: str
    label: str
    columns: list[list[Block]]
    wrong: int


class Filling(Struct, frozen=True):
    """What the form is filled with; with `editable` false everything is only shown.

    `prefix` keeps the ids apart from those of another form on the same page.
    """

    values: Mapping[str, Any]
    errors: Mapping[str, Message] = {}
    editable: bool = True
    fresh: bool = False
    prefix: str = ""


def form_of(scope: Scope, entity: Entity, kind: str = "main") -> Form:
    """The entity's form; for one without, all its fields below each other."""
    form = scope.catalog.form(entity.name, kind) or scope.catalog.form(entity.name)
    return form or _plain_form(entity)


def _plain_form(entity: Entity) -> Form:
    names = [field.name for field in entity.visible_fields if field.required != "system"]
    cells = tuple(Cell(id=name, field=name) for name in names)
    section = Section("main", entity.label, cells, columns=1)
    return Form("plain", entity.label, (Tab("main", entity.label, ((section,),)),), entity=entity.name)


def fields_of(entity: Entity, form: Form) -> list[str]:
    """The fields on a form that still are there."""
    return [name for name in form.fields() if name in entity.by_name and not entity.by_name[name].hidden]


def lay_out(scope: Scope, entity: Entity, form: Form, filling: Filling) -> list[Sheet]:
    """The tabs of the form. A field has one input, however often the form names it."""
    seen: set[str] = set()
    sheets = []
    for tab in form.tabs:
        columns = [
            [block for section in column if (block := _block(scope, entity, section, filling, seen)).places]
            for column in tab.columns
        ]
        columns = [column for column in columns if column]
        wrong = sum(place.error is not None for column in columns for block in column for place in block.places)
        if columns:
            sheets.append(Sheet(filling.prefix + tab.id, label(tab.label, scope.language), columns, wrong))
    return sheets


def _block(scope: Scope, entity: Entity, section: Section, filling: Filling, seen: set[str]) -> Block:
    places = [place for cell in section.cells if (place := _place(scope, entity, cell, filling, seen))]
    return Block(filling.prefix + section.id, label(section.label, scope.language), section.columns, places)


def _place(scope: Scope, entity: Entity, cell: Cell, filling: Filling, seen: set[str]) -> Place | None:
    if cell.timeline or cell.related:
        if filling.fresh:
            return None
        return Place(cell.id, related=cell.related, view=cell.view, timeline=cell.timeline)
    field = entity.by_name.get(cell.field)
    if field is None or field.hidden:
        return None
    title = label(cell.label or field.label, scope.language)
    css = "is-wide" if cell.span > 1 else ""
    if type_of(field).tall:
        css = "is-stacked is-wide"
    fixed = field.readonly or field.name in SHOWN_ONLY or field.name in seen or not filling.editable
    seen.add(field.name)
    if fixed:
        shown = type_of(field).full(field, filling.values.get(field.name), scope.locale)
        hidden = filling.fresh and not shown
        return None if hidden else Place(field.name, title, shown, css=css)
    return _input(scope, field, title, css, filling)


def _input(scope: Scope, field: Field, title: str, css: str, filling: Filling) -> Place:
    error, hint = filling.errors.get(field.name), label(field.description, scope.language)
    id, required = f"{filling.prefix}field-{field.name}", field.required == "required"
    notes = [f"{id}-error"] if error else []
    notes += [f"{id}-hint"] if hint else []
    frame = Frame(id, scope.locale, required, described_by=" ".join(notes), invalid=error is not None)
    html = type_of(field).input(field, filling.values.get(field.name), frame)
    return Place(field.name, title, html, id, hint, error, required, css)


def defaults(entity: Entity) -> Values:
    """What the fields of a new record hold before anybody fills them in."""
    values: Values = {}
    for field in entity.visible_fields:
        if field.default is not None:
            values[field.name] = type_of(field).from_json(field, field.default)
    if entity.states:
        values["statecode"] = entity.states[0].value
        values["statuscode"] = entity.default_reason(entity.states[0].value)
    return values
