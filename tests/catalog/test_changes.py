"""Shaping a CRM that is in use: fields and entities come and go while everybody works on."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from basis.catalog.changes import publish, undo
from basis.catalog.check import check_catalog
from basis.catalog.cleaning import clean_up
from basis.catalog.customize import (
    EntityWish,
    FieldWish,
    change_entity,
    change_field,
    new_entity,
    new_field,
    new_many_to_many,
    remove_entity,
    remove_field,
    restore_field,
)
from basis.catalog.inspection import inspect_database
from basis.catalog.query import Query
from basis.catalog.settling import settle
from basis.catalog.store import Change
from basis.db import with_patience
from basis.errors import DefinitionError, Invalid, NotFound, Refused
from basis.records import bin, select
from basis.records.associate import associate
from basis.security.entrance import Entrance
from tests.support.crm import Crm


def add_field(crm: Crm, entity: str, wish: FieldWish) -> str:
    with crm.scope() as scope:
        name, changes = new_field(scope.catalog, entity, wish)
        publish(scope.conn, changes, author=crm.admin, now=scope.now, summary=name, known=scope.catalog)
    return name


def apply(crm: Crm, changes: list[Change]) -> None:
    with crm.scope() as scope:
        publish(scope.conn, changes, author=crm.admin, now=scope.now, summary="test")


def test_a_new_field_is_there_for_every_process_at_its_next_request(crm: Crm) -> None:
    other_process = Entrance(crm.config, crm.database, clock=lambda: crm.now)
    with other_process.acting_as(crm.admin) as scope:
        assert not scope.catalog.entity("account").has("new_kleur")
    name = add_field(crm, "account", FieldWish("text", {"nl": "Kleur", "en": "Colour"}))
    assert name == "new_colour"
    account = crm.create("account", {"name": "X", name: "rood"})
    with other_process.acting_as(crm.admin) as scope:
        assert select.get(scope, "account", account.id, [name])[name] == "rood"
        form = scope.catalog.form("account")
        assert form is not None
        assert name in form.fields()


def test_a_new_entity_has_a_form_views_and_a_place_in_the_navigation(crm: Crm) -> None:
    with crm.scope() as scope:
        name, changes = new_entity(scope.catalog, EntityWish({"nl": "Voertuig"}, {"nl": "Voertuigen"}))
        catalog = publish(scope.conn, changes, author=None, now=scope.now, summary="test")
    assert check_catalog(catalog) == []
    assert {view.kind for view in catalog.views[name].values()} == {"public", "quick_find", "lookup", "associated"}
    assert name in [item.entity for area in catalog.areas for item in area.items]
    record = crm.create(name, name="Bestelbus")
    crm.update(name, record.id, {"statecode": 1})
    with crm.scope(write=False) as scope:
        assert select.page(scope, scope.catalog.view(name, "active").query()).records == ()
        assert list(inspect_database(scope.conn, scope.catalog)) == []


def test_names_are_checked_and_every_problem_stands_beside_its_input(crm: Crm) -> None:
    with crm.scope(write=False) as scope:
        for wish, where in [
            (FieldWish("text", {}), "label"),
            (FieldWish("text", {"nl": "x"}, name="Met Spatie"), "name"),
            (FieldWish("text", {"nl": "x"}, name="x__y"), "name"),
            (FieldWish("nonsense", {"nl": "x"}), "type"),
            (FieldWish("text", {"nl": "x"}, settings={"max_length": "veel"}), "settings"),
            (FieldWish("text", {"nl": "x"}, settings={"max_length": 0}), "settings"),
            (FieldWish("autonumber", {"nl": "x"}, settings={"digits": -3}), "settings"),
            (FieldWish("decimal", {"nl": "x"}, settings={"precision": 99}), "settings"),
            (FieldWish("integer", {"nl": "x"}, settings={"minimum": 10, "maximum": 1}), "settings"),
            (FieldWish("choice", {"nl": "x"}, settings={"choice": "bestaatniet"}), "options"),
            (FieldWish("choice", {"nl": "x"}), "options"),
            (FieldWish("lookup", {"nl": "x"}), "targets"),
            (FieldWish("lookup", {"nl": "x"}, settings={"targets": [{"entity": "bestaatniet"}]}), "targets"),
            (FieldWish("state", {"nl": "x"}), "type"),
        ]:
            with pytest.raises(Invalid) as refused:
                new_field(scope.catalog, "account", wish)
            assert where in refused.value.errors, wish
    add_field(crm, "account", FieldWish("text", {"nl": "Kleur"}))
    with pytest.raises(Invalid) as refused:
        add_field(crm, "account", FieldWish("integer", {"nl": "Kleur"}))
    assert list(refused.value.errors) == ["name"]


def test_a_removed_field_is_gone_at_once_and_comes_back_with_its_data(crm: Crm) -> None:
    name = add_field(crm, "account", FieldWish("text", {"nl": "Kleur"}))
    account = crm.create("account", {"name": "X", name: "rood"})
    with crm.scope(write=False) as scope:
        changes = remove_field(scope.catalog, "account", name)
    apply(crm, changes)
    with pytest.raises(NotFound):
        crm.get("account", account.id, name)
    with pytest.raises(Invalid):
        crm.update("account", account.id, {name: "blauw"})
    with crm.scope(write=False) as scope:
        form = scope.catalog.form("account")
        assert form is not None
        assert name not in form.fields()
        changes = restore_field(scope.catalog, "account", name)
    apply(crm, changes)
    assert crm.get("account", account.id, name)[name] == "rood"


def test_what_basis_needs_or_a_view_filters_by_cannot_be_removed(crm: Crm) -> None:
    with crm.scope(write=False) as scope:
        for entity, name in (
            ("account", "name"),
            ("account", "kvknumber"),
            ("contact", "lastname"),
            ("account", "ownerid"),
        ):
            with pytest.raises(Refused):
                remove_field(scope.catalog, entity, name)
        with pytest.raises(Refused):
            remove_entity(scope.catalog, "account")


def test_labels_limits_and_options_change_in_place_but_storage_does_not(crm: Crm) -> None:
    name = add_field(crm, "account", FieldWish("text", {"nl": "Kleur"}, settings={"max_length": 3}))
    with pytest.raises(Invalid):
        crm.create("account", {"name": "X", name: "rood"})
    with crm.scope(write=False) as scope:
        changes = change_field(scope.catalog, "account", name, settings={"max_length": 10}, label={"nl": "Tint"})
        with pytest.raises(Invalid):
            change_field(scope.catalog, "account", name, type="integer")
        wider = change_field(scope.catalog, "account", name, type="memo", settings={"max_length": 100})
    apply(crm, changes)
    crm.create("account", {"name": "X", name: "rood"})
    apply(crm, wider)
    crm.create("account", {"name": "Y", name: "rood\nen blauw"})


def test_the_label_of_a_standard_entity_changes_and_an_upgrade_still_reaches_the_rest(crm: Crm) -> None:
    with crm.scope(write=False) as scope:
        label, plural = {"nl": "Relatie", "en": "Relation"}, {"nl": "Relaties", "en": "Relations"}
        changes = change_entity(scope.catalog, "account", label=label, plural=plural)
    assert all("fields" not in (change.body or {}) for change in changes)
    apply(crm, changes)
    with crm.scope(write=False) as scope:
        assert scope.catalog.entity("account").label["nl"] == "Relatie"
        assert scope.catalog.entity("account").has("revenue")


def test_a_version_can_be_undone_and_redone_without_losing_data(crm: Crm) -> None:
    name = add_field(crm, "account", FieldWish("text", {"nl": "Kleur"}))
    account = crm.create("account", {"name": "X", name: "rood"})
    with crm.scope() as scope:
        version = scope.catalog.version
        undo(scope.conn, version, author=crm.admin, now=scope.now)
    with pytest.raises(NotFound):
        crm.get("account", account.id, name)
    with crm.scope() as scope:
        undo(scope.conn, version + 1, author=crm.admin, now=scope.now)
    assert crm.get("account", account.id, name)[name] == "rood"


def test_a_definition_that_does_not_fit_is_refused_and_nothing_is_written(crm: Crm) -> None:
    columns = [{"field": "bestaatniet"}]
    view = {"name": "stuk", "label": {"nl": "Stuk"}, "columns": columns, "entity": "account"}
    with crm.scope(write=False) as scope:
        before = scope.catalog.version
    with pytest.raises(DefinitionError) as refused:
        apply(crm, [Change("view", "account", "stuk", view)])
    assert "bestaatniet" in str(refused.value)
    with pytest.raises(DefinitionError):
        apply(crm, [Change("view", "account", "stuk", {**view, "colour": "red"})])
    with crm.scope(write=False) as scope:
        assert scope.catalog.version == before


def test_two_who_publish_at_once_both_get_their_field_while_others_write(crm: Crm) -> None:
    failures: list[BaseException] = []

    def guarded(work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except BaseException as error:
            failures.append(error)

    def publisher(label: str) -> None:
        with_patience(lambda: add_field(crm, "account", FieldWish("text", {"nl": label})))

    def writer() -> None:
        for number in range(15):
            crm.create("account", name=f"Account {number}")

    works = [lambda: publisher("Een"), lambda: publisher("Twee"), lambda: publisher("Drie"), writer, writer]
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with crm.scope(write=False) as scope:
        entity = scope.catalog.entity("account")
        assert all(entity.has(name) for name in ("new_een", "new_twee", "new_drie"))

        assert select.count(scope, Query("account")).number == 30
        assert list(inspect_database(scope.conn, scope.catalog)) == []


def test_entities_are_related_many_to_many_also_to_themselves(crm: Crm) -> None:
    for to in ("contact", "account"):
        with crm.scope() as scope:
            name, changes = new_many_to_many(scope.catalog, "account", to)
            publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=scope.catalog)
        one, other = (
            crm.create("account", name="Een"),
            crm.create(to, {"name" if to == "account" else "lastname": "Ander"}),
        )
        with crm.scope() as scope:
            associate(scope, "account", one.id, name, [other.id])
            pairs = scope.conn.execute(scope.catalog.associations[name].table.select()).fetchall()
            form = scope.catalog.form(to)
            assert form is not None
            assert name in [cell.related for section in form.sections() for cell in section.cells]
        assert [set(pair) for pair in pairs] == [{one.id, other.id}]
    with crm.scope(write=False) as scope:
        assert list(inspect_database(scope.conn, scope.catalog)) == []
        with pytest.raises(Invalid) as refused:
            new_many_to_many(scope.catalog, "account", "contact")
        assert list(refused.value.errors) == ["name"]


def test_notes_and_activities_can_be_about_records_of_an_own_entity_and_go_with_them(crm: Crm) -> None:
    with crm.scope() as scope:
        name, changes = new_entity(scope.catalog, EntityWish({"nl": "Voertuig"}, {"nl": "Voertuigen"}))
        publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=scope.catalog)
    vehicle = crm.create(name, name="Bestelbus").reference("name")
    note = crm.create("annotation", notetext="Deuk", objectid=vehicle)
    task = crm.create("task", subject="Keuren", regardingobjectid=vehicle)
    assert crm.get("activitypointer", task.id, "regardingobjectid")["regardingobjectid"] == vehicle
    with crm.scope() as scope:
        bin.remove(scope, name, [vehicle.id])
    for entity, id in (("annotation", note.id), ("task", task.id)):
        with pytest.raises(NotFound):
            crm.get(entity, id)


def test_a_clean_up_drops_only_what_was_removed_long_ago(crm: Crm) -> None:
    wishes = (
        FieldWish("text", {"nl": "Oud"}),
        FieldWish("lookup", {"nl": "Ouder"}, settings={"targets": [{"entity": "contact"}]}),
    )
    old = [add_field(crm, "account", wish) for wish in wishes]
    settle(crm.database)
    account = crm.create("account", {"name": "X", old[0]: "rood"})
    for name in old:
        with crm.scope() as scope:
            publish(
                scope.conn, remove_field(scope.catalog, "account", name), author=None, now=scope.now, summary="test"
            )
    crm.now += timedelta(days=20)
    recent = add_field(crm, "account", FieldWish("text", {"nl": "Recent"}))
    with crm.scope() as scope:
        publish(scope.conn, remove_field(scope.catalog, "account", recent), author=None, now=scope.now, summary="test")
    crm.now += timedelta(days=15)
    with crm.scope() as scope:
        assert sorted(clean_up(scope.conn, scope.catalog, scope.now)) == [("account", name) for name in sorted(old)]
    with crm.scope(write=False) as scope:
        assert not scope.catalog.entity("account").has(old[0])
        assert scope.catalog.entity("account").by_name[recent].hidden
        assert list(inspect_database(scope.conn, scope.catalog)) == []
    assert crm.get("account", account.id, "name")["name"] == "X"
    assert add_field(crm, "account", FieldWish("integer", {"nl": "Oud"})) == old[0]


def test_a_new_lookup_lists_its_records_on_the_other_form_until_it_is_removed(crm: Crm) -> None:
    wish = FieldWish("lookup", {"nl": "Dealer"}, settings={"targets": [{"entity": "account"}]})
    name = add_field(crm, "contact", wish)
    account = crm.create("account", name="Garage")
    contact = crm.create("contact", {"lastname": "Vries", name: account.reference("name")})

    def lists() -> list[str]:
        with crm.scope(write=False) as scope:
            form = scope.catalog.form("account")
            assert form is not None
            return [cell.related for section in form.sections() for cell in section.cells if cell.related]

    assert f"account_contact_{name}" in lists()
    with crm.scope() as scope:
        publish(scope.conn, remove_field(scope.catalog, "contact", name), author=None, now=scope.now, summary="test")
    assert f"account_contact_{name}" not in lists()
    with crm.scope() as scope:
        (deletion,) = bin.remove(scope, "account", [account.id])
    with crm.scope() as scope:
        bin.restore(scope, deletion)
        publish(scope.conn, restore_field(scope.catalog, "contact", name), author=None, now=scope.now, summary="test")
    assert f"account_contact_{name}" in lists()
    assert crm.get("contact", contact.id, name)[name] == account.reference("name")


def test_a_customer_points_at_accounts_and_contacts_and_regarding_at_anything_with_notes(crm: Crm) -> None:
    with crm.scope() as scope:
        catalog = scope.catalog
        for type_, name in (("customer", "Klant"), ("regarding", "Gaat over")):
            _, changes = new_field(catalog, "campaign", FieldWish(type_, {"nl": name, "en": name}))
            catalog = publish(scope.conn, changes, author=None, now=scope.now, summary=name)
    account, product = crm.create("account", name="Klant"), crm.create("product", name="Ding", productnumber="1")
    values = {"new_klant": account.reference("name"), "new_gaat_over": product.reference("name")}
    campaign = crm.create("campaign", name="Actie", **values)
    held = crm.get("campaign", campaign.id, "new_klant", "new_gaat_over")
    assert (held["new_klant"].entity, held["new_gaat_over"].entity) == ("account", "product")
    with crm.scope(write=False) as scope:
        entity = scope.catalog.entity("campaign")
        targets = [each.entity for each in entity.by_name["new_klant"].settings.targets]
    assert targets == ["account", "contact"]
