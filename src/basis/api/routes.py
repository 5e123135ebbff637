"""The routes of the Web API, for the application to mount before its pages."""

from starlette.routing import Route

from basis.api.exchange import Answer, Asked
from basis.api.odata.batch import batch
from basis.api.odata.dispatch import respond
from basis.api.openapi import openapi
from basis.api.service import Endpoint, Service
from basis.security.entrance import Entrance

VERSIONS = frozenset({"v9.0", "v9.1", "v9.2"})


def api_routes(entrance: Entrance) -> list[Route]:
    """Everything below `/api/`: the records service under each version, and its OpenAPI description."""
    service = Service(entrance)

    def data(asked: Asked) -> Answer:
        if asked.path == "$batch":
            return batch(service, asked)
        return service.answer(asked, respond)

    def description(asked: Asked) -> Answer:
        return service.answer(asked, openapi)

    records = Endpoint(data, "/api/data/", VERSIONS)
    return [
        Route("/api/data/{version}/{path:path}", records),
        Route("/api/data/{version}", records),
        Route("/api/openapi.json", Endpoint(description, "/api/")),
    ]
