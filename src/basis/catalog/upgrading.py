"""After an update of Basis: the standard may have more entities and fields than the database has tables and columns.

Only what is missing is added. What an organisation changed lies over the standard as rows and is not touched.
"""

import hashlib
from datetime import datetime

import msgspec
from sqlalchemy import Connection, inspect

from basis.catalog.catalog import Catalog
from basis.catalog.changes import SETTLE
from basis.catalog.ddl import add_columns, create_tables
from basis.catalog.load import load, standard
from basis.catalog.store import Change, current_version, read_rows, write_changes, write_version
from basis.db import patient
from basis.jobs.queue import enqueue

FINGERPRINT = ("standard", "", "fingerprint")
"""The row that says which standard the tables were last brought up to."""


def fingerprint() -> str:
    """What identifies the standard that this version of Basis ships."""
    bodies = {"/".join(key): body for key, (_, body) in standard().items()}
    return hashlib.sha256(msgspec.json.encode(bodies, order="deterministic")).hexdigest()


def upgrade_standard(conn: Connection, now: datetime) -> bool:
    """Bring the tables up to the standard that is shipped, as a new version; answers whether anything was to do."""
    rows = read_rows(conn)
    if rows.get(FINGERPRINT, {}).get("hash") == fingerprint():
        return False
    version = current_version(conn) + 1
    catalog = load(rows, version)
    with patient(conn):
        _complete(conn, catalog)
    enqueue(conn, SETTLE, {}, now=now)
    remember(conn)
    write_version(conn, version, now, None, "New version of the standard", [])
    return True


def remember(conn: Connection) -> None:
    """Note that the tables are those of the standard that is shipped."""
    write_changes(conn, {}, [Change(*FINGERPRINT, {"hash": fingerprint()})])


def _complete(conn: Connection, catalog: Catalog) -> None:
    inspector = inspect(conn)
    there = set(inspector.get_table_names())
    missing = [name for name in catalog.tables if name not in there]
    if missing:
        create_tables(conn, catalog, missing)
    for name in catalog.tables:
        if name in there:
            held = {column["name"] for column in inspector.get_columns(name)}
            fresh = [column.name for column in catalog.tables[name].columns if column.name not in held]
            if fresh:
                add_columns(conn, catalog, catalog.tables[name], fresh)
