"""The query options `$select`, `$expand`, `$orderby` and `$top`: what to give of each record, and in which order."""

from collections.abc import Mapping

from msgspec import Struct

from basis.api.exchange import refuse
from basis.api.odata.conditions import filter_of
from basis.api.odata.joins import Joins
from basis.api.odata.names import NAMESPACE, Names, Navigation, names_of, told_fields
from basis.api.odata.tokens import Token, tokenize, unexpected
from basis.catalog.catalog import Catalog
from basis.catalog.query import Filter, Link, Order
from basis.errors import Unsupported

LARGEST_TOP = 1_000_000_000


class Expand(Struct, frozen=True):
    """Related records to give along: for each navigation that the name stands for, what to give of its records."""

    name: str
    paths: tuple[tuple[Navigation, "Wanted"], ...]
    filter: Filter = Filter()
    links: tuple[Link, ...] = ()
    order: tuple[Order, ...] = ()
    top: int | None = None

    @property
    def collection(self) -> bool:
        return self.paths[0][0].collection


class Wanted(Struct, frozen=True):
    """What to give of records of an entity: fields, and related records. `chosen`: a `$select` named the fields."""

    entity: str
    fields: tuple[str, ...]
    expands: tuple[Expand, ...] = ()
    chosen: bool = False

    @property
    def hidden(self) -> tuple[str, ...]:
        """Lookups that must be read for the expands, though they are not shown."""
        needed = [nav.field for expand in self.expands for nav, _ in expand.paths if not nav.collection]
        return tuple(name for name in dict.fromkeys(needed) if name not in self.fields)


def wanted_of(catalog: Catalog, entity: str, options: Mapping[str, str]) -> Wanted:
    """What `$select` and `$expand` ask for."""
    names = names_of(catalog, entity)
    chosen = "$select" in options and options["$select"].strip() not in ("", "*")
    expands = expand_of(catalog, names, options["$expand"]) if options.get("$expand", "").strip() else ()
    every = tuple(field.name for field in told_fields(names.entity))
    fields = _select(names, options["$select"]) if chosen else every
    return Wanted(entity, fields, expands, chosen)


def _select(names: Names, text: str, part: str = "$select") -> tuple[str, ...]:
    chosen = []
    for name in (piece.strip() for piece in text.split(",")):
        if not name:
            continue
        if name == "*":
            chosen += [field.name for field in told_fields(names.entity)]
        elif name not in names.single:
            chosen.append(names.field(name, part).name)
        elif name in names.properties:
            chosen.append(names.properties[name].name)
    return tuple(dict.fromkeys(chosen))


def order_of(joins: Joins, text: str, part: str = "$orderby") -> tuple[Order, ...]:
    """`name desc,primarycontactid/fullname` as orders; the paths' links are gathered in `joins`."""
    orders = []
    tokens = tokenize(text, part)
    position = 0
    while tokens[position].kind != "end":
        path, position = _path(tokens, position, part)
        field, link = joins.field(path, part)
        word = tokens[position]
        if word.kind == "name" and word.text.lower() in ("asc", "desc"):
            position += 1
        orders.append(Order(field.name, link, descending=word.text.lower() == "desc"))
        following = tokens[position]
        if following.text == ",":
            position += 1
        elif following.kind != "end":
            unexpected(part, following.text, following.at)
    return tuple(orders)


def _path(tokens: list[Token], position: int, part: str) -> tuple[tuple[str, ...], int]:
    names: list[str] = []
    while True:
        token = tokens[position]
        if token.kind != "name":
            unexpected(part, token.text, token.at)
        names.append(token.text)
        if tokens[position + 1].text != "/":
            return tuple(names), position + 1
        position += 2


def whole(options: Mapping[str, str], name: str) -> int | None:
    """An option that is a whole number of 0 or more; None when it is left out."""
    if name not in options:
        return None
    text = options[name].strip()
    if not text.isascii() or not text.isdigit() or int(text[:12]) > LARGEST_TOP:
        raise refuse(name, "Must be a whole number of 0 or more.")
    return int(text)


