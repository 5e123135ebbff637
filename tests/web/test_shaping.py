"""Shaping fields further in the browser: defaults, flags, keys, and limits below what is stored."""

from __future__ import annotations

import pytest

from basis.errors import Invalid
from basis.records import save
from tests.support.crm import Crm
from tests.support.pages import posted, signed_in, text_of

FIELDS = "/settings/entities/account/fields"
ENTITY = "/settings/entities/account"
NUMBER = f"{FIELDS}/accountnumber"[1:]


def test_a_default_is_set_with_the_types_own_widget_and_fills_new_records(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    made = {"type": "choice", "label_en": "Size", "s.options": "Groot | Large\nKlein | Small", "on_form": "1"}
    client.post(f"{FIELDS}/new", data={**made, "default": "Small"})
    page = client.get(f"{FIELDS}/new_size")
    assert '<option value="2" selected>Small</option>' in page.text
    assert '<option value="2" selected>Small</option>' in client.get("/account/new").text
    assert crm_on_sqlite.create("account", name="Smit")["new_size"] == 2
    client.post(f"{FIELDS}/new_size", data=posted(page, f"{FIELDS}/new_size"[1:], default=""))
    assert crm_on_sqlite.create("account", name="Jansen").get("new_size") is None


def test_a_default_that_does_not_fit_is_refused_beside_its_input(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    number = {"type": "integer", "label_en": "Floors", "s.maximum": "10"}
    answer = client.post(f"{FIELDS}/new", data={**number, "default": "11"})
    assert answer.status_code == 422 and "Must lie between" in answer.text and 'value="11"' in answer.text
    assert client.post(f"{FIELDS}/new", data={**number, "default": "x"}).status_code == 422
    assert client.post(f"{FIELDS}/new", data={**number, "default": "3"}).status_code == 200
    page = client.get(f"{FIELDS}/new_floors")
    assert (
        client.post(
            f"{FIELDS}/new_floors", data=posted(page, f"{FIELDS}/new_floors"[1:], **{"s.maximum": "2"})
        ).status_code
        == 422
    )


@pytest.mark.parametrize(
    ("type_name", "given", "shown"),
    [("boolean", "1", "checked"), ("date", "2026-11-24", 'value="2026-11-24"'), ("text", "Zwolle", 'value="Zwolle"'),
     ("decimal", "1.50", "1.5"), ("memo", "twee\nregels", "twee\nregels"), ("duration", "1:30", 'value="1:30"'),
     ("choices", "Large", "selected")],
)  # fmt: skip
def test_every_kind_of_default_reaches_the_new_form(crm_on_sqlite: Crm, type_name: str, given: str, shown: str) -> None:
    client = signed_in(crm_on_sqlite)
    data = {"type": type_name, "label_en": "Thing", "s.options": "Large\nSmall", "on_form": "1", "default": given}
    client.post(f"{FIELDS}/new", data=data)
    form = client.get("/account/new").text
    at = form.index('id="field-new_thing"')
    assert shown in form[at - 200 : at + 400]
    assert client.get(f"{FIELDS}/new_thing").status_code == 200


def test_flags_are_kept_and_a_field_leaves_the_history(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    page = client.get(f"{FIELDS}/fax")
    assert 'name="audited" value="1" checked' in page.text
    data = {key: value for key, value in posted(page, f"{FIELDS}/fax"[1:], secured="1").items() if key != "audited"}
    client.post(f"{FIELDS}/fax", data=data)
    with crm_on_sqlite.scope(write=False) as scope:
        field = scope.catalog.field("account", "fax")
        assert field.secured and not field.audited
    client.post(f"{FIELDS}/fax", data={**data, "label_en": "Telefax"})
    client.post(f"{FIELDS}/fax", data={**data, "audited": "1"})
    with crm_on_sqlite.scope(write=False) as scope:
        assert scope.catalog.field("account", "fax").audited


def test_a_key_of_ones_own_makes_values_unique(crm: Crm) -> None:
    client = signed_in(crm)
    crm.create("account", name="Smit", accountnumber="A1", address1_city="Zwolle")
    page = client.post(f"{ENTITY}/keys", data={"key": ["accountnumber", "address1_city"]})
    assert "From now on these values occur once." in text_of(page)
    crm.create("account", name="Elders", accountnumber="A1", address1_city="Assen")
    crm.create("account", name="Leeg", accountnumber="A1")
    with pytest.raises(Invalid) as refused:
        crm.create("account", name="Dubbel", accountnumber="a1", address1_city="ZWOLLE")
    assert list(refused.value.errors) == ["address1_city"]
    with crm.scope() as scope:
        key = {"accountnumber": "A1", "address1_city": "Zwolle"}
        record, new = save.upsert_by_key(scope, "account", key, {"fax": "038 1234567"})
        assert not new and record["fax"] == "+31 38 123 4567"
    name = page.text.split('name="key" value="')[1].split('"')[0]
    assert "The key is removed." in text_of(client.post(f"{ENTITY}/keys/remove", data={"key": name}))
    crm.create("account", name="Dubbel", accountnumber="a1", address1_city="ZWOLLE")


def test_a_key_over_doubles_is_refused_and_lists_them(crm: Crm) -> None:
    client = signed_in(crm)
    for name in ("Een", "Twee", "Drie"):
        crm.create("account", name=name, accountnumber="X-77" if name != "Drie" else "Y")
    page = client.post(f"{ENTITY}/keys", data={"key": "accountnumber"})
    assert page.status_code == 422
    assert "occur more than once" in page.text and "<td>X-77</td><td>2</td>" in page.text
    with crm.scope(write=False) as scope:
        assert len(scope.catalog.entity("account").keys) == 1


def test_a_key_is_undone_with_its_version(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    client.post(f"{ENTITY}/keys", data={"key": "accountnumber"})
    client.post("/settings/versions/2/undo")
    for name in ("Een", "Twee"):
        crm_on_sqlite.create("account", name=name, accountnumber="1")
    assert client.post("/settings/versions/3/undo").status_code == 409


@pytest.mark.parametrize("data", [{}, {"key": "description"}, {"key": "kvknumber"}, {"key": "nothing"}])
def test_a_key_that_cannot_be_is_refused(crm_on_sqlite: Crm, data: dict[str, str]) -> None:
    assert signed_in(crm_on_sqlite).post(f"{ENTITY}/keys", data=data).status_code == 422


def test_a_key_of_the_standard_stays(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    assert client.post(f"{ENTITY}/keys/remove", data={"key": "kvknumber"}).status_code == 409


def test_a_limit_below_what_is_stored_warns_first_and_keeps_what_is_there(crm: Crm) -> None:
    client = signed_in(crm)
    id = crm.create("account", name="Smit", accountnumber="1234567890").id
    page = client.get(f"{FIELDS}/accountnumber")
    warned = client.post(f"{FIELDS}/accountnumber", data=posted(page, NUMBER, **{"s.max_length": "5"}))
    assert "1 records hold a longer text" in text_of(warned)
    with crm.scope(write=False) as scope:
        assert scope.catalog.field("account", "accountnumber").settings.max_length == 20
    done = client.post(f"{FIELDS}/accountnumber", data=posted(warned, NUMBER))
    assert "The field is changed." in text_of(done)
    form = client.get(f"/account/{id}")
    assert "is saved" in text_of(client.post(f"/account/{id}", data=posted(form, name="Smits")))
    assert crm.get("account", id, "accountnumber")["accountnumber"] == "1234567890"
    form = client.get(f"/account/{id}")
    assert client.post(f"/account/{id}", data=posted(form, accountnumber="123456")).status_code == 422
