"""What a check of the database says."""

from msgspec import Struct

from basis.errors import Message


class Finding(Struct, frozen=True):
    """One mismatch: where, what, and what to do. A `note` is no fault."""

    place: str
    message: Message
    note: bool = False
