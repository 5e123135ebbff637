"""`basis serve`: Basis over HTTP, in one process or several."""

import os
import socket

import click

from basis.cli.options import bring_up_to_date, place_options, prepared
from basis.config import DATA, DATABASE, SECURE, configure
from basis.db import Database
from basis.errors import Unavailable
from basis.records.organization import is_founded


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), metavar="N")
@click.option("--secure", is_flag=True, envvar=SECURE, help="Reached over TLS, behind a proxy: cookies only go there.")
@place_options
def serve_command(host: str, port: int, workers: int, secure: bool, data: str | None, database: str | None) -> None:
    """Serve Basis; the first visit makes the organisation."""
    import uvicorn

    from basis.web.assets import Assets

    config = prepared(configure(data, database))
    Assets()  # says what to do where the front end was not built
    opened = Database(config.address)
    opened.create_schema()
    if is_founded(opened):
        bring_up_to_date(opened)
    opened.close()
    _check_port(host, port)
    os.environ[DATA], os.environ[DATABASE] = str(config.data), config.database
    os.environ[SECURE] = "1" if secure else ""
    click.echo(f"Basis: http://{host}:{port}")
    uvicorn.run(
        "basis.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        server_header=False,
        access_log=False,
    )


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                "Port {port} on {host} cannot be used ({reason}); choose another with --port.",
                port=port,
                host=host,
                reason=error.strerror or str(error),
            ) from error
