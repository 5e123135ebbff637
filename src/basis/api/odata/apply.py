"""`$apply`: `filter(…)/groupby((…),aggregate(…))` as a query of figures."""

import re
from collections.abc import Mapping

from basis.api.exchange import Answer, Asked, answer_json, refuse
from basis.api.odata.collections import applied, check_options
from basis.api.odata.conditions import filter_of
from basis.api.odata.figures import figures_of
from basis.api.odata.joins import Joins
from basis.api.odata.names import names_of, property_of
from basis.api.odata.options import divide, whole
from basis.catalog.query import Column, Filter, Order, Query
from basis.errors import Unsupported
from basis.security.scope import Scope

PART = "$apply"
KNOWN = {"$apply", "$orderby", "$top", "$format"}
METHODS = {"sum": "sum", "average": "avg", "min": "min", "max": "max", "countdistinct": "countcolumn"}

_AGGREGATE = re.compile(r"\s*(?:(?P<path>[\w/]+)\s+with\s+(?P<method>\w+)|(?P<count>\$count))\s+as\s+(?P<alias>\w+)\s*")
_ORDER = re.compile(r"\s*([\w/$]+)(?:\s+(asc|desc))?\s*", re.IGNORECASE)


def read_apply(scope: Scope, asked: Asked, entity: str) -> Answer:
    """The groups and figures that `$apply` asks for."""
    options = asked.options
    check_options(options, KNOWN)
    query = query_of_apply(scope, entity, options)
    rows = [] if whole(options, "$top") == 0 else figures_of(scope, query, asked.prefer)
    aliases = ",".join(column.alias for column in query.columns)
    context = f"{asked.root}$metadata#{scope.catalog.entities[entity].set}({aliases})"
    return answer_json({"@odata.context": context, "value": rows}, headers=applied(asked.prefer))


def query_of_apply(scope: Scope, entity: str, options: Mapping[str, str]) -> Query:
    joins = Joins(scope.catalog, entity)
    names_of(scope.catalog, entity)
    filters: list[Filter] = []
    columns: list[Column] = []
    aliases = {name: value for name, value in options.items() if name.startswith("@")}
    for step in divide(options[PART], "/", PART):
        name, _, rest = step.partition("(")
        inside = rest.removesuffix(")")
        if columns:
            raise Unsupported("Basis does nothing after groupby or aggregate in $apply.")
        if name == "filter":
            filters.append(filter_of(inside, joins, aliases, PART))
        elif name == "groupby":
            columns += _groupby(joins, inside)
        elif name == "aggregate":
            columns += _aggregate(joins, inside)
        else:
            raise Unsupported("Basis does not do {name} in $apply.", name=name)
    if not columns:
        raise refuse(PART, "Give a groupby or an aggregate.")
    _unique(columns)
    order = _order(options.get("$orderby", ""), {column.alias for column in columns})
    top = whole(options, "$top") or 0
    return Query(entity, tuple(columns), Filter(filters=tuple(filters)), joins.links(), order, top=top)


def _groupby(joins: Joins, text: str) -> list[Column]:
    parts = divide(text, ",", PART)
    if not parts or not (parts[0].startswith("(") and parts[0].endswith(")")):
        raise refuse(PART, "Put what to group by in parentheses: groupby((…)).")
    columns = [_group(joins, path) for path in divide(parts[0][1:-1], ",", PART)]
    if len(parts) > 2:
        raise refuse(PART, "After what to group by comes one aggregate(…).")
    if len(parts) == 2:
        name, _, rest = parts[1].partition("(")
        if name.strip() != "aggregate":
            raise Unsupported("Basis does not do {name} in $apply.", name=name)
        columns += _aggregate(joins, rest.removesuffix(")"))
    return columns


def _group(joins: Joins, text: str) -> Column:
    path = tuple(text.strip().split("/"))
    field, link = joins.field(path, PART)
    alias = property_of(field) if not link else f"{_target(joins, path)}_{field.name}"
    return Column(field.name, link, alias, group=True)


def _target(joins: Joins, path: tuple[str, ...]) -> str:
    names = joins.root
    for name in path[:-1]:
        names = names_of(joins.catalog, names.navigation(name, PART).target)
    return names.entity.name


def _aggregate(joins: Joins, text: str) -> list[Column]:
    columns = []
    for piece in divide(text, ",", PART):
        match = _AGGREGATE.fullmatch(piece)
        if match is None:
            raise refuse(PART, "Write an aggregate like {example}; this is not: {found}.",
                         example="revenue with sum as total", found=piece)  # fmt: skip
        if match["count"]:
            columns.append(Column(joins.root.entity.id_field, "", match["alias"], aggregate="count"))
            continue
        method = METHODS.get(match["method"])
        if method is None:
            raise Unsupported("Basis has no aggregate {name}.", name=match["method"])
        field, link = joins.field(tuple(match["path"].split("/")), PART)
        distinct = match["method"] == "countdistinct"
        columns.append(Column(field.name, link, match["alias"], method, distinct))  # type: ignore[arg-type]
    return columns


def _unique(columns: list[Column]) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.alias in seen:
            raise refuse(PART, "The name {name} is used twice.", name=column.alias)
        seen.add(column.alias)


def _order(text: str, aliases: set[str]) -> tuple[Order, ...]:
    orders = []
    for piece in divide(text, ",", "$orderby"):
        match = _ORDER.fullmatch(piece)
        if match is None or match[1] not in aliases:
            raise refuse("$orderby", "Sort by a name that $apply gives.")
        orders.append(Order(alias=match[1], descending=(match[2] or "").lower() == "desc"))
    return tuple(orders)
