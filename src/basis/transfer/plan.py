"""Plans: a mapping held against one file and one entity, with all that reading its rows needs ready."""

import re

from msgspec import Struct
from msgspec.structs import replace

from basis.catalog.entity import Entity, Key
from basis.errors import Invalid
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.storage import fold
from basis.i18n import Locale
from basis.records.keys import key_of
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.transfer.mapping import ColumnMapping, Mapping, guess, names_of, plain_title, positions, unmapped
from basis.transfer.sheet import Row

ID, VERSION = "(record)", "(version)"
"""The titles of the hidden columns by which an exported workbook finds its way back."""
PLACE = re.compile(r"\{([^{}]+?)(:address)?\}")

Part = str | tuple[int, bool]
"""Of a pattern: plain text, or the position of a cell (-1: the own one) and whether it goes into an address."""


class Mapped(Struct, frozen=True):
    """One column of the file on its way into a field.

    `looked_up`: whether its lookup is resolved here instead of at the door; `splits`: whether it is a name that Basis
    makes of parts, which are filled in.
    """

    at: int
    column: ColumnMapping
    field: Field
    parts: tuple[Part, ...] = ()
    looked_up: bool = False
    splits: bool = False


class Plan(Struct, frozen=True):
    """Entity, key, where each column stands, how wide a row is."""

    entity: Entity
    key: Key | None
    mode: str
    columns: tuple[Mapped, ...]
    width: int
    locale: Locale
    """How the file is written; reasons are given in the user's own `language`."""
    language: str
    left_out: tuple[str, ...]
    identity: tuple[int, int] | None = None
    """Where an exported workbook says which record and which version a row is."""
    again: bool = False
    """Whether rows are tried again that named records which stand further down in the file."""
    own_lookups: frozenset[str] = frozenset()
    """The lookups that point at records of the entity itself, which a later row of the file may bring."""


def prepare(scope: Scope, mapping: Mapping, first: Row) -> Plan:
    """The mapping against the file's first row and the entity. `Invalid` when they do not go together."""
    entity = scope.catalog.entity(mapping.entity)
    require(scope, entity, "write" if mapping.mode == "update" else "create")
    if not mapping.columns:
        mapping = replace(mapping, columns=guess(scope, entity, first.cells))
        if not mapping.columns:
            raise Invalid("No column of the file matches a field of {entity}; give a mapping.", entity=entity.plural)
    columns = tuple(
        _mapped(scope, entity, at, column, first.cells if mapping.header else ())
        for at, column in positions(mapping, first.cells)
    )
    identity = _identity(first.cells)
    return Plan(
        entity=entity,
        key=_key(entity, mapping, columns, identity is not None),
        mode=mapping.mode,
        columns=columns,
        width=len(first.cells),
        locale=Locale(mapping.language or scope.language, scope.locale.zone_name),
        language=scope.language,
        left_out=tuple(each for each in unmapped(mapping, first.cells) if each not in (ID, VERSION)),
        identity=identity,
        own_lookups=frozenset(each.field.name for each in columns if _points_at(each.field, entity)),
    )


def _identity(titles: tuple[str, ...]) -> tuple[int, int] | None:
    return (titles.index(ID), titles.index(VERSION)) if ID in titles and VERSION in titles else None


def _key(entity: Entity, mapping: Mapping, columns: tuple[Mapped, ...], identified: bool) -> Key | None:
    key = key_of(entity, set(mapping.key)) if mapping.key else None
    if key is not None and not {*key.fields} <= {each.field.name for each in columns}:
        raise Invalid("The key {key} is not among the columns.", key=", ".join(key.fields))
    if key is None and mapping.mode == "update" and not identified:
        raise Invalid("To update records, name the key by which they are found.")
    return key


def _mapped(scope: Scope, entity: Entity, at: int, column: ColumnMapping, titles: tuple[str, ...]) -> Mapped:
    field = _field(entity, column.field)
    targets = type_of(field).targets(field)
    if (column.find or column.create) and not targets:
        raise Invalid("{field} is no lookup, so there is nothing to find in it.", field=field.label)
    for target in targets if column.find else ():
        _field(scope.catalog.entity(target.entity), column.find)
    for name in column.fill:
        _field(scope.catalog.entity(targets[0].entity), name) if targets else None
    splits = field.readonly and field.name == entity.primary
    return Mapped(at, column, field, parts_of(column.pattern, titles), bool(column.find or column.create), splits)


def parts_of(pattern: str, titles: tuple[str, ...]) -> tuple[Part, ...]:
    """A pattern taken apart. `Invalid` for a column that the file does not have."""
    places = {"value": -1} | {plain_title(title): at for at, title in reversed(list(enumerate(titles)))}
    found, last = list[Part](), 0
    for match in PLACE.finditer(pattern):
        at = places.get(match[1], places.get(plain_title(match[1])))
        if at is None:
            raise Invalid("The file has no column {columns}; it has {titles}.", columns=match[1],
                          titles=", ".join(title for title in titles if title))  # fmt: skip
        found += [pattern[last : match.start()], (at, bool(match[2]))]
        last = match.end()
    return (*found, pattern[last:]) if pattern else ()


def filled_in(parts: tuple[Part, ...], own: str, cells: tuple[str, ...]) -> str:
    """The text that a pattern makes of a row; empty where the own cell is."""
    if not own.strip():
        return ""
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        text = own if part[0] < 0 else cells[part[0]]
        texts.append(_for_address(text) if part[1] else text.strip())
    return "".join(texts)


def _for_address(text: str) -> str:
    """`Zoë de Vries` as `zoe.de.vries`."""
    return ".".join(re.findall(r"[a-z0-9]+", fold(text)))


def _points_at(field: Field, entity: Entity) -> bool:
    return any(target.entity == entity.name for target in type_of(field).targets(field))


def are_titles(plan: Plan, first: Row) -> bool:
    """Whether every mapped cell of the row is what its own field is called, or a part of it (`naam`, `Accountnaam`)."""
    cells = [(first.cells[each.at].strip().casefold(), names_of(each.field)) for each in plan.columns]
    return all(len(cell) > 2 and any(cell in name for name in names) for cell, names in cells)


def _field(entity: Entity, name: str) -> Field:
    field = entity.by_name.get(name)
    if field is None or field.hidden:
        raise Invalid("{entity} has no field {name}.", entity=entity.label, name=name)
    return field
