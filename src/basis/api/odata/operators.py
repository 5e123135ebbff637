"""The query functions of Dataverse (`Microsoft.Dynamics.CRM.LastXDays`) and the operators that they are."""

import re

from basis.fields.operators import OPERATORS

PREFIX = "Microsoft.Dynamics.CRM."

_OWN_NAMES = {
    "eq-userid": "EqualUserId",
    "ne-userid": "NotEqualUserId",
    "eq-userteams": "EqualUserTeams",
    "eq-useroruserteams": "EqualUserOrUserTeams",
    "eq-useroruserhierarchy": "EqualUserOrUserHierarchy",
    "eq-useroruserhierarchyandteams": "EqualUserOrUserHierarchyAndTeams",
    "eq-userlanguage": "EqualUserLanguage",
    "eq-businessid": "EqualBusinessId",
    "ne-businessid": "NotEqualBusinessId",
    "not-contain-values": "DoesNotContainValues",
    "eq-or-above": "AboveOrEqual",
    "eq-or-under": "UnderOrEqual",
    "last-seven-days": "Last7Days",
    "next-seven-days": "Next7Days",
}
_PLAIN = ("eq", "ne", "gt", "ge", "lt", "le", "null", "not-null", "like", "not-like")
"""These are words of the filter language itself."""


def _spelled(operator: str) -> str:
    """`last-x-days` as LastXDays, `olderthan-x-days` as OlderThanXDays."""
    words = operator.replace("olderthan", "older-than").split("-")
    return "".join(word.capitalize() for word in words)


FUNCTIONS = {_OWN_NAMES.get(name) or _spelled(name): name for name in OPERATORS if name not in _PLAIN}
"""Function → operator."""

OPPOSITES = {
    "eq": "ne", "in": "not-in", "null": "not-null", "between": "not-between", "like": "not-like",
    "begins-with": "not-begin-with", "ends-with": "not-end-with", "contains": "not-contain",
    "contain-values": "not-contain-values", "eq-userid": "ne-userid", "eq-businessid": "ne-businessid",
}  # fmt: skip
OPPOSITES |= {opposite: name for name, opposite in OPPOSITES.items()}
"""Operators of which one holds exactly where the other does not, empty values included."""

TEXT_FUNCTIONS = {"contains": "contains", "startswith": "begins-with", "endswith": "ends-with"}
SAME = ("tolower", "toupper", "trim")
"""Functions that change nothing for a comparison: it ignores case anyway."""

_ESCAPED = re.compile(r"\[(.)\]")


def pattern(text: str) -> str:
    """A LIKE pattern of SQL Server in our signs: a bracketed sign means itself, a backslash is no escape."""
    spelled = text.replace("\\", "\\\\")
    return _ESCAPED.sub(lambda match: _literal(match.group(1)), spelled)


def _literal(sign: str) -> str:
    return "\\" + sign if sign in "%_" else sign


def has_wildcards(text: str) -> bool:
    return "%" in text or "_" in text or _ESCAPED.search(text) is not None


def like_pattern(operator: str, text: str) -> str:
    """The pattern that a text function with wildcards in its text means."""
    before = "" if operator == "begins-with" else "%"
    after = "" if operator == "ends-with" else "%"
    return before + pattern(text) + after
