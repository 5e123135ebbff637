"""Sharing: single records that users and teams may read beside those that their roles reach."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Index, String, Table, delete, insert, select

from basis.db import system
from basis.fields.storage import Id
from basis.security.users import User

share = Table(
    "share",
    system,
    Column("record_id", Id, primary_key=True),
    Column("principal_id", Id, primary_key=True),
    Column("entity", String(100), nullable=False),
    Index("ix_share_principal", "principal_id", "entity"),
)
EVERYONE = "00000000-0000-0000-0000-000000000000"
"""The principal that stands for all users."""


def shared_with(user: User, id_column: Any) -> ColumnElement[bool]:
    """The condition that a record is shared with the user, one of their teams or everyone."""
    principals = (user.id, *user.team_ids, EVERYONE)
    found: ColumnElement[bool] = id_column.in_(select(share.c.record_id).where(share.c.principal_id.in_(principals)))
    return found


def sharers(conn: Connection, record_id: str) -> tuple[str, ...]:
    """The ids of the users and teams (or `EVERYONE`) with whom a record is shared."""
    return tuple(conn.execute(select(share.c.principal_id).where(share.c.record_id == record_id)).scalars())


def share_with(conn: Connection, entity: str, record_id: str, principals: Sequence[str]) -> None:
    """Share a record with exactly these users and teams; whoever asks must have been found to have the right."""
    conn.execute(delete(share).where(share.c.record_id == record_id))
    if principals:
        rows = [{"record_id": record_id, "principal_id": each, "entity": entity} for each in dict.fromkeys(principals)]
        conn.execute(insert(share), rows)
