"""A filter in words: the sentence that says which records a view shows, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from basis.catalog.entity import Entity
from basis.catalog.query import Condition, Filter, Link
from basis.catalog.view import View, all_links
from basis.errors import Message, NotFound
from basis.fields import type_of
from basis.fields.base import Field, Problem
from basis.fields.operators import OPERATORS
from basis.fields.reference import Reference
from basis.i18n import label, say
from basis.records import select
from basis.security.scope import Scope

EXISTS = {
    ("any", False): Message("there are {records}"),
    ("any", True): Message("there are {records} for which {conditions}"),
    ("not_any", False): Message("there are no {records}"),
    ("not_any", True): Message("there are no {records} for which {conditions}"),
}
SO_MANY = {"en": "so many", "nl": "zoveel"}


def sentence(scope: Scope, view: View) -> str:
    """`Accounts for which city is Zwolle and …`; the plural alone for a view without a filter."""
    entity = scope.catalog.entity(view.entity)
    entities = {"": entity} | {
        link.alias: scope.catalog.entity(link.entity)
        for link in all_links(view.links)
        if link.alias and link.entity in scope.catalog.entities
    }
    conditions = _filter(scope, entities, view.filter)
    plural = label(entity.plural, scope.language)
    if not conditions:
        return say(Message("All {records}", records=_small(plural)), scope.language)
    return say(Message("{records} for which {conditions}", records=plural, conditions=conditions), scope.language)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _filter(scope: Scope, entities: Mapping[str, Entity], filter: Filter) -> str:
    parts = [_condition(scope, entities, each) for each in filter.conditions]
    inner = [(each, _filter(scope, entities, each)) for each in filter.filters]
    parts += [f"({text})" if _joins(each) else text for each, text in inner if text]
    parts += [_existence(scope, entities[""], each) for each in filter.links]
    word = say(Message("or") if filter.type == "or" else Message("and"), scope.language)
    joined = f" {word} ".join(part for part in parts if part)
    if filter.negated and joined:
        return say(Message("not ({conditions})", conditions=joined), scope.language)
    return joined


def _joins(filter: Filter) -> bool:
    return len(filter.conditions) + len(filter.filters) + len(filter.links) > 1


def _condition(scope: Scope, entities: Mapping[str, Entity], condition: Condition) -> str:
    entity = entities.get(condition.link)
    field = entity.by_name.get(condition.field) if entity else None
    operator = OPERATORS.get(condition.operator)
    if entity is None or field is None or operator is None:
        return ""
    name = _small(label(field.label, scope.language))
    if condition.link:
        name = say(Message("{field} of {record}", field=name, record=_small(label(entity.label, scope.language))),
                   scope.language)  # fmt: skip
    words, values = label(operator.label, scope.language), _values(scope, entity, field, condition)
    many = SO_MANY.get(scope.language, SO_MANY["en"])
    if many in words:
        return f"{name} {words.replace(many, values[0] if values else '…')}"
    joint = Message("and") if "between" in condition.operator else Message("or")
    return " ".join(part for part in (name, words, f" {say(joint, scope.language)} ".join(values)) if part)


def _values(scope: Scope, entity: Entity, field: Field, condition: Condition) -> list[str]:
    if condition.column:
        other = entity.by_name.get(condition.column)
        return [label(other.label, scope.language) if other else condition.column]
    given = condition.values or (() if condition.value is None else (condition.value,))
    return [_value(scope, field, condition.operator, value) for value in given]


def _value(scope: Scope, field: Field, operator: str, value: Any) -> str:
    type_ = type_of(field)
    if "-x-" in operator or "fiscal" in operator:
        return str(value)
    if type_.targets(field) and isinstance(value, str) and len(value) == 36:
        return _name(scope, field, value)
    try:
        held = type_.from_json(field, value)
        if isinstance(held, tuple):
            return type_.text(field, held, scope.locale)
        return type_.text(field, held, scope.locale) if not isinstance(held, Reference) else str(value)
    except (Problem, ValueError):
        return str(value)


def _name(scope: Scope, field: Field, id: str) -> str:
    for target in type_of(field).targets(field):
        if target.entity in scope.catalog.entities and scope.user.may(target.entity, "read"):
            found = select.references(scope, target.entity, [id]).get(id)
            if found:
                return found.label
    return "…"


def _existence(scope: Scope, entity: Entity, link: Link) -> str:
    """`there are contacts for which …`, through the table of an association too."""
    far = link
    if link.entity in scope.catalog.associations and link.filter.links:
        far = link.filter.links[0]
    try:
        other = scope.catalog.entity(far.entity)
    except NotFound:
        return ""
    inside = _filter(scope, {"": other}, far.filter)
    text = EXISTS[("not_any" if link.type == "not_any" else "any", bool(inside))].text
    plural = _small(label(other.plural, scope.language))
    return say(Message(text, records=plural, conditions=f"({inside})"), scope.language)
