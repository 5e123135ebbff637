"""From a draft to the view that it means, and from a view to the draft with which it is shaped."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from basis.catalog.entity import Entity
from basis.catalog.query import Condition, Filter, Link, Order
from basis.catalog.relationship import Association, Relationship
from basis.catalog.view import Figure, Grouping, Interval, Show, View, ViewColumn
from basis.errors import NotFound
from basis.fields import type_of
from basis.fields.base import Field, Problem
from basis.records import select
from basis.security.scope import Scope
from basis.web.views.draft import SHOWN, Clause, Draft, DraftColumn, DraftOrder, Existence, Group
from basis.web.views.values import read_values, texts_of
from basis.web.views.ways import alias_of, links_of, reached, ways_in

INTERVALS: tuple[str, ...] = get_args(Interval)
KINDS = ("table", "cards", "kanban", "calendar")
NARROWEST, WIDEST = 60, 800


def field_at(scope: Scope, entity: Entity, way: str, name: str) -> Field | None:
    """The field at the end of a way; None where the way or the field is not there."""
    try:
        found = reached(scope.catalog, entity, way).by_name.get(name)
    except NotFound:
        return None
    return None if found is None or found.hidden else found


# -- to a view


def view_from(scope: Scope, entity: Entity, draft: Draft, base: View) -> View:
    """The view that a draft means; what is unfinished is left out, what is wrong is noted at its clause."""
    known = [each for each in draft.columns if field_at(scope, entity, each.way, each.field)]
    order = [each for each in draft.order if field_at(scope, entity, each.way, each.field)]
    grouping = draft.group if field_at(scope, entity, draft.group.way, draft.group.field) else None
    filter = _filter(scope, entity, draft.where)
    ways = (
        [each.way for each in known] + [each.way for each in order] + [clause.way for clause in clauses_in(draft.where)]
    )
    ways += [grouping.way] if grouping else []
    return msgspec.structs.replace(
        base,
        columns=tuple(_column(scope, entity, each) for each in _once(known)) or base.columns,
        order=tuple(Order(each.field, alias_of(each.way), descending=each.descending) for each in order),
        filter=filter,
        links=_links(scope, entity, ways),
        group=_grouping(scope, entity, grouping, draft.interval) if grouping else None,
        frozen=max(0, min(draft.frozen, len(known) - 1)),
        show=_show(draft),
    )


def _once(columns: list[DraftColumn]) -> list[DraftColumn]:
    return list({(each.way, each.field): each for each in columns}.values())


def _links(scope: Scope, entity: Entity, ways: list[str]) -> tuple[Link, ...]:
    good = []
    for way in dict.fromkeys(ways):
        try:
            reached(scope.catalog, entity, way)
        except NotFound:
            continue
        good.append(way)
    return links_of(scope.catalog, entity, good)


def _column(scope: Scope, entity: Entity, column: DraftColumn) -> ViewColumn:
    field = field_at(scope, entity, column.way, column.field)
    figures = figures_of(field) if field else ()
    total: Figure = column.total if column.total in figures else ""  # type: ignore[assignment]
    return ViewColumn(column.field, alias_of(column.way), max(NARROWEST, min(column.width, WIDEST)), total=total)


def figures_of(field: Field) -> tuple[str, ...]:
    """The figures that a column of the field can have below it."""
    numbers = {"sum", "avg"} & set(type_of(field).aggregates)
    return ("count", *(name for name in ("sum", "avg", "min", "max") if name in type_of(field).aggregates and numbers))


def _grouping(scope: Scope, entity: Entity, order: DraftOrder, interval: str) -> Grouping:
    field = field_at(scope, entity, order.way, order.field)
    dated = field is not None and type_of(field).dated
    chosen: Any = interval if dated and interval in INTERVALS else ""
    return Grouping(order.field, alias_of(order.way), chosen or ("month" if dated else ""), order.descending)


def _show(draft: Draft) -> Show:
    given = {name: text for name, text in draft.show.items() if text}
    given["kind"] = given.get("kind", "") if given.get("kind") in KINDS else "table"
    return msgspec.convert(given, Show)


def _filter(scope: Scope, entity: Entity, group: Group) -> Filter:
    conditions = [_condition(scope, entity, clause) for clause in group.clauses]
    inner = [_filter(scope, entity, each) for each in group.groups]
    links = [_existence(scope, entity, each) for each in group.existences]
    return Filter(
        type="or" if group.type == "or" else "and",
        conditions=tuple(each for each in conditions if each is not None),
        filters=tuple(each for each in inner if each != Filter(type=each.type)),
        links=tuple(each for each in links if each is not None),
        negated=group.negated,
    )


def _condition(scope: Scope, entity: Entity, clause: Clause) -> Condition | None:
    field = field_at(scope, entity, clause.way, clause.field)
    if field is None or clause.operator not in type_of(field).operators:
        return None
    link = alias_of(clause.way)
    if clause.column:
        return Condition(clause.field, clause.operator, link=link, column=clause.column)
    try:
        values = read_values(field, clause, scope.locale)
    except Problem as problem:
        clause.error = problem.message
        return None
    if values is None:
        return None
    if len(values) == 1:
        return Condition(clause.field, clause.operator, values[0], link=link)
    return Condition(clause.field, clause.operator, values=values, link=link)


def tie_of(scope: Scope, entity: Entity, name: str) -> Relationship | Association | None:
    """The relationship or association of that name that leads from the entity to other records."""
    relationship = scope.catalog.relationships.get(name)
    if relationship is not None and relationship.target == entity.name:
        return relationship
    association = scope.catalog.associations.get(name)
    if association is not None and entity.name in (association.first, association.second):
        return association
    return None


def other_end(scope: Scope, entity: Entity, tie: Relationship | Association) -> Entity:
    """The entity whose records a tie leads to."""
    name = tie.entity if isinstance(tie, Relationship) else tie.seen_from(entity.name)[0]
    return scope.catalog.entity(name)


def _existence(scope: Scope, entity: Entity, existence: Existence) -> Link | None:
    tie = tie_of(scope, entity, existence.tie)
    if tie is None:
        return None
    other = other_end(scope, entity, tie)
    filter = _filter(scope, other, existence.group)
    kind: Any = "not_any" if existence.kind == "not_any" else "any"
    if isinstance(tie, Relationship):
        return Link(other.name, tie.field, entity.id_field, type=kind, filter=filter)
    _, mine, theirs = tie.seen_from(entity.name)
    far = Link(other.name, other.id_field, theirs, type="any", filter=filter)
    return Link(tie.name, mine, entity.id_field, type=kind, filter=Filter(links=(far,)))


def clauses_in(group: Group) -> Iterator[Clause]:
    """The clauses of a group and of those within it; those about other records have links of their own."""
    yield from group.clauses
    for inner in group.groups:
        yield from clauses_in(inner)


# -- to a draft


def draft_of(scope: Scope, entity: Entity, view: View) -> Draft:
    """The draft with which a view is shaped."""
    ways = {"": ""} | ways_in(view.links)
    grouping = view.group or Grouping("")
    return Draft(
        columns=[
            DraftColumn(ways[each.link], each.field, each.width, each.total)
            for each in view.columns
            if each.link in ways
        ],
        order=[DraftOrder(ways[each.link], each.field, each.descending) for each in view.order if each.link in ways],
        where=_group(scope, entity, view.filter, ways),
        group=DraftOrder(ways.get(grouping.link, ""), grouping.field, grouping.descending),
        interval=grouping.interval,
        frozen=view.frozen,
        show={name: getattr(view.show, name) for name in SHOWN},
    )


def _group(scope: Scope, entity: Entity, filter: Filter, ways: dict[str, str]) -> Group:
    return Group(
        filter.type,
        filter.negated,
        [_clause(scope, entity, each, ways) for each in filter.conditions],
        [_group(scope, entity, each, ways) for each in filter.filters],
        [found for each in filter.links if (found := _existence_of(scope, entity, each)) is not None],
    )


def _clause(scope: Scope, entity: Entity, condition: Condition, ways: dict[str, str]) -> Clause:
    clause = Clause(ways.get(condition.link, ""), condition.field, condition.operator, column=condition.column)
    field = field_at(scope, entity, clause.way, clause.field)
    values = condition.values or (() if condition.value is None else (condition.value,))
    if condition.operator in ("eq", "ne") and not values and not condition.column:
        clause.operator = "null" if condition.operator == "eq" else "not-null"
    if field is not None:
        clause.texts, clause.kinds = texts_of(field, clause.operator, values, scope.locale)
    return clause


def _existence_of(scope: Scope, entity: Entity, link: Link) -> Existence | None:
    for relationship in scope.catalog.incoming[entity.name]:
        if relationship.entity == link.entity and relationship.field == link.from_:
            other = scope.catalog.entity(link.entity)
            return Existence(relationship.name, link.type, _group(scope, other, link.filter, {"": ""}))
    association = scope.catalog.associations.get(link.entity)
    if association is None or not link.filter.links:
        return None
    other = scope.catalog.entity(association.seen_from(entity.name)[0])
    return Existence(association.name, link.type, _group(scope, other, link.filter.links[0].filter, {"": ""}))


def name_records(scope: Scope, entity: Entity, group: Group) -> None:
    """Give the clauses of a draft the names of the records that their lookups hold."""
    for clause in clauses_in(group):
        field = field_at(scope, entity, clause.way, clause.field)
        if field is not None and type_of(field).targets(field):
            _name(scope, field, clause)
    for existence in _existences_in(group):
        tie = tie_of(scope, entity, existence.tie)
        if tie is not None:
            name_records(scope, other_end(scope, entity, tie), existence.group)


def _existences_in(group: Group) -> Iterator[Existence]:
    yield from group.existences
    for inner in group.groups:
        yield from _existences_in(inner)


def _name(scope: Scope, field: Field, clause: Clause) -> None:
    ids = [text.strip() for text in clause.texts if len(text.strip()) == 36]
    for target in type_of(field).targets(field):
        if ids and target.entity in scope.catalog.entities and scope.user.may(target.entity, "read"):
            for id, reference in select.references(scope, target.entity, ids).items():
                clause.labels[id] = reference.label
                clause.kinds = [
                    target.entity if text.strip() == id else (clause.kinds[at] if at < len(clause.kinds) else "")
                    for at, text in enumerate(clause.texts)
                ]
