"""The floor: the least that a web server can do. The same SQL on a plain driver, encoded with msgspec, nothing else."""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_held = threading.local()


def _connection() -> Any:
    """One connection per thread, prepared as Basis prepares its own."""
    if not hasattr(_held, "connection"):
        address = os.environ["FLOOR_DATABASE"]
        if address.startswith("postgresql"):
            import psycopg

            base, _, schema = address.partition("?schema=")
            _held.connection = psycopg.connect(base, autocommit=True, options=f"-csearch_path={schema or 'public'}")
        else:
            _held.connection = sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)
            for pragma in (
                "journal_mode=wal",
                "synchronous=full",
                "busy_timeout=10000",
                "foreign_keys=on",
                "cache_size=-65536",
                "mmap_size=8589934592",
                "wal_autocheckpoint=4000",
            ):
                _held.connection.execute(f"pragma {pragma}")
    return _held.connection


def _rows(statements: list[tuple[str, Any]], begin: bool) -> bytes:
    connection = _connection()
    if begin:
        connection.execute("begin immediate" if isinstance(connection, sqlite3.Connection) else "begin")
    answer: list[Any] = []
    for sql, values in statements:
        cursor = connection.execute(sql, values)
        if cursor.description:
            names = [column[0] for column in cursor.description]
            answer = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if begin:
        connection.execute("commit")
    return msgspec.json.encode(answer, enc_hook=str)


_cases: dict[str, tuple[Iterator[Any], bool]] = {}
"""Of each name the lists of statements, over and over, and whether each list is a transaction."""


async def case(request: Request) -> Response:
    """`/NAME`: run the statements that were posted under that name before; the next of the runs at each request."""
    name = request.path_params["name"]
    if request.method == "PUT":
        posted = json.loads(await request.body())
        _cases[name] = cycle(posted["runs"]), posted["begin"]
        return Response(status_code=204)
    if name not in _cases:
        return Response(status_code=404)
    runs, begin = _cases[name]
    body = await run_in_threadpool(_rows, next(runs), begin)
    return Response(body, media_type="application/json")


app = Starlette(routes=[Route("/{name}", case, methods=["GET", "PUT"])])
