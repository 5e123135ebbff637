"""Hierarchies stay trees: no record is above itself."""

from sqlalchemy import select

from basis.catalog.entity import Entity
from basis.errors import Message
from basis.fields.lookup import ancestors
from basis.fields.reference import Reference
from basis.records.record import Values
from basis.records.resolve import Errors
from basis.security.scope import Scope


def refuse_loop(scope: Scope, entity: Entity, id: str, change: Values, errors: Errors) -> None:
    """A new parent may be neither the record itself nor anything below it."""
    name = scope.catalog.parents.get(entity.name, "")
    parent = change.get(name)
    if not isinstance(parent, Reference) or name in errors:
        return
    table = scope.catalog.table(entity.name)
    above = ancestors(scope.place(table), entity.name, parent.id)
    id_column = table.c[entity.id_field]
    below_itself = scope.conn.execute(select(id_column).where(id_column == id, id_column.in_(above))).first()
    if parent.id == id or below_itself is not None:
        errors[name] = Message("A record cannot stand above itself; choose another one.")
