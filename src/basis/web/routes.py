"""Which page answers which address."""

from starlette.routing import BaseRoute

from basis.web.adapter import Adapter
from basis.web.pages import home, lists, sign_in, welcome
from basis.web.site import Site


def page_routes(adapter: Adapter) -> list[BaseRoute]:
    """All pages; fixed addresses first, since an entity's name could be anything else."""
    return [*_open(adapter), *_fixed(adapter), *_records(adapter)]


def _open(adapter: Adapter) -> list[BaseRoute]:
    route = adapter.open_route
    return [
        route("/welcome", welcome.form),
        route("/welcome", welcome.found_it, "POST"),
        route("/sign-in", sign_in.form),
        route("/sign-in", sign_in.sign_in, "POST"),
        route("/sign-out", sign_in.sign_out, "POST"),
        route("/password/forgotten", sign_in.forgotten),
        route("/password/reset/{secret}", sign_in.reset_form),
        route("/password/reset/{secret}", sign_in.reset, "POST"),
    ]


def _fixed(adapter: Adapter) -> list[BaseRoute]:
    route = adapter.route
    return [route("/", home.home)]


def _records(adapter: Adapter) -> list[BaseRoute]:
    route = adapter.route
    return [route("/{entity}", lists.list_page)]


__all__ = ["Adapter", "Site", "page_routes"]
