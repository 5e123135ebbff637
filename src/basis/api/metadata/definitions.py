"""The addresses of definitions: EntityDefinitions and what lies below, relationships, choices, views and forms."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from basis.api.exchange import Answer, Asked, answer_json
from basis.api.failures import no_segment
from basis.api.memory import per_catalog
from basis.api.metadata import relationships, views
from basis.api.metadata.entities import attribute_json, entity_json, global_option_set, key_json, option_set
from basis.api.metadata.labels import NAMESPACE, Json
from basis.api.odata.address import Segment
from basis.api.odata.evaluate import Expander, chosen, list_of
from basis.catalog.catalog import Catalog
from basis.catalog.entity import Entity
from basis.errors import NotFound, Unsupported
from basis.fields.base import Field, Problem
from basis.fields.id import regular_id
from basis.security.scope import Scope

OPTION_SETS = ("OptionSet", "GlobalOptionSet")


@per_catalog
def entities(catalog: Catalog, language: str) -> tuple[Json, ...]:
    return tuple(entity_json(entity, language) for entity in catalog.entities.values() if not entity.hidden)


@per_catalog
def attributes(catalog: Catalog, entity: str, language: str) -> tuple[Json, ...]:
    defined = catalog.entity(entity)
    return tuple(attribute_json(defined, field, language) for field in defined.visible_fields)


def keys(catalog: Catalog, entity: str, language: str) -> list[Json]:
    defined = catalog.entity(entity)
    return [key_json(defined, key, language) for key in defined.keys]


def read_entities(scope: Scope, asked: Asked, segments: list[Segment]) -> Answer:
    """EntityDefinitions and everything below."""
    catalog, language = scope.catalog, scope.language
    rows = entities(catalog, language)
    expand = _expander(catalog, language)
    first, rest = segments[0], segments[1:]
    if first.given is None:
        return _list(asked, "EntityDefinitions", rows, rest, expand)
    row = _one(rows, first)
    entity = catalog.entity(row["LogicalName"])
    if not rest:
        return _single(asked, "EntityDefinitions", row, expand)
    if rest[0].name == "Attributes":
        return _attributes(catalog, asked, entity, rest, language)
    below = _below(catalog, entity, rest[0].name, language)
    context = f"EntityDefinitions('{entity.name}')/{rest[0].name}"
    if rest[0].given is not None and len(rest) == 1:
        return _single(asked, context, _one(below, rest[0]), None)
    return _list(asked, context, below, rest[1:], None)


def _below(catalog: Catalog, entity: Entity, name: str, language: str) -> list[Json]:
    if name == "Keys":
        return keys(catalog, entity.name, language)
    if name in relationships.COLLECTIONS:
        return relationships.of_entity(catalog, entity.name, name)
    raise no_segment(name)


def _expander(catalog: Catalog, language: str) -> Expander:
    def expand(row: Json, name: str, options: Mapping[str, str]) -> Any:
        entity = catalog.entity(row["LogicalName"])
        if name == "Attributes":
            inner = _attribute_expander(catalog, entity, language)
            return list_of(attributes(catalog, entity.name, language), options, inner)["value"]
        return list_of(_below(catalog, entity, name, language), options)["value"]

    return expand


# -- fields


def _attributes(catalog: Catalog, asked: Asked, entity: Entity, rest: list[Segment], language: str) -> Answer:
    rows = list(attributes(catalog, entity.name, language))
    first, rest = rest[0], rest[1:]
    context = f"EntityDefinitions('{entity.name}')/Attributes"
    if rest and rest[0].name.startswith(f"{NAMESPACE}."):
        kind, rest = rest[0].name, rest[1:]
        rows = [row for row in rows if row["@odata.type"] == f"#{kind}"]
        context += f"/{kind}"
    expand = _attribute_expander(catalog, entity, language)
    if first.given is None:
        return _list(asked, context, rows, rest, expand)
    row = _one(rows, first)
    if not rest:
        return _single(asked, context, row, expand)
    if rest[0].name in OPTION_SETS:
        found = expand(row, rest[0].name, {})
        return Answer(204) if found is None else _single(asked, f"{context}/{rest[0].name}", found, None)
    raise no_segment(rest[0].name)


def _attribute_expander(catalog: Catalog, entity: Entity, language: str) -> Expander:
    def expand(row: Json, name: str, options: Mapping[str, str]) -> Any:
        if name not in OPTION_SETS:
            raise Unsupported("Basis cannot expand {name}.", name=name)
        field: Field = entity.by_name[row["LogicalName"]]
        found = option_set(catalog, entity, field, language)
        if found is None or (name == "GlobalOptionSet" and not found["IsGlobal"]):
            return None
        return chosen(found, options)

    return expand


# -- the rest


def read_relationships(scope: Scope, asked: Asked, segments: list[Segment]) -> Answer:
    rows = relationships.everything(scope.catalog)
    first, rest = segments[0], segments[1:]
    if rest and rest[0].name.startswith(f"{NAMESPACE}."):
        rows = [row for row in rows if row["@odata.type"] == f"#{rest[0].name}"]
        rest = rest[1:]
    if first.given is None:
        return _list(asked, first.name, rows, rest, None)
    return _single(asked, first.name, _one(rows, first), None)


def read_choices(scope: Scope, asked: Asked, segments: list[Segment]) -> Answer:
    rows = [global_option_set(choice, scope.language) for choice in scope.catalog.choices.values()]
    first, rest = segments[0], segments[1:]
    if rest and rest[0].name == f"{NAMESPACE}.OptionSetMetadata":
        rest = rest[1:]
    if first.given is None:
        return _list(asked, first.name, rows, rest, None)
    return _single(asked, first.name, _one(rows, first), None)


def _of_rows(make: Callable[[Catalog, str], tuple[Json, ...]]) -> Callable[[Scope, Asked, list[Segment]], Answer]:
    def read(scope: Scope, asked: Asked, segments: list[Segment]) -> Answer:
        rows = make(scope.catalog, scope.language)
        first, rest = segments[0], segments[1:]

        def expand(row: Json, name: str, options: Mapping[str, str]) -> Any:
            return chosen(row[name], options) if isinstance(row.get(name), dict) else None

        if first.given is None:
            return _list(asked, first.name, rows, rest, expand)
        return _single(asked, first.name, _one(rows, first), expand)

    return read


DEFINITIONS: dict[str, Callable[[Scope, Asked, list[Segment]], Answer]] = {
    "EntityDefinitions": read_entities,
    "RelationshipDefinitions": read_relationships,
    "GlobalOptionSetDefinitions": read_choices,
    "savedqueries": _of_rows(views.saved_queries),
    "systemforms": _of_rows(views.system_forms),
    "sdkmessagefilters": _of_rows(views.message_filters),
}


def _list(asked: Asked, context: str, rows: Iterable[Json], rest: list[Segment], expand: Expander | None) -> Answer:
    if len(rest) == 1 and rest[0].name == "$count":
        number = len(list_of(rows, asked.options)["value"])
        return Answer(200, str(number).encode(), "text/plain")
    if rest:
        raise no_segment(rest[0].name)
    found = list_of(rows, asked.options, expand)
    return answer_json({"@odata.context": f"{asked.root}$metadata#{context}", **found})


def _single(asked: Asked, context: str, row: Json, expand: Expander | None) -> Answer:
    head = {"@odata.context": f"{asked.root}$metadata#{context}/$entity"}
    return answer_json(head | chosen(row, asked.options, expand))


def _one(rows: Iterable[Json], segment: Segment) -> Json:
    """The row that a key means: its id, or one of its properties (`LogicalName='account'`)."""
    given = dict(segment.given or ())
    for row in rows:
        if given and all(_fits(row, name, value) for name, value in given.items()):
            return row
    raise NotFound("There is no such definition ({name}).", name=", ".join(map(str, given.values())))


def _fits(row: Json, name: str, value: Any) -> bool:
    if name:
        return bool(row.get(name) == value)
    try:
        id = regular_id(value)
    except Problem:
        return False
    return any(row.get(key) == id for key in ("MetadataId", "savedqueryid", "formid", "sdkmessagefilterid"))
