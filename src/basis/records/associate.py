"""Many-to-many relationships: tying records together and apart."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from basis.catalog.relationship import Association
from basis.errors import Invalid, NotFound
from basis.records import audit
from basis.records.select import get
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.security.users import SECURITY_ENTITIES, require_an_administrator, rights_changed


def association_of(scope: Scope, entity: str, navigation: str) -> Association:
    """The many-to-many relationship that an entity knows under that name; `NotFound` when there is none."""
    for link in scope.catalog.associations_of(entity):
        if navigation == link.name or navigation in (
            link.navigation if link.first == entity else "",
            link.back_navigation if link.second == entity else "",
        ):
            return link
    raise NotFound("{entity} has no relationship {name}.", entity=entity, name=navigation)


def associate(scope: Scope, entity: str, id: str, navigation: str, others: Sequence[str]) -> None:
    """Tie records to one; those that are tied already stay so. Needs append and append to on both sides."""
    link, other, own_column, other_column = _sides(scope, entity, navigation)
    for name, ids in ((entity, [id]), (other, others)):
        defined = scope.catalog.entity(name)
        require(scope, defined, "append")
        require(scope, defined, "append_to")
        for each in ids:
            get(scope, name, each, [defined.primary])
    columns = link.table.c
    tied = set(scope.conn.execute(select(columns[other_column]).where(columns[own_column] == id)).scalars())
    fresh = [each for each in dict.fromkeys(others) if each not in tied]
    if fresh:
        scope.conn.execute(insert(link.table), [{own_column: id, other_column: each} for each in fresh])
    _note(scope, link, entity, id, "associate", fresh)


def disassociate(scope: Scope, entity: str, id: str, navigation: str, others: Sequence[str]) -> None:
    """Take records apart; those that were not tied are left alone."""
    link, other, own_column, other_column = _sides(scope, entity, navigation)
    for name in (entity, other):
        require(scope, scope.catalog.entity(name), "append")
    get(scope, entity, id, [scope.catalog.entity(entity).primary])
    columns = link.table.c
    scope.conn.execute(delete(link.table).where(columns[own_column] == id, columns[other_column].in_(list(others))))
    _note(scope, link, entity, id, "disassociate", others)


def _sides(scope: Scope, entity: str, navigation: str) -> tuple[Association, str, str, str]:
    link = association_of(scope, entity, navigation)
    seen = navigation if navigation in (link.navigation, link.back_navigation) and link.first == link.second else ""
    other, own_column, other_column = link.seen_from(entity, seen)
    if not other:
        raise Invalid("{entity} has no relationship {name}.", entity=entity, name=navigation)
    return link, other, own_column, other_column


def _note(scope: Scope, link: Association, entity: str, id: str, action: str, others: Sequence[str]) -> None:
    if others:
        audit.write(scope, [audit.row(scope, entity, id, action, {link.name: (None, list(others))})])
    if link.name in SECURITY_ENTITIES:
        if action == "disassociate":
            require_an_administrator(scope.conn, scope.catalog)
        rights_changed(scope.conn)
