"""What a lookup holds: a reference to a record of some entity."""

from msgspec import Struct


class Reference(Struct, frozen=True):
    """A record by its entity and id; `label` is the value of its primary field when it was read."""

    entity: str
    id: str
    label: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and (self.entity, self.id) == (other.entity, other.id)

    def __hash__(self) -> int:
        return hash((self.entity, self.id))


class Named(Struct, frozen=True):
    """A record that is only known by what a user typed or a file says: its name, key or id.

    The door to records looks it up before it saves (records/resolve.py).
    """

    text: str
