"""From the tree of a `$filter` to the Filter of a query."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from msgspec import Struct

from basis.api.exchange import refuse
from basis.api.odata.expressions import Call, Compare, Lambda, Literal, Logical, Node, Not, Path, parse_filter
from basis.api.odata.joins import Joins
from basis.api.odata.names import Names, Navigation, edm_of, names_of
from basis.api.odata.operators import (
    FUNCTIONS,
    OPPOSITES,
    PREFIX,
    SAME,
    TEXT_FUNCTIONS,
    has_wildcards,
    like_pattern,
)
from basis.catalog.query import Condition, Filter, Link
from basis.errors import Unsupported
from basis.fields.base import Field
from basis.fields.operators import OPERATORS

MOST = 400
"""So many conditions; the databases take no expression deeper than a thousand."""

LONGEST_TEXT = 4_000

FLIPPED = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge", "eq": "eq", "ne": "ne"}


class Site(Struct, frozen=True):
    """Where names are looked up: the entity itself, or the records of a lambda under its variable."""

    names: Names
    variable: str = ""


def filter_of(text: str, joins: Joins, aliases: Mapping[str, str], part: str = "$filter") -> Filter:
    """The Filter of a query on the entity of `joins`, which gather what its paths need."""
    builder = _Builder(joins, part)
    return builder.build(parse_filter(text, aliases, part), Site(joins.root), False)


class _Builder:
    def __init__(self, joins: Joins, part: str) -> None:
        self.joins = joins
        self.part = part
        self.aliases = count(1)
        self.conditions = 0

    def build(self, node: Node, site: Site, negated: bool) -> Filter:
        """The filter that holds where `node` does, or (`negated`) where it does not, empty values included."""
        if isinstance(node, Logical):
            flip = {"and": "or", "or": "and"}
            kind = flip[node.operator] if negated else node.operator
            parts = tuple(self.build(part, site, negated) for part in node.parts)
            return Filter("or" if kind == "or" else "and", filters=parts)
        if isinstance(node, Not):
            return self.build(node.inner, site, not negated)
        if isinstance(node, Compare):
            return self._compare(node, site, negated)
        if isinstance(node, Call):
            return self._call(node, site, negated)
        if isinstance(node, Lambda):
            return self._lambda(node, site, negated)
        if isinstance(node, Path):
            return self._condition(node, "eq", (True,), site, negated)
        if node.kind == "boolean":
            return self._constant(site, node.value is not negated)
        raise refuse(self.part, "'{value}' is no condition.", value=node.value)

    def _constant(self, site: Site, holds: bool) -> Filter:
        return Filter(conditions=(Condition(site.names.entity.id_field, "not-null" if holds else "null"),))

    # -- comparisons
    def _compare(self, node: Compare, site: Site, negated: bool) -> Filter:
        left, right, operator = _bare(node.left), _bare(node.right), node.operator
        if isinstance(left, Literal) and not isinstance(right, Literal) and operator in FLIPPED:
            left, right, operator = right, left, FLIPPED[operator]
        if isinstance(right, Literal) and right.kind == "boolean" and not isinstance(left, Path | Literal):
            if operator not in ("eq", "ne"):
                raise refuse(self.part, "Compare with true or false by eq or ne.")
            return self.build(left, site, negated is ((operator == "eq") is right.value))
        if isinstance(left, Call):
            raise Unsupported("Basis has no function {name} in a filter.", name=left.name)
        if not isinstance(left, Path):
            raise refuse(self.part, "Compare a property with a value.")
        if isinstance(right, Path):
            return self._columns(left, operator, right, site, negated)
        if not isinstance(right, Literal):
            raise Unsupported("Basis compares a property with a value or with a property.")
        if right.value is None and operator in ("eq", "ne"):
            return self._condition(left, "null" if operator == "eq" else "not-null", (), site, negated)
        values = right.value if right.kind == "list" else (self._moment(left, right, site),)
        return self._condition(left, operator, values, site, negated)

    def _moment(self, path: Path, literal: Literal, site: Site) -> Any:
        """A date beside a property with a time is its first moment in UTC, as OData has it."""
        if literal.kind == "date" and len(path.names) == 1 + bool(site.variable):
            field = site.names.properties.get(path.names[-1])
            if field is not None and edm_of(field) == "Edm.DateTimeOffset":
                return f"{literal.value}T00:00:00Z"
        return literal.value

    def _columns(self, left: Path, operator: str, right: Path, site: Site, negated: bool) -> Filter:
        if site.variable:
            left, right = Path(left.names[1:]), Path(right.names[1:])
            if (len(left.names), len(right.names)) != (1, 1):
                raise Unsupported("Basis compares two properties of the same record only.")
            field, link = site.names.field(left.names[0], self.part), ""
            other, other_link = site.names.field(right.names[0], self.part), ""
        else:
            field, link = self.joins.field(left.names, self.part)
            other, other_link = self.joins.field(right.names, self.part)
        if link != other_link:
            raise Unsupported("Basis compares two properties of the same record only.")
        if negated:
            operator = {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "ge": "lt", "lt": "ge"}[operator]
        return Filter(conditions=(Condition(field.name, operator, link=link, column=other.name),))

    # -- functions
    def _call(self, node: Call, site: Site, negated: bool) -> Filter:
        if node.name in TEXT_FUNCTIONS:
            return self._text(node, site, negated)
        operator = FUNCTIONS.get(node.name.removeprefix(PREFIX)) if node.name.startswith(PREFIX) else None
        if operator is None:
            raise Unsupported("Basis has no function {name} in a filter.", name=node.name)
        given = dict(node.named)
        name = given.pop("PropertyName", None)
        if not isinstance(name, Literal) or not isinstance(name.value, str):
            raise refuse(self.part, "{name} needs a PropertyName.", name=node.name)
        names = tuple(name.value.split("/"))
        path = Path((site.variable, *names) if site.variable and names[0] != site.variable else names)
        return self._condition(path, operator, self._values(given, operator), site, negated)

    def _values(self, given: dict[str, Any], operator: str) -> tuple[Any, ...]:
        values: list[Any] = []
        for key in ("PropertyValue", "PropertyValues", "PropertyValue1", "PropertyValue2"):
            held = given.pop(key, None)
            if held is None:
                continue
            if not isinstance(held, Literal):
                raise refuse(self.part, "{name} must be a value.", name=key)
            values += held.value if held.kind == "list" else (held.value,)
        if given:
            raise refuse(self.part, "There is no parameter {name} here.", name=next(iter(given)))
        if not values and OPERATORS[operator].values == 1:
            raise refuse(self.part, "{name} needs a PropertyValue.", name=operator)
        return tuple(values)

    def _text(self, node: Call, site: Site, negated: bool) -> Filter:
        parts = [_bare(argument) for argument in node.arguments]
        if len(parts) != 2 or not isinstance(parts[0], Path) or not isinstance(parts[1], Literal):
            raise refuse(self.part, "{name} takes a property and a text.", name=node.name)
        operator, text = TEXT_FUNCTIONS[node.name], parts[1].value
        if not isinstance(text, str):
            raise refuse(self.part, "{name} takes a property and a text.", name=node.name)
        if len(text) > LONGEST_TEXT:
            raise refuse(self.part, "This is too long; at most {count} words and signs.", count=LONGEST_TEXT)
        if has_wildcards(text):
            return self._condition(parts[0], "like", (like_pattern(operator, text),), site, negated)
        return self._condition(parts[0], operator, (text,), site, negated)

    # -- conditions
    def _condition(self, path: Path, operator: str, values: tuple[Any, ...], site: Site, negated: bool) -> Filter:
        self.conditions += 1
        if self.conditions > MOST:
            raise refuse(self.part, "This has more than {count} conditions.", count=MOST)
        if site.variable:
            return self._inner(path, operator, values, site, negated)
        field, link = self.joins.field(path.names, self.part)
        return _settled(field, operator, values, link, negated)

    def _inner(self, path: Path, operator: str, values: tuple[Any, ...], site: Site, negated: bool) -> Filter:
        """A condition within a lambda: on its variable, or on a record that this one points at."""
        if path.names[0] != site.variable or len(path.names) < 2:
            raise Unsupported("Within any and all, Basis looks at '{name}' only.", name=site.variable)
        names, hops = site.names, path.names[1:]
        if len(hops) == 1:
            return _settled(names.field(hops[0], self.part), operator, values, "", negated)
        navigation = names.navigation(hops[0], self.part)
        if navigation.collection:
            raise refuse(self.part, "'{name}' leads to many records; use any or all.", name=hops[0])
        # Empty where there is no related record: such operators hold where their opposite is found nowhere.
        empties = operator in ("null", "ne") or operator.startswith("not-") and operator != "not-null"
        if empties and operator in OPPOSITES:
            operator, negated = OPPOSITES[operator], not negated
        target = Site(names_of(self.joins.catalog, navigation.target), site.variable)
        inner = self._inner(Path((site.variable, *hops[1:])), operator, values, target, False)
        return Filter(links=(self._to_one(navigation, inner, "not_any" if negated else "any"),))

    # -- any and all
    def _lambda(self, node: Lambda, site: Site, negated: bool) -> Filter:
        hops = node.path.names
        if site.variable:
            if hops[0] != site.variable or len(hops) < 2:
                raise Unsupported("Within any and all, Basis looks at '{name}' only.", name=site.variable)
            hops = hops[1:]
        every = node.quantifier == "all"
        if every and node.body is None:
            raise refuse(self.part, "all needs a condition.")
        exists = every is negated
        return Filter(links=(self._related(node, hops, site.names, exists, every),))

    def _related(self, node: Lambda, hops: tuple[str, ...], names: Names, exists: bool, negated: bool) -> Link:
        navigation = names.navigation(hops[0], self.part)
        kind = "any" if exists else "not_any"
        if len(hops) > 1:
            if navigation.collection:
                raise refuse(self.part, "'{name}' leads to many records; use any or all.", name=hops[0])
            target = names_of(self.joins.catalog, navigation.target)
            inner = Filter(links=(self._related(node, hops[1:], target, True, negated),))
            return self._to_one(navigation, inner, kind)
        if not navigation.collection:
            raise refuse(self.part, "'{name}' leads to one record; any and all are for many.", name=hops[0])
        target = names_of(self.joins.catalog, navigation.target)
        body = Filter()
        if node.body is not None:
            body = self.build(node.body, Site(target, node.variable), negated)
        return collection_link(names, navigation, target, body, kind, self._alias)

    def _to_one(self, navigation: Navigation, filter: Filter, kind: str) -> Link:
        target = names_of(self.joins.catalog, navigation.target).entity
        return Link(target.name, target.id_field, navigation.field, self._alias(), kind, filter=filter)  # type: ignore[arg-type]

    def _alias(self) -> str:
        return f"x{next(self.aliases)}"


def collection_link(names: Names, navigation: Navigation, target: Names, filter: Filter, kind: Any, alias: Any) -> Link:
    """The link from a record to the many of a navigation."""
    own_id, other_id = names.entity.id_field, target.entity.id_field
    if navigation.association is None:
        return Link(navigation.target, navigation.field, own_id, alias(), kind, filter=filter)
    own, other = navigation.sides
    inner = Link(navigation.target, other_id, other, alias(), "any", filter=filter)
    return Link(navigation.association.name, own, own_id, alias(), kind, links=(inner,))


def _settled(field: Field, operator: str, values: tuple[Any, ...], link: str, negated: bool) -> Filter:
    if negated and operator in OPPOSITES:
        operator, negated = OPPOSITES[operator], False
    several = len(values) != 1 or operator in ("in", "not-in", "contain-values", "not-contain-values")
    condition = Condition(field.name, operator, None if several else values[0], values if several else (), link)
    if not negated:
        return Filter(conditions=(condition,))
    empty = Condition(field.name, "null", link=link)
    return Filter("or", conditions=(empty,), filters=(Filter(conditions=(condition,), negated=True),))


def _bare(node: Node) -> Node:
    while isinstance(node, Call) and node.name in SAME and len(node.arguments) == 1:
        node = node.arguments[0]
    return node
