"""The filters of FetchXML, and the aliases under which its links are known."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from basis.api.exchange import refuse
from basis.api.odata.operators import pattern
from basis.catalog.query import Condition, Filter, Link
from basis.errors import Unsupported
from basis.fields.operators import OPERATORS

PART = "fetchXml"
DEEPEST = 20
OTHER_NAMES = {"neq": "ne"}
IN_FILTER = {"any": "any", "not any": "not_any"}

Exists = Callable[[Element, str, int], Link]


def is_true(text: str | None) -> bool:
    return text in ("true", "1")


def limited(depth: int) -> None:
    if depth > DEEPEST:
        raise refuse(PART, "Is nested too deeply.")


class Names:
    """The aliases of the links of one query; one without an alias goes by its entity's name, counted on."""

    def __init__(self) -> None:
        self.entities: dict[str, str] = {}
        self._by_element: dict[int, str] = {}

    def note(self, alias: str, entity: str) -> None:
        self.entities[alias] = entity

    def note_link(self, element: Element) -> None:
        name = element.get("name", "")
        alias = element.get("alias", "")
        if not alias:
            alias, number = name, 1
            while alias in self.entities:
                number += 1
                alias = f"{name}{number}"
        elif alias in self.entities:
            raise refuse(PART, "The alias {alias} is used twice.", alias=alias)
        self._by_element[id(element)] = alias
        self.note(alias, name)

    def alias_of(self, element: Element) -> str:
        return self._by_element[id(element)]

    def link(self, name: str) -> str:
        """The alias that an `entityname` means: an alias itself, or the only link to that entity."""
        if not name or name in self.entities:
            return name
        found = [alias for alias, entity in self.entities.items() if entity == name and alias]
        if len(found) != 1:
            raise refuse(PART, "There is no link {name}.", name=name)
        return found[0]


def filter_of(element: Element, names: Names, exists: Exists, depth: int) -> Filter:
    """A `<filter>` with all that is in it."""
    limited(depth)
    kind = element.get("type", "and")
    if kind not in ("and", "or"):
        raise refuse(PART, "A filter is of type and, or or.")
    conditions, filters, links = [], [], []
    for child in element:
        if child.tag == "condition":
            conditions.append(_condition(child, names))
        elif child.tag == "filter":
            filters.append(filter_of(child, names, exists, depth + 1))
        elif child.tag == "link-entity":
            wanted = child.get("link-type", "inner")
            if wanted not in IN_FILTER:
                raise Unsupported("Basis does not do links of type '{name}' here.", name=wanted)
            links.append(exists(child, IN_FILTER[wanted], depth + 1))
        elif isinstance(child.tag, str):
            raise refuse(PART, "<{name}> does not belong in <{place}>.", name=child.tag, place="filter")
    return Filter("or" if kind == "or" else "and", tuple(conditions), tuple(filters), tuple(links))


def _condition(element: Element, names: Names) -> Condition:
    field, operator = element.get("attribute", ""), element.get("operator", "")
    operator = OTHER_NAMES.get(operator, operator)
    known = OPERATORS.get(operator)
    if not field or known is None:
        raise refuse(PART, "There is no operator '{operator}' (condition on {field}).", operator=operator, field=field)
    link = names.link(element.get("entityname", ""))
    if element.get("valueof"):
        return Condition(field, operator, link=link, column=element.get("valueof", "").rpartition(".")[2])
    values: list[Any] = [child.text or "" for child in element if child.tag == "value"]
    if element.get("value") is not None and known.values != 0:
        values.insert(0, element.get("value", ""))
    if operator in ("like", "not-like"):
        values = [pattern(value[:4_000]) for value in values]
    if len(values) < known.values:
        text = "The operator {operator} needs {count} value(s)."
        raise refuse(PART, text, operator=operator, count=known.values)
    if known.values == 1:
        return Condition(field, operator, values[0], link=link)
    return Condition(field, operator, values=tuple(values) if known.values else (), link=link)
