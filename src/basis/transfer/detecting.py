"""What a file says of itself: its titles, how its numbers and dates are written, which values fit no option."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from basis.catalog.entity import Entity
from basis.errors import Invalid
from basis.fields import type_of
from basis.fields.base import Problem
from basis.fields.reference import Named
from basis.fields.storage import fold
from basis.i18n import Locale, parse_date
from basis.security.scope import Scope
from basis.transfer.csv import detect_delimiter, detect_encoding
from basis.transfer.drafts import meant
from basis.transfer.excel import EXTENSIONS, Plain, sheets_of
from basis.transfer.importing import open_file
from basis.transfer.lookups import found_records
from basis.transfer.mapping import Mapping, mappable, names_of, plain_title
from basis.transfer.plan import Mapped
from basis.transfer.sheet import Format, Row, read

SAMPLE = 500
"""So many rows are looked at to find out how a file is written."""
DATE_FORMATS = (
    "%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%m/%d/%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%y",
    "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M",
    "%d-%m-%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M:%S", "%d %b %Y", "%d-%b-%Y",
)  # fmt: skip
"""The ways of writing dates that are tried, the likelier first; where day and month could be either, the day leads."""
DUTCH = re.compile(r"[-+]?\d{1,3}(\.\d{3})*,\d{1,2}|[-+]?\d{1,3}(\.\d{3}){2,}|[-+]?\d+,\d+")
ENGLISH = re.compile(r"[-+]?\d{1,3}(,\d{3})*\.\d{1,2}|[-+]?\d{1,3}(,\d{3}){2,}|[-+]?\d+\.\d+")
MOST_VALUES = 200
"""So many different values of a column are offered to be mapped."""


class Look(Struct, frozen=True):
    """What a file looks like: how it was read, its titles (column numbers where it has none) and its first rows."""

    encoding: str
    delimiter: str
    sheets: list[str]
    titles: tuple[str, ...]
    rows: list[Row]

    def values(self, at: int, most: int = SAMPLE) -> list[str]:
        """Some filled cells of a column."""
        cells = (row.cells[at].strip() for row in self.rows if at < len(row.cells))
        return list(islice((cell for cell in cells if cell), most))


def look(path: Path, mapping: Mapping) -> Look:
    """The beginning of a file. `Invalid` when it cannot be read."""
    workbook = path.suffix.lower() in EXTENSIONS
    encoding, delimiter = mapping.encoding, mapping.delimiter
    if not workbook:
        encoding = encoding or detect_encoding(path)
        delimiter = delimiter or _delimiter(path, encoding)
    rows = list(islice(read(path, Format(encoding, delimiter, mapping.sheet)), SAMPLE))
    if not rows:
        raise Invalid("The file {name} is empty.", name=path.name)
    width = len(rows[0].cells)
    titles = rows[0].cells if mapping.header else tuple(str(at) for at in range(1, width + 1))
    data = rows[1:] if mapping.header else rows
    return Look(encoding, delimiter, sheets_of(path) if workbook else [], titles, data)


def _delimiter(path: Path, encoding: str) -> str:
    try:
        with path.open(encoding=encoding, newline=None) as file:
            return detect_delimiter([line.rstrip("\n") for line in islice(file, 100)])
    except (UnicodeError, LookupError) as error:
        raise Invalid("The file {name} cannot be read as {encoding}.", name=path.name, encoding=encoding) from error


def has_titles(entity: Entity, rows: Sequence[Row]) -> bool:
    """Whether the first row names columns: it has names of fields, or words where the rows below have numbers."""
    if len(rows) < 2:
        return any(_is_name(entity, cell) for cell in rows[0].cells) if rows else True
    first, others = rows[0].cells, rows[1:50]
    if any(_is_name(entity, cell) for cell in first):
        return True
    if any(not cell.strip() or _is_number(cell) for cell in first) or len(set(first)) < len(first):
        return False
    below = (row.cells[at] for at in range(len(first)) for row in others if at < len(row.cells))
    return any(map(_is_number, below)) or all(len(cell) < 30 for cell in first)


def _is_name(entity: Entity, cell: str) -> bool:
    word = plain_title(cell)
    return bool(word) and any(word == plain_title(name) for field in entity.visible_fields for name in names_of(field))


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[-+€$ ]*\d[\d.,:/ -]*", cell.strip()))


def language_of(look: Look, otherwise: str) -> str:
    """The language whose signs the numbers of the file have; `otherwise` where none tells."""
    votes: Counter[str] = Counter()
    for row in look.rows:
        for cell in row.cells:
            if isinstance(cell, Plain):
                continue
            text = cell.strip().lstrip("€$ ")
            votes["nl"] += bool(DUTCH.fullmatch(text))
            votes["en"] += bool(ENGLISH.fullmatch(text))
    if votes["nl"] == votes["en"]:
        return otherwise
    return "nl" if votes["nl"] > votes["en"] else "en"


def date_format_of(values: Sequence[str], language: str) -> str:
    """The pattern in which all these dates are written; empty where the reader's own way will do, or none fits."""
    if not values or all(_readable(value, language) for value in values):
        return ""
    return next((form for form in DATE_FORMATS if all(_fits(value, form) for value in values)), "")


