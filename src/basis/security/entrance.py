"""The entrance of a process: from a session's or token's secret to a Scope in a fresh transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, func, select

from basis.catalog.catalog import Catalog
from basis.catalog.changes import Catalogs
from basis.catalog.store import catalog_version
from basis.config import Config
from basis.db import Database
from basis.errors import Unauthenticated
from basis.i18n import Locale
from basis.security.scope import Scope
from basis.security.sessions import holder
from basis.security.users import SECURITY, User, Users, counter, read_user

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time now: UTC, aware, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


class Entrance:
    """What one process holds of one organisation: its database, the newest Catalog and the users it has read."""

    def __init__(self, config: Config, database: Database | None = None, clock: Clock = utc_now) -> None:
        self.config = config
        self.database = database or Database(config.address)
        self.clock = clock
        self._catalogs = Catalogs()
        self._users = Users()
        self._secrets: dict[tuple[str, str], tuple[int, str, datetime]] = {}

    @contextmanager
    def signed_in(self, secret: str, kind: str = "browser", write: bool = False) -> Iterator[Scope]:
        """A transaction for whoever holds that secret. `Unauthenticated` when nobody does, or no longer.

        Committed at the end when `write`, rolled back on any exception.
        """
        with self._transaction(write) as conn:
            catalog_at, rights_at = _versions(conn)
            user_id = self._holder(conn, secret, kind, rights_at)
            catalog = self._catalogs.at(conn, catalog_at)
            yield self._scope(conn, catalog, self._users.get(conn, catalog, user_id, rights_at))

    @contextmanager
    def acting_as(self, user: User | str, write: bool = False, locale: Locale | None = None) -> Iterator[Scope]:
        """A transaction for a user by id, or for Basis itself (`organization.everything()`): for commands and jobs."""
        with self._transaction(write) as conn:
            catalog = self._catalogs.current(conn)
            acting = self._users.get(conn, catalog, user) if isinstance(user, str) else user
            yield self._scope(conn, catalog, acting, locale)

    @contextmanager
    def nobody(self, write: bool = False) -> Iterator[tuple[Connection, Catalog]]:
        """A transaction before anybody has signed in: for the sign-in itself."""
        with self._transaction(write) as conn:
            yield conn, self._catalogs.current(conn)

    def _transaction(self, write: bool):  # type: ignore[no-untyped-def]
        return self.database.write() if write else self.database.read()

    def _scope(self, conn: Connection, catalog: Catalog, user: User, locale: Locale | None = None) -> Scope:
        return Scope(conn, catalog, user, locale or user.locale, self.clock())

    def _holder(self, conn: Connection, secret: str, kind: str, rights_at: int) -> str:
        """Whose secret it is. Kept per version of the rights: every sign-out and revocation raises that."""
        key, now = (kind, secret), self.clock()
        held = self._secrets.get(key)
        if held and held[0] == rights_at and (now - held[2]).total_seconds() < 60:
            return held[1]
        user_id = holder(conn, secret, now, kind)
        if user_id is None:
            self._secrets.pop(key, None)
            raise Unauthenticated("Sign in first.")
        if len(self._secrets) > 10_000:
            self._secrets.clear()
        self._secrets[key] = (rights_at, user_id, now)
        return user_id


_catalogs: WeakKeyDictionary[Database, Catalogs] = WeakKeyDictionary()


@contextmanager
def acting(database: Database, user_id: str, write: bool = False) -> Iterator[Scope]:
    """A transaction for a user by id, for jobs, which know only the database. `Unauthenticated` for one disabled."""
    with database.write() if write else database.read() as conn:
        catalog = _catalogs.setdefault(database, Catalogs()).current(conn)
        user = read_user(conn, catalog, user_id)
        yield Scope(conn, catalog, user, user.locale, utc_now())


_VERSIONS = select(
    func.max(catalog_version.c.version),
    select(counter.c.value).where(counter.c.name == SECURITY).scalar_subquery(),
)
"""Made once: every request begins with it."""


def _versions(conn: Connection) -> tuple[int, int]:
    """The versions of the catalog and of all rights, in one statement."""
    row = conn.execute(_VERSIONS).one()
    return row[0] or 0, row[1] or 0
