"""Owners: who owns a new record, and the business unit that follows from it."""

from sqlalchemy import select

from basis.catalog.entity import Entity
from basis.errors import Message
from basis.fields.reference import Reference
from basis.records.record import Values
from basis.records.resolve import Errors
from basis.security.conditions import WORDS, reaches
from basis.security.scope import Scope


def default_owner(scope: Scope, entity: Entity, values: Values) -> None:
    """The user who creates a record owns it, unless another owner is given; what belongs to a unit gets the user's."""
    if entity.ownership == "unit" and values.get("businessunitid") is None and entity.has("businessunitid"):
        values["businessunitid"] = Reference("businessunit", scope.user.unit_id) if scope.user.unit_id else None
    if entity.ownership == "user" and values.get("ownerid") is None and scope.user.id:
        values["ownerid"] = Reference("systemuser", scope.user.id, scope.user.name)


def units_of(scope: Scope, owners: set[Reference]) -> dict[Reference, str]:
    """The business unit of each owner."""
    units: dict[Reference, str] = {}
    for name in ("systemuser", "team"):
        ids = [owner.id for owner in owners if owner.entity == name]
        if ids:
            table = scope.catalog.table(name)
            id_column = table.c[f"{name}id"]
            for id, unit in scope.conn.execute(select(id_column, table.c.businessunitid).where(id_column.in_(ids))):
                units[Reference(name, id)] = unit or ""
    return units


def place_in_units(scope: Scope, entity: Entity, batch: list[Values], errors: list[Errors], privilege: str) -> None:
    """Set the owning business unit of every row with an owner, and refuse owners the privilege does not reach."""
    if entity.ownership != "user":
        return
    owners = {owner for values in batch if isinstance(owner := values.get("ownerid"), Reference)}
    units = units_of(scope, owners)
    for values, problems in zip(batch, errors, strict=True):
        owner = values.get("ownerid")
        if not isinstance(owner, Reference):
            continue
        unit = units.get(owner, "")
        values["owningbusinessunit"] = Reference("businessunit", unit) if unit else None
        if not reaches(scope, entity, privilege, owner.id, unit):
            problems["ownerid"] = Message(
                "Your roles do not allow you to {action} records of this owner.", action=WORDS[privilege]
            )
