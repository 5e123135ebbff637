"""Rights as SQL: which records a user's privilege on an entity reaches. Put into the statement, never applied after."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, false, or_, true

from basis.catalog.entity import Entity
from basis.errors import Forbidden
from basis.security.scope import Scope
from basis.security.sharing import shared_with

WORDS = {
    "create": {"en": "create", "nl": "maken"},
    "read": {"en": "read", "nl": "lezen"},
    "write": {"en": "change", "nl": "wijzigen"},
    "delete": {"en": "delete", "nl": "verwijderen"},
    "append": {"en": "append", "nl": "koppelen"},
    "append_to": {"en": "append to", "nl": "koppelen aan"},
    "assign": {"en": "assign", "nl": "toewijzen"},
    "share": {"en": "share", "nl": "delen"},
}


def allowed(scope: Scope, entity: Entity, table: FromClause, privilege: str = "read") -> ColumnElement[bool] | None:
    """The condition on the entity's (aliased) table; None when the privilege reaches every record."""
    depth = scope.user.depth(entity.name, privilege)
    if depth == "organization":
        return None
    if depth == "none":
        return false()
    if entity.ownership == "user":
        owned = _owned(scope, table.c, depth)
        if entity.shareable and privilege == "read":
            return or_(owned, shared_with(scope.user, table.c[entity.id_field]))
        return owned
    if entity.ownership == "unit":
        return _of_unit(scope, entity, table.c, depth)
    return true()


def _owned(scope: Scope, columns: Any, depth: str) -> ColumnElement[bool]:
    user = scope.user
    owners = (user.id, *user.team_ids)
    mine: ColumnElement[bool] = columns.ownerid == user.id if len(owners) == 1 else columns.ownerid.in_(owners)
    if depth == "user":
        return mine
    units = (user.unit_id,) if depth == "unit" else user.units_below
    return or_(columns.owningbusinessunit.in_(units), mine)


def _of_unit(scope: Scope, entity: Entity, columns: Any, depth: str) -> ColumnElement[bool]:
    if depth == "user":
        own = {"systemuser": scope.user.id, "businessunit": scope.user.unit_id}.get(entity.name, "")
        return columns[entity.id_field] == own  # type: ignore[no-any-return]
    units = (scope.user.unit_id,) if depth == "unit" else scope.user.units_below
    unit = columns.businessunitid
    return unit.in_(units)  # type: ignore[no-any-return]


def require(scope: Scope, entity: Entity, privilege: str) -> None:
    """Raises `Forbidden` when the user's roles give the privilege on no record of the entity at all."""
    if not scope.user.may(entity.name, privilege):
        raise forbidden(entity, privilege)


def forbidden(entity: Entity, privilege: str) -> Forbidden:
    """The `Forbidden` that says which privilege on which entity the user lacks."""
    return Forbidden(
        "Your roles do not allow you to {action} {entity}. Ask an administrator.",
        action=WORDS[privilege],
        entity=entity.plural,
    )


def reaches(scope: Scope, entity: Entity, privilege: str, owner_id: str, unit_id: str) -> bool:
    """Whether the privilege would reach a record with that owner and business unit (for one yet to be made)."""
    depth = scope.user.depth(entity.name, privilege)
    if depth == "organization" or entity.ownership != "user":
        return depth != "none"
    if owner_id in (scope.user.id, *scope.user.team_ids):
        return depth != "none"
    return (depth == "unit" and unit_id == scope.user.unit_id) or (
        depth == "deep" and unit_id in scope.user.units_below
    )
