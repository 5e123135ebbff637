"""From a view to FetchXML and LayoutXML, as `savedqueries` give them."""

from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from basis.catalog.entity import Entity
from basis.catalog.query import Condition, Filter, Link, Order
from basis.catalog.view import View


def fetch_xml(view: View, entity: Entity) -> str:
    """The view's query as FetchXML."""
    root = Element("fetch", {"version": "1.0", "mapping": "logical"})
    body = SubElement(root, "entity", {"name": entity.name})
    SubElement(body, "attribute", {"name": entity.id_field})
    for column in view.columns:
        if not column.link:
            SubElement(body, "attribute", {"name": column.field})
    for order in view.order:
        _order(body, order)
    _filter(body, view.filter)
    for link in view.links:
        _link(body, link, view)
    return tostring(root, encoding="unicode")


def layout_xml(view: View, entity: Entity) -> str:
    """The view's columns with their widths."""
    grid = Element("grid", {
        "name": "resultset", "jump": entity.primary, "select": "1", "icon": "1", "preview": "1",
        "object": str(entity.code),
    })  # fmt: skip
    row = SubElement(grid, "row", {"name": "result", "id": entity.id_field})
    for column in view.columns:
        name = f"{column.link}.{column.field}" if column.link else column.field
        SubElement(row, "cell", {"name": name, "width": str(column.width)})
    return tostring(grid, encoding="unicode")


def _order(parent: Element, order: Order) -> None:
    given = {"attribute": order.field, "descending": "true" if order.descending else "false"}
    if order.link:
        given["entityname"] = order.link
    SubElement(parent, "order", given)


def _filter(parent: Element, filter: Filter) -> None:
    if not (filter.conditions or filter.filters or filter.links):
        return
    element = SubElement(parent, "filter", {"type": filter.type})
    for condition in filter.conditions:
        _condition(element, condition)
    for inner in filter.filters:
        _filter(element, inner)
    for link in filter.links:
        _link(element, link, None)


def _condition(parent: Element, condition: Condition) -> None:
    operator = condition.operator
    if condition.value is None and not condition.values and not condition.column:
        operator = {"eq": "null", "ne": "not-null"}.get(operator, operator)
    element = SubElement(parent, "condition", {"attribute": condition.field, "operator": operator})
    if condition.link:
        element.set("entityname", condition.link)
    if condition.column:
        element.set("valueof", condition.column)
    elif condition.values:
        for value in condition.values:
            SubElement(element, "value").text = _text(value)
    elif condition.value is not None:
        element.set("value", _text(condition.value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def _link(parent: Element, link: Link, view: View | None) -> None:
    kind = {"not_any": "not any"}.get(link.type, link.type)
    alias = link.alias or link.entity
    given = {"name": link.entity, "from": link.from_, "to": link.to, "alias": alias, "link-type": kind}
    element = SubElement(parent, "link-entity", given)
    named = [column.field for column in view.columns if column.link == alias] if view else []
    for name in dict.fromkeys([*(column.field for column in link.columns), *named]):
        SubElement(element, "attribute", {"name": name})
    _filter(element, link.filter)
    for inner in link.links:
        _link(element, inner, view)
