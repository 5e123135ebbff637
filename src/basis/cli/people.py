"""Founding an organisation, its users and their tokens."""

from pathlib import Path

import click

from basis.cli.options import acting_user, entrance, place_options, prepared
from basis.config import configure
from basis.errors import NotFound, Refused
from basis.i18n import Locale
from basis.records.organization import Founding, everything, found, is_founded
from basis.security import sessions
from basis.security.entrance import Entrance, utc_now
from basis.security.passwords import set_password
from basis.security.users import user_by_email


@click.command("setup")
@click.option("--name", required=True, help="The organisation's name.")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
@click.option("--admin-name", default="", help="The administrator's name; made from the e-mail address when left out.")
@click.option("--admin-email", required=True)
@click.option(
    "--admin-password-file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the password, so that it stands in no history.",
)
@click.option("--sample-data/--no-sample-data", default=False, show_default=True)
@place_options
def setup_command(
    name: str, language: str, admin_name: str, admin_email: str, admin_password_file: Path, sample_data: bool,
    data: str | None, database: str | None,
) -> None:  # fmt: skip
    """Make an organisation with its first administrator."""
    opened = Entrance(prepared(configure(data, database)))
    opened.database.create_schema()
    if is_founded(opened.database):
        raise Refused("This database already holds an organisation.")
    password = admin_password_file.read_text(encoding="utf-8").strip("\r\n")
    called = admin_name or admin_email.partition("@")[0].replace(".", " ").title()
    with opened.database.write() as conn:
        found(conn, Founding(name, language, called, admin_email, password), utc_now())
    if sample_data:
        from basis.transfer.sample import fill

        with opened.acting_as(acting_user(opened, admin_email), write=True, locale=Locale(language)) as scope:
            fill(scope)
    click.echo(f"{name}: {opened.database.shown}")


def _user(opened: Entrance, email: str) -> str:
    with opened.acting_as(everything()) as scope:
        found_id = user_by_email(scope.conn, scope.catalog, email)
    if found_id is None:
        raise NotFound("There is no user with the address {email}.", email=email)
    return found_id


@click.group("token")
def token_group() -> None:
    """Tokens with which programs use the Web API."""


@token_group.command("create")
@click.argument("email")
@click.option("--name", default="", help="What the token is for.")
@place_options
def create_token(email: str, name: str, data: str | None, database: str | None) -> None:
    """Print a new token of a user, once; only its hash is kept."""
    opened = entrance(data, database)
    user_id = _user(opened, email)
    with opened.database.write() as conn:
        click.echo(sessions.start(conn, user_id, opened.clock(), "token", name))


@click.group("user")
def user_group() -> None:
    """Passwords of users."""


@user_group.command("reset-link")
@click.argument("email")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where Basis is reached.")
@place_options
def reset_link(email: str, url: str, data: str | None, database: str | None) -> None:
    """Print a link with which a user chooses a new password; it works once, for two hours."""
    opened = entrance(data, database)
    user_id = _user(opened, email)
    with opened.database.write() as conn:
        secret = sessions.start(conn, user_id, opened.clock(), "reset")
    click.echo(f"{url.rstrip('/')}/password/reset/{secret}")


@user_group.command("set-password")
@click.argument("email")
@click.option("--password-file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@place_options
def change_password(email: str, password_file: Path, data: str | None, database: str | None) -> None:
    """Give a user a new password and sign them out everywhere."""
    opened = entrance(data, database)
    user_id = _user(opened, email)
    with opened.database.write() as conn:
        set_password(conn, user_id, password_file.read_text(encoding="utf-8").strip("\r\n"))
        sessions.end_all(conn, user_id)
