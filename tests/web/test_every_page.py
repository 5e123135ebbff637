"""Every page renders for every role, in both languages, with nothing left untranslated or broken."""

from __future__ import annotations

import pytest

from basis.catalog.load import standard_roles
from tests.support.crm import Crm
from tests.support.pages import TestClient, signed_in

ROLES = [role.name for role in standard_roles()]


def addresses(crm: Crm, client: TestClient) -> list[str]:
    with crm.scope(write=False) as scope:
        entities = [name for name, entity in scope.catalog.entities.items() if not entity.hidden]
    made = []
    for name in entities:
        made += [
            f"/{name}",
            f"/{name}?view=all&filters=1",
            f"/{name}/new",
            f"/{name}/quick",
            f"/import/{name}",
            f"/export/{name}",
        ]
    fixed = ["/", "/search?q=a", "/bin", "/profile", "/settings", "/settings/entities", "/settings/versions"]
    fixed += ["/settings/users", "/settings/users/new", "/settings/tokens", "/settings/entities/new"]
    return fixed + made


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.long
def test_every_page_renders(crm_on_sqlite: Crm, role: str, language: str) -> None:
    crm_on_sqlite.create("account", {"name": "Smit"})
    client = signed_in(crm_on_sqlite, crm_on_sqlite.a_user(roles=[role], language=language))
    wrong = {
        path: status
        for path in addresses(crm_on_sqlite, client)
        if (status := client.get(path).status_code) not in (200, 403, 404)
    }
    assert wrong == {}


def test_every_entity_and_field_can_be_shaped(crm_on_sqlite: Crm) -> None:
    client = signed_in(crm_on_sqlite)
    with crm_on_sqlite.scope(write=False) as scope:
        account = scope.catalog.entity("account")
        entities = [name for name, entity in scope.catalog.entities.items() if not entity.internal]
        fields = [field.name for field in account.visible_fields if field.required != "system"]
    paths = [f"/settings/entities/{name}" for name in entities]
    paths += [f"/settings/entities/account/fields/{name}" for name in fields]
    from basis.fields import field_types

    kinds = [name for name, type_ in field_types().items() if type_.creatable]
    paths += [f"/settings/entities/account/fields/new?type={name}" for name in kinds]
    assert {path: s for path in paths if (s := client.get(path).status_code) != 200} == {}
