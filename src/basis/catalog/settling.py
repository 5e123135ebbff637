"""What may follow a change of definitions at leisure: the indexes of new lookups.

Adding a column takes milliseconds; an index takes as long as the table is large, so a job makes it afterwards.
"""

from typing import Any

from sqlalchemy import Connection, Index, MetaData, inspect
from sqlalchemy.schema import CreateIndex, DropIndex

from basis.catalog.catalog import Catalog
from basis.catalog.changes import SETTLE, Catalogs
from basis.db import Database
from basis.jobs.queue import Job
from basis.jobs.worker import handlers


def settle(database: Database) -> int:
    """Make the indexes that the newest catalog wants and the database lacks; answers how many. Safe to repeat."""
    with database.read() as conn:
        missing = _missing(conn, Catalogs().current(conn))
    for index in missing:
        make_index(database, index)
    return len(missing)


def _missing(conn: Connection, catalog: Catalog) -> list[Index]:
    inspector = inspect(conn)
    held = {name: {index["name"] for index in inspector.get_indexes(name)} for name in catalog.tables}
    return [index for name, table in catalog.tables.items() for index in table.indexes if index.name not in held[name]]


def make_index(database: Database, index: Index) -> None:
    """Make one index, on PostgreSQL while others go on writing."""
    if database.dialect == "sqlite":
        with database.write() as conn:
            index.create(conn, checkfirst=True)
        return
    table = index.table.to_metadata(MetaData())  # type: ignore[union-attr]
    copy = next(made for made in table.indexes if made.name == index.name)
    copy.dialect_options["postgresql"]["concurrently"] = True
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        try:
            conn.execute(CreateIndex(copy))
        except Exception:
            conn.execute(DropIndex(copy, if_exists=True))  # PostgreSQL leaves a failed one behind, unusable
            raise


def _job(database: Database, job: Job) -> dict[str, Any]:
    return {"indexes": settle(database)}


handlers[SETTLE] = _job
