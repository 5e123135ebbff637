"""Apps and roles as they are shipped: what stands in the navigation, and who may do what."""

from typing import Literal

from msgspec import Struct

from basis.i18n import Label

Depth = Literal["none", "user", "unit", "deep", "organization"]
"""How far a privilege reaches: own records, the business unit's, that and the units below, everything."""


class AreaItem(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line of the navigation: an entity (optionally opened with a certain view)."""

    entity: str
    view: str = ""


class Area(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A titled group of the navigation."""

    id: str
    label: Label
    items: tuple[AreaItem, ...]


class App(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A navigation for one kind of work."""

    name: str
    label: Label
    areas: tuple[Area, ...]
    hidden: bool = False


class RoleDefinition(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A shipped role. `privileges` maps an entity (`*`: every other) to privileges and their depth.

    A short form: `{"account": {"*": "organization", "delete": "user"}}`, where `*` means every other privilege of
    create, read, write, delete, append, append_to, assign, share.
    """

    name: str
    label: Label
    privileges: dict[str, dict[str, Depth]]
    customize: bool = False
    """Whether the role may shape the CRM itself: entities, fields, views, forms."""
    administer: bool = False
    """Whether the role may manage users, roles and tokens."""
    description: Label = {}
