"""Alternate keys: finding records by them, and refusing a value that another record already has."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, or_, select
from sqlalchemy.exc import IntegrityError

from basis.catalog.entity import POINTER, Entity, Key
from basis.errors import Message, NotFound
from basis.fields import type_of
from basis.fields.storage import KEY
from basis.records.record import Values
from basis.records.resolve import Errors
from basis.security.scope import Scope


def key_of(entity: Entity, fields: set[str]) -> Key:
    """The entity's key on exactly these fields; `NotFound` when it has none."""
    for key in entity.keys:
        if set(key.fields) == fields:
            return key
    raise NotFound("{entity} has no key on {fields}.", entity=entity.name, fields=", ".join(sorted(fields)))


def key_columns(scope: Scope, entity: Entity, key: Key) -> list[Column[Any]]:
    """The columns that are compared: of texts their folded keys."""
    columns = scope.catalog.table(entity.name).c
    return [columns[name + KEY] if name + KEY in columns else columns[name] for name in key.fields]


def _stored(entity: Entity, key: Key, values: Values) -> tuple[Any, ...] | None:
    """The key's values as they are stored; None when one of them is empty."""
    parts = []
    for name in key.fields:
        columns = type_of(entity.by_name[name]).dump(entity.by_name[name], values.get(name))
        parts.append(columns.get(name + KEY, columns[name]))
    return None if any(part is None for part in parts) else tuple(parts)


def find_by_key(scope: Scope, entity: Entity, key: Key, batch: list[Values]) -> list[str | None]:
    """For each row the id of the record with the same key, in one statement; None where there is none.

    Rights are not looked at: an upsert must not make a second record because it cannot see the first.
    """
    wanted = [_stored(entity, key, values) for values in batch]
    held = _held(scope, entity, key, {parts for parts in wanted if parts is not None})
    return [held.get(parts) if parts is not None else None for parts in wanted]


def _held(scope: Scope, entity: Entity, key: Key, wanted: set[tuple[Any, ...]]) -> dict[tuple[Any, ...], str]:
    if not wanted:
        return {}
    columns = key_columns(scope, entity, key)
    id_column = scope.catalog.table(entity.name).c[entity.id_field]
    where: ColumnElement[bool]
    if len(columns) == 1:
        where = columns[0].in_([parts[0] for parts in wanted])
    else:
        where = or_(*(and_(*(c == part for c, part in zip(columns, parts, strict=True))) for parts in wanted))
    rows = scope.conn.execute(select(id_column, *columns).where(where))
    return {tuple(parts): id for id, *parts in rows}


def write_good(
    scope: Scope,
    entity: Entity,
    ids: list[str],
    batch: list[Values],
    errors: list[Errors],
    write: Callable[[list[int]], None],
) -> None:
    """Write the rows (by their places) without errors; those whose key another transaction took are refused too.

    Looking for doubles first tells all that is wrong at once; only the unique index knows of a writer who commits
    between that look and our write. On SQLite nobody does: there is one writer at a time.
    """
    good = [at for at, problems in enumerate(errors) if not problems]
    if not entity.keys or scope.conn.dialect.name == "sqlite":
        return write(good)
    try:
        with scope.conn.begin_nested():
            write(good)
    except IntegrityError:
        known = sum(map(len, errors))
        refuse_doubles(scope, entity, ids, batch, errors)
        if sum(map(len, errors)) == known:
            raise
        write_good(scope, entity, ids, batch, errors, write)


def refuse_doubles(
    scope: Scope,
    entity: Entity,
    ids: list[str],
    batch: list[Values],
    errors: list[Errors],
    free: Key | None = None,
) -> None:
    """Rows whose key another record has, or an earlier row of the batch, get an error at the key's last field.

    Records are not looked up by the key that is `free`: the caller has just found none of these.
    """
    for key in entity.keys:
        wanted = [_stored(entity, key, values) for values in batch]
        held = {} if key is free else _held(scope, entity, key, {parts for parts in wanted if parts is not None})
        for id, parts, problems in zip(ids, wanted, errors, strict=True):
            if parts is None:
                continue
            if held.setdefault(parts, id) != id:
                field = entity.by_name[key.fields[-1]]
                problems.setdefault(
                    field.name,
                    Message("Another {entity} already has this {field}.", entity=entity.label, field=field.label),
                )


def refuse_taken(scope: Scope, entity: Entity, ids: list[str], errors: list[Errors]) -> None:
    """Rows with an id of their own that another record has get an error at the id; so do doubles in the batch."""
    names = [entity.name, POINTER] if entity.activity else [entity.name]
    taken: set[str] = set()
    for name in names:
        id_column = scope.catalog.table(name).c[scope.catalog.entities[name].id_field]
        taken |= set(scope.conn.execute(select(id_column).where(id_column.in_(ids))).scalars())
    for id, problems in zip(ids, errors, strict=True):
        if id in taken:
            problems[entity.id_field] = Message("There is a record with this id already.")
        taken.add(id)
