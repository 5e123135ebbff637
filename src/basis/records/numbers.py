"""Autonumbers: the next number of a field, without gaps where nothing is rolled back, and without doubles."""

from sqlalchemy import insert, select, update

from basis.fields.base import Field
from basis.security.scope import Scope
from basis.security.users import counter


def reserve(scope: Scope, entity: str, field: Field, amount: int) -> int:
    """Take so many numbers in a row for a field; answers the first."""
    name = f"{entity}.{field.name}"
    raised = update(counter).where(counter.c.name == name).values(value=counter.c.value + amount)
    if scope.conn.execute(raised).rowcount == 0:
        start = field.settings.start
        scope.conn.execute(insert(counter), {"name": name, "value": start - 1 + amount})
        return int(start)
    last = scope.conn.execute(select(counter.c.value).where(counter.c.name == name)).scalar() or 0
    return last - amount + 1
