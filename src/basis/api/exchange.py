"""What is asked and what is answered, apart from any web server, so that a batch can ask too."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from basis.errors import Invalid, Message

JSON = "application/json; odata.metadata=minimal"
MULTIPART = "multipart/mixed"
FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP_ENTITY = "Microsoft.Dynamics.CRM.lookuplogicalname"
LOOKUP_NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)
"""Numbers with a point stay exact: an amount may have more digits than a float holds."""


class Preferences(msgspec.Struct, frozen=True):
    """The `Prefer` header: what the client would like to get."""

    representation: bool = False
    annotations: tuple[str, ...] = ()
    page_size: int = 0
    continue_on_error: bool = False

    def wants(self, annotation: str) -> bool:
        """Whether an annotation was asked for: the last pattern that fits decides, `-` before it refuses."""
        wanted = False
        for pattern in self.annotations:
            refused, name = pattern.startswith("-"), pattern.lstrip("-")
            if name == "*" or annotation == name or (name.endswith(".*") and annotation.startswith(name[:-1])):
                wanted = not refused
        return wanted


class Asked(msgspec.Struct):
    """One request: `path` is decoded and stands below `root`, the address of the service with a slash at its end.

    `contents` maps the Content-IDs of a batch to the addresses of what was made. `language` is the user's
    as soon as it is known who asks.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    root: str
    language: str = "en"
    contents: Mapping[str, str] = {}

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD")

    @property
    def options(self) -> dict[str, str]:
        """The query options by name; of one given twice the last. `Invalid` when they hold a NUL character."""
        return options_of(self.query)

    @property
    def prefer(self) -> Preferences:
        return preferences(self.headers.get("prefer", ""))

    def header(self, name: str) -> str:
        """A header; some clients send the word `null` for one that they leave out."""
        value = self.headers.get(name, "")
        return "" if value == "null" else value

    def json(self) -> Any:
        """The body as JSON. `Invalid` when it is none."""
        try:
            return decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Invalid("The body is no valid JSON: {reason}", reason=str(error)) from None


class Answer(msgspec.Struct):
    """One response; `headers` are those beyond the ones that every response has."""

    status: int = 204
    body: bytes = b""
    media: str = ""
    headers: list[tuple[str, str]] = []


def decode(body: bytes) -> Any:
    return _decoder.decode(body)


def encode(value: Any) -> bytes:
    """JSON with exact decimal numbers."""
    return _encoder.encode(value)


def answer_json(value: Any, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Answer:
    return Answer(status, _encoder.encode(value), JSON, headers or [])


@lru_cache(maxsize=512)
def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(query, keep_blank_values=True))


def options_of(query: str) -> dict[str, str]:
    if not query:
        return {}
    options = dict(_pairs(query))
    if any("\x00" in value for value in options.values()):
        raise Invalid("The address holds a character that cannot be stored.")
    return options


@lru_cache(maxsize=512)
def preferences(header: str) -> Preferences:
    """The preferences of a header; those that are unknown are left alone, as the protocol wants it."""
    found: dict[str, str] = {}
    for name, value in _preference_parts(header):
        found[name.removeprefix("odata.")] = value
    size = found.get("maxpagesize", "")
    return Preferences(
        representation=found.get("return") == "representation",
        annotations=tuple(part.strip() for part in found.get("include-annotations", "").split(",") if part.strip()),
        page_size=int(size) if size.isdigit() and len(size) < 10 else 0,
        continue_on_error=found.get("continue-on-error", "false").lower() in ("", "true"),
    )


def _preference_parts(header: str) -> list[tuple[str, str]]:
    """`a=1, b="x,y"; c` as pairs; commas within quotes do not divide."""
    parts, current, quoted = [], "", False
    for sign in header + ",":
        if sign == '"':
            quoted = not quoted
        elif sign in ",;" and not quoted:
            parts.append(current.strip())
            current = ""
        else:
            current += sign
    return [(name.strip().lower(), value.strip()) for name, _, value in (part.partition("=") for part in parts) if name]


def refuse(target: str, text: str, **arguments: Any) -> Invalid:
    """An `Invalid` about one part of the request (`$filter`, a property)."""
    return Invalid({target: Message(text, **arguments)})
