"""The parser of filters: whatever is put together by the grammar is read back as it was meant."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from basis.api.odata.expressions import Call, Compare, Lambda, Literal, Logical, Node, Not, Path, parse_filter
from basis.api.odata.operators import FUNCTIONS
from basis.errors import Invalid, Unsupported
from basis.fields.operators import OPERATORS

NAMES = st.sampled_from(["name", "revenue", "_ownerid_value", "address1_city", "notes", "inner", "order1"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)

literals: st.SearchStrategy[Node] = st.one_of(
    TEXTS.map(lambda text: Literal(text, "string")),
    st.integers(-(2**62), 2**62).map(lambda number: Literal(number, "number")),
    st.decimals(-1000, 1000, places=3).map(lambda number: Literal(number, "number")),
    st.booleans().map(lambda value: Literal(value, "boolean")),
    st.just(Literal(None, "null")),
    st.dates().map(lambda day: Literal(day.isoformat(), "date")),
    st.uuids().map(lambda id: Literal(str(id), "guid")),
)
paths = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: Path(tuple(names)))
comparisons: st.SearchStrategy[Node] = st.one_of(
    st.builds(Compare, st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]), paths, literals | paths),
    st.builds(lambda path, texts: Compare("in", path, Literal(tuple(texts), "list")), paths, st.lists(TEXTS)),
    st.builds(lambda path, text: Call("contains", (path, Literal(text, "string"))), paths, TEXTS),
)


def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Not, inner),
        st.builds(lambda path, quantifier, body: Lambda(path, quantifier, "x", body), paths,
                  st.sampled_from(["any", "all"]), inner),
        st.builds(flat, st.sampled_from(["and", "or"]), inner, inner),
    )  # fmt: skip


def flat(operator: str, left: Node, right: Node) -> Logical:
    """`a and b and c` is one node with three parts, however it was put together from the left."""
    parts = left.parts if isinstance(left, Logical) and left.operator == operator else (left,)
    return Logical(operator, (*parts, right))


trees = st.recursive(comparisons, grown, max_leaves=8)


def spelled(node: Any) -> str:
    """A tree as the text of a filter, with no more parentheses than are needed around operators."""
    if isinstance(node, Literal):
        return literal(node)
    if isinstance(node, Path):
        return node.text
    if isinstance(node, Compare):
        return f"{spelled(node.left)} {node.operator} {spelled(node.right)}"
    if isinstance(node, Call):
        return f"{node.name}({','.join(spelled(argument) for argument in node.arguments)})"
    if isinstance(node, Not):
        return f"not ({spelled(node.inner)})"
    if isinstance(node, Lambda):
        return f"{node.path.text}/{node.quantifier}({node.variable}:{spelled(node.body)})"
    first, *rest = node.parts
    return f" {node.operator} ".join([part(node, first), *(part(node, each) for each in rest)])


def part(outer: Logical, node: Any) -> str:
    if isinstance(node, Logical) and not (outer.operator == "or" and node.operator == "and"):
        return f"({spelled(node)})"
    return spelled(node)


def literal(node: Literal) -> str:
    if node.kind == "list":
        return f"({','.join(quoted(text) for text in node.value)})"
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if node.kind == "string":
        return quoted(node.value)
    return "null" if node.value is None else f"{node.value:f}" if isinstance(node.value, Decimal) else str(node.value)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@given(trees)
def test_a_filter_is_read_as_it_was_meant(tree: Node) -> None:
    assert parse_filter(spelled(tree)) == tree


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Invalid, Unsupported):
        parse_filter(text)


@given(trees, st.data())
def test_a_damaged_filter_is_read_or_refused(tree: Node, data: st.DataObject) -> None:
    text = spelled(tree)
    at = data.draw(st.integers(0, len(text)))
    put = data.draw(st.sampled_from(["", "(", ")", "'", ",", " and ", "/", "@p", "["]))
    with suppress(Invalid, Unsupported):
        parse_filter(text[:at] + put + text[at + 1 :])


def test_and_binds_closer_than_or_and_not_closest() -> None:
    tree = parse_filter("not a eq 1 or b eq 2 and c eq 3")
    assert isinstance(tree, Logical) and tree.operator == "or"
    assert isinstance(tree.parts[1], Logical) and tree.parts[1].operator == "and"


def test_every_operator_but_those_of_the_language_has_a_function() -> None:
    words = {"eq", "ne", "gt", "ge", "lt", "le", "null", "not-null", "like", "not-like"}
    assert set(FUNCTIONS.values()) == set(OPERATORS) - words
    assert FUNCTIONS["OlderThanXMonths"] == "olderthan-x-months"
    assert FUNCTIONS["InOrAfterFiscalPeriodAndYear"] == "in-or-after-fiscal-period-and-year"
