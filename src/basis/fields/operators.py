"""The one table of operators, spoken by views, the filter builder, FetchXML and OData alike."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, false, not_, or_

from basis.fields.base import Moment, Problem
from basis.fields.spans import SPANS
from basis.fields.storage import fold
from basis.i18n import Label


class Operator(Struct, frozen=True):
    """An operator: its name in FetchXML, how people say it, how many values it takes (`-1`: any number)."""

    name: str
    label: Label
    values: int = 1


def _like(pattern: str) -> str:
    """A fetch pattern (`%` any text, `_` one sign), folded."""
    return fold(pattern)


def _plain(text: str) -> str:
    """Text in which `%`, `_` and the escape sign mean themselves."""
    return fold(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _begins(key: ColumnElement[Any], start: str) -> ColumnElement[bool]:
    """As a range, which an index serves on both databases."""
    folded = fold(start)
    return and_(key >= folded, key < folded + "\U0010ffff")


def _between(key: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """As two comparisons: PostgreSQL does not take BETWEEN with a collation at its bounds."""
    return and_(key >= values[0], key <= values[1])


def _or_empty(key: ColumnElement[Any], refused: ColumnElement[bool]) -> ColumnElement[bool]:
    """Not so, empty ones included: who asks for "not Zwolle" wants those without a city too."""
    return or_(key.is_(None), not_(refused))


Rule = Callable[[ColumnElement[Any], Sequence[Any]], ColumnElement[bool]]

_RULES: dict[str, Rule] = {
    "eq": lambda key, v: key == v[0],
    "ne": lambda key, v: _or_empty(key, key == v[0]),
    "gt": lambda key, v: key > v[0],
    "ge": lambda key, v: key >= v[0],
    "lt": lambda key, v: key < v[0],
    "le": lambda key, v: key <= v[0],
    "in": lambda key, v: key.in_(v) if v else false(),
    "not-in": lambda key, v: _or_empty(key, key.in_(v)),
    "between": lambda key, v: _between(key, v),
    "not-between": lambda key, v: _or_empty(key, _between(key, v)),
    "null": lambda key, v: key.is_(None),
    "not-null": lambda key, v: key.is_not(None),
    "like": lambda key, v: key.like(_like(v[0]), escape="\\"),
    "not-like": lambda key, v: _or_empty(key, key.like(_like(v[0]), escape="\\")),
    "begins-with": lambda key, v: _begins(key, v[0]),
    "not-begin-with": lambda key, v: _or_empty(key, _begins(key, v[0])),
    "ends-with": lambda key, v: key.like("%" + _plain(v[0]), escape="\\"),
    "not-end-with": lambda key, v: _or_empty(key, key.like("%" + _plain(v[0]), escape="\\")),
    "contains": lambda key, v: key.like("%" + _plain(v[0]) + "%", escape="\\"),
    "not-contain": lambda key, v: _or_empty(key, key.like("%" + _plain(v[0]) + "%", escape="\\")),
}


def condition(operator: str, key: ColumnElement[Any], values: Sequence[Any], moment: Moment) -> ColumnElement[bool]:
    """`key operator values` as SQL. `Problem` for an operator that the table does not have or too few values."""
    known = OPERATORS.get(operator)
    rule = _RULES.get(operator)
    if known is None or rule is None:
        raise Problem("There is no operator {operator} for this field.", operator=operator)
    if known.values >= 0 and len(values) < known.values:
        raise Problem("The operator {operator} needs {count} value(s).", operator=operator, count=known.values)
    return rule(key, values)


def within(key: ColumnElement[Any], start: Any, end: Any) -> ColumnElement[bool]:
    """From `start` (inclusive) until `end` (exclusive); None is open."""
    parts = [] if start is None else [key >= start]
    if end is not None:
        parts.append(key < end)
    return and_(*parts)


_WORDS: list[tuple[str, str, str, int]] = [
    ("eq", "equals", "is gelijk aan", 1),
    ("ne", "does not equal", "is niet gelijk aan", 1),
    ("gt", "is greater than", "is groter dan", 1),
    ("ge", "is at least", "is minstens", 1),
    ("lt", "is less than", "is kleiner dan", 1),
    ("le", "is at most", "is hoogstens", 1),
    ("in", "is one of", "is een van", -1),
    ("not-in", "is none of", "is geen van", -1),
    ("between", "is between", "ligt tussen", 2),
    ("not-between", "is not between", "ligt niet tussen", 2),
    ("null", "is empty", "is leeg", 0),
    ("not-null", "is filled in", "is ingevuld", 0),
    ("like", "matches", "komt overeen met", 1),
    ("not-like", "does not match", "komt niet overeen met", 1),
    ("begins-with", "begins with", "begint met", 1),
    ("not-begin-with", "does not begin with", "begint niet met", 1),
    ("ends-with", "ends with", "eindigt op", 1),
    ("not-end-with", "does not end with", "eindigt niet op", 1),
    ("contains", "contains", "bevat", 1),
    ("not-contain", "does not contain", "bevat niet", 1),
    ("contain-values", "contains one of", "bevat een van", -1),
    ("not-contain-values", "contains none of", "bevat geen van", -1),
    ("eq-userid", "is me", "ben ik", 0),
    ("ne-userid", "is not me", "ben ik niet", 0),
    ("eq-userteams", "is one of my teams", "is een van mijn teams", 0),
    ("eq-useroruserteams", "is me or one of my teams", "ben ik of een van mijn teams", 0),
    ("eq-useroruserhierarchy", "is me or reports to me", "ben ik of valt onder mij", 0),
    (
        "eq-useroruserhierarchyandteams",
        "is me, reports to me, or our teams",
        "ben ik, valt onder mij, of onze teams",
        0,
    ),
    ("eq-businessid", "is my business unit", "is mijn business unit", 0),
    ("ne-businessid", "is not my business unit", "is niet mijn business unit", 0),
    ("eq-userlanguage", "is my language", "is mijn taal", 0),
    ("above", "is above", "staat boven", 1),
    ("eq-or-above", "is or is above", "is of staat boven", 1),
    ("under", "is under", "valt onder", 1),
    ("eq-or-under", "is or is under", "is of valt onder", 1),
    ("not-under", "is not under", "valt niet onder", 1),
    ("on", "is on", "is op", 1),
    ("on-or-before", "is on or before", "is op of voor", 1),
    ("on-or-after", "is on or after", "is op of na", 1),
    ("in-fiscal-year", "is in fiscal year", "valt in boekjaar", 1),
    ("in-fiscal-period", "is in fiscal period", "valt in boekperiode", 1),
    ("in-fiscal-period-and-year", "is in fiscal period and year", "valt in boekperiode en -jaar", 2),
    (
        "in-or-before-fiscal-period-and-year",
        "is in or before fiscal period",
        "valt in of voor boekperiode",
        2,
    ),
    (
        "in-or-after-fiscal-period-and-year",
        "is in or after fiscal period",
        "valt in of na boekperiode",
        2,
    ),
]
"""Name, English, Dutch, number of values (-1: any); the spans of time are added from spans.py."""


def _table() -> dict[str, Operator]:
    table = {name: Operator(name, {"en": en, "nl": nl}, count) for name, en, nl, count in _WORDS}
    for name in SPANS:
        table[name] = Operator(name, _span_label(name), 1 if "-x-" in name else 0)
    return table


_UNITS = {
    "minutes": "minuten",
    "hours": "uur",
    "days": "dagen",
    "weeks": "weken",
    "months": "maanden",
    "years": "jaar",
    "fiscal-periods": "boekperiodes",
    "fiscal-years": "boekjaren",
    "week": "week",
    "month": "maand",
    "year": "jaar",
    "fiscal-year": "boekjaar",
    "fiscal-period": "boekperiode",
}
_DAYS = {
    "today": ("is today", "is vandaag"),
    "yesterday": ("was yesterday", "was gisteren"),
    "tomorrow": ("is tomorrow", "is morgen"),
    "last-seven-days": ("is in the last 7 days", "ligt in de laatste 7 dagen"),
    "next-seven-days": ("is in the next 7 days", "ligt in de komende 7 dagen"),
}


def _span_label(name: str) -> Label:
    if name in _DAYS:
        return dict(zip(("en", "nl"), _DAYS[name], strict=True))
    word, _, rest = name.partition("-")
    unit = rest.removeprefix("x-")
    english, dutch = unit.replace("-", " "), _UNITS[unit]
    if word == "olderthan":
        return {"en": f"is older than so many {english}", "nl": f"is ouder dan zoveel {dutch}"}
    if rest.startswith("x-"):
        dutch_word = {"last": "de laatste zoveel", "next": "de komende zoveel"}[word]
        return {"en": f"is in the {word} so many {english}", "nl": f"ligt in {dutch_word} {dutch}"}
    neuter = unit in ("year", "fiscal-year")
    dutch_words = {"last": "vorig" if neuter else "vorige", "this": "dit" if neuter else "deze"}
    dutch_words["next"] = "volgend" if neuter else "volgende"
    return {"en": f"is {word} {english}", "nl": f"is {dutch_words[word]} {dutch}"}


OPERATORS = _table()

EMPTY = ("null", "not-null")
EQUALITY = ("eq", "ne", "in", "not-in", *EMPTY)
RANGE = ("gt", "ge", "lt", "le", "between", "not-between")
PATTERNS = (
    "like",
    "not-like",
    "begins-with",
    "not-begin-with",
    "ends-with",
    "not-end-with",
    "contains",
    "not-contain",
)
TEXT = (*EQUALITY, *RANGE, *PATTERNS)
FISCAL = tuple(name for name in OPERATORS if name.startswith("in-") and "fiscal" in name)
DATES = (*EQUALITY, *RANGE, "on", "on-or-before", "on-or-after", *SPANS, *FISCAL)
USER = tuple(name for name in OPERATORS if "user" in name and name != "eq-userlanguage")
UNIT = ("eq-businessid", "ne-businessid")
HIERARCHY = ("above", "eq-or-above", "under", "eq-or-under", "not-under")