def flag(options: Mapping[str, str], name: str) -> bool:
    """An option that is true or false; false when it is left out. `Invalid` for anything else."""
    text = options.get(name, "false").strip().lower()
    if text not in ("true", "false"):
        raise refuse(name, "Must be true or false.")
    return text == "true"


# -- $expand


def expand_of(catalog: Catalog, names: Names, text: str, part: str = "$expand", depth: int = 1) -> tuple[Expand, ...]:
    """The expands of an option; at most fifteen, as Dataverse has it, and four deep."""
    if depth > 4:
        raise Unsupported("Basis expands at most {count} deep.", count=4)
    found = []
    for piece in divide(text, ",", part):
        name, _, rest = piece.partition("(")
        options = {}
        if rest:
            for option in divide(rest.rstrip().removesuffix(")"), ";", part):
                key, _, value = option.partition("=")
                options[key.strip()] = value.strip()
        found.append(_expand(catalog, names, name.strip(), options, depth))
    if len(found) > 15:
        raise refuse(part, "At most {count} expands fit in one request.", count=15)
    return tuple(found)


KNOWN = {"$select", "$filter", "$orderby", "$top", "$expand", "$count"}


def _expand(catalog: Catalog, names: Names, name: str, options: dict[str, str], depth: int) -> Expand:
    if name.endswith("/$ref") or name == "*":
        raise Unsupported("Basis cannot expand {name}.", name=name)
    unknown = set(options) - KNOWN
    if unknown:
        raise Unsupported("Basis does not do {name} within $expand.", name=sorted(unknown)[0])
    navigations = names.several.get(name) or (names.navigation(name, "$expand"),)
    paths = tuple((each, _wanted_in(catalog, each, options, len(navigations) > 1, depth)) for each in navigations)
    if not navigations[0].collection:
        if {"$filter", "$orderby", "$top", "$count"} & set(options):
            raise refuse("$expand", "'{name}' is one record; only $select and $expand fit there.", name=name)
        return Expand(name, paths)
    joins = Joins(catalog, navigations[0].target)
    where = filter_of(options["$filter"], joins, {}, "$expand") if options.get("$filter") else Filter()
    order = order_of(joins, options["$orderby"], "$expand") if options.get("$orderby") else ()
    return Expand(name, paths, where, joins.links(), order, whole(options, "$top"))


def _wanted_in(
    catalog: Catalog, navigation: Navigation, options: dict[str, str], one_of_several: bool, depth: int
) -> Wanted:
    """What to give of one target. Of a lookup of several entities, each gives the properties that it has."""
    names = names_of(catalog, navigation.target)
    select = options.get("$select", "")
    if one_of_several and select:
        kept = [part for part in select.split(",") if part.strip() in names.properties]
        select = ",".join(kept) or names.entity.id_field
    wanted = wanted_of(catalog, navigation.target, {"$select": select})
    if options.get("$expand"):
        inner = expand_of(catalog, names, options["$expand"], depth=depth + 1)
        return Wanted(wanted.entity, wanted.fields, inner, wanted.chosen)
    return wanted


def divide(text: str, mark: str, part: str) -> list[str]:
    """The pieces between marks that stand outside parentheses and quotes."""
    pieces, depth, quoted, start = [], 0, False, 0
    for at, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth < 0:
                unexpected(part, sign, at)
        elif sign == mark and depth == 0 and not quoted:
            pieces.append(text[start:at])
            start = at + 1
    if depth or quoted:
        unexpected(part, "", len(text))
    pieces.append(text[start:])
    return [piece for piece in (piece.strip() for piece in pieces) if piece]


def context_select(wanted: Wanted, names: Names) -> str:
    """The part of `@odata.context` that tells which properties there are."""
    if not wanted.chosen and not wanted.expands:
        return ""
    properties = {field.name: name for name, field in reversed(names.properties.items())}
    parts = [properties[name] for name in wanted.fields] if wanted.chosen else []
    parts += [f"{expand.name}()" for expand in wanted.expands]
    return f"({','.join(parts)})"


def type_name(entity: str) -> str:
    return f"{NAMESPACE}.{entity}"
