"""A client of the Web API, and a few records to ask about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from tests.support.crm import BOTH, Crm, client_class, on_postgresql, on_sqlite


class Api:
    """The Web API as one user sees it, with shorthands for what most tests do."""

    def __init__(self, crm: Crm, user: str = "", **headers: str) -> None:
        self.crm = crm
        self.http = crm.client(user, **headers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.http, name)

    def make(self, set_name: str, **values: Any) -> str:
        """Create a record; answers its id."""
        answer = self.http.post(set_name, json={key.replace("__", "@odata."): held for key, held in values.items()})
        assert answer.status_code == 204, answer.text
        return id_in(answer)

    def rows(self, address: str, **headers: str) -> list[dict[str, Any]]:
        answer = self.http.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["value"]
        return found

    def names(self, set_name: str, filter: str, field: str = "name") -> list[str]:
        """The names of what a filter finds, in order."""
        return [row[field] for row in self.rows(f"{set_name}?$select={field}&$orderby={field}&$filter={quote(filter)}")]

    def problem(self, address: str, status: int = 400) -> str:
        """The message with which a request is refused."""
        answer = self.http.get(address)
        assert answer.status_code == status, answer.text
        return str(answer.json()["error"]["message"])


def id_in(answer: Any) -> str:
    """The id in `OData-EntityId`."""
    address: str = answer.headers["OData-EntityId"]
    return address.rpartition("(")[2].rstrip(")")


@pytest.fixture
def api(crm: Crm) -> Api:
    """The Web API as the administrator sees it."""
    return Api(crm)


@pytest.fixture
def quick(crm_on_sqlite: Crm) -> Api:
    """The same on SQLite only, for what no database has a say in."""
    return Api(crm_on_sqlite)


@pytest.fixture
def people(api: Api) -> dict[str, str]:
    """Two accounts with contacts: Bakker in Zwolle with Jan and Piet, Jansen in Utrecht with none. Ids by name."""
    return make_people(api)


@pytest.fixture(scope="module", params=BOTH)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An organisation with those people that the tests of a module share, since they only read."""
    made = on_sqlite if request.param == "sqlite" else on_postgresql
    with made(tmp_path_factory.mktemp("shared")) as crm:
        api = Api(crm)
        make_people(api)
        yield api


def make_people(api: Api) -> dict[str, str]:
    ids = {
        "bakker": api.make("accounts", name="Bakker BV", address1_city="Zwolle", revenue=1500, industrycode=1),
        "jansen": api.make("accounts", name="Jansen & Zn", address1_city="Utrecht", revenue=500, industrycode=2),
    }
    parent = {"parentcustomerid_account__bind": f"accounts({ids['bakker']})"}
    ids["jan"] = api.make("contacts", firstname="Jan", lastname="de Wit", **parent)
    ids["piet"] = api.make("contacts", firstname="Piet", lastname="Zwart", **parent)
    bind = {"primarycontactid@odata.bind": f"/contacts({ids['jan']})"}
    assert api.patch(f"accounts({ids['bakker']})", json=bind).status_code == 204
    return ids


def bare(crm: Crm) -> Any:
    """A client without credentials."""
    from basis.api.routes import api_routes

    app = Starlette(routes=api_routes(crm.entrance))
    return client_class()(app, base_url="http://testserver/api/data/v9.2/", raise_server_exceptions=False)
