"""Every field type, whichever they are, keeps its promises: stored, read, shown, parsed, filtered, sorted, grouped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from basis.catalog.changes import publish
from basis.catalog.customize import EntityWish, FieldWish, new_entity, new_field
from basis.catalog.query import Column, Condition, Filter, Order, Query
from basis.errors import Invalid
from basis.fields import field_types, type_of
from basis.fields.base import Frame
from basis.fields.file import StoredFile
from basis.fields.reference import Reference
from basis.i18n import Locale
from basis.records import aggregate, save, select
from tests.support.crm import Crm

OPTIONS = {"options": [{"value": n, "label": {"en": w, "nl": w}} for n, w in ((1, "Rood"), (2, "Groen"), (3, "Blauw"))]}
FILE = StoredFile("a" * 64, "offerte.pdf", 1200, "application/pdf")
PICTURE = StoredFile("b" * 64, "foto.png", 900, "image/png")

# Per type: settings, a lower and a higher value, and a value that is refused. None as the higher: one cannot sort.
SAMPLES: dict[str, tuple[dict[str, Any], Any, Any, Any]] = {
    "text": ({"max_length": 20}, "Coenën", "Zwolle", "x" * 21),
    "memo": ({}, "eerste\nregel", None, "x" * 2001),
    "richtext": ({}, "<p>Hallo <b>Coenën</b></p><ul><li>een</li></ul>", None, "x" * 100_001),
    "email": ({}, "a@example.com", "b@example.com", "geen adres"),
    "phone": ({}, "+31 38 123 4567", "+31 6 12345678", "bel me"),
    "url": ({}, "https://www.a.example", "https://www.b.example", "javascript:alert(1)"),
    "ticker": ({}, "ASML", "BRK.B", "ASML NV"),
    "timezone": ({}, "America/New_York", "Europe/Amsterdam", "Zwolle"),
    "postcode": ({}, "1012 AB", "8011 AB", "x" * 30),
    "kvk": ({}, "12345678", "87654321", "1234567"),
    "vat": ({}, "NL004495445B01", "NL999999990B01", "NL1"),
    "iban": ({}, "NL91ABNA0417164300", "NL91ABNA0417164300", "NL91ABNA0417164301"),
    "autonumber": ({"prefix": "N-"}, "N-00001", "N-00002", "x" * 101),
    "integer": ({"minimum": 0, "maximum": 10}, 2, 9, 11),
    "duration": ({}, 45, 90, -1),
    "language": ({}, 1043, 1033, 7),
    "decimal": ({"precision": 3}, Decimal("1.125"), Decimal("22.500"), "abc"),
    "float": ({}, 1.5, 2.5, "abc"),
    "money": ({}, Decimal("10.25"), Decimal("1234.50"), "abc"),
    "boolean": ({}, False, True, "misschien"),
    "date": ({}, date(2026, 1, 2), date(2026, 12, 31), "gisteren"),
    "datetime": ({}, datetime(2026, 1, 2, 8, 30, tzinfo=UTC), datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "straks"),
    "choice": (OPTIONS, 1, 3, 9),
    "choices": (OPTIONS, (1, 3), None, (9,)),
    "lookup": ({"targets": [{"entity": "account"}]}, "account", None, Reference("contact", "x")),
    "customer": ({"targets": [{"entity": "account"}]}, "account", None, Reference("contact", "x")),
    "regarding": ({"targets": [{"entity": "account"}], "own_entities": False}, "account", None, Reference("uom", "x")),
    "file": ({}, FILE, None, "geen bestand"),
    "image": ({}, PICTURE, None, FILE),
}

CREATABLE = sorted(name for name, type_ in field_types().items() if type_.creatable)
DUTCH = Locale("nl")


def test_every_type_that_users_can_add_has_a_sample_here() -> None:
    assert sorted(SAMPLES) == CREATABLE


class Held:
    """An entity with one field of the type under test, and a record that holds its lower value."""

    def __init__(self, crm: Crm, type_name: str) -> None:
        self.crm = crm
        self.settings, self.low, self.high, self.bad = SAMPLES[type_name]
        with crm.scope() as scope:
            label = {"en": "Thing", "nl": "Ding"}
            self.entity, changes = new_entity(scope.catalog, EntityWish(label, {"en": "Things", "nl": "Dingen"}))
            catalog = publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=scope.catalog)
            wish = FieldWish(type_name, {"en": "Value", "nl": "Waarde"}, settings=self.settings)
            self.name, changes = new_field(catalog, self.entity, wish)
            publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=catalog)
        if self.low == "account":
            account = crm.create("account", name="Coenën BV")
            self.low = Reference("account", account.id, "Coenën BV")
        self.id = self.create(self.low)

    def create(self, value: Any) -> str:
        return self.crm.create(self.entity, {"name": "ding", self.name: value}).id

    def find(self, operator: str, value: Any = None, **more: Any) -> list[str]:
        filter = Filter(conditions=(Condition(self.name, operator, value, **more),))
        with self.crm.scope(write=False) as scope:
            return [record.id for record in select.page(scope, Query(self.entity, filter=filter)).records]


@pytest.fixture(params=CREATABLE)
def held(request: pytest.FixtureRequest, crm: Crm) -> Held:
    return Held(crm, request.param)


def test_a_value_is_stored_read_shown_found_sorted_and_grouped(held: Held) -> None:
    with held.crm.scope(write=False) as scope:
        field = scope.catalog.field(held.entity, held.name)
        type_ = type_of(field)
        value = select.get(scope, held.entity, held.id, [held.name])[held.name]
        assert value == held.low
        shown = type_.text(field, value, DUTCH)
        assert shown
        frame = Frame("f", DUTCH)
        assert held.name in type_.input(field, value, frame)
        assert "<script" not in type_.cell(field, value, DUTCH)
        column = Column(held.name)
        grouped = Query(held.entity, (Column(held.name, group=True), Column("name", aggregate="count", alias="n")))
        if type_.sortable:
            assert aggregate.aggregate(scope, grouped).rows == ({held.name: value, "n": 1},)
            assert select.page(scope, Query(held.entity, (column,), order=(Order(held.name),))).records
        if type_.editor != "none" and not type_.targets(field):
            parsed = type_.check(field, type_.from_text(field, shown, DUTCH))
            assert type_.text(field, parsed, DUTCH) == shown
        if type_.edm != "Edm.Binary" and not type_.targets(field):
            back = type_.check(
                field, type_.from_json(field, msgspec.json.decode(msgspec.json.encode(type_.to_json(field, value))))
            )
            assert back == value
        assert type_.json_schema(field)
    assert held.find("not-null") == [held.id]
    assert held.find("null") == []


def test_values_sort_from_low_to_high_with_empty_ones_first(held: Held) -> None:
    with held.crm.scope(write=False) as scope:
        sortable = type_of(scope.catalog.field(held.entity, held.name)).sortable
    if held.high is None or not sortable:
        return
    high, empty = held.create(held.high), held.create(None)
    order = (Order(held.name),)
    with held.crm.scope(write=False) as scope:
        up = [record.id for record in select.page(scope, Query(held.entity, order=order)).records]
        down_order = (Order(held.name, descending=True),)
        down = [record.id for record in select.page(scope, Query(held.entity, order=down_order)).records]
    assert up[-1] == high or held.low == held.high
    assert sorted(up) == sorted(down) == sorted([held.id, high, empty])
    if scope.catalog.field(held.entity, held.name).type != "autonumber":
        assert up[0] == empty
        assert down[-1] == empty


def test_equality_finds_exactly_the_value(held: Held) -> None:
    with held.crm.scope(write=False) as scope:
        field = scope.catalog.field(held.entity, held.name)
    if "eq" not in type_of(field).operators:
        return
    value = type_of(field).to_json(field, held.low)
    assert held.find("eq", value) == [held.id]
    if "ne" in type_of(field).operators:
        assert held.find("ne", value) == []


def test_a_wrong_value_is_refused_beside_its_field_and_nothing_is_written(held: Held) -> None:
    with pytest.raises(Invalid) as refused:
        held.create(held.bad)
    assert list(refused.value.errors) == [held.name]
    with held.crm.scope(write=False) as scope:
        assert select.count(scope, Query(held.entity)).number == 1


def test_a_required_field_may_not_be_emptied(held: Held) -> None:
    from basis.catalog.customize import change_field

    with held.crm.scope() as scope:
        if scope.catalog.field(held.entity, held.name).type == "autonumber":
            return
        changes = change_field(scope.catalog, held.entity, held.name, required="required")
        publish(scope.conn, changes, author=None, now=scope.now, summary="test", known=scope.catalog)
    with pytest.raises(Invalid) as refused, held.crm.scope() as scope:
        save.update_one(scope, held.entity, held.id, {held.name: None})
    assert list(refused.value.errors) == [held.name]
