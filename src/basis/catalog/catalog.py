"""The Catalog: an immutable snapshot of all definitions at one version, with the tables that they mean."""

from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import Table

from basis.catalog.app import App, Area, AreaItem
from basis.catalog.entity import ChoiceList, Entity
from basis.catalog.form import Form
from basis.catalog.relationship import Association, Relationship, association, of_field
from basis.catalog.system_fields import system_fields
from basis.catalog.tables import Tables
from basis.catalog.view import View
from basis.catalog.visible import visible_form, visible_view
from basis.errors import NotFound
from basis.fields import field_types
from basis.fields.base import Field, Target

_Item = TypeVar("_Item", View, Form)

_NAMESPACE = UUID("8f0d3c2e-6a51-4c1b-9d7e-2b5a4e1f7c90")


def definition_id(kind: str, entity: str, name: str = "") -> str:
    """The id of a definition, the same in every organisation (`savedqueryid`, `MetadataId`)."""
    return str(uuid5(_NAMESPACE, f"{kind}/{entity}/{name}"))


class Definitions(msgspec.Struct, frozen=True):
    """What a Catalog is made of, as written: entities with their own fields only, settings still mappings."""

    entities: tuple[Entity, ...] = ()
    views: tuple[View, ...] = ()
    forms: tuple[Form, ...] = ()
    choices: tuple[ChoiceList, ...] = ()
    apps: tuple[App, ...] = ()


