"""Writes docs/operators.md from the operator table: `python docs/tables.py`; a test says when that was forgotten."""

from __future__ import annotations

from pathlib import Path

from basis.api.odata.operators import FUNCTIONS
from basis.fields import field_types
from basis.fields.operators import OPERATORS

PAGE = Path(__file__).resolve().parent / "operators.md"

HEAD = """# Operators

One table of operators serves views, the filter builder, FetchXML and the Web API. The name is the one in FetchXML
and in a view's definition; the function is the one in `$filter`, with `Microsoft.Dynamics.CRM.` before it.
*This page is made by `docs/tables.py` from `src/basis/fields/operators.py`.*

- Text is compared without case and accents. In `like`, `%` is any text and `_` one sign.
- `ne`, `not-in` and the other negations also find empty fields: who asks for "not Zwolle" wants those without a
  city too ([why](decisions/0013-not-equal-includes-empty.md)).
- Days, weeks and months are those of the reader's time zone; weeks start on Monday.
- Values: 0 takes none, 1 or 2 so many, "any" a list. With fiscal periods (quarters, 1 to 4) the period stands
  before the year.

"""


def operators() -> str:
    """The page: the operators, grouped by the field types that take them."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in OPERATORS:
        takers = tuple(sorted(type_.name for type_ in field_types().values() if name in type_.operators))
        groups.setdefault(takers, []).append(name)
    return HEAD + "\n".join(_group(takers, names) for takers, names in groups.items())


def _group(takers: tuple[str, ...], names: list[str]) -> str:
    lines = [
        f"## {_listed(takers)}",
        "",
        "| Operator | English | Nederlands | Values | Function |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_row, names), ""])


def _listed(takers: tuple[str, ...]) -> str:
    """The types by name, or the few that are left out where that is shorter."""
    every = sorted(field_types())
    left_out = [name for name in every if name not in takers]
    if not takers:
        return "Taken by no field type yet"
    if not left_out:
        return "All field types"
    if len(left_out) < len(takers) / 2:
        return "All but " + ", ".join(left_out)
    return "Only " + ", ".join(takers)


def _row(name: str) -> str:
    operator = OPERATORS[name]
    function = next((function for function, held in FUNCTIONS.items() if held == name), "")
    values = "any" if operator.values < 0 else str(operator.values)
    shown = f"`{function}`" if function else ""
    return f"| `{name}` | {operator.label['en']} | {operator.label['nl']} | {values} | {shown} |"


if __name__ == "__main__":
    PAGE.write_text(operators(), encoding="utf-8")
    print(f"{len(OPERATORS)} operators in {PAGE.name}")
