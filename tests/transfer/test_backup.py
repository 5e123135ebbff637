"""Backups: everything comes back, on the other database too; and what is no backup is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from basis.catalog.changes import publish
from basis.catalog.customize import EntityWish, FieldWish, new_entity, new_field
from basis.catalog.inspection import inspect_database
from basis.config import Config
from basis.db import Database
from basis.errors import Invalid, Refused
from basis.fields.reference import Reference
from basis.records import audit, search, select
from basis.security.entrance import Entrance
from basis.transfer.backup import backup, restore
from tests.support.crm import Crm


@pytest.mark.long
def test_an_organisation_moves_whole_to_an_empty_place(crm: Crm, tmp_path: Path) -> None:
    with crm.scope() as scope:
        entity, changes = new_entity(scope.catalog, EntityWish({"nl": "Voertuig"}, {"nl": "Voertuigen"}))
        catalog = publish(scope.conn, changes, author=None, now=scope.now, summary="test")
        wish = FieldWish("lookup", {"nl": "Klant"}, settings={"targets": [{"entity": "account"}]})
        field, changes = new_field(catalog, entity, wish)
        publish(scope.conn, changes, author=None, now=scope.now, summary="test")
    account = crm.create("account", name="Jansen Bouw", revenue="1234.56")
    vehicle = crm.create(entity, {"name": "Bestelbus", field: account.reference("name")})
    email = crm.create("email", subject="Offerte", to=(account.reference("name"), "inkoop@jansen.example"))
    crm.update("account", account.id, {"name": "Jansen Bouw BV"})
    stored = crm.config.files / "ab" / "abcd"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"inhoud")
    file = tmp_path / "basis.backup"
    backup(crm.config, crm.database, file)
    config = Config(tmp_path / "elders")
    config.data.mkdir()
    database = Database(config.address)
    restore(config, database, file)
    elsewhere = Entrance(config, database, clock=lambda: crm.now)
    with elsewhere.acting_as(crm.admin, write=True) as scope:
        assert select.get(scope, "account", account.id).values == crm.get("account", account.id).values
        to = select.get(scope, "email", email.id, ["to"])["to"]
        assert to == (Reference("account", account.id), "inkoop@jansen.example")
        assert select.get(scope, entity, vehicle.id, [field])[field] == Reference("account", account.id)
        assert [entry.action for entry in audit.history(scope, "account", account.id)] == ["update", "create"]
        assert [hit.title for hit in search.search(scope, "jansen")] == ["Jansen Bouw BV"]
        assert [finding for finding in inspect_database(scope.conn, scope.catalog) if not finding.note] == []
    assert (config.files / "ab" / "abcd").read_bytes() == b"inhoud"
    with pytest.raises(Refused):
        restore(config, database, file)
    database.close()


def test_what_is_no_backup_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "iets.txt"
    file.write_text("geen backup")
    database = Database(f"sqlite:///{tmp_path / 'leeg.sqlite'}")
    for path in (file, tmp_path / "bestaatniet"):
        with pytest.raises(Invalid):
            restore(Config(tmp_path), database, path)
    with database.read() as conn:
        from sqlalchemy import inspect

        assert inspect(conn).get_table_names() == []
    database.close()
