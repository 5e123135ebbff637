"""From the text of a filter or an expand to tokens, each with its place, for errors that say where."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from basis.api.exchange import refuse

MOST = 10_000
"""Longer filters are refused: they cost more than they can mean."""

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^']|'')*')
    |(?P<json>"(?:[^"\\]|\\.)*")
    |(?P<guid>\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?)
    |(?P<moment>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?)
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[@$]?[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    |(?P<mark>[()\[\],/:=;*])
    |(?P<end>$)
    )""",
    re.VERBOSE,
)


class Token(msgspec.Struct, frozen=True):
    """`kind`: string, guid, moment, date, number, name, mark or end; `value` is Python's own for a literal."""

    kind: str
    text: str
    at: int
    value: Any = None


def tokenize(text: str, part: str) -> list[Token]:
    """The tokens of `text`, which is the option `part` (`$filter`); `Invalid` where it cannot be read."""
    tokens: list[Token] = []
    at = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            unexpected(part, text[place : place + 12], place)
        kind = match.lastgroup or "end"
        held = match.group(kind)
        start = match.start(kind)
        tokens.append(_token(kind, held, start, part))
        if kind == "end":
            return tokens
        if len(tokens) > MOST:
            raise refuse(part, "This is too long; at most {count} words and signs.", count=MOST)
        at = match.end()


def _token(kind: str, text: str, at: int, part: str) -> Token:
    try:
        if kind == "string":
            return Token(kind, text, at, text[1:-1].replace("''", "'"))
        if kind == "json":
            return Token("string", text, at, _without_nul(msgspec.json.decode(text.encode(), type=str)))
        if kind == "guid":
            return Token(kind, text, at, text.strip("{}").lower())
        if kind == "date":
            return Token(kind, text, at, date.fromisoformat(text).isoformat())
        if kind == "number":
            return Token(kind, text, at, number(text))
    except (ValueError, ArithmeticError, msgspec.DecodeError):
        unexpected(part, text, at)
    return Token(kind, text, at, text.upper() if kind == "moment" else text)


def _without_nul(text: str) -> str:
    """`ValueError` for a text that PostgreSQL cannot hold."""
    if "\x00" in text:
        raise ValueError(text)
    return text


def number(text: str) -> int | Decimal:
    """A number as it is written, exact; `ValueError` for one of absurd size."""
    if len(text) > 60:
        raise ValueError(text)
    value = Decimal(text)
    if abs(value) >= 2**63:
        raise ValueError(text)
    return int(text) if text.lstrip("-").isdigit() else value


def unexpected(part: str, found: str, at: int) -> NoReturn:
    raise refuse(part, "Cannot be read at position {at}: '{found}'.", at=at + 1, found=found or "…")
