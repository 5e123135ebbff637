"""A PostgreSQL of the bench's own, with its data kept in .bench/, durable as in real use."""

from pathlib import Path

import psycopg

from tests.support.postgresql import serve

SETTINGS = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
}
"""What its manual advises for a machine with some memory and a solid-state disk; writes reach the disk."""


def address(rows: int) -> str:
    """Start the server and return the address of the organisation with so many accounts."""
    folder = Path(".bench/postgresql").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    server = serve(folder, SETTINGS)
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(psycopg.sql.SQL("create schema if not exists {}").format(psycopg.sql.Identifier(f"bench{rows}")))
    return f"{server}?schema=bench{rows}"
