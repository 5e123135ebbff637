"""From FetchXML to a Query, with its paging apart."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import msgspec
from msgspec import Struct

from basis.api.exchange import refuse
from basis.api.fetch.conditions import Names, filter_of, is_true, limited
from basis.catalog.query import Column, Filter, Link, Order, Query
from basis.errors import Unsupported

PART = "fetchXml"
LONGEST = 200_000
DEEPEST = 12
AGGREGATES = ("count", "countcolumn", "sum", "avg", "min", "max")
INTERVALS = ("day", "week", "month", "quarter", "year", "fiscal-period", "fiscal-year")
IN_FILTER = {"any": "any", "not any": "not_any"}
AS_FILTER = {"exists": "any", "in": "any"}


class Fetch(Struct, frozen=True):
    """A query, and which page of it. `everything`: the aliases (`""`: the entity) of which all fields are wanted."""

    query: Query
    page: int = 1
    count: int = 0
    cookie: str = ""
    total: bool = False
    everything: tuple[str, ...] = ()
    aliases: dict[str, str] = {}
    """Per alias the entity that is linked under it."""


def parse_fetch(text: str) -> Fetch:
    """The query in a FetchXML text. `Invalid` says what is wrong, `Unsupported` what Basis does not do."""
    root = read_xml(text, PART)
    if root.tag != "fetch":
        raise refuse(PART, "A query begins with <fetch>.")
    entity = root.find("entity")
    if entity is None or not entity.get("name"):
        raise refuse(PART, 'There is no <entity name="…"> in the query.')
    return _Reader(is_true(root.get("aggregate"))).read(root, entity)


def read_xml(text: str, part: str) -> Element:
    """An XML text as a tree; documents that declare types or entities are refused, since they can explode."""
    if len(text) > LONGEST:
        raise refuse(part, "This is too long; at most {count} words and signs.", count=LONGEST)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise refuse(part, "The XML may not declare a document type or entities.")
    try:
        return ElementTree.fromstring(text.strip())
    except (ElementTree.ParseError, ValueError) as error:
        raise refuse(part, "Is no valid XML: {reason}.", reason=str(error)) from None


class _Reader:
    def __init__(self, aggregated: bool) -> None:
        self.aggregated = aggregated
        self.columns: list[Column] = []
        self.orders: list[Order] = []
        self.everything: list[str] = []
        self.names = Names()

    def read(self, root: Element, entity: Element) -> Fetch:
        name = entity.get("name", "")
        self.names.note("", name)
        for link in _links(entity, 0):
            self.names.note_link(link)
        filter, links = self._inside(entity, "", 0)
        top, count = _number(root, "top"), _number(root, "count")
        if top and (count or root.get("page")):
            raise refuse(PART, "top does not go with count and page.")
        query = Query(
            name, tuple(dict.fromkeys(self.columns)), filter, links, tuple(self.orders),
            is_true(root.get("distinct")), top,
        )  # fmt: skip
        if not self.columns and not self.aggregated and "" not in self.everything:
            self.everything.append("")
        return Fetch(
            query, max(1, _number(root, "page")), count, root.get("paging-cookie", ""),
            is_true(root.get("returntotalrecordcount")), tuple(self.everything), self.names.entities,
        )  # fmt: skip

    def _inside(self, element: Element, alias: str, depth: int) -> tuple[Filter, tuple[Link, ...]]:
        """What stands in an entity or a link: columns and orders are gathered, filters and links answered."""
        if depth > DEEPEST:
            raise refuse(PART, "Is nested too deeply.")
        filters: list[Filter] = []
        links: list[Link] = []
        for child in element:
            if child.tag == "attribute":
                self.columns.append(self._column(child, alias))
            elif child.tag == "all-attributes":
                self.everything.append(alias)
            elif child.tag == "order":
                self.orders.append(self._order(child, alias))
            elif child.tag == "filter":
                filters.append(filter_of(child, self.names, self._exists, depth))
            elif child.tag == "link-entity":
                kind = child.get("link-type", "inner")
                if kind in AS_FILTER:
                    filters.append(Filter(links=(self._exists(child, AS_FILTER[kind], depth),)))
                else:
                    links.append(self._link(child, kind, depth))
            elif isinstance(child.tag, str):
                raise refuse(PART, "<{name}> does not belong in <{place}>.", name=child.tag, place=element.tag)
        together = filters[0] if len(filters) == 1 else Filter(filters=tuple(filters))
        return together, tuple(links)

    def _link(self, element: Element, kind: str, depth: int) -> Link:
        if kind not in ("inner", "outer"):
            raise Unsupported("Basis does not do links of type '{name}' here.", name=kind)
        alias = self.names.alias_of(element)
        filter, links = self._inside(element, alias, depth + 1)
        return Link(
            _needed(element, "name"), _needed(element, "from"), _needed(element, "to"), alias, kind,  # type: ignore[arg-type]
            filter=filter, links=links,
        )  # fmt: skip

    def _exists(self, element: Element, kind: str, depth: int) -> Link:
        """A link that only asks whether there are related records; what it would read is left alone."""
        held = (self.columns, self.orders, self.everything)
        self.columns, self.orders, self.everything = [], [], []
        alias = self.names.alias_of(element)
        filter, links = self._inside(element, alias, depth + 1)
        self.columns, self.orders, self.everything = held
        if any(link.type == "outer" for link in links):
            raise Unsupported("Basis does not do links of type '{name}' here.", name="outer")
        inner = tuple(msgspec.structs.replace(link, type="any") for link in links)
        return Link(
            _needed(element, "name"), _needed(element, "from"), _needed(element, "to"), alias, kind,  # type: ignore[arg-type]
            filter=filter, links=inner,
        )  # fmt: skip

    def _column(self, element: Element, alias: str) -> Column:
        name, own = _needed(element, "name"), element.get("alias", "")
        if element.get("rowaggregate"):
            raise Unsupported("Basis does not do {name}.", name="rowaggregate")
        if not self.aggregated:
            return Column(name, alias, own)
        if not own:
            raise refuse(PART, "Give {name} an alias, as figures need one.", name=name)
        aggregate, interval = element.get("aggregate", ""), element.get("dategrouping", "")
        if is_true(element.get("groupby")):
            if interval and interval not in INTERVALS:
                raise refuse(PART, "There is no date grouping '{name}'.", name=interval)
            return Column(name, alias, own, group=True, interval=interval)  # type: ignore[arg-type]
        if aggregate not in AGGREGATES:
            raise refuse(PART, "Group by {name}, or give it an aggregate.", name=name)
        return Column(name, alias, own, aggregate, is_true(element.get("distinct")))  # type: ignore[arg-type]

    def _order(self, element: Element, alias: str) -> Order:
        descending = is_true(element.get("descending"))
        if element.get("alias"):
            return Order(alias=element.get("alias", ""), descending=descending)
        link = self.names.link(element.get("entityname", "")) or alias
        return Order(_needed(element, "attribute"), link, descending=descending)


def _links(element: Element, depth: int) -> Iterator[Element]:
    """Every link below an element, so that conditions may name one that comes later."""
    limited(depth)
    for child in element:
        if child.tag == "link-entity":
            yield child
        if child.tag in ("link-entity", "filter"):
            yield from _links(child, depth + 1)


def _needed(element: Element, name: str) -> str:
    value = element.get(name, "")
    if not value:
        raise refuse(PART, "<{place}> lacks its {name}.", place=element.tag, name=name)
    return value


def _number(element: Element, name: str) -> int:
    text: Any = element.get(name, "").strip()
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise refuse(PART, "{name} must be a whole number.", name=name)
    return int(text)
