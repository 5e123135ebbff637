"""The standard CRM as it is shipped: everything in it fits together, opens, and speaks both languages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from basis.catalog.check import check_catalog, name_problem
from basis.catalog.load import KINDS, decode, load, standard, standard_roles
from basis.errors import DefinitionError
from basis.records import select
from tests.support.crm import Crm

CATALOG = load({}, 1)
SHIPPED = [
    "account",
    "contact",
    "lead",
    "opportunity",
    "opportunityproduct",
    "product",
    "pricelevel",
    "productpricelevel",
    "uom",
    "competitor",
    "quote",
    "quotedetail",
    "incident",
    "task",
    "phonecall",
    "email",
    "appointment",
    "letter",
    "activitypointer",
    "annotation",
    "connection",
    "campaign",
    "list",
    "knowledgearticle",
    "queue",
    "territory",
    "transactioncurrency",
    "systemuser",
    "team",
    "businessunit",
    "role",
    "subject",
]


def test_the_standard_fits_together() -> None:
    assert [str(problem) for problem in check_catalog(CATALOG)] == []
    assert set(SHIPPED) <= set(CATALOG.entities)


def labels(value: Any, path: str = "") -> list[tuple[str, dict[str, str]]]:
    """Every label in a definition with the path to it."""
    found = []
    if isinstance(value, dict):
        for key, held in value.items():
            if key in ("label", "plural", "description", "back_label", "yes", "no") and isinstance(held, dict):
                found.append((f"{path}.{key}", held))
            else:
                found += labels(held, f"{path}.{key}")
    elif isinstance(value, list):
        for number, held in enumerate(value):
            found += labels(held, f"{path}[{number}]")
    return found


@pytest.mark.parametrize("key", sorted(standard()), ids="/".join)
def test_every_definition_reads_back_as_it_was_written_in_both_languages(key: tuple[str, str, str]) -> None:
    file, body = standard()[key]
    made = decode(key[0], body, file)
    again = msgspec.json.decode(msgspec.json.encode(made), type=KINDS[key[0]])
    assert again == made
    for path, label in labels(body):
        assert set(label) == {"en", "nl"}, f"{file}{path}"
        assert all(text.strip() for text in label.values()), f"{file}{path}"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_entity_has_the_views_and_the_form_that_users_expect(name: str) -> None:
    entity = CATALOG.entities[name]
    kinds = {view.kind for view in CATALOG.views[name].values()}
    if not entity.internal:
        assert {"public", "quick_find", "lookup", "associated"} <= kinds
        form = CATALOG.form(name)
        assert form is not None
        assert entity.primary in form.fields() or entity.by_name[entity.primary].readonly
    assert all(
        not name_problem(field.name) or field.name in ("from", "to") for field in entity.fields if not field.readonly
    )


def test_every_entity_has_a_short_form_unless_its_records_are_only_made_by_something_else() -> None:
    for name in SHIPPED:
        if name != "activitypointer":  # follows the activities themselves
            form = CATALOG.form(name, "quick_create")
            assert form is not None, name
            entity = CATALOG.entities[name]
            needed = {field.name for field in entity.fields if field.required == "required" and not field.readonly}
            assert {field for field in needed if entity.by_name[field].default is None} <= set(form.fields()), name


def test_what_has_states_has_active_and_inactive_views_and_what_a_user_owns_a_view_of_the_own() -> None:
    for name, views in ((name, views) for name, views in CATALOG.views.items() if views):
        entity = CATALOG.entities[name]
        assert not entity.states or {"active", "inactive"} <= set(views), name
        assert entity.ownership != "user" or "mine" in views, name


@pytest.mark.long
def test_every_view_opens_for_the_administrator_and_for_each_role(crm: Crm) -> None:
    users = [crm.a_user(roles=[role.name]) for role in standard_roles()]
    for user in users:
        with crm.scope(user, write=False) as scope:
            for entity, views in scope.catalog.views.items():
                if scope.user.may(entity, "read"):
                    for view in views.values():
                        select.page(scope, view.query(), limit=5)


def test_a_wrong_definition_names_the_file_the_path_and_the_remedy() -> None:
    with pytest.raises(DefinitionError) as refused:
        decode("view", {"name": "x", "label": {}, "columns": [{"feild": "name"}]}, "account/views/x.json")
    assert "account/views/x.json" in str(refused.value)
    assert "$.columns[0]" in str(refused.value)
