"""An update of Basis: the tables grow along with the standard, and what an organisation made stays."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, func, inspect, text, update

from basis.catalog.changes import publish
from basis.catalog.customize import FieldWish, new_field
from basis.catalog.inspection import inspect_database
from basis.catalog.migrate import upgrade
from basis.catalog.settling import settle
from basis.catalog.store import Change, write_changes
from basis.catalog.upgrading import FINGERPRINT, upgrade_standard
from basis.records import search
from tests.support.crm import Crm


def as_it_was_before(conn: Connection) -> None:
    """Take away what a newer standard would have brought: a field, a lookup, an entity."""
    operations = Operations(MigrationContext.configure(conn))
    operations.drop_column("account", "fax")
    operations.drop_column("account", "fax__key")
    operations.drop_table("connection")
    write_changes(conn, {}, [Change(*FINGERPRINT, {"hash": "an older one"})])


def test_missing_tables_and_columns_are_added_and_own_fields_stay(crm: Crm) -> None:
    with crm.scope() as scope:
        name, changes = new_field(scope.catalog, "account", FieldWish("text", {"nl": "Kleur"}))
        publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=scope.catalog)
    account = crm.create("account", {"name": "Klant", name: "rood"})
    with crm.database.write() as conn:
        as_it_was_before(conn)
    with crm.database.write() as conn:
        assert upgrade_standard(conn, crm.now)
    settle(crm.database)
    with crm.database.write() as conn:
        assert not upgrade_standard(conn, crm.now)
        assert "connection" in inspect(conn).get_table_names()
    crm.update("account", account.id, {"fax": "038 1234567"})
    held = crm.get("account", account.id, name, "fax")
    assert (held[name], held["fax"]) == ("rood", "+31 38 123 4567")
    with crm.scope(write=False) as scope:
        assert list(inspect_database(scope.conn, scope.catalog)) == []


def test_records_from_before_are_found_by_a_search_in_their_list(crm: Crm) -> None:
    account, task = crm.create("account", {"name": "Oude klant"}), crm.create("task", {"subject": "Oude klant bellen"})
    with crm.database.write() as conn:
        words = search.search_document.c.words
        for word in ("øaccount ", "øtask ", "øactivitypointer "):
            conn.execute(update(search.search_document).values(words=func.replace(words, word, "")))
        search.rebuild(conn)
        conn.execute(text("update alembic_version set version_num = '0001'"))
        for later in ("share", "preference", "operation", "refusal", "match_code"):
            conn.execute(text(f"drop table {later}"))
        conn.execute(text("drop index ix_audit_operation"))
        conn.execute(text("alter table audit drop column operation_id"))
    with crm.database.write() as conn:
        upgrade(conn)
    with crm.scope(write=False) as scope:
        for entity, id in (("account", account.id), ("task", task.id), ("activitypointer", task.id)):
            assert search.matching_ids(scope, scope.catalog.entity(entity), "oude") == (id,)


def test_a_new_organisation_needs_no_upgrade(crm: Crm) -> None:
    with crm.database.write() as conn:
        assert not upgrade_standard(conn, crm.now)
