"""The tools of the tests work themselves: a private PostgreSQL and an accessible, scripted page."""

from __future__ import annotations

import pytest


@pytest.mark.postgresql
def test_a_schema_is_fresh_and_its_own() -> None:
    import psycopg

    from tests.support import postgresql

    url = postgresql.schema("support_one")
    assert url.startswith("postgresql://") and url.endswith("?schema=support_one")
    with psycopg.connect(url.partition("?")[0]) as conn:
        conn.execute("create table support_one.note (id int)")
    postgresql.schema("support_one")
    with psycopg.connect(url.partition("?")[0]) as conn:
        tables = conn.execute("select count(*) from pg_tables where schemaname = 'support_one'").fetchone()
    assert tables == (0,)
    postgresql.drop("support_one")
