"""What Basis really asks of its database: the statements of a save or a search, to run again on a plain driver."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Engine, event

from basis.records.ids import new_id
from basis.records.save import create, update_one
from basis.records.search import search
from basis.security.entrance import Entrance

Statements = list[tuple[str, Any]]
"""SQL and its values: a list on SQLite, named ones on PostgreSQL."""


class _Undo(Exception):
    """Ends a transaction whose changes are not to stay."""


@contextmanager
def recorded(engine: Engine) -> Iterator[Statements]:
    """The statements that go to the driver meanwhile, with their values as JSON has them."""
    held: Statements = []

    def note(_conn: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        held.extend((sql, msgspec.to_builtins(each, enc_hook=str)) for each in (values if many else [values]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield held
    finally:
        event.remove(engine, "before_cursor_execute", note)


def searched(entrance: Entrance, user: str, words: str) -> Statements:
    """The full-text statements of a search by the user, without the look-up of what was found."""
    with entrance.acting_as(user) as scope, recorded(entrance.database.engine) as held:
        search(scope, words)
    return [(sql, values) for sql, values in held if "search_document" in sql or sql.startswith("set local")]


class Saves(Struct):
    """The statements of saves, each save apart, and the ids of the accounts that they create."""

    creates: list[Statements]
    updates: list[Statements]
    ids: list[str]


def saved(entrance: Entrance, user: str, times: int) -> Saves:
    """So many creations of an account by the user, and as many updates of the first of them.

    They are done through the door in one transaction that is undone. So running the statements again does just what
    they did, in this order and before anything else is saved.
    """
    saves = Saves([], [], [])
    with suppress(_Undo), entrance.acting_as(user, write=True) as scope:
        for _ in range(times):
            values = {"name": f"Vloer {new_id()}", "address1_city": "Zwolle", "revenue": Decimal(1000)}
            with recorded(entrance.database.engine) as held:
                saves.ids.append(create(scope, "account", values).id)
            saves.creates.append(held)
        for number in range(times):
            with recorded(entrance.database.engine) as held:
                update_one(scope, "account", saves.ids[0], {"address1_city": f"Plaats {number}"})
            saves.updates.append(held)
        raise _Undo
    return saves
