"""Changing definitions on a live CRM: one transaction for the definition, the tables and the new version."""

from datetime import datetime

from sqlalchemy import Connection, text

from basis.catalog.catalog import Catalog
from basis.catalog.check import check_catalog
from basis.catalog.ddl import apply_difference
from basis.catalog.load import load
from basis.catalog.store import (
    Change,
    current_version,
    read_differences,
    read_rows,
    write_changes,
    write_version,
)
from basis.errors import NotFound
from basis.jobs.queue import enqueue

SETTLE = "catalog.settle"
"""The job that makes the indexes of new lookups (settling.py)."""


class Catalogs:
    """The newest Catalog of one database, kept by the process and replaced when its version moves on."""

    def __init__(self) -> None:
        self._held: Catalog | None = None

    def current(self, conn: Connection) -> Catalog:
        """The Catalog of this transaction's version: one cheap query, a build only after a change."""
        return self.at(conn, current_version(conn))

    def at(self, conn: Connection, version: int) -> Catalog:
        """The Catalog of a version that this transaction has just read as the newest."""
        held = self._held
        if held is None or held.version != version:
            held = load(read_rows(conn), version, held)
            self._held = held
        return held


def install(conn: Connection, now: datetime) -> Catalog:
    """Make the tables of the standard CRM in an empty database, as version 1."""
    catalog = load({}, 1)
    apply_difference(conn, None, catalog)
    write_version(conn, 1, now, None, "Basis installed", [])
    return catalog


def publish(
    conn: Connection,
    changes: list[Change],
    *,
    author: str | None,
    now: datetime,
    summary: str,
    known: Catalog | None = None,
) -> Catalog:
    """Apply changes to definitions and tables as one new version. All or nothing.

    `known` is a Catalog at hand, which saves making it again if it is still the newest.
    Raises the first `DefinitionError` when the result would not fit together; nothing is written then.
    Two who publish at once do so one after the other, the second on top of the first.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("lock table catalog_version in exclusive mode"))
    version = current_version(conn)
    rows = read_rows(conn)
    old = known if known is not None and known.version == version else load(rows, version)
    differences = write_changes(conn, rows, changes)
    new = load(read_rows(conn), version + 1, old)
    problems = check_catalog(new)
    before = {str(problem) for problem in check_catalog(old)} if problems else set()
    for problem in problems:
        if str(problem) not in before:
            raise problem
    if apply_difference(conn, old, new):
        enqueue(conn, SETTLE, {}, now=now)
    write_version(conn, version + 1, now, author, summary, differences)
    return new


def undo(conn: Connection, version: int, *, author: str | None, now: datetime) -> Catalog:
    """Set the definitions that a version changed back to what they were before it, as a new version.

    Data stays: a field that the version added is hidden, not dropped.
    """
    differences = read_differences(conn, version)
    if not differences:
        raise NotFound("Version {version} changed nothing that can be undone.", version=version)
    changes = []
    for difference in reversed(differences):
        before = difference.before
        if before is None and difference.kind in ("field", "entity") and difference.after is not None:
            before = {**difference.after, "hidden": True}
        changes.append(Change(difference.kind, difference.entity, difference.name, before))
    return publish(conn, changes, author=author, now=now, summary=f"Undo of version {version}")
