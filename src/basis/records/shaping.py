"""What the records say about a change of definitions: values that occur twice, texts that are too long from now on."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import and_, func, select

from basis.catalog.entity import Entity, Key
from basis.fields import type_of
from basis.records.keys import key_columns
from basis.security.scope import Scope

SHOWN = 10


class Double(Struct, frozen=True):
    """Values of a key that more than one record has, as text, and how many those are."""

    values: tuple[str, ...]
    number: int


def doubles(scope: Scope, entity: Entity, fields: Sequence[str], limit: int = SHOWN) -> list[Double]:
    """The values that stand in the way of a key on these fields, the most frequent first; whatever the rights are."""
    table = scope.catalog.table(entity.name)
    columns = key_columns(scope, entity, Key("", tuple(fields)))
    shown = [func.min(table.c[name]) for name in fields]
    number = func.count()
    found = (
        select(number, *shown)
        .where(and_(*(column.is_not(None) for column in columns)))
        .group_by(*columns)
        .having(number > 1)
        .order_by(number.desc(), *columns)
        .limit(limit)
    )
    types = [(type_of(entity.by_name[name]), entity.by_name[name]) for name in fields]
    return [
        Double(
            tuple(type_.text(field, value, scope.locale) for (type_, field), value in zip(types, values, strict=True)),
            n,
        )
        for n, *values in scope.conn.execute(found)
    ]


def longer(scope: Scope, entity: Entity, field: str, limit: int) -> int:
    """How many records hold a text of more than so many characters; whatever the rights are."""
    table = scope.catalog.table(entity.name)
    counted = select(func.count()).select_from(table).where(func.length(table.c[field]) > limit)
    return scope.conn.execute(counted).scalar() or 0
