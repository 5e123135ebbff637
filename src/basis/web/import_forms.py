"""The forms of the import wizard: what each offers, and the mapping that a posted one means."""

from difflib import get_close_matches

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from basis.catalog.entity import Entity
from basis.catalog.query import Column, Query
from basis.fields import type_of
from basis.fields.base import Field
from basis.i18n import label
from basis.records import select
from basis.security.scope import Scope
from basis.transfer.detecting import DATE_FORMATS, Look, Unfit, are_dates, date_format_of
from basis.transfer.mapping import ColumnMapping, Mapping, mappable, plain_title
from basis.web.request import Fields

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-15")
DELIMITERS = {";": ";", ",": ",", "\t": "Tab", "|": "|"}
EXAMPLES = {"%Y": "2026", "%m": "11", "%d": "24", "%y": "26", "%H": "13", "%M": "30", "%S": "00", "%I": "01",
            "%p": "PM", "%b": "Nov"}  # fmt: skip
SHOWN_ROWS, SHOWN_VALUES, SUGGESTED_FROM = 8, 3, 2_000

Choice = tuple[str, str]
"""A value and what it is called."""


class ColumnRow(Struct, frozen=True):
    """A column of the file: its place and title, some of its values, the field it goes into, how dates are written."""

    place: int
    title: str
    examples: list[str]
    field: str
    dates: list[Choice]
    date_format: str


class ValueRow(Struct, frozen=True):
    """A value that fits nothing, how many rows have it, and what it stands for (`suggested`: what it could)."""

    value: str
    count: int
    meaning: str
    suggested: bool = False


class ValueTable(Struct, frozen=True):
    """A column with such values. `options` to choose from, or else one types the name of a record.

    `finds` are the fields by which records can be found, where it is a lookup.
    """

    place: int
    title: str
    field: Field
    rows: list[ValueRow]
    more: int
    options: list[Choice]
    finds: list[Choice]
    column: ColumnMapping


def date_example(pattern: str) -> str:
    """A pattern as the date that it writes: `11/24/2026`."""
    for sign, text in EXAMPLES.items():
        pattern = pattern.replace(sign, text)
    return pattern


def field_choices(scope: Scope, entity: Entity) -> list[Choice]:
    """The fields into which a column can go, by label."""
    fields = [field for field in entity.visible_fields if mappable(entity, field)]
    named = [(field.name, label(field.label, scope.language)) for field in fields]
    return sorted(named, key=lambda choice: choice[1].casefold())


def column_rows(entity: Entity, mapping: Mapping, seen: Look) -> list[ColumnRow]:
    """A row for each column of the file."""
    held = {plain_title(each.column): each for each in reversed(mapping.columns)}
    rows, taken = [], set[str]()
    for place, title in enumerate(seen.titles):
        column = held.get(plain_title(title)) if plain_title(title) not in taken else None
        taken.add(plain_title(title))
        values = seen.values(place)
        written = column.date_format if column else date_format_of(values, mapping.language or "en")
        field = entity.by_name.get(column.field) if column else None
        dated = field is not None and type_of(field).dated
        dates = _dates(written) if values and (dated or are_dates(values)) else []
        examples = list(dict.fromkeys(value[:60] for value in values))[:SHOWN_VALUES]
        rows.append(ColumnRow(place, title, examples, column.field if column else "", dates, written))
    return rows


def _dates(written: str) -> list[Choice]:
    forms = [*DATE_FORMATS, *([written] if written and written not in DATE_FORMATS else [])]
    return [(form, date_example(form)) for form in forms]


def posted_reading(mapping: Mapping, posted: Fields) -> Mapping:
    """How the file is to be read, as it was posted."""
    return replace(
        mapping,
        encoding=posted.get("encoding", "")[:20],
        delimiter=posted.get("delimiter", "")[:1],
        sheet=posted.get("sheet", "")[:100],
        header=posted.get("header") == "1",
        language=posted.get("language", "") if posted.get("language") in ("nl", "en") else mapping.language,
    )


