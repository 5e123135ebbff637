"""Query options on definitions, which are no rows of a table: filtered, sorted and cut in Python."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from basis.api.exchange import refuse
from basis.api.odata.collections import check_options
from basis.api.odata.expressions import Call, Compare, Literal, Logical, Node, Not, Path, parse_filter
from basis.api.odata.options import divide, flag, whole
from basis.api.odata.shape import Json
from basis.errors import Unsupported
from basis.fields.storage import fold

KNOWN = {"$select", "$filter", "$orderby", "$top", "$count", "$expand", "$format"}
Expander = Callable[[Json, str, Mapping[str, str]], Any]


def list_of(rows: Iterable[Json], options: Mapping[str, str], expand: Expander | None = None) -> Json:
    """`value` (and `@odata.count`) of an answer: the rows that the options ask for."""
    check_options(dict(options), KNOWN)
    found = list(rows)
    if options.get("$filter", "").strip():
        aliases = {name: value for name, value in options.items() if name.startswith("@")}
        tree = parse_filter(options["$filter"], aliases)
        found = [row for row in found if holds(tree, row)]
    answer: Json = {"@odata.count": len(found)} if flag(options, "$count") else {}
    for piece in reversed(divide(options.get("$orderby", ""), ",", "$orderby")):
        name, _, way = piece.partition(" ")
        found.sort(key=lambda row, name=name: _sort_key(value_at(row, name)), reverse=way.strip().lower() == "desc")  # type: ignore[misc]
    top = whole(options, "$top")
    answer["value"] = [chosen(row, options, expand) for row in found[:top]]
    return answer


def chosen(row: Json, options: Mapping[str, str], expand: Expander | None = None) -> Json:
    """The row with the properties of `$select` only, and with what `$expand` adds."""
    shown = row
    if options.get("$select", "").strip():
        names = [name.strip() for name in options["$select"].split(",")]
        shown = {key: value for key, value in row.items() if key in names or key.startswith("@")}
        shown |= {name: row[name] for name in ("MetadataId",) if name in row}
    for piece in divide(options.get("$expand", ""), ",", "$expand"):
        name, _, rest = piece.partition("(")
        inner = dict(part.partition("=")[::2] for part in divide(rest.removesuffix(")"), ";", "$expand"))
        if expand is None:
            raise Unsupported("Basis cannot expand {name}.", name=name)
        shown = {**shown, name: expand(row, name, inner)}
    return shown


def value_at(row: Any, path: str) -> Any:
    for name in path.split("/"):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _sort_key(value: Any) -> tuple[bool, str]:
    return value is not None, fold(str(value)) if not isinstance(value, int) else f"{value:020d}"


def holds(node: Node, row: Json) -> bool:
    """Whether a filter holds for a row; text is compared without case, as everywhere."""
    if isinstance(node, Logical):
        return (all if node.operator == "and" else any)(holds(part, row) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.inner, row)
    if isinstance(node, Compare):
        return _compare(node.operator, _value(node.left, row), _value(node.right, row))
    if isinstance(node, Call | Path | Literal):
        return _value(node, row) is True
    raise Unsupported("Basis filters definitions by their own properties only.")


def _value(node: Node, row: Json) -> Any:
    if isinstance(node, Literal):
        return _plain(node.value)
    if isinstance(node, Path):
        return _plain(value_at(row, node.text))
    if isinstance(node, Call) and node.name in ("tolower", "toupper"):
        return _value(node.arguments[0], row) if node.arguments else None
    if isinstance(node, Call) and node.name in TESTS and len(node.arguments) == 2:
        text, part = (str(_value(argument, row) or "") for argument in node.arguments)
        return TESTS[node.name](text, part)
    return holds(node, row) if not isinstance(node, Call) else _unknown(node)


def _unknown(node: Call) -> Any:
    raise Unsupported("Basis has no function {name} in a filter.", name=node.name)


TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return fold(value)
    return tuple(_plain(part) for part in value) if isinstance(value, tuple) else value


def _compare(operator: str, left: Any, right: Any) -> bool:
    if operator in ("eq", "ne"):
        return bool(left == right) is (operator == "eq")
    try:
        return bool(COMPARISONS[operator](left, right))
    except (TypeError, KeyError):
        raise refuse("$filter", "Compare a property with a value.") from None


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "in": lambda left, right: left in right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
}
