"""What a record is about: a record of any entity that has notes and activities."""

from msgspec import Struct

from basis.fields.base import Target
from basis.fields.lookup import LookupType


class RegardingSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The entities that come first; all others that have notes are added to them."""

    targets: tuple[Target, ...] = ()
    own_entities: bool = True


class RegardingType(LookupType):
    """A lookup of any entity that has notes and activities, own ones included."""

    name = "regarding"
    label = {"en": "Regarding", "nl": "Betreft"}
    Settings = RegardingSettings
    usual = ("account",)
