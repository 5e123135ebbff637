"""A private PostgreSQL for the tests: made in a temporary folder, never the machine's own server.

Every process that runs tests has its own server on a port of its own, started at the first use and
stopped by its process id at the end. A test asks `schema("name")` and gets a URL of a fresh schema.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.programs import find_or_install

START_SECONDS = 60

# Speed, not safety: these data live as long as the tests do.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
}


def schema(name: str) -> str:
    """Return a URL on which `name` is a new, empty schema; an old one of that name is dropped."""
    server = start()
    identifier = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(identifier))
        conn.execute(sql.SQL("create schema {}").format(identifier))
    return f"{server}?schema={name}"


def drop(name: str) -> None:
    """Remove a schema that `schema` made."""
    with psycopg.connect(start(), autocommit=True) as conn:
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))


@cache
def start() -> str:
    """Start the server once per process and return its URL, with the extensions that Basis can use."""
    folder = Path(tempfile.mkdtemp(prefix="basis-pg-"))
    atexit.register(_remove, folder, os.getpid())
    url = serve(folder, SETTINGS)
    with psycopg.connect(url, autocommit=True) as conn:
        for extension in ("unaccent", "pg_trgm"):
            with suppress(psycopg.Error):
                conn.execute(sql.SQL("create extension {} schema public").format(sql.Identifier(extension)))
    return url


def serve(folder: Path, settings: dict[str, str]) -> str:
    """Start a server on a folder until this process ends and return its URL; its data are made if there are none."""
    programs = find_or_install(_find_programs, "postgresql", "PostgreSQL's server programs")
    port = _free_port()
    process = _launch(programs, folder, port, settings)
    atexit.register(_stop, process, os.getpid())
    url = f"postgresql://basis@127.0.0.1:{port}/postgres"
    _wait(process, url, folder)
    return url


def _find_programs() -> Path | None:
    """The folder with initdb and postgres: the newest of Debian's, else that on PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: _number(path.parent.name))
    on_path = shutil.which("postgres")
    places = [*reversed(versions), *([Path(on_path).parent] if on_path else [])]
    return next((place for place in places if _complete(place)), None)


def _complete(place: Path) -> bool:
    return all((place / program).is_file() for program in ("initdb", "postgres"))


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0.0


def _launch(programs: Path, folder: Path, port: int, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    data, log = folder / "data", folder / "log"
    as_user = _ordinary_user(folder)
    if not data.exists():
        _make_data(programs, data, as_user)
    given = {**settings, "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder)}
    options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        return subprocess.Popen(
            [*as_user, programs / "postgres", "-D", data, *options],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,
        )


def _make_data(programs: Path, data: Path, as_user: list[str]) -> None:
    made = subprocess.run(
        [*as_user, programs / "initdb", "-D", data, "-U", "basis", "-A", "trust", "-E", "UTF8", "--no-sync"]
        + ["--locale=C.UTF-8"],
        capture_output=True,
        text=True,
        cwd=data.parent,
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr.strip()}")


def _ordinary_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: give the folder to another user and return what runs as that one."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            os.chown(folder, user.pw_uid, user.pw_gid)
            # setpriv becomes the server itself, so that the process id is the server's.
            return [
                "setpriv",
                f"--reuid={user.pw_uid}",
                f"--regid={user.pw_gid}",
                "--clear-groups",
                "--",
            ]
    raise RuntimeError("PostgreSQL refuses to run as root and this machine has no user postgres or nobody.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')[-800:]}")


def _stop(process: subprocess.Popen[bytes], owner: int) -> None:
    """End the server this process started; a forked child leaves it alone."""
    if os.getpid() != owner:
        return
    process.send_signal(signal.SIGINT)  # A fast shutdown: no waiting for open sessions.
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _remove(folder: Path, owner: int) -> None:
    """Remove the folder of a server that has stopped: what is registered first is called last."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
