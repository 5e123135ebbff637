"""The command line put together: shared options, and errors as one clear sentence with a non-zero exit."""

import os
from typing import Any

import click

from basis import __version__
from basis.cli.data import backup_command, check_command, export_command, import_command, restore_command
from basis.cli.definitions import entity_group, field_group
from basis.cli.people import setup_command, token_group, user_group
from basis.cli.serving import serve_command
from basis.errors import BasisError
from basis.i18n import say


class Basis(click.Group):
    """Shows what Basis refuses as one sentence, in the language of the terminal."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BasisError as error:
            click.echo(f"basis: {say(error, language())}", err=True)
            ctx.exit(1)


def language() -> str:
    """Dutch where the terminal is Dutch, else English."""
    name = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "nl" if name.startswith("nl") else "en"


@click.group(cls=Basis, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="basis")
def main() -> None:
    """Basis: a CRM that begins at the basics."""


for command in (
    serve_command,
    setup_command,
    user_group,
    token_group,
    import_command,
    export_command,
    entity_group,
    field_group,
    backup_command,
    restore_command,
    check_command,
):
    main.add_command(command)
