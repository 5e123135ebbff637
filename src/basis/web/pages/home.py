"""The start page: what is the user's own and open."""

from basis.catalog.entity import Entity
from basis.errors import NotFound
from basis.i18n import label
from basis.records import select
from basis.security.scope import Scope
from basis.web.answer import Shown, show
from basis.web.request import Request
from basis.web.table import Table, columns_of, rows_of

ENTITIES = ("activitypointer", "opportunity", "lead", "incident")
SHOWN, COLUMNS = 8, 4


def home(scope: Scope, request: Request) -> Shown:
    """The user's own open work, a list for each kind."""
    readable = [name for name in ENTITIES if name in scope.catalog.entities and scope.user.may(name, "read")]
    lists = [table for name in readable if (table := _mine(scope, scope.catalog.entity(name)))]
    return show("home.html", lists=lists)


def _mine(scope: Scope, entity: Entity) -> Table | None:
    try:
        view = scope.catalog.view(entity.name, "mine")
    except NotFound:
        return None
    columns = columns_of(scope, view)[:COLUMNS]
    page = select.page(scope, view.query(), limit=SHOWN)
    path = f"/{entity.name}?view={view.name}"
    rows = rows_of(scope, entity, columns, page.records)
    return Table(label(view.label, scope.language), columns, rows, path, bool(page.next))
