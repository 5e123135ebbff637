"""Records as JSON objects, with the annotations that were asked for."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from basis.api.exchange import FORMATTED, LOOKUP_ENTITY, LOOKUP_NAVIGATION, Preferences
from basis.api.memory import per_catalog
from basis.catalog.catalog import Catalog
from basis.fields import type_of
from basis.fields.base import Field, FieldType
from basis.fields.reference import Reference
from basis.fields.storage import iso
from basis.i18n import Locale
from basis.records.record import Record

Json = dict[str, Any]


class Part(Struct, frozen=True):
    """One value of a record: where it lies, what it is called, and how it becomes JSON (`convert` None: as it is)."""

    key: str
    name: str
    field: Field
    type: FieldType
    convert: Callable[[Field, Any], Any] | None
    navigations: dict[str, str] = {}
    """For a lookup: per entity the navigation property that leads there."""


class Shape(Struct, frozen=True):
    """How records of one entity are told: their parts, and the name of the id."""

    id_name: str
    parts: tuple[Part, ...]

    def plain(self, record: Record) -> Json:
        row: Json = {"@odata.etag": f'W/"{record.version}"'} if record.id else {}
        values = record.values
        for part in self.parts:
            value = values[part.key]
            row[part.name] = value if part.convert is None else part.convert(part.field, value)
        if record.id:
            row[self.id_name] = record.id
        return row

    def annotated(self, record: Record, prefer: Preferences, locale: Locale) -> Json:
        row = self.plain(record)
        wants = (prefer.wants(FORMATTED), prefer.wants(LOOKUP_ENTITY), prefer.wants(LOOKUP_NAVIGATION))
        for part in self.parts:
            value = record.values[part.key]
            if value is not None:
                _annotate(row, part, value, wants, locale)
        return row


def _annotate(row: Json, part: Part, value: Any, wants: tuple[bool, bool, bool], locale: Locale) -> None:
    formatted, entity, navigation = wants
    if formatted:
        text = part.type.text(part.field, value, locale)
        if text and text != row[part.name]:
            row[f"{part.name}@{FORMATTED}"] = text
    if isinstance(value, Reference):
        if navigation and value.entity in part.navigations:
            row[f"{part.name}@{LOOKUP_NAVIGATION}"] = part.navigations[value.entity]
        if entity:
            row[f"{part.name}@{LOOKUP_ENTITY}"] = value.entity


def rows(shape: Shape, records: Iterable[Record], prefer: Preferences, locale: Locale) -> list[Json]:
    """All records as JSON objects."""
    if not prefer.annotations:
        return [shape.plain(record) for record in records]
    return [shape.annotated(record, prefer, locale) for record in records]


@per_catalog
def shape_of(catalog: Catalog, entity: str, fields: tuple[str, ...]) -> Shape:
    """The shape of an entity's records with these fields."""
    defined = catalog.entity(entity)
    parts = tuple(
        part_of(catalog, entity, defined.by_name[name], name, "") for name in fields if name != defined.id_field
    )
    return Shape(defined.id_field, parts)


def part_of(catalog: Catalog, entity: str, field: Field, key: str, name: str) -> Part:
    """One part; `name` is what it is called, the field's property when left out."""
    type_ = type_of(field)
    plain = type(type_).to_json is FieldType.to_json
    navigations = {r.target: r.navigation for r in catalog.outgoing.get(entity, ()) if r.field == field.name}
    return Part(key, name or type_.property(field), field, type_, None if plain else type_.to_json, navigations)


def plain_json(value: Any) -> Any:
    """A figure, or the key of a group, as JSON."""
    if isinstance(value, Reference):
        return value.id
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else value
