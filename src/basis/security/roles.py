"""Roles: their privileges as rows, and how far each reaches."""

from typing import Any

from msgspec import Struct
from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from basis.catalog.app import Depth, RoleDefinition
from basis.db import system
from basis.fields.storage import Id

PRIVILEGES = ("create", "read", "write", "delete", "append", "append_to", "assign", "share")
DEPTHS: tuple[Depth, ...] = ("none", "user", "unit", "deep", "organization")
"""From nothing to everything; where roles differ, the furthest counts."""

role_privilege = Table(
    "role_privilege",
    system,
    Column("role_id", Id, primary_key=True),
    Column("entity", String(100), primary_key=True),
    Column("privilege", String(20), primary_key=True),
    Column("depth", String(20), nullable=False),
)

FOLLOWING = {"activityparty": "activitypointer"}
"""Parts of other records → the entity whose privileges hold for them."""

CUSTOMIZE = "customize"
ADMINISTER = "administer"
GLOBAL = ""
"""The entity under which privileges that concern no entity are kept."""


class Privileges(Struct, frozen=True):
    """What one role allows: depth by entity and privilege; `*` stands for every other."""

    depths: dict[tuple[str, str], Depth]

    def depth(self, entity: str, privilege: str) -> Depth:
        entity = FOLLOWING.get(entity, entity)
        for key in ((entity, privilege), (entity, "*"), ("*", privilege), ("*", "*")):
            if key in self.depths:
                return self.depths[key]
        return "none"

    def has(self, right: str) -> bool:
        """Whether the role has a right that concerns no entity (`customize`, `administer`)."""
        return (GLOBAL, right) in self.depths


def furthest(depths: list[Depth]) -> Depth:
    """The depth that reaches furthest; `none` when there are none."""
    return max(depths, key=DEPTHS.index, default="none")


def write_privileges(conn: Connection, role_id: str, role: RoleDefinition) -> None:
    """Give a role the privileges of a definition, instead of those it had."""
    conn.execute(delete(role_privilege).where(role_privilege.c.role_id == role_id))
    rows = [
        {"role_id": role_id, "entity": entity, "privilege": privilege, "depth": depth}
        for entity, depths in role.privileges.items()
        for privilege, depth in depths.items()
    ]
    for right, given in ((CUSTOMIZE, role.customize), (ADMINISTER, role.administer)):
        if given:
            rows.append({"role_id": role_id, "entity": GLOBAL, "privilege": right, "depth": "organization"})
    if rows:
        conn.execute(insert(role_privilege), rows)


def read_privileges(conn: Connection, role_ids: list[str]) -> list[Privileges]:
    """The privileges of each of the roles."""
    found: dict[str, dict[tuple[str, str], Any]] = {role_id: {} for role_id in role_ids}
    table = role_privilege
    for role_id, entity, privilege, depth in conn.execute(
        select(table.c.role_id, table.c.entity, table.c.privilege, table.c.depth).where(table.c.role_id.in_(role_ids))
    ):
        found[role_id][entity, privilege] = depth
    return [Privileges(depths) for depths in found.values()]


def grant_like(conn: Connection, entity: str, model: str) -> None:
    """Give every role on a new entity what it has on another one."""
    table = role_privilege
    rows = conn.execute(select(table.c.role_id, table.c.privilege, table.c.depth).where(table.c.entity == model))
    granted = [{"role_id": r, "entity": entity, "privilege": p, "depth": d} for r, p, d in rows]
    if granted:
        conn.execute(insert(role_privilege), granted)
