"""The patterns of autonumbers, in Dataverse's form: `CAS-{SEQNUM:5}-{DATETIMEUTC:yyyyMM}-{RANDSTRING:6}`."""

import re
import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime

from basis.fields.base import Problem

_PART = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_DATE_PART = re.compile(r"yyyy|yy|MM|dd|HH|mm|ss|[-_./: ]")
DATE_PARTS = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
"""Parts of a date as .NET writes them → as Python does."""
MOST_DIGITS, MOST_RANDOM = 16, 6
SIGNS = string.ascii_uppercase + string.digits

Fill = Callable[[int, datetime], str]


def made(pattern: str, number: int, now: datetime) -> str:
    """The text of one number, handed out `now`; `Problem` for a pattern that `checked` refuses."""
    return _PART.sub(lambda part: _filler(part[1], part[2] or "")(number, now), pattern)


def checked(pattern: str, max_length: int) -> None:
    """Raises `Problem` unless every part is known, a sequence number is among them, and the text fits."""
    names = [_named(part) for part in _PART.finditer(pattern)]
    rest = _PART.sub("", pattern)
    if "{" in rest or "}" in rest:
        raise Problem("A brace is not closed; parts look like {part}.", part="{SEQNUM:5}")
    if "SEQNUM" not in names:
        raise Problem(
            "Put the number itself in, as {part}; without it two records could get the same.", part="{SEQNUM:5}"
        )
    length = len(made(pattern, 1, datetime(2026, 11, 24, tzinfo=UTC)))
    if length > max_length:
        raise Problem("Is {length} characters long; at most {limit} fit.", length=length, limit=max_length)


def _named(part: re.Match[str]) -> str:
    _filler(part[1], part[2] or "")
    return part[1]


def _filler(name: str, detail: str) -> Fill:
    """What a part of the pattern stands for; `Problem` for one that there is not."""
    if name == "SEQNUM":
        digits = _amount(name, detail, MOST_DIGITS)
        return lambda number, now: f"{number:0{digits}d}"
    if name == "RANDSTRING":
        amount = _amount(name, detail, MOST_RANDOM)
        return lambda number, now: "".join(secrets.choice(SIGNS) for _ in range(amount))
    if name == "DATETIMEUTC":
        format = _date_format(detail)
        return lambda number, now: now.astimezone(UTC).strftime(format)
    raise Problem("There is no part {part}; use SEQNUM, DATETIMEUTC or RANDSTRING.", part=name)


def _amount(name: str, detail: str, most: int) -> int:
    if not (detail.isascii() and detail.isdigit() and 1 <= int(detail) <= most):
        raise Problem("After {part} comes a number from 1 to {most}, as in {example}.",
                      part=name, most=most, example=f"{{{name}:5}}")  # fmt: skip
    return int(detail)


def _date_format(detail: str) -> str:
    if not detail or _DATE_PART.sub("", detail):
        raise Problem("A date is written with {parts}, as in {example}.",
                      parts=", ".join(DATE_PARTS), example="{DATETIMEUTC:yyyyMM}")  # fmt: skip
    return _DATE_PART.sub(lambda part: DATE_PARTS.get(part[0], part[0]), detail)
