"""Preparing an import: from a file alone to a mapping that its user can correct, kept until it begins."""

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from basis.catalog.entity import Entity
from basis.errors import Invalid, NotFound, Refused
from basis.records import operations, running
from basis.records.operations import DRAFT, Operation
from basis.records.preferences import prefer, preferred
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.transfer.detecting import Look, has_titles, language_of, look, with_date_formats
from basis.transfer.importing import IMPORT, TRIAL, Order, specified, try_batch
from basis.transfer.mapping import ColumnMapping, Mapping, guess, plain_title
from basis.transfer.plan import ID
from basis.transfer.sheet import Row

AT_ONCE = 3_000
"""So many rows are tried while their user waits; more are tried by the worker."""
MOST_REMEMBERED = 300


class Memory(Struct, frozen=True):
    """How a user mapped columns of an entity before: by plain title; and the key and mode of the last import."""

    columns: dict[str, ColumnMapping] = {}
    key: tuple[str, ...] = ()
    mode: Literal["create", "update", "upsert"] = "upsert"


def begin_draft(scope: Scope, entity: Entity, path: Path) -> str:
    """An import of the file, prepared as far as the file and earlier imports tell; answers its operation's id.

    `Invalid` when the file cannot be read.
    """
    require(scope, entity, "create")
    mapping = detected(scope, entity, path)
    spec = specified(Order(str(path.resolve()), path.name, mapping))
    return operations.begin(scope, IMPORT, entity.name, spec, 0, DRAFT)


def detected(scope: Scope, entity: Entity, path: Path, given: Mapping | None = None) -> Mapping:
    """The mapping that fits the file; with `given` only what that leaves open about reading is found out."""
    mapping = given or Mapping((), entity.name, header=False)
    seen = look(path, mapping)
    if given is None and has_titles(entity, [Row(1, seen.rows[0].cells), *seen.rows[1:]]):
        mapping = replace(mapping, header=True)
        seen = look(path, mapping)
    language = mapping.language or language_of(seen, scope.language)
    memory = remembered(scope, entity.name)
    columns = columns_for(scope, entity, mapping, seen, memory)
    mapping = replace(mapping, columns=columns, language=language, encoding=seen.encoding, delimiter=seen.delimiter)
    if given is None:
        mapping = replace(mapping, key=likely_key(entity, columns, memory), mode=memory.mode)
        if ID in seen.titles:
            mapping = replace(mapping, mode="upsert", key=())
    return with_date_formats(entity, mapping, seen, language)


def columns_for(
    scope: Scope, entity: Entity, mapping: Mapping, seen: Look, memory: Memory
) -> tuple[ColumnMapping, ...]:
    """Each column as it was mapped before, else by its name; no field twice."""
    if not mapping.header:
        return ()
    guessed = {column.column: column for column in guess(scope, entity, seen.titles)}
    found: dict[str, ColumnMapping] = {}
    for title in dict.fromkeys(seen.titles):
        held = memory.columns.get(plain_title(title))
        column = replace(held, column=title) if held is not None else guessed.get(title)
        if column is not None and column.field in entity.by_name and column.field not in found:
            found[column.field] = column
    return tuple(found.values())


def likely_key(entity: Entity, columns: tuple[ColumnMapping, ...], memory: Memory) -> tuple[str, ...]:
    """The key of the last import, or the first one whose fields are all there."""
    there = {column.field for column in columns}
    if memory.key and {*memory.key} <= there:
        return memory.key
    return next((key.fields for key in entity.keys if {*key.fields} <= there), ())


def order_of(held: Operation) -> Order:
    """What an import is to do. `NotFound` for an operation of another kind."""
    if held.kind != IMPORT:
        raise NotFound("There is no such operation.")
    return msgspec.convert(held.spec, Order)


def keep(scope: Scope, id: str, order: Order) -> None:
    """Change what an import is to do, before it begins; what was tried before does not hold any more."""
    held = operations.get(scope, id)
    if held.state != DRAFT:
        raise Refused("This import has begun already.")
    if order.trial:
        operations.forget(scope.conn, order.trial)
    operations.respecify(scope.conn, id, specified(replace(order, trial="")))


def check_columns(order: Order) -> None:
    """`Invalid` when nothing is mapped, or two columns go into one field."""
    fields = [column.field for column in order.mapping.columns]
    if not fields:
        raise Invalid("Choose a field for at least one column.")
    twice = next((name for name in fields if fields.count(name) > 1), "")
    if twice:
        both = ", ".join(column.column for column in order.mapping.columns if column.field == twice)
        raise Invalid("Two columns go into the same field: {columns}.", columns=both)


def try_out(scope: Scope, id: str, order: Order) -> str:
    """Try all rows without writing any; answers the operation that does, at once or through the worker."""
    if order.trial:
        operations.forget(scope.conn, order.trial)
    trial = operations.begin(scope, TRIAL, order.mapping.entity, specified(order), order.rows)
    operations.respecify(scope.conn, id, specified(replace(order, trial=trial)))
    if order.rows > AT_ONCE:
        running.start(scope, trial)
        return trial
    while try_batch(scope, operations.read(scope.conn, trial)):
        pass
    return trial


def launch(scope: Scope, id: str, order: Order) -> None:
    """Let the import begin, and remember how its columns were mapped."""
    keep(scope, id, order)
    operations.launch(scope.conn, id, order.rows)
    running.start(scope, id)
    _remember(scope, order.mapping)


def remembered(scope: Scope, entity: str) -> Memory:
    """How the user mapped columns of the entity before."""
    return preferred(scope, f"import.{entity}", Memory())


def _remember(scope: Scope, mapping: Mapping) -> None:
    held = remembered(scope, mapping.entity)
    new = {plain_title(column.column): column for column in mapping.columns} if mapping.header else {}
    columns = dict(list(({**held.columns, **new}).items())[-MOST_REMEMBERED:])
    prefer(scope, f"import.{mapping.entity}", Memory(columns, mapping.key, mapping.mode))
