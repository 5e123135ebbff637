"""Every sentence that Basis can show has its Dutch, whether it stands in Python or in a template."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from basis.catalog import check
from basis.records import bin

PACKAGE = Path(__file__).parents[1] / "src" / "basis"
CATALOG = PACKAGE / "locale" / "nl.po"

SAYING = {
    "Message", "Problem", "Invalid", "Refused", "NotFound", "Forbidden", "Unauthenticated", "Conflict", "Unsupported",
    "Unavailable", "BasisError", "TooLarge", "DefinitionError", "Unmet", "NoSuchAddress",
}  # fmt: skip
"""Classes whose first argument is a sentence."""
SECOND = {"refuse"}
THIRD = {"_problem"}
PLACES = re.compile(r"\{(\w+)\}")


def in_python() -> Iterator[tuple[str, str]]:
    """Sentences with the place where they are said."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                position = 0 if name in SAYING else 1 if name in SECOND else 2 if name in THIRD else None
                if position is not None and len(node.args) > position:
                    for text in constants(node.args[position]):
                        yield text, f"{path.relative_to(PACKAGE)}:{node.lineno}"


def constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


def in_templates() -> Iterator[tuple[str, str]]:
    environment = Environment()
    for path in sorted((PACKAGE / "web" / "templates").glob("*.html")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_" and call.args:
                first = call.args[0]
                assert isinstance(first, nodes.Const), f"{path.name}:{call.lineno} translates what is no sentence"
                yield first.value, f"{path.name}:{call.lineno}"


def elsewhere() -> Iterator[tuple[str, str]]:
    """Sentences that are kept as plain text and said later."""
    yield from ((text, "bin.NEVER") for text in bin.NEVER.values())
    yield from ((check.name_problem(name), "name_problem") for name in ("1", "a__b", "select"))


def sentences() -> dict[str, str]:
    found = {text: place for text, place in (*in_python(), *in_templates(), *elsewhere())}
    return {text: place for text, place in found.items() if PLACES.sub("", text).strip()}


def dutch() -> dict[str, str]:
    with CATALOG.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def test_every_sentence_has_its_dutch() -> None:
    known = dutch()
    missing = {text: place for text, place in sentences().items() if not known.get(text)}
    assert missing == {}


def test_the_dutch_fills_in_the_same_places() -> None:
    wrong = {text: held for text, held in dutch().items() if set(PLACES.findall(text)) != set(PLACES.findall(held))}
    assert wrong == {}


def test_nothing_is_translated_that_nobody_says() -> None:
    assert sorted(set(dutch()) - set(sentences())) == []


@pytest.mark.parametrize("word", [" u ", " uw ", "Uw ", "gelieve", "dient te"])
def test_the_dutch_is_plain_and_says_je(word: str) -> None:
    assert [held for held in dutch().values() if word in f" {held} "] == []
