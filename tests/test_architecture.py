"""Holds the house in shape: who may import whom, and how long a file and a function may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "basis"

LONGEST_FILE = 400
LONGEST_FUNCTION = 40

# From the top down: a part may import what stands below its own line, never its neighbours or what is above.
LAYERS: list[set[str]] = [
    {"cli"},
    {"app"},
    {"web", "api"},
    {"processes", "analytics", "transfer", "learning"},
    {"records"},
    {"security"},
    {"catalog"},
    {"fields"},
    {"formulas", "jobs"},
    {"db", "errors", "i18n", "html", "config"},
]
# The ground is one layer of small modules that may use each other.
MAY_USE_NEIGHBOURS = LAYERS[-1]
DATA_ONLY = {"standard", "locale"}

# Package → the parts that alone may import it.
ONLY_IN = {"starlette": {"web", "api", "app"}, "uvicorn": {"cli", "app"}}
# Part → the packages that it may not import.
NEVER_IN = {"web": {"sqlalchemy", "alembic", "psycopg", "sqlite3"}}
LITERALS = (ast.Constant, ast.Tuple, ast.List, ast.Set)


@cache
def modules() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def part_of(path: Path) -> str:
    """The folder or module directly under basis that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every imported module with its line, relative imports made absolute; typing-only ones count too."""
    here = ("basis", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(modules()[path]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            source = ".".join([*base, *([node.module] if node.module else [])])
            # `from basis import records` names the part only in what it imports.
            names = [f"{source}.{alias.name}" for alias in node.names] if source == "basis" else [source]
            yield from ((node.lineno, name) for name in names)


def layer_of(part: str) -> int | None:
    return next((number for number, parts in enumerate(LAYERS) if part in parts), None)


def may_import(part: str, other: str) -> bool:
    if part == other:
        return True
    mine, theirs = layer_of(part), layer_of(other)
    if mine is None or theirs is None:
        return False
    return theirs > mine or (theirs == mine and part in MAY_USE_NEIGHBOURS)


def test_every_part_of_the_package_has_its_place_in_the_layers() -> None:
    known = set().union(*LAYERS) | DATA_ONLY | {"__init__", "__main__"}
    assert {part_of(path) for path in modules()} - known == set()


def test_parts_import_only_what_lies_below_them() -> None:
    climbing = []
    for path in modules():
        part = part_of(path)
        for line, module in imports(path):
            if part == "__main__" or not module.startswith("basis."):
                continue
            other = module.split(".")[1]
            if layer_of(other) is not None and not may_import(part, other):
                climbing.append(f"{name_of(path)}:{line} imports {other}; {part} may not")
    assert climbing == []


def test_http_stays_at_the_edges_and_sql_stays_out_of_the_pages() -> None:
    strayed = []
    for path in modules():
        part = part_of(path)
        for line, module in imports(path):
            package = module.split(".")[0]
            if part not in ONLY_IN.get(package, {part}) or package in NEVER_IN.get(part, set()):
                strayed.append(f"{name_of(path)}:{line} imports {package}")
    assert strayed == []


def asks_for_a_type(node: ast.AST) -> bool:
    """Whether code chooses by a field's type: `field.type == "money"`, `in (…)` or a match on it."""
    if isinstance(node, ast.Match):
        asked, with_names = node.subject, True
    elif isinstance(node, ast.Compare):
        asked = node.left
        with_names = all(isinstance(other, LITERALS) for other in node.comparators)
    else:
        return False
    return with_names and ast.unparse(asked).endswith(("field.type", "field_type", "field_type.name"))


def test_only_fields_ask_for_the_type_of_a_field() -> None:
    asking = [
        f"{name_of(path)}:{node.lineno} chooses by the type of a field"
        for path, tree in modules().items()
        if part_of(path) != "fields"
        for node in ast.walk(tree)
        if isinstance(node, ast.Match | ast.Compare) and asks_for_a_type(node)
    ]
    assert asking == []


def test_no_file_has_more_lines_than_one_concept_needs() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_has_more_lines_than_one_can_hold_in_mind() -> None:
    long = []
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{name_of(path)}:{node.lineno} {node.name} has {length} lines")
    assert long == []


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        name_of(path)
        for path, tree in modules().items()
        if path.name != "__init__.py" and ast.get_docstring(tree) is None
    ]
    assert silent == []
