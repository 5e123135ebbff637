"""From definitions as they are written (JSON files of the standard, rows of the organisation) to structs."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from basis.catalog.app import App, RoleDefinition
from basis.catalog.catalog import Catalog, Definitions
from basis.catalog.entity import ChoiceList, Entity
from basis.catalog.form import Form
from basis.catalog.store import Rows
from basis.catalog.view import View
from basis.errors import DefinitionError

KINDS: dict[str, type[msgspec.Struct]] = {
    "entity": Entity,
    "view": View,
    "form": Form,
    "choice": ChoiceList,
    "app": App,
    "role": RoleDefinition,
}
Key = tuple[str, str, str]
Raw = dict[Key, dict[str, Any]]


def read_folder(folder: Traversable) -> dict[Key, tuple[str, dict[str, Any]]]:
    """Every definition below a folder that is laid out like `standard/`, with the file it stands in."""
    found: dict[Key, tuple[str, dict[str, Any]]] = {}
    for part in sorted(folder.iterdir(), key=lambda item: item.name):
        if part.is_dir():
            shared = {"choices": "choice", "apps": "app", "roles": "role"}.get(part.name)
            _read_shared(part, shared, found) if shared else _read_entity(part, found)
    return found


def _read_shared(folder: Traversable, kind: str, found: dict[Key, tuple[str, dict[str, Any]]]) -> None:
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if file.name.endswith(".json"):
            found[(kind, "", file.name.removesuffix(".json"))] = (f"{folder.name}/{file.name}", _json(file))


def _read_entity(folder: Traversable, found: dict[Key, tuple[str, dict[str, Any]]]) -> None:
    name = folder.name
    file = folder.joinpath("entity.json")
    if not file.is_file():
        return
    found[("entity", "", name)] = (f"{name}/entity.json", _json(file))
    for part, kind in (("views", "view"), ("forms", "form")):
        inner = folder.joinpath(part)
        for item in sorted(inner.iterdir(), key=lambda i: i.name) if inner.is_dir() else ():
            if item.name.endswith(".json"):
                body = {**_json(item), "entity": name}
                found[(kind, name, item.name.removesuffix(".json"))] = (f"{name}/{part}/{item.name}", body)


def _json(file: Traversable) -> dict[str, Any]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise DefinitionError(
            "Is no JSON object ({reason}); mend the file.", file=file.name, reason=str(error)
        ) from error


def decode(kind: str, body: Mapping[str, Any], file: str) -> Any:
    """A definition as its struct; `DefinitionError` names the file, the path in it and what is expected."""
    try:
        return msgspec.convert(body, KINDS[kind])
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        raise DefinitionError(
            "{reason}. Mend this part of the definition.", file=file, path=path.strip("`"), reason=reason
        ) from error


@cache
def standard() -> dict[Key, tuple[str, dict[str, Any]]]:
    """The standard CRM as it is shipped."""
    return read_folder(resources.files("basis").joinpath("standard"))


@cache
def _standard_struct(key: Key) -> Any:
    file, body = standard()[key]
    return decode(key[0], body, file)


def standard_roles() -> list[RoleDefinition]:
    """The roles that a new organisation starts with."""
    return [_standard_struct(key) for key in standard() if key[0] == "role"]


def load(rows: Rows, version: int = 0, previous: Catalog | None = None) -> Catalog:
    """The Catalog of the standard with an organisation's own definitions over it; see `Catalog` for `previous`."""
    merged = layer(rows)
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for key in {**{key: None for key in standard()}, **{key: None for key in merged}}:
        if key in merged:
            found[key[0]].append(decode(key[0], merged[key], f"{key[0]} {key[1]} {key[2]}"))
        else:
            found[key[0]].append(_standard_struct(key))
    definitions = Definitions(
        tuple(found["entity"]),
        tuple(found["view"]),
        tuple(found["form"]),
        tuple(found["choice"]),
        tuple(found["app"]),
    )
    return Catalog(definitions, version, previous)


def layer(rows: Rows) -> Raw:
    """The definitions that an organisation has changed or added, each merged over the standard by key.

    A row holds only what differs. Fields merge by name into their entity, cells by id into their form,
    so that an upgrade of the standard reaches all the rest and never overwrites a customer.
    """
    merged: Raw = {}
    base = {key: body for key, (_, body) in standard().items()}
    for key, body in rows.items():
        if key[0] in KINDS:
            merged[key] = {**base.get(key, {}), **body}
    for (kind, entity, name), body in rows.items():
        if kind == "field":
            key = ("entity", "", entity)
            merged[key] = _with_field(merged.get(key) or base.get(key), name, body, entity)
        elif kind == "many_to_many":
            key = ("entity", "", entity)
            merged[key] = _with_link(merged.get(key) or base.get(key), name, body, entity)
        elif kind == "key":
            place = ("entity", "", entity)
            merged[place] = _with_key(merged.get(place) or base.get(place), name, body, entity)
        elif kind == "form_cell":
            form, _, cell = name.partition("/")
            key = ("form", entity, form)
            if key in merged or key in base:
                merged[key] = _with_cell(merged.get(key) or base[key], cell, body)
    return merged


def _with_field(entity: dict[str, Any] | None, name: str, body: dict[str, Any], entity_name: str) -> dict[str, Any]:
    if entity is None:
        raise DefinitionError("There is no entity {entity} for field {name}.", entity=entity_name, name=name)
    fields = list(entity["fields"])
    for position, field in enumerate(fields):
        if field["name"] == name:
            fields[position] = {**field, **body}
            return {**entity, "fields": fields}
    return {**entity, "fields": [*fields, {"name": name, **body}]}


def _with_link(entity: dict[str, Any] | None, name: str, body: dict[str, Any], entity_name: str) -> dict[str, Any]:
    if entity is None:
        raise DefinitionError("There is no entity {entity} for field {name}.", entity=entity_name, name=name)
    kept = [link for link in entity.get("many_to_many", ()) if link["name"] != name]
    return {**entity, "many_to_many": [*kept, {"name": name, **body}]}


def _with_key(entity: dict[str, Any] | None, name: str, body: dict[str, Any], entity_name: str) -> dict[str, Any]:
    if entity is None:
        raise DefinitionError("There is no entity {entity} for key {name}.", entity=entity_name, name=name)
    kept = [key for key in entity.get("keys", ()) if key["name"] != name]
    return {**entity, "keys": [*kept, {"name": name, **body}]}


OWN_SECTION = {"id": "own_fields", "label": {"en": "Own fields", "nl": "Eigen velden"}}
OWN_LISTS = {"id": "own_lists", "label": {"en": "Own relationships", "nl": "Eigen relaties"}}


def _with_cell(form: dict[str, Any], cell: str, body: dict[str, Any]) -> dict[str, Any]:
    """The form with one more cell, in the section that the row names or in one for own fields on the first tab."""
    tabs = [
        {**tab, "columns": [[dict(section) for section in column] for column in tab["columns"]]} for tab in form["tabs"]
    ]
    wanted = body.get("section", OWN_SECTION["id"])
    sections = [section for tab in tabs for column in tab["columns"] for section in column]
    section = next((section for section in sections if section["id"] == wanted), None)
    if section is None:
        lists = wanted == OWN_LISTS["id"]
        section = {**(OWN_LISTS if lists else OWN_SECTION), "cells": []}
        tabs[0]["columns"][-1 if lists else 0].append(section)
    kept = [held for held in section["cells"] if held["id"] != cell]
    section["cells"] = [*kept, {"id": cell, **body["cell"]}]
    return {**form, "tabs": tabs}