def posted_columns(mapping: Mapping, seen: Look, posted: Fields) -> Mapping:
    """The mapping with the fields that were chosen; what else a column had stays."""
    held = {(plain_title(column.column), column.field): column for column in mapping.columns}
    columns = []
    for place, title in enumerate(seen.titles):
        field = posted.get(f"field.{place}", "")
        if field and title:
            column = held.get((plain_title(title), field), ColumnMapping(title, field))
            columns.append(replace(column, column=title, date_format=posted.get(f"date.{place}", "")[:40]))
    return replace(mapping, columns=tuple(columns))


# -- values


def value_tables(scope: Scope, mapping: Mapping, found: list[Unfit]) -> list[ValueTable]:
    """A table for each column with values that fit nothing."""
    places = {column.field: place for place, column in enumerate(mapping.columns)}
    tables = []
    for unfit in found:
        column, field = unfit.column.column, unfit.column.field
        names = _names(scope, field) if type_of(field).targets(field) else {}
        rows = [_value_row(column, each.value, each.count, names) for each in unfit.values]
        tables.append(
            ValueTable(places[field.name], column.column, field, rows, unfit.more, _options(scope, field),
                       _finds(scope, field), column)
        )  # fmt: skip
    return tables


def _value_row(column: ColumnMapping, value: str, count: int, names: dict[str, str]) -> ValueRow:
    meaning = column.values.get(value, "")
    if meaning or value in column.values or not names:
        return ValueRow(value, count, meaning)
    close = names.get(plain_title(value)) or next(
        (names[key] for key in get_close_matches(plain_title(value), list(names), 1, 0.85)), ""
    )
    return ValueRow(value, count, close, suggested=bool(close))


def _names(scope: Scope, field: Field) -> dict[str, str]:
    """By plain text the names that a lookup could mean, where these are few enough to compare."""
    found: dict[str, str] = {}
    for target in type_of(field).targets(field):
        entity = scope.catalog.entity(target.entity)
        if scope.user.may(entity.name, "read"):
            query = Query(entity.name, (Column(entity.primary),))
            for record in select.page(scope, query, limit=SUGGESTED_FROM).records:
                name = str(record[entity.primary] or "")
                found.setdefault(plain_title(name), name)
    return found


def _options(scope: Scope, field: Field) -> list[Choice]:
    """What a value can stand for, where that is one of a few."""
    type_ = type_of(field)
    if type_.targets(field):
        return []
    options = type_.options(field)
    if options:
        return [(str(option.value), label(option.label, scope.language)) for option in options]
    return [("1", type_.text(field, True, scope.locale)), ("0", type_.text(field, False, scope.locale))]


def _finds(scope: Scope, field: Field) -> list[Choice]:
    """The fields by which the records of a lookup can be found: its texts."""
    targets = type_of(field).targets(field)
    if len(targets) != 1:
        return []
    entity = scope.catalog.entity(targets[0].entity)
    fields = [each for each in entity.visible_fields if type_of(each).editor == "text" and not each.readonly]
    named = [(each.name, label(each.label, scope.language)) for each in fields]
    return sorted(named, key=lambda choice: choice[1].casefold())


def posted_values(mapping: Mapping, posted: Fields) -> Mapping:
    """The mapping with what its values stand for, and how its lookups are found."""
    columns = []
    for place, column in enumerate(mapping.columns):
        if f"values.{place}" not in posted:
            columns.append(column)
            continue
        values = {}
        for row in range(int(posted[f"values.{place}"]) if posted[f"values.{place}"].isdigit() else 0):
            value, meaning = posted.get(f"value.{place}.{row}", ""), posted.get(f"meaning.{place}.{row}", "").strip()
            if value and meaning:
                values[value] = meaning
        kept = {value: meaning for value, meaning in column.values.items() if value not in _shown(posted, place)}
        columns.append(
            replace(
                column,
                values=kept | values,
                find=posted.get(f"find.{place}", ""),
                create=posted.get(f"create.{place}") == "1",
            )
        )
    return replace(mapping, columns=tuple(columns))


def _shown(posted: Fields, place: int) -> set[str]:
    return {text for name, text in posted.items() if name.startswith(f"value.{place}.")}


def as_json(mapping: Mapping) -> bytes:
    """The mapping as a file for `basis import --mapping`."""
    return msgspec.json.format(msgspec.json.encode(mapping), indent=2)
