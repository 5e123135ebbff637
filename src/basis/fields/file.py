"""Files: the content lies in the file store, the record holds its id, name, size and media type."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import BigInteger, Column, ColumnElement, Text

from basis.fields.base import Field, FieldType, Frame, Moment, Place, Posted, Problem
from basis.fields.operators import EMPTY
from basis.html import Markup, render, template
from basis.i18n import Locale

_FILE = template(
    '{% if held %}<span class="file-held">{{ cell }}</span>{% endif %}'
    '<input type="hidden" name="{{ name }}__held" value="{{ kept }}">'
    '<input class="input" type="file" id="{{ id }}" name="{{ name }}"{% if accept %} accept="{{ accept }}"{% endif %}'
    '{% for key, value in attributes.items() if value is not none %} {{ key }}="{{ value }}"{% endfor %}>'
)


class StoredFile(Struct, frozen=True):
    """A file in the store: its id (the SHA-256 of its content), and the name, size in bytes and media type."""

    id: str
    name: str
    size: int
    media_type: str

    def spelled(self) -> str:
        """As a form carries it along: `id|size|media type|name`."""
        return f"{self.id}|{self.size}|{self.media_type}|{self.name}"


def stored_file(text: str) -> StoredFile:
    """The reverse of `spelled`; raises `Problem`."""
    parts = text.split("|", 3)
    if len(parts) != 4 or not parts[1].isdigit() or len(parts[0]) != 64 or not parts[0].isalnum():
        raise Problem("Is no file.")
    return StoredFile(parts[0], parts[3], int(parts[1]), parts[2])


class FileSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The largest size in kilobytes."""

    max_kb: Annotated[int, Meta(ge=1, le=1_048_576)] = 32_768


class FileType(FieldType):
    name = "file"
    defaultable = False
    label = {"en": "File", "nl": "Bestand"}
    Settings = FileSettings
    operators = (*EMPTY, "eq")
    indexed = True
    holds_files = True
    editor = "none"
    edm = "Edm.Binary"
    attribute_type = "File"
    sortable = False
    aggregates = ("count", "countcolumn")
    accept = ""

    def columns(self, field: Field) -> list[Column[Any]]:
        parts = [("", Text), ("__name", Text), ("__size", BigInteger), ("__mediatype", Text)]
        return [Column(field.name + suffix, kind) for suffix, kind in parts]

    def selects(self, field: Field, place: Place) -> list[ColumnElement[Any]]:
        return [place.table.c[column.name] for column in self.columns(field)]

    def load(self, field: Field, row: Sequence[Any]) -> Any:
        return None if row[0] is None else StoredFile(row[0], row[1], row[2], row[3])

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        held = (value.id, value.name, value.size, value.media_type) if value else (None,) * 4
        return {column.name: part for column, part in zip(self.columns(field), held, strict=True)}

    def check(self, field: Field, value: Any) -> Any:
        if not isinstance(value, StoredFile):
            raise Problem("Is no file.")
        if value.size > field.settings.max_kb * 1024:
            raise Problem("Is larger than {limit} kB.", limit=field.settings.max_kb)
        if self.accept and not value.media_type.startswith("image/"):
            raise Problem("Is no picture.")
        return value

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else value.name

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        return stored_file(text.strip()) if text.strip() else None

    def parse(self, field: Field, posted: Posted, locale: Locale) -> Any:
        """The adapter puts an upload into the store and posts what it is called there; else the old file stays."""
        return self.from_text(field, posted.get(field.name) or posted.get(f"{field.name}__held", ""), locale)

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        if not isinstance(value, StoredFile):
            return Markup("")
        return Markup('<a href="/files/{}/{}">{}</a>').format(value.id, value.name, value.name)

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        held = value if isinstance(value, StoredFile) else None
        return render(
            _FILE,
            id=frame.id,
            name=field.name,
            held=held,
            kept=held.spelled() if held else "",
            cell=self.cell(field, held, frame.locale),
            accept=self.accept,
            attributes=frame.attributes(required=None),
        )

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        """A file is known by its id in the store."""
        return value.id if isinstance(value, StoredFile) else str(value)

    def to_json(self, field: Field, value: Any) -> Any:
        return None if value is None else value.id

    def from_json(self, field: Field, value: Any) -> Any:
        return stored_file(value) if isinstance(value, str) and value else None
