"""The shell around every page: the navigation of what the user may read, and what one can create from anywhere."""

from msgspec import Struct

from basis.catalog.app import AreaItem
from basis.catalog.entity import Entity
from basis.i18n import Label, label
from basis.security.scope import Scope
from basis.web.request import Request

OWN: Label = {"en": "Own entities", "nl": "Eigen entiteiten"}


class Item(Struct, frozen=True):
    """A line of the navigation."""

    label: str
    path: str
    icon: str
    current: bool = False


class Area(Struct, frozen=True):
    label: str
    items: tuple[Item, ...]


class Shell(Struct, frozen=True):
    """`initials` stand in the picture of the user; `settings` tells whether there is something to set up."""

    app: str
    areas: tuple[Area, ...]
    quick: tuple[Item, ...]
    user: str
    initials: str
    settings: bool


def shell(scope: Scope, request: Request) -> Shell:
    """The shell for the user, with the line of the current page marked."""
    app = scope.catalog.apps[0] if scope.catalog.apps else None
    current = request.path.split("/")[1]
    areas = [_area(scope, area.label, area.items, current) for area in (app.areas if app else ())]
    areas.append(_area(scope, OWN, [AreaItem(entity.name) for entity in own_entities(scope)], current))
    user = scope.user
    return Shell(
        app=label(app.label, scope.language) if app else "",
        areas=tuple(area for area in areas if area.items),
        quick=tuple(_quick(scope)),
        user=user.name,
        initials=initials(user.name),
        settings=user.has("customize") or user.has("administer"),
    )


def _area(scope: Scope, title: Label, items: "tuple[AreaItem, ...] | list[AreaItem]", current: str) -> Area:
    shown = []
    for item in items:
        entity = scope.catalog.entities.get(item.entity)
        if entity is None or entity.hidden or not scope.user.may(entity.name, "read"):
            continue
        path = f"/{entity.name}?view={item.view}" if item.view else f"/{entity.name}"
        name = label(entity.plural, scope.language)
        shown.append(Item(name, path, entity.icon, entity.name == current))
    return Area(label(title, scope.language), tuple(shown))


def own_entities(scope: Scope) -> list[Entity]:
    """The entities that the organisation added itself."""
    entities = scope.catalog.entities.values()
    return [entity for entity in entities if entity.own and not entity.hidden and not entity.internal]


def _quick(scope: Scope) -> list[Item]:
    items = [
        Item(label(entity.label, scope.language), f"/{entity.name}/quick", entity.icon)
        for entity in scope.catalog.entities.values()
        if quickly_made(scope, entity)
    ]
    return sorted(items, key=lambda item: item.label.casefold())


def quickly_made(scope: Scope, entity: Entity) -> bool:
    """Whether the user can make such a record from anywhere, with the short form."""
    there = entity.quick_create and not entity.hidden and not entity.internal
    return there and scope.user.may(entity.name, "create")


def initials(name: str) -> str:
    """The first letters of the first and the last word."""
    words = [word for word in name.split() if word[:1].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "·"
