"""Whether definitions fit together: every name that one mentions, another defines. Errors say where and what to do."""

import re
from collections.abc import Iterator

import msgspec

from basis.catalog.catalog import Catalog
from basis.catalog.entity import Entity
from basis.catalog.form import Form
from basis.catalog.query import Filter, Link
from basis.catalog.view import View
from basis.errors import DefinitionError
from basis.fields import field_types, type_of
from basis.fields.operators import OPERATORS

NAME_LIMIT = 49
NAME = re.compile(r"[a-z][a-z0-9_]{0,48}")
RESERVED = {
    "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "check", "column", "constraint", "create",
    "default", "delete", "desc", "distinct", "drop", "else", "end", "except", "exists", "false", "for", "foreign",
    "from", "full", "grant", "group", "having", "in", "index", "inner", "insert", "into", "is", "join", "key", "left",
    "like", "limit", "not", "null", "offset", "on", "or", "order", "outer", "primary", "references", "right", "row",
    "select", "set", "table", "then", "to", "true", "union", "unique", "update", "user", "using", "values", "view",
    "when", "where", "with", "rowid", "oid", "ctid", "xmin", "id", "version", "entity", "etag",
}  # fmt: skip
"""Words of SQL and of Basis itself, which no entity or field may be called."""


def name_problem(name: str) -> str:
    """Why a logical name will not do (an English sentence, translated when shown); empty when it will."""
    if not NAME.fullmatch(name):
        return "A name starts with a letter and has only small letters, digits and _, at most 49 of them."
    if "__" in name or name.endswith("_base"):
        return "A name may not hold __ or end in _base; Basis uses those itself."
    return "This word is reserved; choose another name." if name in RESERVED else ""


def check_catalog(catalog: Catalog) -> list[DefinitionError]:
    """Everything that does not fit, in no more than one pass; empty when all is well."""
    problems: list[DefinitionError] = []
    for entity in catalog.entities.values():
        problems += _check_entity(catalog, entity)
        for view in catalog.views[entity.name].values():
            problems += check_view(catalog, view)
        for form in catalog.forms[entity.name].values():
            problems += _check_form(catalog, form)
    for app in catalog.apps:
        for item in (item for area in app.areas for item in area.items):
            if item.entity not in catalog.entities:
                problems.append(
                    _problem(f"app {app.name}", item.entity, "There is no such entity; add it or take it out.")
                )
    return problems


def _problem(file: str, path: str, text: str, **arguments: object) -> DefinitionError:
    return DefinitionError(text, file=file, path=path, **arguments)


def _check_entity(catalog: Catalog, entity: Entity) -> Iterator[DefinitionError]:
    place = f"entity {entity.name}"
    if entity.primary not in entity.by_name:
        yield _problem(place, "primary", "There is no field {name}; name a text field.", name=entity.primary)
    seen: set[str] = set()
    for field in entity.fields:
        path = f"fields.{field.name}"
        if field.name in seen:
            yield _problem(place, path, "This field stands here twice; rename one.")
        seen.add(field.name)
        if field.type not in field_types():
            yield _problem(place, path, "There is no field type {type}.", type=field.type)
        for setting, problem in type_of(field).settings_problems(field.settings).items():
            yield _problem(place, f"{path}.settings.{setting}", problem.text, **problem.arguments)
        for target in type_of(field).targets(field):
            if target.entity not in catalog.entities:
                yield _problem(place, path, "There is no entity {name} to look up.", name=target.entity)
    for key in entity.keys:
        for name in key.fields:
            if name not in entity.by_name:
                yield _problem(place, f"keys.{key.name}", "There is no field {name}.", name=name)
    for derived in entity.derived:
        for name in (derived.field, *derived.parts):
            if name not in entity.by_name:
                yield _problem(place, "derived", "There is no field {name}.", name=name)
    for link in entity.many_to_many:
        if link.to not in catalog.entities:
            yield _problem(place, f"many_to_many.{link.name}", "There is no entity {name}.", name=link.to)


def check_view(catalog: Catalog, view: View) -> Iterator[DefinitionError]:
    """What is wrong with a view: fields that are not there, operators that do not fit."""
    place = f"view {view.entity}/{view.name}"
    entities = {"": view.entity}
    _aliases(view.links, entities)
    for column in view.columns:
        entity = entities.get(column.link, "")
        if entity not in catalog.entities or column.field not in catalog.entities[entity].by_name:
            yield _problem(place, f"columns.{column.field}", "There is no such field; take the column out.")
    for order in view.order:
        entity = entities.get(order.link, "")
        if order.field and (entity not in catalog.entities or order.field not in catalog.entities[entity].by_name):
            yield _problem(place, f"order.{order.field}", "There is no such field to sort by.")
    yield from _check_filter(catalog, place, view.filter, entities)
    for name in view.find:
        if name not in catalog.entities[view.entity].by_name:
            yield _problem(place, f"find.{name}", "There is no such field to search in.")


def _aliases(links: tuple[Link, ...], entities: dict[str, str]) -> None:
    for link in links:
        entities[link.alias or link.entity] = link.entity
        _aliases(link.links, entities)


def _check_filter(catalog: Catalog, place: str, filter: Filter, entities: dict[str, str]) -> Iterator[DefinitionError]:
    for condition in filter.conditions:
        entity = catalog.entities.get(entities.get(condition.link, ""))
        field = entity.by_name.get(condition.field) if entity else None
        if field is None:
            yield _problem(place, f"filter.{condition.field}", "There is no such field; take the condition out.")
        elif condition.operator not in OPERATORS or condition.operator not in type_of(field).operators:
            message = "The operator {operator} does not fit this field."
            yield _problem(place, f"filter.{condition.field}", message, operator=condition.operator)
    for inner in filter.filters:
        yield from _check_filter(catalog, place, inner, entities)


def _check_form(catalog: Catalog, form: Form) -> Iterator[DefinitionError]:
    place = f"form {form.entity}/{form.name}"
    entity = catalog.entities[form.entity]
    for name in form.fields():
        if name not in entity.by_name:
            yield _problem(place, f"cells.{name}", "There is no such field; take the cell out.")
    ids: set[str] = set()
    for cell in (cell for section in form.sections() for cell in section.cells):
        if cell.id in ids:
            yield _problem(place, f"cells.{cell.id}", "This id stands here twice; rename one.")
        ids.add(cell.id)
        if cell.related and cell.related not in catalog.relationships and cell.related not in catalog.associations:
            yield _problem(place, f"cells.{cell.id}", "There is no relationship {name}.", name=cell.related)


def settings_problem(type_name: str, settings: object) -> str:
    """Why settings do not suit a field type; empty when they do."""
    try:
        msgspec.convert(settings, field_types()[type_name].Settings)
    except msgspec.ValidationError as error:
        return str(error)
    return ""
