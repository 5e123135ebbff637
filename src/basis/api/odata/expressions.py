"""The grammar of `$filter`: a Pratt parser from tokens to a tree."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from basis.api.exchange import refuse
from basis.api.odata.tokens import Token, tokenize, unexpected
from basis.errors import Unsupported

DEEPEST = 40
POWER = {"or": 1, "and": 2, "eq": 3, "ne": 3, "gt": 4, "ge": 4, "lt": 4, "le": 4, "in": 4, "has": 4,
         "add": 5, "sub": 5, "mul": 6, "div": 6, "divby": 6, "mod": 6}  # fmt: skip
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
WORDS = {"null": None, "true": True, "false": False}
LITERALS = ("string", "guid", "moment", "date", "number")


class Literal(Struct, frozen=True):
    """A value; `kind` as of the token, or null, boolean or list."""

    value: Any
    kind: str


class Path(Struct, frozen=True):
    """A property, perhaps of a related record: `("primarycontactid", "fullname")`."""

    names: tuple[str, ...]

    @property
    def text(self) -> str:
        return "/".join(self.names)


class Compare(Struct, frozen=True):
    operator: str
    left: Any
    right: Any


class Logical(Struct, frozen=True):
    operator: str
    parts: tuple[Any, ...]


class Not(Struct, frozen=True):
    inner: Any


class Call(Struct, frozen=True):
    """A function, with its arguments by position (`contains`) or by name (`Microsoft.Dynamics.CRM.…`)."""

    name: str
    arguments: tuple[Any, ...]
    named: tuple[tuple[str, Any], ...] = ()


class Lambda(Struct, frozen=True):
    """`path/any(variable: body)`, or `all`; without a body: whether there are related records at all."""

    path: Path
    quantifier: str
    variable: str
    body: Any


Node = Literal | Path | Compare | Logical | Not | Call | Lambda


def parse_filter(text: str, aliases: Mapping[str, str] | None = None, part: str = "$filter") -> Node:
    """The tree of a filter. `aliases` holds the texts of `@p`; `Invalid` says where it cannot be read."""
    parser = Parser(tokenize(text, part), part, aliases or {})
    tree = parser.expression(0)
    parser.end()
    return tree


class Parser:
    """Walks over tokens; `part` is the option that errors name."""

    def __init__(self, tokens: list[Token], part: str, aliases: Mapping[str, str], depth: int = 0) -> None:
        self.tokens = tokens
        self.part = part
        self.aliases = aliases
        self.position = 0
        self.depth = depth

    # -- walking
    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def at(self, mark: str) -> bool:
        return self.token.kind == "mark" and self.token.text == mark

    def skip(self, mark: str) -> bool:
        """Go past a mark if it stands here."""
        found = self.at(mark)
        self.position += found
        return found

    def expect(self, mark: str) -> None:
        if not self.skip(mark):
            self.wrong()

    def name(self) -> str:
        if self.token.kind != "name":
            self.wrong()
        return self.take().text

    def end(self) -> None:
        if self.token.kind != "end":
            self.wrong()

    def wrong(self) -> None:
        unexpected(self.part, self.token.text, self.token.at)

    # -- expressions
    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise refuse(self.part, "Is nested too deeply.")
        left = self._prefix()
        while self.token.kind == "name" and POWER.get(self.token.text, 0) > power:
            left = self._infix(left, self.take().text)
        self.depth -= 1
        return left

    def _infix(self, left: Node, operator: str) -> Node:
        if operator in ("and", "or"):
            right = self.expression(POWER[operator])
            parts = left.parts if isinstance(left, Logical) and left.operator == operator else (left,)
            return Logical(operator, (*parts, right))
        if operator == "in":
            return Compare("in", left, self._list("(", ")"))
        if operator in COMPARISONS:
            return Compare(operator, left, self.expression(POWER[operator]))
        raise Unsupported("Basis does not calculate in a filter ({operator}).", operator=operator)

    def _prefix(self) -> Node:
        token = self.token
        if token.kind in LITERALS:
            self.take()
            return Literal(token.value, token.kind)
        if self.skip("("):
            inner = self.expression(0)
            self.expect(")")
            return inner
        if self.at("["):
            return self._list("[", "]")
        if token.kind != "name":
            self.wrong()
        return self._word(self.take())

    def _word(self, token: Token) -> Node:
        if token.text == "not":
            return Not(self.expression(6))
        if token.text in WORDS:
            return Literal(WORDS[token.text], "null" if token.text == "null" else "boolean")
        if token.text.startswith("@"):
            return self._alias(token)
        if self.at("("):
            return self.call(token.text)
        return self._path(token.text)

    def _alias(self, token: Token) -> Node:
        if token.text not in self.aliases:
            raise refuse(self.part, "The address gives no value for {name}.", name=token.text)
        inner = Parser(tokenize(self.aliases[token.text], token.text), token.text, {}, self.depth)
        tree = inner.expression(0)
        inner.end()
        return tree

    def _list(self, opening: str, closing: str) -> Literal:
        """Literals between brackets; a parameter alias may stand for all of them."""
        if self.token.text.startswith("@"):
            found = self._word(self.take())
            if not isinstance(found, Literal):
                self.wrong()
            return found  # type: ignore[return-value]
        self.expect(opening)
        values: list[Any] = []
        while not self.skip(closing):
            if values:
                self.expect(",")
            item = self._prefix()
            if not isinstance(item, Literal):
                self.wrong()
                raise AssertionError
            values.append(item.value)
        return Literal(tuple(values), "list")

    def call(self, name: str) -> Call:
        """What stands between the parentheses after a name."""
        self.expect("(")
        arguments: list[Node] = []
        named: list[tuple[str, Node]] = []
        while not self.skip(")"):
            if arguments or named:
                self.expect(",")
            if self.token.kind == "end":
                self.wrong()
            following = self.tokens[self.position + 1]
            if self.token.kind == "name" and following.kind == "mark" and following.text == "=":
                key = self.name()
                self.expect("=")
                named.append((key, self.expression(0)))
            else:
                arguments.append(self.expression(0))
        return Call(name, tuple(arguments), tuple(named))

    def _path(self, first: str) -> Node:
        names = [first]
        while self.skip("/"):
            name = self.name()
            if name in ("any", "all") and self.at("("):
                return self._lambda(Path(tuple(names)), name)
            if self.at("("):
                raise Unsupported("Basis does not know {name} here.", name=name)
            names.append(name)
        if names[0] == "$it":
            names = names[1:]
        return Path(tuple(names))

    def _lambda(self, path: Path, quantifier: str) -> Lambda:
        self.expect("(")
        if self.skip(")"):
            return Lambda(path, quantifier, "", None)
        variable = self.name()
        self.expect(":")
        body = self.expression(0)
        self.expect(")")
        return Lambda(path, quantifier, variable, body)
