"""What a lookup offers while one types: records of its entities, by the entity's lookup view, and to make a new one."""

from basis.catalog.entity import Entity
from basis.catalog.query import Column, Condition, Filter, Order, Query
from basis.catalog.view import View
from basis.errors import Message, NotFound
from basis.fields import type_of
from basis.i18n import say
from basis.records import select
from basis.records.search import sought_in
from basis.security.scope import Scope
from basis.web.answer import Answer, json_answer
from basis.web.request import Request, several
from basis.web.shell import quickly_made
from basis.web.table import title_of

MOST = 50
MOST_KINDS = 4
"""A lookup that may point at anything does not offer to make anything."""


def lookup(scope: Scope, request: Request) -> Answer:
    """`/lookup?entity=account&entity=contact&q=dijk`: what is there, beginnings of names first, and what can be made.

    `{"found": [{id, label, sub, entity}], "create": [{entity, label}]}`; with `typed=1` an id is `account/ID`.
    """
    limit = min(int(request.query.get("limit", "20")) if request.query.get("limit", "20").isdigit() else 20, MOST)
    sought = request.query.get("q", "").strip()
    entities = [scope.catalog.entity(name) for name in several(request.query, "entity")]
    found: list[dict[str, str]] = []
    for entity in entities:
        if scope.user.may(entity.name, "read"):
            found += _offered(scope, entity, sought, limit)
    if request.query.get("typed"):
        found = [row | {"id": f"{row['entity']}/{row['id']}"} for row in found]
    return json_answer({"found": found[:limit], "create": _makeable(scope, entities, sought)})


def _makeable(scope: Scope, entities: list[Entity], sought: str) -> list[dict[str, str]]:
    """What the user can make on the spot, in the words of the list's last lines."""
    kinds = [entity for entity in entities if quickly_made(scope, entity)]
    if len(kinds) > MOST_KINDS:
        return []
    return [{"entity": entity.name, "label": say(_offer(entity, sought), scope.language)} for entity in kinds]


def _offer(entity: Entity, sought: str) -> Message:
    if not sought:
        return Message("New {entity}", entity=entity.label)
    return Message("New {entity}: “{title}”", entity=entity.label, title=sought)


def _offered(scope: Scope, entity: Entity, sought: str, limit: int) -> list[dict[str, str]]:
    view = _view(scope, entity)
    beginning = (Condition(entity.primary, "begins-with", sought),) if sought else ()
    begins = _matching(scope, entity, view, Filter(conditions=beginning), limit)
    more = limit - len(begins)
    if not sought or more <= 0:
        return begins
    ids = {row["id"] for row in begins}
    holds = _matching(scope, entity, view, sought_in(scope, entity, sought).filter, limit)
    return begins + [row for row in holds if row["id"] not in ids][:more]


def _view(scope: Scope, entity: Entity) -> View | None:
    try:
        return scope.catalog.view(entity.name, kind="lookup")
    except NotFound:
        return None


def _matching(scope: Scope, entity: Entity, view: View | None, sought: Filter, limit: int) -> list[dict[str, str]]:
    fields = list(dict.fromkeys([entity.primary, *([entity.subtitle] if entity.subtitle else [])]))
    filters = (sought, view.filter) if view and not view.links else (sought,)
    columns = tuple(Column(name) for name in fields)
    # By name, whatever the view says: that has an index, and it is what one sees.
    query = Query(entity.name, columns, Filter(filters=filters), order=(Order(entity.primary),))
    page = select.page(scope, query, limit=limit)
    subtitle = entity.by_name.get(entity.subtitle)
    return [
        {
            "id": record.id,
            "label": title_of(scope, entity, record),
            "sub": type_of(subtitle).text(subtitle, record.get(subtitle.name), scope.locale) if subtitle else "",
            "entity": entity.name,
        }
        for record in page.records
    ]
