"""The Scope: who asks, in which transaction, against which version of the catalog, at what time."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, FromClause

from basis.catalog.catalog import Catalog
from basis.fields.base import Moment, Place
from basis.i18n import Locale
from basis.security.roles import Privileges
from basis.security.users import User


class Scope(Struct, frozen=True):
    """Passed first to everything that touches records. `now` is UTC; `reason` goes into the audit."""

    conn: Connection
    catalog: Catalog
    user: User
    locale: Locale
    now: datetime
    reason: str = ""
    operation: str = ""
    """The id of the operation (records/operations.py) that the changes belong to."""

    @property
    def language(self) -> str:
        return self.locale.language

    def unlimited(self) -> "Scope":
        """The same scope with every right, for what Basis itself must do whoever asks: totals, restoring."""
        everything = Privileges({("*", "*"): "organization"})
        return replace(self, user=replace(self.user, roles=(everything,)))

    def moment(self) -> Moment:
        """What relative operators refer to."""
        return Moment(self.now, self.locale, self.user.id, self.user.unit_id, self.user.team_ids)

    def place(self, table: FromClause) -> Place:
        """Where fields of a (joined) table are read."""
        catalog = self.catalog
        return Place(table, catalog.tables, self.moment(), catalog.primary_keys, catalog.parents)
