"""Ways: how one comes from an entity to a related one through its lookups, and what can be shown from there.

A way is text, so that a form can post it: `` is the entity itself, `primarycontactid:contact` the contact that the
lookup points at, `primarycontactid:contact/parentcustomerid:account` the account of that contact. The link of a
way in a view's query has an alias made of it.
"""

from collections.abc import Iterable

from basis.catalog.catalog import Catalog
from basis.catalog.entity import Entity
from basis.catalog.query import Link
from basis.errors import NotFound
from basis.fields import type_of
from basis.i18n import label

FARTHEST = 3
"""So many lookups lie between a view and what it shows, at most."""


def alias_of(way: str) -> str:
    """The alias of a way's link; empty for the entity itself."""
    return way.replace(":", "_").replace("/", "__")


def reached(catalog: Catalog, entity: Entity, way: str) -> Entity:
    """The entity at the end of a way. `NotFound` for a way that does not lead anywhere."""
    for step in way.split("/") if way else ():
        name, _, target = step.partition(":")
        field = entity.by_name.get(name)
        if field is None or field.hidden or target not in (each.entity for each in type_of(field).targets(field)):
            raise NotFound("{entity} has no field {name}.", entity=entity.label, name=name)
        entity = catalog.entity(target)
    return entity


def links_of(catalog: Catalog, entity: Entity, ways: Iterable[str]) -> tuple[Link, ...]:
    """The links that these ways need, each once, nested as they lie behind each other."""
    tree: dict[str, list[str]] = {}
    for way in ways:
        if way:
            first, _, rest = way.partition("/")
            tree.setdefault(first, []).append(rest)
    return tuple(_link(catalog, entity, "", first, rests) for first, rests in tree.items())


def _link(catalog: Catalog, entity: Entity, before: str, step: str, rests: list[str]) -> Link:
    way = f"{before}/{step}" if before else step
    target = reached(catalog, entity, step)
    inner: dict[str, list[str]] = {}
    for rest in rests:
        if rest:
            first, _, further = rest.partition("/")
            inner.setdefault(first, []).append(further)
    links = tuple(_link(catalog, target, way, first, further) for first, further in inner.items())
    return Link(target.name, target.id_field, step.partition(":")[0], alias_of(way), "outer", links=links)


def ways_in(links: Iterable[Link], before: str = "") -> dict[str, str]:
    """The ways of a view's links by alias; a link that is no such way is left out, with what lies behind it."""
    found: dict[str, str] = {}
    for link in links:
        step = f"{link.to}:{link.entity}"
        way = f"{before}/{step}" if before else step
        if link.type == "outer" and link.alias == alias_of(way):
            found[link.alias] = way
            found |= ways_in(link.links, way)
    return found


def offered_ways(catalog: Catalog, entity: Entity, current: str, language: str) -> list[tuple[str, str]]:
    """The ways that a form offers, with their names: all of one step, and those one step beyond the current one."""
    offered = [("", label(entity.label, language))]
    offered += _next_steps(catalog, entity, "", "", language)
    steps = current.split("/") if current else []
    for count in range(1, min(len(steps), FARTHEST - 1) + 1):
        way = "/".join(steps[:count])
        prefix = name_of(catalog, entity, way, language)
        at = next((place for place, (each, _) in enumerate(offered) if each == way), len(offered) - 1)
        offered[at + 1 : at + 1] = _next_steps(catalog, reached(catalog, entity, way), way, prefix, language)
    return offered


def _next_steps(catalog: Catalog, entity: Entity, before: str, prefix: str, language: str) -> list[tuple[str, str]]:
    found = []
    for field in entity.visible_fields:
        targets = [each.entity for each in type_of(field).targets(field)]
        for target in targets:
            if target in catalog.entities and not catalog.entities[target].hidden:
                name = _step_name(catalog, entity, field.name, target, language)
                way = f"{field.name}:{target}"
                found.append((f"{before}/{way}" if before else way, f"{prefix} › {name}" if prefix else name))
    return sorted(found, key=lambda each: each[1].casefold())


def _step_name(catalog: Catalog, entity: Entity, field: str, target: str, language: str) -> str:
    named = entity.by_name[field]
    own = label(named.label, language)
    several = len(type_of(named).targets(named)) > 1
    return f"{own} ({label(catalog.entities[target].label, language)})" if several else own


def name_of(catalog: Catalog, entity: Entity, way: str, language: str) -> str:
    """What a way is called: the labels of its lookups."""
    names = []
    for step in way.split("/") if way else ():
        field, _, target = step.partition(":")
        names.append(_step_name(catalog, entity, field, target, language))
        entity = catalog.entity(target)
    return " › ".join(names)
