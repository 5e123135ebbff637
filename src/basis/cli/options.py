"""What several commands share: where the organisation lies, as whom one acts, and progress bars."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from basis.catalog.migrate import upgrade
from basis.catalog.query import Column, Order, Query
from basis.catalog.upgrading import upgrade_standard
from basis.config import Config, configure
from basis.db import Database
from basis.errors import NotFound, Unavailable
from basis.records.organization import everything, is_founded
from basis.records.select import page
from basis.security.entrance import Entrance, utc_now
from basis.security.users import User, user_by_email

Command = TypeVar("Command", bound=Callable[..., Any])


def place_options(command: Command) -> Command:
    """`--data DIR` and `--database URL`, also as BASIS_DATA and BASIS_DATABASE."""
    data = click.option(
        "--data", envvar="BASIS_DATA", metavar="DIR", help="Folder of the organisation (default: data)."
    )
    database = click.option(
        "--database",
        envvar="BASIS_DATABASE",
        metavar="URL",
        help="Another database: postgresql://…?schema=NAME or sqlite:///FILE.",
    )
    return data(database(command))


def entrance(data: str | None, database: str | None) -> Entrance:
    """The organisation at that place, its tables up to date. `Unavailable` when there is none yet."""
    opened = Entrance(prepared(configure(data, database)))
    if not is_founded(opened.database):
        raise Unavailable(
            "There is no organisation here yet; run `basis setup`, or `basis serve` and open it in a browser."
        )
    bring_up_to_date(opened.database)
    return opened


def bring_up_to_date(database: Database) -> None:
    """The fixed tables and those of the standard, as this version of Basis wants them."""
    with database.write() as conn:
        upgrade(conn)
        upgrade_standard(conn, utc_now())


def prepared(config: Config) -> Config:
    """The same, with its folder made. `Unavailable` when that cannot be."""
    try:
        config.data.mkdir(parents=True, exist_ok=True)
        (config.data / ".writable").write_text("")
        (config.data / ".writable").unlink()
    except OSError as error:
        raise Unavailable(
            "The folder {folder} cannot be written: {reason}.",
            folder=config.data,
            reason=error.strerror or str(error),
        ) from error
    return config


def acting_user(opened: Entrance, email: str | None) -> User | str:
    """The id of the user with that address; without one the first user, who founded the organisation."""
    with opened.acting_as(everything()) as scope:
        if email:
            found = user_by_email(scope.conn, scope.catalog, email)
            if found is None:
                raise NotFound("There is no user with the address {email}.", email=email)
            return found
        query = Query("systemuser", (Column("fullname"),), order=(Order("createdon"),))
        first = page(scope, query, limit=1).records
        return first[0].id if first else everything()
