"""`/api/openapi.json`: the Web API described by OpenAPI 3.1, from the catalog."""

from typing import Any

from basis import __version__
from basis.api.exchange import Answer, Asked, encode
from basis.api.memory import per_catalog
from basis.api.odata.names import Names, names_of, told_fields
from basis.catalog.catalog import Catalog
from basis.catalog.entity import Entity
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.partylist import PARTY
from basis.i18n import label
from basis.security.scope import Scope

BASE = "/api/data/v9.2"
Json = dict[str, Any]


def openapi(scope: Scope, asked: Asked) -> Answer:
    return Answer(200, description(scope.catalog, scope.language), "application/json")


@per_catalog
def description(catalog: Catalog, language: str) -> bytes:
    """The whole description, in one language."""
    entities = [entity for entity in catalog.entities.values() if not entity.hidden]
    paths: Json = {f"{BASE}/WhoAmI": {"get": _who_am_i()}}
    schemas: Json = {"Error": _error_schema()}
    for entity in entities:
        names = names_of(catalog, entity.name)
        paths |= _paths(entity, language)
        schemas[entity.name] = _schema(names, language, write=False)
        schemas[f"{entity.name}_write"] = _schema(names, language, write=True)
    return encode({
        "openapi": "3.1.0",
        "info": {"title": "Basis Web API", "version": __version__},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": _parameters(),
            "responses": _failures(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
    })  # fmt: skip


def _paths(entity: Entity, language: str) -> Json:
    plural = label(entity.plural, language) or entity.set
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    return {
        f"{BASE}/{entity.set}": {"get": _list(entity, plural), "post": _create(entity, plural)},
        f"{BASE}/{entity.set}/$count": {"get": _count(entity, plural)},
        f"{BASE}/{entity.set}({{id}})": {
            "parameters": [key],
            "get": _read(entity, plural),
            "patch": _update(entity, plural),
            "delete": _delete(entity, plural),
        },
    }


def _operation(entity: Entity, verb: str, plural: str, responses: Json, **more: Any) -> Json:
    return {
        "operationId": f"{verb}_{entity.name}",
        "tags": [plural],
        "responses": {**responses, **_references()},
        **more,
    }


def _list(entity: Entity, plural: str) -> Json:
    page = {
        "type": "object",
        "required": ["value"],
        "properties": {
            "value": {"type": "array", "items": _reference(entity.name)},
            "@odata.count": {"type": "integer"},
            "@odata.nextLink": {"type": "string"},
        },
    }
    names = ("select", "filter", "orderby", "top", "count", "expand")
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    return _operation(entity, "list", plural, {"200": _json(page, plural)}, parameters=parameters)


def _count(entity: Entity, plural: str) -> Json:
    answer = {"description": plural, "content": {"text/plain": {"schema": {"type": "string"}}}}
    parameters = [{"$ref": "#/components/parameters/filter"}]
    return _operation(entity, "count", plural, {"200": answer}, parameters=parameters)


def _create(entity: Entity, plural: str) -> Json:
    body = {"required": True, "content": {"application/json": {"schema": _reference(f"{entity.name}_write")}}}
    responses = {"201": _json(_reference(entity.name), plural), "204": {"description": "OData-EntityId"}}
    return _operation(entity, "create", plural, responses, requestBody=body)


def _read(entity: Entity, plural: str) -> Json:
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name in ("select", "expand")]
    responses = {"200": _json(_reference(entity.name), plural)}
    return _operation(entity, "read", plural, responses, parameters=parameters)


def _update(entity: Entity, plural: str) -> Json:
    body = {"required": True, "content": {"application/json": {"schema": _reference(f"{entity.name}_write")}}}
    responses = {
        "200": _json(_reference(entity.name), plural),
        "201": _json(_reference(entity.name), plural),
        "204": {"description": "OData-EntityId"},
    }
    return _operation(entity, "update", plural, responses, requestBody=body)


def _delete(entity: Entity, plural: str) -> Json:
    return _operation(entity, "delete", plural, {"204": {"description": "Deleted"}})


def _who_am_i() -> Json:
    ids = {name: {"type": "string"} for name in ("UserId", "BusinessUnitId", "OrganizationId")}
    answer = _json({"type": "object", "properties": ids}, "UserId")
    return {"operationId": "WhoAmI", "responses": {"200": answer, **_references()}}


# -- schemas


def _schema(names: Names, language: str, write: bool) -> Json:
    """The record as it is read, or the part of it that one may write."""
    entity = names.entity
    properties: Json = {}
    for field in told_fields(entity):
        type_ = type_of(field)
        if write and (field.readonly or type_.targets(field) or type_.edm == "Edm.Binary"):
            continue
        properties[type_.property(field)] = _property(field, language, write)
    if write:
        for name in (*names.single, *names.several):
            properties[f"{name}@odata.bind"] = {"type": ["string", "null"]}
        for name, navigation in names.many.items():
            if navigation.target == PARTY:
                properties[name] = {"type": "array", "items": {"type": "object"}}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    properties["@odata.etag"] = {"type": "string"}
    return {"type": "object", "properties": properties}


def _property(field: Field, language: str, write: bool) -> Json:
    schema = dict(type_of(field).json_schema(field))
    if not write:
        # What was stored before a limit was changed is still read.
        schema = {name: held for name, held in schema.items() if name in ("type", "format", "description")}
    named = {key: text for key, text in (("title", label(field.label, language)),) if text}
    described = label(field.description, language)
    return {**named, **schema, **({"description": described} if described else {})}


def _error_schema() -> Json:
    text = {"type": "string"}
    detail = {"type": "object", "properties": {"code": text, "target": text, "message": text}}
    inner = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": text, "message": text, "details": {"type": "array", "items": detail}},
    }
    return {"type": "object", "required": ["error"], "properties": {"error": inner}}


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Json, description: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


FAILURES = {"400": "Invalid", "401": "Unauthenticated", "403": "Forbidden", "404": "NotFound", "409": "Refused",
            "412": "Conflict", "501": "Unsupported"}  # fmt: skip


def _failures() -> Json:
    return {name: _json(_reference("Error"), name) for name in FAILURES.values()}


def _references() -> Json:
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in FAILURES.items()}


def _parameters() -> Json:
    texts = {"select": "name,createdon", "filter": "contains(name,'jansen')", "orderby": "name desc", "expand": ""}
    found: Json = {
        name: {"name": f"${name}", "in": "query", "schema": {"type": "string"}, "example": example}
        for name, example in texts.items()
    }
    found["top"] = {"name": "$top", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 5000}}
    found["count"] = {"name": "$count", "in": "query", "schema": {"type": "boolean"}}
    return found