def are_dates(values: Sequence[str]) -> bool:
    """Whether all these are dates in one of the usual ways of writing."""
    return bool(values) and any(all(_fits(value, form) for value in values) for form in DATE_FORMATS)


def _readable(value: str, language: str) -> bool:
    try:
        parse_date(value, language)
    except ValueError:
        return False
    return True


def _fits(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def with_date_formats(entity: Entity, mapping: Mapping, look: Look, language: str) -> Mapping:
    """The mapping with the way of writing found for each column of dates that has none."""
    places = {plain_title(title): at for at, title in reversed(list(enumerate(look.titles)))}
    columns = []
    for column in mapping.columns:
        field, at = entity.by_name.get(column.field), places.get(plain_title(column.column))
        if field is not None and type_of(field).dated and at is not None and not column.date_format:
            column = replace(column, date_format=date_format_of(look.values(at), language))
        columns.append(column)
    return replace(mapping, columns=tuple(columns))


# -- values that fit nothing


class Unknown(Struct, frozen=True):
    """A value of a column that its field does not know, and how many rows have it."""

    value: str
    count: int


class Unfit(Struct, frozen=True):
    """A column with values that fit no option or no record; `more` counts those beyond the ones told."""

    column: Mapped
    values: list[Unknown]
    more: int = 0


def unfit(scope: Scope, path: Path, mapping: Mapping) -> tuple[list[Unfit], int]:
    """The columns of choices, yes/no and lookups with values that fit nothing, and how many rows the file has.

    Values that the mapping already replaces are told too, so that it can be changed.
    """
    opened = open_file(scope, path, mapping)
    chosen = [each for each in opened.plan.columns if _has_set(each)]
    counts: list[Counter[str]] = [Counter() for _ in chosen]
    number = 0
    for row in opened.rows:
        number += 1
        if len(row.cells) == opened.plan.width:
            for each, count in zip(chosen, counts, strict=True):
                count[row.cells[each.at].strip()] += 1
    found = []
    for each, count in zip(chosen, counts, strict=True):
        del count[""]
        wrong = _wrong(scope, each, count, opened.plan.locale)
        if wrong:
            told = sorted(wrong, key=lambda value: (-count[value], value))
            values = [Unknown(value, count[value]) for value in told[:MOST_VALUES]]
            found.append(Unfit(each, values, len(told) - len(values)))
    return found, number


def _has_set(each: Mapped) -> bool:
    type_ = type_of(each.field)
    return type_.editor in ("choice", "lookup") and not each.parts


def _wrong(scope: Scope, each: Mapped, values: Iterable[str], locale: Locale) -> list[str]:
    """Those of the values that are replaced, or that the field does not know by themselves."""
    replaced = [value for value in values if value in each.column.values]
    others = [value for value in values if value not in each.column.values]
    if not type_of(each.field).targets(each.field):
        return replaced + [value for value in others if not _is_option(each, value, locale)]
    if each.column.create:
        return replaced
    texts = {value: meant(each.column, value).strip() for value in others}
    known = found_records(scope, each, list(texts.values()))
    return replaced + [value for value, text in texts.items() if len(known.get(fold(text), [])) != 1]


def _is_option(each: Mapped, value: str, locale: Locale) -> bool:
    try:
        read = type_of(each.field).from_text(each.field, value, locale)
    except Problem:
        return False
    return not isinstance(read, Named)


def offered_fields(entity: Entity) -> list[str]:
    """The fields into which a column can go."""
    return [field.name for field in entity.visible_fields if mappable(entity, field)]
