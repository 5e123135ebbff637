"""An organisation for a test, on SQLite and on PostgreSQL: `crm` founds it, makes users and opens the doors.

A test that takes `crm` runs on both databases; one that takes `crm_on_sqlite` only on SQLite. Each test has a
database of its own, copied from one that was founded once per process.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import basis.records.bin
import basis.records.organization
import basis.security.sessions  # noqa: F401  (each declares system tables)
from basis.catalog.load import standard_roles
from basis.catalog.query import Condition, Filter, Query
from basis.config import Config
from basis.db import Database
from basis.fields.reference import Reference
from basis.i18n import Locale, label
from basis.records import save, select
from basis.records.organization import Founding, add_user, everything, found
from basis.records.record import Record
from basis.security import sessions
from basis.security.entrance import Entrance
from basis.security.scope import Scope

if TYPE_CHECKING:
    from starlette.testclient import TestClient

NOW = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
PASSWORD = "a very long password"
FOUNDING = Founding("Voorbeeld BV", "en", "Anna de Vries", "anna@example.com", PASSWORD)
WEB_API = "http://testserver/api/data/v9.2/"
_numbers = count(1)


class Crm:
    """One organisation and all that a test does to it. `now` is what its clock says; set it to move time."""

    def __init__(self, database: Database, data: Path) -> None:
        self.now = NOW
        self.database = database
        self.config = Config(data, database.address)
        self.entrance = Entrance(self.config, database, clock=lambda: self.now)
        self.admin = self._admin()

    def _admin(self) -> str:
        with self.scope(everything(), write=False) as scope:
            filter = Filter(conditions=(Condition("internalemailaddress", value=FOUNDING.admin_email),))
            return select.page(scope, Query("systemuser", filter=filter)).records[0].id

    # -- as whom
    def scope(
        self, user: Any = None, write: bool = True, locale: Locale | None = None
    ) -> AbstractContextManager[Scope]:
        """A transaction for a user (an id, or a User; else the administrator), committed at the end."""
        return self.entrance.acting_as(user or self.admin, write, locale)

    def a_unit(self, name: str = "", parent: str = "") -> str:
        """The id of a new business unit, under `parent` or the top one."""
        with self.scope(everything()) as scope:
            above = Reference("businessunit", parent or self._top_unit(scope))
            values = {"name": name or f"Unit {next(_numbers)}", "parentbusinessunitid": above}
            return save.create(scope, "businessunit", values).id

    def a_user(
        self,
        name: str = "",
        *,
        roles: Sequence[str] = ("salesperson",),
        unit: str = "",
        language: str = "en",
        password: str = "",
        **more: object,
    ) -> str:
        """The id of a new user with these roles (names as in standard/roles), in a unit or the top one."""
        number = next(_numbers)
        with self.scope(everything(), locale=Locale(language)) as scope:
            ids = [self._role(scope, role) for role in roles]
            home = Reference("businessunit", unit or self._top_unit(scope))
            user = add_user(
                scope,
                name or f"User Number{number}",
                f"user{number}@example.com",
                password,
                home,
                ids,
                **more,
            )
            return user.id

    def _top_unit(self, scope: Scope) -> str:
        filter = Filter(conditions=(Condition("parentbusinessunitid", "null"),))
        return select.page(scope, Query("businessunit", filter=filter)).records[0].id

    def _role(self, scope: Scope, name: str) -> str:
        defined = next(role for role in standard_roles() if role.name == name)
        filter = Filter(conditions=(Condition("name", value=label(defined.label, FOUNDING.language)),))
        return select.page(scope, Query("role", filter=filter)).records[0].id

    # -- records, quickly
    def create(self, entity: str, values: Mapping[str, Any] | None = None, user: Any = None, **more: Any) -> Record:
        with self.scope(user) as scope:
            return save.create(scope, entity, {**(values or {}), **more})

    def get(self, entity: str, id: str, *fields: str, user: Any = None) -> Record:
        with self.scope(user, write=False) as scope:
            return select.get(scope, entity, id, fields)

    def update(self, entity: str, id: str, values: Mapping[str, Any], user: Any = None) -> Record:
        with self.scope(user) as scope:
            return save.update_one(scope, entity, id, values)

    # -- over HTTP
    def token(self, user: str = "") -> str:
        """A new API token of the user, the administrator when left out."""
        with self.scope(everything()) as scope:
            return sessions.start(scope.conn, user or self.admin, self.now, kind="token", name="test")

    def client(self, user: str = "", **headers: str) -> TestClient:
        """A client of the Web API with a bearer token of the user."""
        from starlette.applications import Starlette

        from basis.api.routes import api_routes

        app = Starlette(routes=api_routes(self.entrance))
        held = {"Authorization": f"Bearer {self.token(user)}", **headers}
        return client_class()(app, base_url=WEB_API, headers=held, raise_server_exceptions=False)


def client_class() -> type[TestClient]:
    """Starlette's client; it would rather have a package that has no release for every machine yet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient
    return TestClient


# -- databases that are founded once and copied


def found_in(address: str) -> None:
    """Make the system tables and the organisation in an empty database."""
    database = Database(address)
    database.create_schema()
    with database.write() as conn:
        found(conn, FOUNDING, NOW)
    database.close()


@cache
def _sqlite_template() -> Path:
    kept = tempfile.TemporaryDirectory(prefix="basis-founded-")
    atexit.register(kept.cleanup)
    folder = Path(kept.name)
    found_in(f"sqlite:///{folder / 'basis.sqlite'}")
    return folder / "basis.sqlite"


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Crm]:
    """A Crm on a fresh SQLite file in the folder."""
    shutil.copy(_sqlite_template(), folder / "basis.sqlite")
    database = Database(f"sqlite:///{folder / 'basis.sqlite'}")
    try:
        yield Crm(database, folder)
    finally:
        database.close()


TEMPLATE = "crm_template"


@cache
def _postgresql_template() -> str:
    from tests.support.postgresql import start

    server = start()
    _on_server(f'create database "{TEMPLATE}"')
    found_in(f"{server.rsplit('/', 1)[0]}/{TEMPLATE}?schema=crm")
    return server


def _on_server(statement: str) -> None:
    import psycopg

    from tests.support.postgresql import start

    with psycopg.connect(start(), autocommit=True) as conn:
        conn.execute(statement)


@contextmanager
def on_postgresql(folder: Path) -> Iterator[Crm]:
    """A Crm in a fresh PostgreSQL database (schema `crm`); `folder` is for its files."""
    server, name = _postgresql_template(), f"crm_{next(_numbers)}"
    _on_server(f'create database "{name}" template "{TEMPLATE}"')
    database = Database(f"{server.rsplit('/', 1)[0]}/{name}?schema=crm")
    try:
        yield Crm(database, folder)
    finally:
        database.close()
        _on_server(f'drop database "{name}" with (force)')


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=BOTH)
def organisation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crm]:
    """A founded organisation, on each database."""
    with (on_sqlite if request.param == "sqlite" else on_postgresql)(tmp_path) as crm:
        yield crm


@pytest.fixture
def crm(organisation: Crm) -> Crm:
    """The short name of `organisation`."""
    return organisation


@pytest.fixture
def crm_on_sqlite(tmp_path: Path) -> Iterator[Crm]:
    with on_sqlite(tmp_path) as crm:
        yield crm
