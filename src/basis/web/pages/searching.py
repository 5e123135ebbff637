"""Searching everything: a page of hits, and the few that show while one types."""

from basis.records import search
from basis.security.scope import Scope
from basis.web.answer import Shown, part, show
from basis.web.request import Request

SHOWN, WHILE_TYPING = 50, 8


def search_page(scope: Scope, request: Request) -> Shown:
    """`/search?q=…`."""
    sought = request.query.get("q", "").strip()
    if request.target == "search-hits":
        hits = search.search(scope, sought, WHILE_TYPING) if sought else []
        return part("_hits.html", hits=hits, sought=sought, entities=scope.catalog.entities)
    hits = search.search(scope, sought, SHOWN) if sought else []
    return show("search.html", hits=hits, sought=sought, entities=scope.catalog.entities, limit=SHOWN)
