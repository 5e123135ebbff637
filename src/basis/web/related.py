"""Related lists on a form: the first records that are tied to this one, and how to come to the others."""

from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.query import Column, Filter
from basis.catalog.relationship import Association, Relationship
from basis.catalog.view import View
from basis.errors import NotFound
from basis.i18n import label
from basis.records import select
from basis.security.scope import Scope
from basis.web.listing import related_filter
from basis.web.table import Table, columns_of, rows_of

SHOWN = 10
WIDE, NARROW = 6, 3


class Related(Struct, frozen=True):
    """`new` and `add` are addresses, empty where the user may not; `entity` is that of the list."""

    name: str
    title: str
    table: Table
    entity: Entity
    all: str
    new: str
    add: str
    remove: bool


def other_side(scope: Scope, entity: Entity, name: str) -> tuple[Entity, Relationship | Association]:
    """The entity whose records the relationship lists on this entity's form."""
    relationship = scope.catalog.relationships.get(name)
    if relationship is not None and relationship.target == entity.name:
        return scope.catalog.entity(relationship.entity), relationship
    association = scope.catalog.associations.get(name)
    if association is not None and entity.name in (association.first, association.second):
        return scope.catalog.entity(association.seen_from(entity.name)[0]), association
    raise NotFound("There is no relationship {name}.", name=name)


def related(scope: Scope, entity: Entity, id: str, name: str, view: str = "", columns: int = NARROW) -> Related | None:
    """The list that a cell of the form shows; None when the user may not read such records."""
    try:
        other, tie = other_side(scope, entity, name)
    except NotFound:
        return None
    if not scope.user.may(other.name, "read"):
        return None
    table = _table(scope, other, _view(scope, other, view), f"{name}:{id}", columns)
    linked = isinstance(tie, Association)
    new = "" if linked or not scope.user.may(other.name, "create") else _new(entity, id, other, tie)
    may_tie = linked and all(scope.user.may(each, right) for each in (entity.name, other.name) for right in _TIE)
    add = f"/{entity.name}/{id}/related/{name}/add" if may_tie else ""
    return Related(name, _title(scope, entity, tie), table, other, whole_list(other, name, id), new, add, may_tie)


_TIE = ("append", "append_to")


def _title(scope: Scope, entity: Entity, tie: Relationship | Association) -> str:
    if isinstance(tie, Association):
        return label(tie.label if tie.first == entity.name else tie.back_label, scope.language)
    return label(tie.label, scope.language)


def _new(entity: Entity, id: str, other: Entity, tie: Relationship | Association) -> str:
    field = tie.field if isinstance(tie, Relationship) else ""
    query = {field: id, f"{field}__type": entity.name, "from": f"/{entity.name}/{id}"}
    return f"/{other.name}/new?{urlencode(query)}"


def whole_list(other: Entity, name: str, id: str) -> str:
    """The address of the list with everything that is tied to the record."""
    return f"/{other.name}?{urlencode({'view': 'all', 'related': f'{name}:{id}'})}"


def _view(scope: Scope, other: Entity, view: str) -> View:
    for name, kind in ((view, ""), ("", "associated"), ("", "public")):
        if name or kind:
            try:
                return scope.catalog.view(other.name, name, kind)
            except NotFound:
                continue
    raise NotFound("There is no such view ({name}).", name=view or "associated")


def _table(scope: Scope, other: Entity, view: View, tied: str, columns: int) -> Table:
    shown = columns_of(scope, view)
    shown = [column for column in shown if not column.link][:columns]
    filters, links = related_filter(scope, other, tied)
    query = msgspec.structs.replace(
        view.query(),
        columns=tuple(Column(column.key) for column in shown),
        filter=Filter(filters=(view.filter, *filters)),
        links=(*view.links, *links),
    )
    page = select.page(scope, query, limit=SHOWN)
    rows = rows_of(scope, other, shown, page.records)
    return Table("", shown, rows, more=bool(page.next))
