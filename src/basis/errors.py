"""The exceptions of Basis: what went wrong, said in words that are translated when shown, not when raised."""

from collections.abc import Mapping
from typing import Any


class Message:
    """A sentence for a user: an English text with `{named}` places, and what goes into them.

    `text` is the key under which locale/nl.po holds the Dutch sentence; `i18n.say` renders it.
    """

    __slots__ = ("arguments", "text")

    def __init__(self, text: str, **arguments: Any) -> None:
        self.text = text
        self.arguments = arguments

    def __str__(self) -> str:
        return self.text.format(**{name: _english(value) for name, value in self.arguments.items()})

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def _english(value: Any) -> Any:
    """An argument in English: labels and messages among them too."""
    if isinstance(value, dict):
        return value.get("en") or next(iter(value.values()), "")
    return " ".join(map(str, value)) if isinstance(value, tuple) else value


class BasisError(Exception):
    """The root: every error that a user may see, with the HTTP status that the edges answer."""

    status = 400
    code = "0x80040203"

    def __init__(self, text: str, **arguments: Any) -> None:
        super().__init__(text)
        self.message = Message(text, **arguments)

    def __str__(self) -> str:
        return str(self.message)


class Invalid(BasisError):
    """Values that the rules refuse: every error at once, keyed by field name (`""`: the whole record)."""

    status = 422

    def __init__(self, errors: Mapping[str, Message] | str, **arguments: Any) -> None:
        if isinstance(errors, str):
            errors = {"": Message(errors, **arguments)}
        self.errors: dict[str, Message] = dict(errors)
        super().__init__("{problems}", problems=tuple(self.errors.values()))


class NotFound(BasisError):
    """There is no such record or definition, or not for this user."""

    status = 404
    code = "0x80040217"


class Forbidden(BasisError):
    """The user's roles do not allow it."""

    status = 403
    code = "0x80040220"


class Unauthenticated(BasisError):
    """Nobody is signed in, or the password or token is wrong."""

    status = 401
    code = "0x80040220"


class Conflict(BasisError):
    """Somebody changed the record meanwhile. `current` holds the record as it is stored now."""

    status = 412
    code = "0x80060882"

    def __init__(self, text: str, current: Any = None, **arguments: Any) -> None:
        super().__init__(text, **arguments)
        self.current = current


class Refused(BasisError):
    """A rule of the CRM forbids the action (a restricted delete, a closed record, a transition)."""

    status = 409
    code = "0x80048408"


class DefinitionError(BasisError):
    """A definition is wrong: `file` and `path` tell where, the message tells the remedy."""

    status = 422

    def __init__(self, text: str, file: str = "", path: str = "", **arguments: Any) -> None:
        super().__init__(text, **arguments)
        self.file = file
        self.path = path

    def __str__(self) -> str:
        place = " ".join(part for part in (self.file, self.path) if part)
        return f"{place}: {self.message}" if place else str(self.message)


class Unsupported(BasisError):
    """Valid in the protocol, but not something Basis does."""

    status = 501
    code = "0x80040224"


class Unavailable(BasisError):
    """A service that Basis needs cannot be reached: the database, a port, the mail server."""

    status = 503
