"""The command line put together: each command loaded when it is called, errors as one clear sentence."""

import os
from importlib import import_module
from typing import Any

import click

from basis import __version__
from basis.config import collect_seldom
from basis.errors import BasisError, Message
from basis.i18n import say

COMMANDS = {
    "serve": "serving:serve_command",
    "setup": "people:setup_command",
    "user": "people:user_group",
    "token": "people:token_group",
    "import": "data:import_command",
    "export": "data:export_command",
    "entity": "definitions:entity_group",
    "field": "definitions:field_group",
    "backup": "data:backup_command",
    "restore": "data:restore_command",
    "check": "data:check_command",
}
"""Where each command stands. Serving needs none of the others, and is to answer within a second."""


class Basis(click.Group):
    """Loads a command when it is called; shows what it refuses as a sentence, in the language of the terminal."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"basis.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BasisError as error:
            click.echo(f"basis: {say(error, language())}", err=True)
            ctx.exit(1)
        except OSError as error:
            click.echo(f"basis: {error.filename or ''}: {error.strerror or error}", err=True)
            ctx.exit(1)
        except UnicodeError:
            unreadable = Message("This file is no text in UTF-8.")
            click.echo(f"basis: {say(unreadable, language())}", err=True)
            ctx.exit(1)


def language() -> str:
    """Dutch where the terminal is Dutch, else English."""
    name = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "nl" if name.startswith("nl") else "en"


@click.group(cls=Basis, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="basis")
def main() -> None:
    """Basis: a CRM that begins at the basics."""
    collect_seldom()
    os.umask(0o077)  # what it writes (the database, backups, exports) is nobody else's
