"""Addresses: `accounts(guid)/contact_customer_accounts/$ref` as segments, and the record that a key means."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from basis.api.exchange import refuse
from basis.api.failures import no_segment
from basis.api.odata.expressions import Literal, Parser
from basis.api.odata.names import names_of
from basis.api.odata.tokens import tokenize
from basis.catalog.entity import Entity
from basis.errors import Invalid, NotFound
from basis.fields import type_of
from basis.fields.base import Problem
from basis.fields.id import regular_id
from basis.records.keys import find_by_key, key_of
from basis.security.scope import Scope

PART = "key"


class Segment(Struct, frozen=True):
    """One part of an address; `given` holds what stands in parentheses (None: there are none), `""` by position."""

    name: str
    given: tuple[tuple[str, Any], ...] | None = None


class Key(Struct, frozen=True):
    """Which record: by id, or by the fields of an alternate key."""

    id: str = ""
    fields: tuple[tuple[str, Any], ...] = ()


def segments_of(path: str, aliases: Mapping[str, str]) -> list[Segment]:
    """The segments of a decoded path. `Invalid` for a key that cannot be read."""
    return [_segment(text, aliases) for text in _split(path)]


def _split(path: str) -> list[str]:
    pieces, depth, quoted, start = [], 0, False, 0
    for at, sign in enumerate(path):
        if sign == "'" and depth:
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "/" and depth == 0 and not quoted:
            pieces.append(path[start:at])
            start = at + 1
    pieces.append(path[start:])
    return [piece for piece in pieces if piece]


def _segment(text: str, aliases: Mapping[str, str]) -> Segment:
    name, bracket, _ = text.partition("(")
    if not bracket:
        return Segment(text)
    parser = Parser(tokenize(text[len(name) :], PART), PART, aliases)
    call = parser.call(name)
    parser.end()
    given: list[tuple[str, Any]] = []
    for key, held in [*(("", argument) for argument in call.arguments), *call.named]:
        if not isinstance(held, Literal):
            raise refuse(PART, "Put a text in quotes: {name}(…='…').", name=name)
        given.append((key, held.value))
    return Segment(name, tuple(given))


def key_in(scope: Scope, entity: Entity, segment: Segment) -> Key:
    """The key that a segment gives. `Invalid` when it is none of this entity's."""
    given = dict(segment.given or ())
    if len(segment.given or ()) != len(given) or not given:
        raise refuse(PART, "Give one key: an id, or an alternate key.")
    try:
        if "" in given:
            return Key(regular_id(given[""]))
        if set(given) == {entity.id_field}:
            return Key(regular_id(given[entity.id_field]))
        return _alternate(scope, entity, given)
    except Problem as problem:
        raise Invalid({PART: problem.message}) from None


def _alternate(scope: Scope, entity: Entity, given: dict[str, Any]) -> Key:
    names = names_of(scope.catalog, entity.name)
    fields: dict[str, Any] = {}
    for name, value in given.items():
        field = names.field(name, PART)
        if value is None:
            raise refuse(PART, "A key has no empty part.")
        type_ = type_of(field)
        fields[field.name] = type_.check(field, type_.from_json(field, value))
    if not any(set(key.fields) == set(fields) for key in entity.keys):
        shown = ", ".join(sorted(fields))
        raise refuse(PART, "{entity} has no key on {fields}.", entity=entity.name, fields=shown)
    return Key(fields=tuple(sorted(fields.items())))


def id_of(scope: Scope, entity: Entity, key: Key) -> str:
    """The id of the record with that key. `NotFound` when no record has that alternate key."""
    if key.id:
        return key.id
    fields = dict(key.fields)
    found = find_by_key(scope, entity, key_of(entity, set(fields)), [fields])[0]
    if found is None:
        raise missing(entity)
    return found


def missing(entity: Entity) -> NotFound:
    return NotFound("This {entity} does not exist, or you may not see it.", entity=entity.label)


def record_at(scope: Scope, address: Any, root: str, contents: Mapping[str, str]) -> tuple[Entity, str]:
    """The entity and id that an `@odata.id` or `@odata.bind` means: absolute, relative, by key, or `$1` in a batch.

    Some clients garble the front of an absolute address, so only its last segment is read.
    """
    if not isinstance(address, str) or not address.strip():
        raise refuse("@odata.id", "Give the address of a record, like {example}.", example="/contacts(guid)")
    text = contents.get(address, address).strip()
    if text.startswith(root):
        text = text[len(root) :]
    last = _split(unquote(text))
    segment = _segment(last[-1], {}) if last else Segment("")
    entity = scope.catalog.sets.get(segment.name)
    if entity is None:
        raise no_segment(segment.name)
    return entity, id_of(scope, entity, key_in(scope, entity, segment))
