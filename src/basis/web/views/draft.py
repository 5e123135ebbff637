"""A view while somebody shapes it: as it was posted, with what is unfinished or wrong still in it."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from basis.errors import Message
from basis.web.request import Fields

Tree = dict[str, Any]
"""Posted names parted at their dots: `{"where": {"c0": {"field": "name"}}}`."""


class Clause(Struct):
    """One condition as the form holds it: `texts` are the values as they were typed, `kinds` the entities of lookups.

    `labels` are the names of the records that lookups hold; `error` says what is wrong with the values.
    """

    way: str = ""
    field: str = ""
    operator: str = ""
    texts: list[str] = []
    kinds: list[str] = []
    column: str = ""
    labels: dict[str, str] = {}
    error: Message | None = None


class Existence(Struct):
    """Whether there are related records (`any`) or none (`not_any`); `tie` is `relationship` or an association."""

    tie: str
    kind: str
    group: "Group"


class Group(Struct):
    """Conditions, groups and existences that must all (`and`) or any (`or`) hold, or just not (`negated`)."""

    type: str = "and"
    negated: bool = False
    clauses: list[Clause] = []
    groups: list["Group"] = []
    existences: list[Existence] = []

    @property
    def empty(self) -> bool:
        return not (self.clauses or self.groups or self.existences)


class DraftColumn(Struct):
    """A column: the way to its entity, its field, width in pixels, and the figure below it."""

    way: str = ""
    field: str = ""
    width: int = 150
    total: str = ""


class DraftOrder(Struct):
    way: str = ""
    field: str = ""
    descending: bool = False


class Draft(Struct):
    """All that the form holds."""

    columns: list[DraftColumn] = []
    order: list[DraftOrder] = []
    where: Group = field(default_factory=Group)
    group: DraftOrder = field(default_factory=DraftOrder)
    interval: str = ""
    frozen: int = 0
    show: dict[str, str] = {}


SHOWN = ("kind", "by", "sum", "date", "until")


def posted_draft(posted: Fields) -> Draft:
    """The draft that a form posts."""
    columns = _rows(posted, "col", ("way", "field", "width", "total"))
    order = _rows(posted, "order", ("way", "field", "direction"))
    return Draft(
        columns=[DraftColumn(row["way"], row["field"], _whole(row["width"], 150), row["total"]) for row in columns],
        order=[DraftOrder(row["way"], row["field"], row["direction"] == "down") for row in order],
        where=_group(_tree(posted).get("where", {})),
        group=DraftOrder(
            posted.get("group-way", ""), posted.get("group-field", ""), posted.get("group-direction") == "down"
        ),
        interval=posted.get("group-interval", ""),
        frozen=_whole(posted.get("frozen", ""), 0),
        show={name: posted.get(f"show-{name}", "") for name in SHOWN},
    )


def _whole(text: str, otherwise: int) -> int:
    return min(int(text), 2_000) if text.isascii() and text.isdigit() and len(text) < 6 else otherwise


def _rows(posted: Fields, prefix: str, names: Iterable[str]) -> list[Mapping[str, str]]:
    """Rows of inputs of the same names, in the order in which they stood on the page."""
    columns = {name: posted[f"{prefix}-{name}"].split("\n") for name in names if f"{prefix}-{name}" in posted}
    length = max((len(column) for column in columns.values()), default=0)
    return [
        {name: columns[name][at].strip() if at < len(columns.get(name, ())) else "" for name in names}
        for at in range(length)
    ]


def _tree(posted: Fields) -> Tree:
    tree: Tree = {}
    for name, text in posted.items():
        *parents, last = name.split(".")
        inner = tree
        for parent in parents:
            held = inner.setdefault(parent, {})
            if not isinstance(held, dict):
                break
            inner = held
        else:
            inner.setdefault(last, text)
    return tree


def _children(tree: Tree, letter: str) -> list[Tree]:
    """The nodes `c0`, `c1` … in the order of their numbers."""
    numbers = sorted(int(name[1:]) for name in tree if name[:1] == letter and name[1:].isdigit())
    return [tree[f"{letter}{number}"] for number in numbers if isinstance(tree[f"{letter}{number}"], dict)]


def _group(tree: Tree) -> Group:
    return Group(
        type="or" if tree.get("type") == "or" else "and",
        negated=tree.get("negated") == "1",
        clauses=[_clause(node) for node in _children(tree, "c")],
        groups=[_group(node) for node in _children(tree, "g")],
        existences=[
            Existence(_text(node, "tie"), _text(node, "kind") or "any", _group(node.get("where", {})))
            for node in _children(tree, "r")
        ],
    )


def _clause(tree: Tree) -> Clause:
    texts, kinds = [], []
    for number in range(100):
        if f"v{number}" not in tree:
            break
        texts.append(_text(tree, f"v{number}"))
        kinds.append(_text(tree, f"v{number}__type"))
    names = {name: _text(tree, name) for name in ("way", "field", "operator", "column")}
    return Clause(names["way"], names["field"], names["operator"], texts, kinds, names["column"])


def _text(tree: Tree, name: str) -> str:
    held = tree.get(name, "")
    return held.replace("\r\n", "\n") if isinstance(held, str) else ""


# -- what its buttons do


def act(draft: Draft, what: str) -> Draft:
    """Carry out a button: `add-column`, `up-column:2`, `remove:where.c0`, `add-clause:where.g1` and the like."""
    name, _, place = what.partition(":")
    verb, _, noun = name.partition("-")
    rows: dict[str, list[Any]] = {"column": draft.columns, "order": draft.order}
    if noun in rows:
        _act_on_row(rows[noun], verb, place, DraftColumn() if noun == "column" else DraftOrder())
    elif verb == "add":
        group = _at(draft.where, place)
        if group is not None:
            if noun == "clause":
                group.clauses.append(Clause())
            elif noun == "group":
                group.groups.append(Group("or", clauses=[Clause()]))
            elif noun == "related":
                group.existences.append(Existence("", "any", Group()))
    elif verb == "remove":
        _remove(draft.where, place)
    return draft


def _act_on_row(rows: list[Any], verb: str, place: str, fresh: Any) -> None:
    at = int(place) if place.isdigit() else -1
    if verb == "add":
        rows.append(fresh)
    elif not 0 <= at < len(rows):
        return
    elif verb == "remove":
        del rows[at]
    else:
        other = at - 1 if verb == "up" else at + 1
        if 0 <= other < len(rows):
            rows[at], rows[other] = rows[other], rows[at]


def _at(group: Group, place: str) -> Group | None:
    """The group at a place such as `where.g0.r1.where`; None when there is none."""
    at: Group | Existence | None = group
    for part in place.split(".")[1:]:
        at = _child(at, part)
        if at is None:
            return None
    return at if isinstance(at, Group) else None


def _child(node: Group | Existence | None, part: str) -> Group | Existence | None:
    if isinstance(node, Existence):
        return node.group if part == "where" else None
    number = int(part[1:]) if part[1:].isdigit() else -1
    rows: dict[str, list[Any]] = {"g": node.groups, "r": node.existences} if node else {}
    found = rows.get(part[:1], [])
    return found[number] if 0 <= number < len(found) else None


def _remove(where: Group, place: str) -> None:
    before, _, last = place.rpartition(".")
    group = _at(where, before)
    number = int(last[1:]) if last[1:].isdigit() else -1
    if group is not None:
        rows: dict[str, list[Any]] = {"c": group.clauses, "g": group.groups, "r": group.existences}
        found = rows.get(last[:1], [])
        if 0 <= number < len(found):
            del found[number]
