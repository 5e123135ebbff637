"""Whether what the records hold is what the catalog says: known options, reasons of their state, folded keys."""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, func, select

from basis.catalog.catalog import Catalog
from basis.catalog.entity import POINTER, Entity
from basis.catalog.finding import Finding
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.storage import KEY

BATCH = 5_000


def values_of(conn: Connection, catalog: Catalog) -> Iterator[Finding]:
    """Everything in the tables that contradicts the definitions."""
    for entity in catalog.entities.values():
        if entity.name == POINTER:
            continue  # It repeats its activities, which are looked at themselves.
        table = catalog.table(entity.name)
        for field in entity.visible_fields:
            if type_of(field).options(field) and not type_of(field).joined:
                yield from _options(conn, table, entity, field)
        if entity.states:
            yield from _states(conn, table, entity)
        yield from _keys(conn, table, entity)


def _options(conn: Connection, table: Table, entity: Entity, field: Field) -> Iterator[Finding]:
    column, known = table.c[field.name], [option.value for option in type_of(field).options(field)]
    found = conn.execute(
        select(column, func.count()).where(column.is_not(None), column.not_in(known)).group_by(column).limit(5)
    )
    for value, number in found:
        text = Message("{number} records hold {value}, which is none of the options.", number=number, value=value)
        yield Finding(f"{entity.name}.{field.name}", text)


def _states(conn: Connection, table: Table, entity: Entity) -> Iterator[Finding]:
    for state in entity.states:
        reasons = [reason.value for reason in state.reasons]
        wrong = (table.c.statuscode.in_(reasons), table.c.statecode != state.value)
        number = conn.execute(select(func.count()).select_from(table).where(*wrong)).scalar() or 0
        if number:
            text = Message("{number} records have a status reason of another status.", number=number)
            yield Finding(f"{entity.name}.statuscode", text)


def _keys(conn: Connection, table: Table, entity: Entity) -> Iterator[Finding]:
    """Texts are searched and sorted by a key beside them, which must be the one that their type makes of them."""
    fields = [field for field in entity.fields if field.name + KEY in table.c]
    if not fields:
        return
    wrong = dict.fromkeys((field.name for field in fields), 0)
    columns = [table.c[each] for field in fields for each in (field.name, field.name + KEY)]
    with conn.execution_options(yield_per=BATCH).execute(select(*columns)) as rows:
        for row in rows:
            for at, field in enumerate(fields):
                text, key = row[2 * at], row[2 * at + 1]
                made = type_of(field).dump(field, text)[field.name + KEY]
                if (made or "") != (key or ""):
                    wrong[field.name] += 1
    for name, number in wrong.items():
        if number:
            text = Message("{number} records are sorted and found by a wrong key; save them again.", number=number)
            yield Finding(f"{entity.name}.{name}", text)
