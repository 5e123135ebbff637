"""From an address and a method to what is done: the one place that knows which addresses there are."""

from collections.abc import Callable

from basis.api.exchange import Answer, Asked, answer_json
from basis.api.failures import NotAllowed, no_segment
from basis.api.fetch.read import read_fetch, read_view
from basis.api.metadata.definitions import DEFINITIONS
from basis.api.metadata.service import csdl_document, service_document
from basis.api.odata import functions, writes
from basis.api.odata.address import Segment, id_of, key_in, segments_of
from basis.api.odata.apply import read_apply
from basis.api.odata.collections import Narrow, read_count, read_set
from basis.api.odata.names import NAMESPACE, Names, Navigation, names_of
from basis.api.odata.records import Place, read_property, read_record, require_there, target_of
from basis.api.odata.related import within
from basis.catalog.entity import Entity
from basis.catalog.query import Query
from basis.errors import Unsupported
from basis.security.scope import Scope


def respond(scope: Scope, asked: Asked) -> Answer:
    """The answer to one request below the root of the service; errors are raised."""
    if not asked.writes and asked.path in scope.catalog.sets:
        return _read_set(scope, asked, scope.catalog.sets[asked.path].name)
    aliases = {name: value for name, value in asked.options.items() if name.startswith("@")}
    segments = segments_of(asked.path, aliases)
    if not segments:
        return _read_only(asked, lambda: service_document(scope, asked))
    first, rest = segments[0], segments[1:]
    if first.name == "$metadata" and not rest:
        return _read_only(asked, lambda: csdl_document(scope, asked))
    if first.name in DEFINITIONS:
        return _read_only(asked, lambda: DEFINITIONS[first.name](scope, asked, segments))
    if first.name in functions.UNBOUND and not rest:
        return functions.call(scope, asked, first)
    entity = scope.catalog.sets.get(first.name)
    if entity is None:
        raise no_segment(first.name)
    if first.given is None:
        return _set(scope, asked, entity, rest)
    return _record(scope, asked, entity, first, rest)


def _read_only(asked: Asked, read: Callable[[], Answer]) -> Answer:
    if asked.writes:
        raise NotAllowed("GET")
    return read()


# -- sets


def _set(scope: Scope, asked: Asked, entity: Entity, rest: list[Segment]) -> Answer:
    if not rest:
        if asked.method == "POST":
            return writes.post(scope, asked, entity)
        if asked.writes:
            raise NotAllowed("GET", "POST")
        return _read_set(scope, asked, entity.name)
    name = rest[0].name
    if len(rest) > 1:
        raise no_segment(rest[1].name)
    if name == "$count":
        return _read_only(asked, lambda: read_count(scope, asked, entity.name))
    if name.startswith(f"{NAMESPACE}."):
        return functions.call_on_set(scope, asked, entity, name.removeprefix(f"{NAMESPACE}."))
    raise no_segment(name)


def _read_set(scope: Scope, asked: Asked, entity: str) -> Answer:
    if asked.query:
        options = asked.options
        if "fetchXml" in options or "fetchxml" in options:
            return read_fetch(scope, asked, entity, options.get("fetchXml") or options.get("fetchxml", ""))
        if "savedQuery" in options or "userQuery" in options:
            return read_view(scope, asked, entity, options.get("savedQuery") or options.get("userQuery", ""))
        if "$apply" in options:
            return read_apply(scope, asked, entity)
    return read_set(scope, asked, entity)


# -- one record


def _record(scope: Scope, asked: Asked, entity: Entity, first: Segment, rest: list[Segment]) -> Answer:
    key = key_in(scope, entity, first)
    if not rest and asked.method == "PATCH":
        return writes.patch(scope, asked, entity, key)
    place = Place(entity, id_of(scope, entity, key))
    if not rest:
        if asked.method == "DELETE":
            return writes.delete(scope, asked, place)
        if asked.writes:
            raise NotAllowed("GET", "PATCH", "DELETE")
        return read_record(scope, asked, place)
    names = names_of(scope.catalog, entity.name)
    name = rest[0].name
    if rest[-1].name == "$ref":
        return _reference(scope, asked, place, names, rest[:-1])
    if name in names.many:
        return _collection(scope, asked, place, names, rest)
    if name in names.single or name in names.several:
        return _related(scope, asked, place, names, rest)
    if name.startswith(f"{NAMESPACE}."):
        raise Unsupported("Basis has no action {name}.", name=name)
    return _property(scope, asked, place, rest)


def _property(scope: Scope, asked: Asked, place: Place, rest: list[Segment]) -> Answer:
    name = rest[0].name
    raw = len(rest) == 2 and rest[1].name == "$value"
    if len(rest) > 1 + raw or rest[0].given is not None:
        raise no_segment(rest[-1].name)
    if asked.method in ("GET", "HEAD"):
        return read_property(scope, asked, place, name, raw)
    if asked.method == "PUT" and not raw:
        return writes.put_property(scope, asked, place, name)
    if asked.method == "DELETE" and not raw:
        return writes.delete_property(scope, asked, place, name)
    raise NotAllowed("GET", "PUT", "DELETE")


def _narrow(scope: Scope, place: Place, navigation: Navigation) -> Narrow:
    def narrow(query: Query) -> Query:
        return within(scope, query, place.entity.name, navigation, (place.id,))

    return narrow


def _collection(scope: Scope, asked: Asked, place: Place, names: Names, rest: list[Segment]) -> Answer:
    """What a navigation to many leads to: its records, their number, or one of them by key."""
    navigation = names.many[rest[0].name]
    target = scope.catalog.entity(navigation.target)
    if rest[0].given is not None:
        return _record(scope, asked, target, rest[0], rest[1:])
    if asked.method == "POST" and len(rest) == 1:
        return writes.post_related(scope, asked, place, navigation)
    if asked.writes:
        raise NotAllowed("GET", "POST")
    require_there(scope, place)
    narrow = _narrow(scope, place, navigation)
    if len(rest) == 2 and rest[1].name == "$count":
        return read_count(scope, asked, target.name, narrow)
    if len(rest) > 1:
        raise no_segment(rest[1].name)
    return read_set(scope, asked, target.name, narrow)


def _related(scope: Scope, asked: Asked, place: Place, names: Names, rest: list[Segment]) -> Answer:
    """The record that a lookup points at, and what lies beyond it; 204 when the lookup is empty."""
    if asked.writes and len(rest) == 1:
        raise NotAllowed("GET")
    if rest[0].given is not None:
        raise no_segment(rest[0].name)
    target = target_of(scope, place, names, rest[0].name)
    if target is None:
        return Answer(204)
    first = Segment(target.entity.set, (("", target.id),))
    return _record(scope, asked, target.entity, first, rest[1:])


def _reference(scope: Scope, asked: Asked, place: Place, names: Names, rest: list[Segment]) -> Answer:
    if len(rest) != 1:
        raise no_segment("$ref")
    name, key = rest[0].name, rest[0] if rest[0].given is not None else None
    if asked.method in ("POST", "PUT") and key is None:
        return writes.link(scope, asked, place, name)
    if asked.method == "DELETE":
        return writes.unlink(scope, asked, place, name, key)
    if asked.writes:
        raise NotAllowed("GET", "POST", "PUT", "DELETE")
    if name in names.many:
        raise Unsupported("Basis does not list addresses; ask for the records themselves.")
    target = target_of(scope, place, names, name)
    if target is None:
        return Answer(204)
    context = f"{asked.root}$metadata#$ref"
    return answer_json({"@odata.context": context, "@odata.id": target.address(asked.root)})
