"""Bodies of writes: JSON objects in the words of the Web API, as the values that the door to records takes."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from basis.api.exchange import Asked
from basis.api.odata.address import record_at
from basis.api.odata.names import NAMESPACE, Names, Navigation, edm_of, names_of
from basis.api.odata.parties import parties_in
from basis.catalog.entity import Entity
from basis.errors import BasisError, Invalid, Message, Unsupported
from basis.fields import type_of
from basis.fields.base import Field, Problem
from basis.fields.id import regular_id
from basis.fields.partylist import PARTY
from basis.fields.reference import Reference
from basis.security.scope import Scope

BIND = "@odata.bind"


class Given(Struct, frozen=True):
    """What a body says: values by field, the id if it names one, and records to tie to (many to many)."""

    values: dict[str, Any]
    id: str = ""
    ties: tuple[tuple[Navigation, tuple[str, ...]], ...] = ()


def object_in(asked: Asked) -> dict[str, Any]:
    """The body as a JSON object. `Invalid` when it is something else."""
    body = asked.json()
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.")
    return body


def given_in(scope: Scope, entity: Entity, body: Mapping[str, Any], asked: Asked) -> Given:
    """The values of a body. `Invalid` with every error at once, keyed by property."""
    reader = _Reader(scope, entity, asked)
    for name, value in body.items():
        try:
            reader.take(name, value)
        except Problem as problem:
            reader.errors[name] = problem.message
        except Unsupported:
            raise
        except Invalid as error:
            reader.errors[name] = next(iter(error.errors.values()))
        except BasisError as error:
            reader.errors[name] = error.message
    if reader.errors:
        raise Invalid(reader.errors)
    return Given(reader.values, reader.id, tuple(reader.ties))


class _Reader:
    def __init__(self, scope: Scope, entity: Entity, asked: Asked) -> None:
        self.scope = scope
        self.entity = entity
        self.asked = asked
        self.names: Names = names_of(scope.catalog, entity.name)
        self.values: dict[str, Any] = {}
        self.errors: dict[str, Message] = {}
        self.id = ""
        self.ties: list[tuple[Navigation, tuple[str, ...]]] = []

    def take(self, name: str, value: Any) -> None:
        if name.endswith(BIND):
            self._bind(name.removesuffix(BIND), value)
        elif "@" in name:
            return  # Annotations (`@odata.type`, formatted values) come back with what was read.
        elif name in self.names.single or name in self.names.several or name in self.names.many:
            self._nested(name, value)
        else:
            self._set(name, value)

    def _nested(self, name: str, value: Any) -> None:
        if name in self.names.many and self.names.many[name].target == PARTY:
            self.values |= parties_in(self.scope, self.entity, value, self.reference)
            return
        if value is None or value == []:
            return
        if not isinstance(value, dict | list):
            raise Problem("Set a lookup with {name}@odata.bind.", name=name)
        raise Unsupported("Basis does not create related records along ({name}); create them first.", name=name)

    def _set(self, name: str, value: Any) -> None:
        field = self.names.properties.get(name)
        if field is None:
            raise Problem(
                "Could not find a property named '{name}' on type '{type}'.",
                name=name,
                type=f"{NAMESPACE}.{self.entity.name}",
            )
        if field.name == self.entity.id_field:
            self.id = regular_id(value) if value else ""
        elif type_of(field).targets(field):
            if value is not None:
                raise Problem("Set a lookup with {name}@odata.bind.", name=self._navigation(field))
        elif edm_of(field) == "Edm.Binary" and value is not None:
            raise Unsupported("Basis takes files through its pages, not in a body ({name}).", name=name)
        elif not (field.readonly and value is None):
            self.values[field.name] = type_of(field).from_json(field, value)

    def _navigation(self, field: Field) -> str:
        names = [each.name for each in self.names.single.values() if each.field == field.name]
        return names[0] if names else field.name

    def _bind(self, name: str, value: Any) -> None:
        if name in self.names.many:
            self._tie(self.names.many[name], value)
            return
        navigations = self.names.several.get(name) or (self.names.navigation(name, name),)
        field = navigations[0].field
        if value is None:
            # One of several empty navigations does not take away what another sets.
            self.values.setdefault(field, None)
            return
        self.values[field] = self.reference(navigations, value)

    def reference(self, navigations: tuple[Navigation, ...], address: Any) -> Reference:
        entity, id = record_at(self.scope, address, self.asked.root, self.asked.contents)
        if entity.name not in {each.target for each in navigations}:
            raise Problem("May not point at {entity}.", entity=entity.set)
        return Reference(entity.name, id)

    def _tie(self, navigation: Navigation, value: Any) -> None:
        if navigation.association is None or not isinstance(value, list):
            raise Unsupported("Basis ties records to a new one only over many-to-many relationships.")
        ids = tuple(self.reference((navigation,), each).id for each in value)
        self.ties.append((navigation, ids))


def single_value(body: Mapping[str, Any], name: str) -> Any:
    """The value in `{"value": …}`, as one property is written."""
    if "value" not in body:
        raise Invalid({name: Message('The body must be {{"value": …}}.')})
    return body["value"]