class Catalog:
    """Everything that is defined, ready to use. Never changed, only replaced by one of a higher version."""

    def __init__(self, definitions: Definitions, version: int = 0, previous: "Catalog | None" = None) -> None:
        """`previous` is a Catalog of the same database: what has not changed since is taken over from it."""
        self.version = version
        self.definitions = definitions
        self.choices = {choice.name: choice for choice in definitions.choices}
        self._with_notes = tuple(
            e.name for e in definitions.entities if e.notes and not (e.hidden or e.internal or e.activity)
        )
        kept = previous.unchanged(definitions, self._with_notes) if previous else {}
        self.entities = {e.name: kept.get(e.name) or self._complete(e) for e in definitions.entities}
        self.tables: Tables = Tables(self.entities, previous.tables if previous else None)
        self.apps = tuple(app for app in definitions.apps if not app.hidden)
        self._relate()
        gone = {held.name for held in self._every_relationship if held.hidden}
        gone |= {link.name for link in self.associations.values() if self._removed(link.first, link.second)}
        views = (visible_view(view, self.entities) for view in definitions.views)
        forms = (visible_form(form, self.entities, gone) for form in definitions.forms)
        self.views = _by_entity(tuple(views), self.entities)
        self.forms = _by_entity(tuple(forms), self.entities)

    def unchanged(self, definitions: Definitions, with_notes: tuple[str, ...]) -> dict[str, Entity]:
        """The entities of this Catalog that other definitions would make just the same."""
        if definitions.choices != self.definitions.choices:
            return {}
        mine = {entity.name: entity for entity in self.definitions.entities}
        same = {e.name: self.entities[e.name] for e in definitions.entities if mine.get(e.name) == e}
        if with_notes == self._with_notes:
            return same
        return {name: entity for name, entity in same.items() if not _about_own_entities(entity)}

    def _complete(self, entity: Entity) -> Entity:
        own = tuple(self.ready(field, entity) for field in entity.fields)
        entity = msgspec.structs.replace(entity, fields=own)
        return msgspec.structs.replace(entity, fields=(*own, *system_fields(entity)))

    def ready(self, field: Field, entity: Entity | None = None) -> Field:
        """The field (of an entity) with its settings decoded, and the options of a shared list filled in."""
        settings: Any = msgspec.convert(field.settings, field_types()[field.type].Settings)
        if getattr(settings, "own_entities", False):
            settings = msgspec.structs.replace(settings, targets=self._all_targets(field, settings.targets, entity))
        choice = getattr(settings, "choice", "")
        if choice and choice in self.choices:
            shared = msgspec.to_builtins(self.choices[choice].options)
            settings = msgspec.convert({"choice": choice, "options": shared}, type(settings))
        return msgspec.structs.replace(field, settings=settings)

    def _all_targets(self, field: Field, named: tuple[Target, ...], entity: Entity | None) -> tuple[Target, ...]:
        """Notes and activities can be about any entity that has them, own ones too, and go when that is deleted."""
        known = {target.entity for target in named}
        end = f"_{entity.name}" if entity is not None and entity.activity else ""
        others = [name for name in self._with_notes if name not in known]
        made = [Target(name, navigation=f"{field.name}_{name}{end}", on_delete="cascade") for name in others]
        return (*named, *made)

    def _relate(self) -> None:
        relationships: list[Relationship] = []
        associations: list[Association] = []
        for entity, defined in zip(self.entities.values(), self.definitions.entities, strict=True):
            own = {field.name for field in defined.fields}
            for field in entity.fields:
                relationships += of_field(entity, field, self.entities, field.name not in own)
            for link in defined.many_to_many:
                associations.append(association(entity, link, self.entities, self.tables[link.name]))
        self._every_relationship = tuple(relationships)
        self.relationships = {
            relationship.name: relationship for relationship in relationships if not relationship.hidden
        }
        self.associations = {link.name: link for link in associations}

    def _removed(self, *names: str) -> bool:
        return any(self.entities[name].hidden for name in names)

    # -- finding things
    def entity(self, name: str) -> Entity:
        """The entity of that logical name; `NotFound` for one that is not there or was removed."""
        entity = self.entities.get(name)
        if entity is None or entity.hidden:
            raise NotFound("There is no entity {name}.", name=name)
        return entity

    @cached_property
    def sets(self) -> dict[str, Entity]:
        """The entities by the name of their set in the Web API."""
        return {entity.set: entity for entity in self.entities.values() if not entity.hidden}

    def field(self, entity: str, name: str) -> Field:
        field = self.entity(entity).by_name.get(name)
        if field is None:
            raise NotFound("{entity} has no field {name}.", entity=entity, name=name)
        return field

    def view(self, entity: str, name: str = "", kind: str = "public") -> View:
        """The view of that name; without a name the default of the kind, else the first."""
        views = [view for view in self.views.get(entity, {}).values() if not view.hidden]
        if name:
            chosen = [view for view in views if view.name == name]
        else:
            chosen = sorted((view for view in views if view.kind == kind), key=lambda view: not view.default)
        if not chosen:
            raise NotFound("There is no such view ({name}).", name=name or kind)
        return chosen[0]

    def public_views(self, entity: str) -> list[View]:
        return [v for v in self.views.get(entity, {}).values() if v.kind == "public" and not v.hidden]

    def form(self, entity: str, kind: str = "main") -> Form | None:
        """The entity's form of that kind, if it has one."""
        return next((f for f in self.forms.get(entity, {}).values() if f.kind == kind and not f.hidden), None)

    @cached_property
    def incoming(self) -> dict[str, list[Relationship]]:
        """Per entity the one-to-many relationships that point at it, those of system fields left out."""
        found: dict[str, list[Relationship]] = {name: [] for name in self.entities}
        for relationship in self.relationships.values():
            if not relationship.system:
                found[relationship.target].append(relationship)
        return found

    @cached_property
    def outgoing(self) -> dict[str, list[Relationship]]:
        """Per entity the relationships of its lookups, system fields included."""
        found: dict[str, list[Relationship]] = {name: [] for name in self.entities}
        for relationship in self.relationships.values():
            found[relationship.entity].append(relationship)
        return found

    @cached_property
    def counted_in(self) -> dict[str, list[Relationship]]:
        """Per entity the relationships through which its records count in a total of another."""
        wanted = {total.relationship for entity in self.entities.values() for total in entity.totals}
        found: dict[str, list[Relationship]] = {}
        for relationship in self.relationships.values():
            if relationship.name in wanted:
                found.setdefault(relationship.entity, []).append(relationship)
        return found

    def pointing_at(self, entity: str) -> list[Relationship]:
        """Every relationship whose records may point at the entity's, those of system and of removed fields too."""
        return [relationship for relationship in self._every_relationship if relationship.target == entity]

    def pointing_from(self, entity: str) -> list[Relationship]:
        """The relationships of all lookups of an entity, those of removed fields too."""
        return [relationship for relationship in self._every_relationship if relationship.entity == entity]

    def associations_of(self, entity: str) -> list[Association]:
        """The many-to-many relationships of an entity, with those of a removed one, whose pairs are still there."""
        return [link for link in self.associations.values() if entity in (link.first, link.second)]

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """The navigation: the app's areas, and one for the organisation's own entities that stand in none."""
        shown = tuple(area for app in self.apps for area in app.areas)
        placed = {item.entity for area in shown for item in area.items}
        own = tuple(
            AreaItem(entity.name)
            for entity in self.entities.values()
            if entity.own and not entity.hidden and entity.name not in placed
        )
        return (*shown, Area("own", {"en": "Own entities", "nl": "Eigen entiteiten"}, own)) if own else shown

    # -- for SQL
    def table(self, entity: str) -> Table:
        return self.tables[entity]

    @cached_property
    def primary_keys(self) -> dict[str, tuple[str, str]]:
        return {name: (entity.id_field, entity.primary) for name, entity in self.entities.items()}

    @cached_property
    def parents(self) -> dict[str, str]:
        """Per entity that has a hierarchy, the lookup field that makes it."""
        return {
            relationship.entity: relationship.field
            for relationship in self.relationships.values()
            if relationship.rule.hierarchical and relationship.entity == relationship.target
        }

    @cached_property
    def ids(self) -> dict[str, View | Form]:
        """Views and forms by their id."""
        found: dict[str, View | Form] = {}
        for entity in self.entities:
            for view in self.views.get(entity, {}).values():
                found[definition_id("view", entity, view.name)] = view
            for form in self.forms.get(entity, {}).values():
                found[definition_id("form", entity, form.name)] = form
        return found


def _about_own_entities(entity: Entity) -> bool:
    return any(getattr(field.settings, "own_entities", False) for field in entity.fields)


def _by_entity(items: tuple[_Item, ...], entities: dict[str, Entity]) -> dict[str, dict[str, _Item]]:
    found: dict[str, dict[str, _Item]] = {name: {} for name in entities}
    for item in items:
        if item.entity in found:
            found[item.entity][item.name] = item
    return found
