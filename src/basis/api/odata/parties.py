"""The parties of an activity as a body gives them: a list of `activityparty` objects, nested in the activity."""

from collections.abc import Callable, Mapping
from typing import Any

from basis.api.odata.names import Navigation, names_of
from basis.catalog.entity import Entity
from basis.fields import type_of
from basis.fields.base import Problem
from basis.fields.partylist import PARTY, Party
from basis.fields.reference import Reference
from basis.security.scope import Scope

BIND = "@odata.bind"
MASK = "participationtypemask"
Point = Callable[[tuple[Navigation, ...], Any], Reference]
"""From navigations and an address to the record there."""


def parties_in(scope: Scope, entity: Entity, given: Any, point: Point) -> dict[str, tuple[Party, ...]]:
    """The value of every party list of the entity: what is not in the list is empty. Raises `Problem`.

    Each object names its party by `partyid_contact@odata.bind` or `addressused`, and its role by
    `participationtypemask`.
    """
    if not isinstance(given, list):
        raise Problem("Parties are given as a list of objects.")
    lists = {field.settings.mask: field.name for field in entity.visible_fields if type_of(field).apart}
    found: dict[str, tuple[Party, ...]] = {name: () for name in lists.values()}
    for one in given:
        mask = one.get(MASK) if isinstance(one, Mapping) else None
        if mask not in lists:
            raise Problem("Each party needs a {name}: one of {values}.", name=MASK, values=", ".join(map(str, lists)))
        found[lists[mask]] += (_party(scope, one, point),)
    return found


def _party(scope: Scope, one: Mapping[str, Any], point: Point) -> Party:
    single = names_of(scope.catalog, PARTY).single
    party: Party | None = None
    for name, value in one.items():
        navigation = single.get(name.removesuffix(BIND))
        if name.endswith(BIND) and navigation and navigation.field == "partyid":
            party = point((navigation,), value)
        elif name == "addressused":
            party = party or value
        elif name != MASK and not name.startswith("@"):
            raise Problem("A party has no property {name}.", name=name)
    if not isinstance(party, Reference | str):
        raise Problem("Each party needs a record ({name}) or an addressused.", name=f"partyid_contact{BIND}")
    return party
