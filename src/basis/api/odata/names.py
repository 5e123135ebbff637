"""What the fields and relationships of an entity are called in the Web API, and back."""

from typing import Any

from msgspec import Struct

from basis.api.exchange import refuse
from basis.api.memory import per_catalog
from basis.catalog.catalog import Catalog
from basis.catalog.entity import Entity
from basis.catalog.relationship import Association, Relationship
from basis.fields import type_of
from basis.fields.base import Field

NAMESPACE = "Microsoft.Dynamics.CRM"


class Navigation(Struct, frozen=True):
    """A navigation property: from a record to one of `target` (by `field`), or to many.

    To many: `field` is the lookup of `target` that points back, or `association` the many-to-many relationship,
    seen from its second side when `back`.
    """

    name: str
    target: str
    field: str = ""
    relationship: Relationship | None = None
    association: Association | None = None
    back: bool = False
    collection: bool = False

    @property
    def sides(self) -> tuple[str, str]:
        """For many to many: the columns of one's own id and of the other's."""
        link = self.association
        assert link is not None
        pair = (link.first_column, link.second_column)
        return pair[::-1] if self.back else pair

    @property
    def schema_name(self) -> str:
        """The relationship's own name."""
        held = self.relationship or self.association
        return held.name if held else self.name


class Names(Struct, frozen=True):
    """The names of one entity: properties (also lookups by their own name), and navigations to one or to many."""

    entity: Entity
    properties: dict[str, Field]
    single: dict[str, Navigation]
    several: dict[str, tuple[Navigation, ...]]
    """Lookups of several entities by the field's own name (`ownerid`), with the navigation to each."""
    many: dict[str, Navigation]

    def field(self, name: str, part: str) -> Field:
        """The field behind a property; `Invalid` about `part` of the request when there is none."""
        field = self.properties.get(name)
        if field is None:
            raise refuse(
                part,
                "Could not find a property named '{name}' on type '{type}'.",
                name=name,
                type=f"{NAMESPACE}.{self.entity.name}",
            )
        return field

    def navigation(self, name: str, part: str) -> Navigation:
        found = self.single.get(name) or self.many.get(name)
        if found is None:
            self.field(name, part)
            raise refuse(part, "'{name}' leads to no other record.", name=name)
        return found


@per_catalog
def names_of(catalog: Catalog, entity_name: str) -> Names:
    """The names of an entity, worked out once per catalog."""
    entity = catalog.entity(entity_name)
    properties: dict[str, Field] = {}
    for field in told_fields(entity):
        properties[type_of(field).property(field)] = field
    for field in told_fields(entity):
        properties.setdefault(field.name, field)
    single, several = _to_one(catalog, entity)
    return Names(entity, properties, single, several, _to_many(catalog, entity))


def told_fields(entity: Entity) -> tuple[Field, ...]:
    """The fields that are properties: not those whose values are a collection of other records."""
    return tuple(field for field in entity.visible_fields if not type_of(field).apart)


def _to_one(catalog: Catalog, entity: Entity) -> tuple[dict[str, Navigation], dict[str, tuple[Navigation, ...]]]:
    single: dict[str, Navigation] = {}
    by_field: dict[str, list[Navigation]] = {}
    for relationship in catalog.outgoing[entity.name]:
        if catalog.entities[relationship.target].hidden:
            continue
        found = Navigation(relationship.navigation, relationship.target, relationship.field, relationship)
        single[found.name] = found
        by_field.setdefault(relationship.field, []).append(found)
    return single, {name: tuple(found) for name, found in by_field.items() if len(found) > 1 and name not in single}


def _to_many(catalog: Catalog, entity: Entity) -> dict[str, Navigation]:
    many: dict[str, Navigation] = {}
    for relationship in catalog.relationships.values():
        if relationship.target == entity.name and not catalog.entities[relationship.entity].hidden:
            found = Navigation(
                relationship.name, relationship.entity, relationship.field, relationship, collection=True
            )
            many[found.name] = found
    for link in catalog.associations_of(entity.name):
        if link.first == entity.name:
            many[link.navigation] = _through(link, link.navigation, link.second, back=False)
        if link.second == entity.name:
            many.setdefault(link.back_navigation, _through(link, link.back_navigation, link.first, back=True))
    return many


def _through(link: Association, name: str, target: str, back: bool) -> Navigation:
    return Navigation(name, target, association=link, back=back, collection=True)


def property_of(field: Field) -> str:
    return type_of(field).property(field)


def edm_of(field: Field) -> str:
    """The Edm type of a field's property; whole numbers beyond 32 bits need 64."""
    type_ = type_of(field)
    largest: Any = getattr(field.settings, "maximum", None)
    if type_.edm == "Edm.Int32" and largest is not None and largest > 2_147_483_647:
        return "Edm.Int64"
    return type_.edm
