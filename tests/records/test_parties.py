"""Party lists: who takes part in an activity, through every door, and through bin, history, backup and assignment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from basis.catalog.query import Column, Condition, Filter, Link, Order, Query
from basis.errors import Invalid, Refused
from basis.fields.reference import Named, Reference
from basis.records import audit, bin, save, select
from basis.records.merge import merge
from basis.records.record import Record
from basis.transfer.exporting import export
from basis.transfer.importing import import_file
from basis.transfer.mapping import Mapping
from tests.support.crm import Crm
from tests.support.pages import posted, signed_in, text_of

ADDRESS = "inkoop@visser.example"


def jan(crm: Crm) -> Record:
    return crm.create("contact", firstname="Jan", lastname="Visser", emailaddress1="jan@visser.example")


def reference(record: Record, primary: str = "fullname") -> Reference:
    return record.reference(primary)


def parties(crm: Crm, id: str, field: str = "to", entity: str = "email") -> Any:
    return crm.get(entity, id, field)[field]


def found(crm: Crm, operator: str, value: Any = None) -> list[str]:
    filter = Filter(conditions=(Condition("to", operator, value),))
    query = Query("email", (Column("subject"),), filter, order=(Order("subject"),))
    with crm.scope(write=False) as scope:
        return [record["subject"] for record in select.page(scope, query).records]


def test_parties_are_kept_in_their_order_records_and_addresses_alike(crm: Crm) -> None:
    contact, account = jan(crm), crm.create("account", name="Visser BV")
    to = (ADDRESS, reference(contact), reference(account, "name"))
    id = crm.create("email", subject="Offerte", to=to).id
    held = parties(crm, id)
    assert held == to
    assert [getattr(party, "label", party) for party in held] == [ADDRESS, "Jan Visser", "Visser BV"]
    assert parties(crm, id, "cc") is None


def test_a_name_is_looked_up_and_an_unknown_one_refused(crm: Crm) -> None:
    contact = jan(crm)
    id = crm.create("email", subject="Offerte", to=(Named("Jan Visser"), ADDRESS)).id
    assert parties(crm, id) == (reference(contact), ADDRESS)
    for wrong in ((Named("Niemand"),), ("geen adres@",), (Reference("opportunity", contact.id),), 7):
        with pytest.raises(Invalid) as refused:
            crm.create("email", {"subject": "Fout", "to": wrong})
        assert list(refused.value.errors) == ["to"]
    with pytest.raises(Invalid):
        crm.create("email", {"subject": "Fout", "from": ("a@b.example", "c@d.example")})


def test_a_change_replaces_one_list_and_is_told_in_the_history(crm: Crm) -> None:
    contact = jan(crm)
    email = crm.create("email", subject="Offerte", to=(reference(contact),), cc=(ADDRESS,))
    with crm.scope() as scope:
        assert save.update_one(scope, "email", email.id, {"to": (reference(contact),)}).version == 1
        save.update_one(scope, "email", email.id, {"to": ("ander@visser.example",)})
    assert parties(crm, email.id) == ("ander@visser.example",)
    assert parties(crm, email.id, "cc") == (ADDRESS,)
    with crm.scope(write=False) as scope:
        changes = audit.history(scope, "email", email.id)[0].changes
    assert [party.get("label") or party.get("address") for side in changes["to"] for party in side] == [
        "Jan Visser",
        "ander@visser.example",
    ]
    page = signed_in(crm).get(f"/email/{email.id}/history")
    assert "Jan Visser" in page.text and "ander@visser.example" in page.text


def test_activities_are_found_by_who_takes_part(crm: Crm) -> None:
    contact = jan(crm)
    crm.create("email", subject="Aan Jan", to=(reference(contact),))
    crm.create("email", subject="Aan adres", to=(ADDRESS,))
    crm.create("email", subject="Aan niemand")
    me = Reference("systemuser", crm.admin)
    crm.create("email", subject="Aan mij", to=(me,))
    assert found(crm, "eq", contact.id) == ["Aan Jan"]
    assert found(crm, "eq", "jan visser") == ["Aan Jan"]
    assert found(crm, "contains", "visser") == ["Aan adres", "Aan Jan"]
    assert found(crm, "null") == ["Aan niemand"]
    assert found(crm, "not-null") == ["Aan adres", "Aan Jan", "Aan mij"]
    assert found(crm, "eq-userid") == ["Aan mij"]
    assert found(crm, "ne", contact.id) == ["Aan adres", "Aan mij", "Aan niemand"]
    link = Link(
        "activityparty", "activityid", "activityid", filter=Filter(conditions=(Condition("partyid", "eq", contact.id),))
    )
    with crm.scope(write=False) as scope:
        pointers = select.page(scope, Query("activitypointer", (Column("subject"),), links=(link,))).records
    assert [record["subject"] for record in pointers] == ["Aan Jan"]


def test_the_timeline_of_a_contact_shows_what_it_takes_part_in(crm_on_sqlite: Crm) -> None:
    crm = crm_on_sqlite
    contact = jan(crm)
    crm.create(
        "appointment", subject="Kennismaking", requiredattendees=(reference(contact),), organizer=(reference(contact),)
    )
    crm.create(
        "phonecall", {"subject": "Teruggebeld", "to": (reference(contact),), "regardingobjectid": reference(contact)}
    )
    page = signed_in(crm).get(f"/contact/{contact.id}").text
    assert page.count(">Kennismaking</a>") == 1
    assert page.count(">Teruggebeld</a>") == 1


def test_parties_go_to_the_bin_and_come_back_with_their_activity(crm: Crm) -> None:
    contact = jan(crm)
    id = crm.create("email", subject="Offerte", to=(reference(contact), ADDRESS)).id
    with crm.scope() as scope:
        deletion = bin.remove(scope, "email", [id])[0]
        assert select.count(scope, Query("activityparty")).number == 0
        bin.restore(scope, deletion)
    assert parties(crm, id) == (reference(contact), ADDRESS)


def test_a_deleted_contact_is_known_by_its_address_until_it_comes_back(crm: Crm) -> None:
    contact = jan(crm)
    id = crm.create("email", subject="Offerte", to=(reference(contact),)).id
    with crm.scope() as scope:
        deletion = bin.remove(scope, "contact", [contact.id])[0]
    assert parties(crm, id) == ("jan@visser.example",)
    with crm.scope() as scope:
        bin.restore(scope, deletion)
    assert parties(crm, id) == (reference(contact),)


def test_a_merged_contact_takes_part_as_the_one_that_is_kept(crm: Crm) -> None:
    first, second = jan(crm), crm.create("contact", lastname="Visser-de Boer")
    id = crm.create("email", subject="Offerte", to=(reference(second),)).id
    with crm.scope() as scope:
        merge(scope, "contact", first.id, [second.id], {})
    assert parties(crm, id) == (reference(first),)


def test_who_may_see_the_activity_sees_its_parties_and_nobody_else(crm: Crm) -> None:
    seller, other = crm.a_user(unit=crm.a_unit()), crm.a_user(unit=crm.a_unit())
    id = crm.create("email", {"subject": "Offerte", "to": (ADDRESS,)}, user=seller).id
    for user, seen in ((seller, 1), (other, 0)):
        with crm.scope(user, write=False) as scope:
            assert select.count(scope, Query("activityparty")).number == seen
    with crm.scope() as scope:
        save.update_one(scope, "email", id, {"ownerid": Reference("systemuser", other)})
    with crm.scope(other) as scope:
        assert select.count(scope, Query("activityparty")).number == 1
        bin.remove(scope, "email", [id])


def test_parties_are_changed_on_their_activity_alone(crm_on_sqlite: Crm) -> None:
    id = crm_on_sqlite.create("email", subject="Offerte", to=(ADDRESS,)).id
    party = {"activityid": Reference("email", id), "participationtypemask": 2, "addressused": "x@y.example"}
    with pytest.raises(Refused):
        crm_on_sqlite.create("activityparty", party)
    with crm_on_sqlite.scope() as scope:
        held = select.page(scope, Query("activityparty")).records[0].id
        with pytest.raises(Refused):
            save.update_one(scope, "activityparty", held, {"addressused": "x@y.example"})
        with pytest.raises(Refused):
            bin.remove(scope, "activityparty", [held])


def test_files_hold_names_between_semicolons_both_ways(crm: Crm, tmp_path: Path) -> None:
    contact = jan(crm)
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f'subject;to\nOfferte;"Jan Visser; {ADDRESS}"\nFout;"Niemand"\n', encoding="utf-8")
    report = import_file(crm.entrance, crm.admin, source, Mapping((), "email"))
    assert (report.created, len(report.rejects)) == (1, 1)
    assert found(crm, "eq", contact.id) == ["Offerte"]
    with crm.scope(write=False) as scope:
        export(scope, Query("email", (Column("subject"), Column("to"))), target)
    assert f'Offerte;"Jan Visser; {ADDRESS}"' in target.read_text(encoding="utf-8-sig")


def test_a_form_keeps_adds_and_takes_out_parties_and_shows_names_again_after_an_error(crm_on_sqlite: Crm) -> None:
    crm = crm_on_sqlite
    contact, client = jan(crm), signed_in(crm)
    id = crm.create("email", subject="Offerte", to=(reference(contact),)).id
    form = client.get(f"/email/{id}")
    assert f'<option value="contact/{contact.id}" selected>Jan Visser</option>' in form.text
    assert "is saved" in text_of(client.post(f"/email/{id}", data=posted(form, subject="Offerte 2")))
    both = f"contact/{contact.id}\n{ADDRESS}"
    refused = client.post(f"/email/{id}", data=posted(client.get(f"/email/{id}"), to=both, subject=""))
    assert refused.status_code == 422
    assert f'<option value="contact/{contact.id}" selected>Jan Visser</option>' in refused.text
    assert f'<option value="{ADDRESS}" selected>{ADDRESS}</option>' in refused.text
    client.post(f"/email/{id}", data=posted(client.get(f"/email/{id}"), to=f"Jan Visser; {ADDRESS}"))
    assert parties(crm, id) == (reference(contact), ADDRESS)
    client.post(f"/email/{id}", data=posted(client.get(f"/email/{id}"), to=""))
    assert parties(crm, id) is None
    wrong = client.post(f"/email/{id}", data=posted(client.get(f"/email/{id}"), to="Niemand"))
    assert wrong.status_code == 422 and "There is no record called Niemand." in wrong.text
    listed = client.get("/email").text
    assert "Offerte" in listed
