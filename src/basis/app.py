"""The application: everything is built by `create_app`; nothing happens when a module is imported."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount

import basis.catalog.settling
import basis.records.rematching
import basis.records.running  # noqa: F401  (these put their jobs among the worker's)
from basis.api.routes import api_routes
from basis.config import Config, collect_seldom, configure
from basis.errors import NotFound
from basis.jobs.worker import Worker
from basis.records.organization import is_founded
from basis.security.entrance import Entrance
from basis.web.adapter import Adapter
from basis.web.assets import Assets
from basis.web.headers import SecurityHeaders
from basis.web.routes import page_routes
from basis.web.site import Site


def create_app(config: Config | None = None, entrance: Entrance | None = None) -> Starlette:
    """The whole of Basis as one ASGI application, from settings or, left out, from the environment.

    `Unavailable` when the front end was not built. The database is opened at the first request.
    """
    config = config or (entrance.config if entrance else configure())
    held = entrance or Entrance(config)
    assets = Assets()
    adapter = Adapter(Site(held, assets))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        worker = Worker(held.database, ready=lambda: is_founded(held.database))
        worker.start()
        collect_seldom()
        yield
        worker.stop()
        if entrance is None:
            held.database.close()

    async def missing(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": {"code": "0x80060888", "message": "Resource not found."}}, 404)
        return await run_in_threadpool(adapter.missing, request, _status(error))

    return Starlette(
        routes=[*api_routes(held), Mount("/static", assets.files), *page_routes(adapter)],
        middleware=[Middleware(SecurityHeaders, secure=config.secure)],
        exception_handlers={404: missing, 405: missing},
        lifespan=lifespan,
    )


def _status(error: Exception) -> int:
    return error.status_code if isinstance(error, HTTPException) else NotFound.status
