"""Bringing the fixed tables to the newest revision, in the caller's transaction."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from basis.errors import Unavailable

FOLDER = Path(__file__).parent / "revisions"
NEWEST = "0006"
"""The revision that this version of Basis needs."""


def revision_of(conn: Connection) -> str:
    """The revision of the fixed tables; empty in a database that has none."""
    if not inspect(conn).has_table("alembic_version"):
        return ""
    return conn.execute(text("select version_num from alembic_version")).scalar() or ""


def upgrade(conn: Connection) -> None:
    """Make or change the fixed tables up to the newest revision; does nothing when they are.

    `Unavailable` when the database is of a newer Basis than this one.
    """
    current = revision_of(conn)
    if current == NEWEST:
        return
    if current > NEWEST:
        raise Unavailable("This database is of a newer Basis (revision {revision}); update Basis.", revision=current)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
