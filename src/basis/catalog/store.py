"""Where an organisation's own definitions are kept, and every version of the catalog with what changed in it."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Integer, String, Table, Text, delete, insert, select

from basis.db import system
from basis.fields.storage import Id, Instant

definition = Table(
    "definition",
    system,
    Column("kind", String(20), primary_key=True),
    Column("entity", String(100), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("body", Text, nullable=False),
)

catalog_version = Table(
    "catalog_version",
    system,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("user_id", Id),
    Column("summary", Text, nullable=False),
    Column("changes", Text, nullable=False),
)


class Change(msgspec.Struct, frozen=True):
    """A definition to write: of this kind, entity and name; `body` None takes the organisation's own away.

    Kinds: entity, field, key, many_to_many, view, form, form_cell, choice, app.
    A body may hold only what differs from the standard.
    """

    kind: str
    entity: str
    name: str
    body: dict[str, Any] | None


class Difference(msgspec.Struct, frozen=True):
    """What one change did, both ways, so that it can be undone."""

    kind: str
    entity: str
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


Rows = dict[tuple[str, str, str], dict[str, Any]]


def current_version(conn: Connection) -> int:
    """The newest version; 0 before the first is published."""
    query = select(catalog_version.c.version).order_by(catalog_version.c.version.desc()).limit(1)
    return conn.execute(query).scalar() or 0


def read_rows(conn: Connection) -> Rows:
    """The organisation's own definitions by kind, entity and name."""
    rows = conn.execute(select(definition.c.kind, definition.c.entity, definition.c.name, definition.c.body))
    return {(kind, entity, name): msgspec.json.decode(body) for kind, entity, name, body in rows}


def write_changes(conn: Connection, rows: Rows, changes: list[Change]) -> list[Difference]:
    """Store the changes; answers what each did."""
    differences = []
    for change in changes:
        key = (change.kind, change.entity, change.name)
        before = rows.get(key)
        where = (
            definition.c.kind == change.kind,
            definition.c.entity == change.entity,
            definition.c.name == change.name,
        )
        conn.execute(delete(definition).where(*where))
        if change.body is not None:
            body = msgspec.json.encode(change.body).decode()
            values = {"kind": change.kind, "entity": change.entity, "name": change.name, "body": body}
            conn.execute(insert(definition), values)
        differences.append(Difference(change.kind, change.entity, change.name, before, change.body))
    return differences


def write_version(
    conn: Connection,
    version: int,
    at: datetime,
    user_id: str | None,
    summary: str,
    differences: list[Difference],
) -> None:
    """Record the new version with its author and its differences."""
    changes = msgspec.json.encode(differences).decode()
    values = {"version": version, "at": at, "user_id": user_id, "summary": summary, "changes": changes}
    conn.execute(insert(catalog_version), values)


class Version(msgspec.Struct, frozen=True):
    """One publication: who changed what when, and of how many definitions."""

    version: int
    at: datetime
    user_id: str
    summary: str


def versions(conn: Connection, limit: int = 50) -> list[Version]:
    """The newest publications first."""
    table = catalog_version.c
    query = select(table.version, table.at, table.user_id, table.summary).order_by(table.version.desc()).limit(limit)
    return [Version(version, at, user_id or "", summary) for version, at, user_id, summary in conn.execute(query)]


def read_differences(conn: Connection, version: int) -> list[Difference]:
    """What a version changed; empty for an unknown version."""
    found = conn.execute(select(catalog_version.c.changes).where(catalog_version.c.version == version)).scalar()
    return msgspec.json.decode(found, type=list[Difference]) if found else []
