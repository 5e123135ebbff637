"""The OpenAPI description: valid, and true when a machine tries everything that it promises."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi import checks as openapi_checks

from basis.api.routes import api_routes
from tests.api.conftest import Api
from tests.support.crm import Crm

ADDRESS = "http://testserver/api/openapi.json"
TRIED = ("account", "contact", "task", "opportunity", "uom", "systemuser", "activitypointer", "transactioncurrency")


def test_the_description_names_every_set(shared: Api) -> None:
    described = shared.get(ADDRESS)
    assert described.headers["content-type"] == "application/json"
    document = described.json()
    assert document["openapi"] == "3.1.0"
    sets = {row["url"] for row in shared.rows("")}
    assert {f"/api/data/v9.2/{name}" for name in sets} <= set(document["paths"])


def test_every_reference_in_the_description_leads_somewhere(shared: Api) -> None:
    document = shared.get(ADDRESS).json()
    for reference in references(document):
        part = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        found = [held for name, held in part.items() if name == "$ref"]
        return found + [each for held in part.values() for each in references(held)]
    return [each for held in part for each in references(held)] if isinstance(part, list) else []


def test_a_record_as_it_is_read_fits_its_schema(shared: Api) -> None:
    document = shared.get(ADDRESS).json()
    for row in shared.rows("accounts"):
        schema = {"$ref": "#/components/schemas/account", "components": document["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(row)


def nothing_breaks(context: Any, response: Any, case: Any) -> None:
    """501 says that Basis does not do this part of the protocol; it is no accident."""
    assert response.status_code not in (500, 503), response.text


@pytest.mark.timeout(600)
@pytest.mark.parametrize("entity", TRIED)
@pytest.mark.long
def test_a_machine_that_tries_everything_breaks_nothing(crm: Crm, entity: str) -> None:
    """Requests made up from the description: never a 500, and only answers that the description knows."""
    from starlette.applications import Starlette

    document = crm.client().get(ADDRESS).json()
    app = Starlette(routes=api_routes(crm.entrance))
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    token = {"Authorization": f"Bearer {crm.token()}"}
    wanted = [nothing_breaks, openapi_checks.status_code_conformance, openapi_checks.response_schema_conformance]
    operations = [each.ok() for each in schema.include(operation_id_regex=f"_{entity}$").get_all_operations()]
    assert len(operations) == 6
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=8, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck), derandomize=True)  # fmt: skip
        def tried(case: Any) -> None:
            case.call_and_validate(headers=token, checks=wanted)

        tried()
