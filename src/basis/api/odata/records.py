"""Reading one record, one of its properties, or what a lookup of it points at."""

from typing import Any

from msgspec import Struct

from basis.api.exchange import Answer, Asked, answer_json
from basis.api.failures import Unmet
from basis.api.odata.address import missing
from basis.api.odata.collections import applied, check_options
from basis.api.odata.names import Names, Navigation, names_of
from basis.api.odata.options import Wanted, context_select, wanted_of
from basis.api.odata.related import query_of, tell
from basis.api.odata.shape import Json, part_of
from basis.catalog.entity import Entity
from basis.catalog.query import Column, Condition, Filter, Query
from basis.errors import Invalid, Unsupported
from basis.fields.base import Field
from basis.fields.reference import Reference
from basis.records.record import Record
from basis.records.select import page
from basis.security.scope import Scope

KNOWN = {"$select", "$expand", "$format"}


class Place(Struct, frozen=True):
    """A record that an address means."""

    entity: Entity
    id: str

    def address(self, root: str) -> str:
        return f"{root}{self.entity.set}({self.id})"


def fetch(scope: Scope, place: Place, wanted: Wanted) -> Record:
    """The record with what is wanted of it. `NotFound` when there is none, or not for this user."""
    query = query_of(scope, wanted)
    condition = Condition(place.entity.id_field, "eq", place.id)
    narrowed = Query(query.entity, query.columns, Filter(conditions=(condition,)))
    for record in page(scope, narrowed, limit=1).records:
        return record
    raise missing(place.entity)


def value_of(scope: Scope, place: Place, field: Field) -> Any:
    return fetch(scope, place, Wanted(place.entity.name, (field.name,)))[field.name]


def read_record(scope: Scope, asked: Asked, place: Place) -> Answer:
    """One record; nothing but 304 when the client has this version already."""
    options = asked.options
    check_options(options, KNOWN)
    wanted = wanted_of(scope.catalog, place.entity.name, options)
    record = fetch(scope, place, wanted)
    etag = etag_of(record.version)
    meet(asked, record.version)
    seen = asked.header("if-none-match")
    if seen and not wanted.expands and not asked.prefer.annotations and etag in _tags(seen):
        return Answer(304, headers=[("ETag", etag)])
    body = document(scope, asked, place, record, wanted)
    return answer_json(body, headers=[("ETag", etag), *applied(asked.prefer)])


def document(scope: Scope, asked: Asked, place: Place, record: Record, wanted: Wanted) -> Json:
    """A record as a JSON document of its own."""
    select = context_select(wanted, names_of(scope.catalog, place.entity.name))
    context = f"{asked.root}$metadata#{place.entity.set}{select}/$entity"
    return {"@odata.context": context, **tell(scope, [record], wanted, asked.prefer)[0]}


def representation(scope: Scope, asked: Asked, place: Place, status: int) -> Answer:
    """The answer to a write with `return=representation`: the record as it is now."""
    wanted = wanted_of(scope.catalog, place.entity.name, asked.options)
    record = fetch(scope, place, wanted)
    headers = [("ETag", etag_of(record.version)), *made(asked, place), *applied(asked.prefer, True)]
    return answer_json(document(scope, asked, place, record, wanted), status, headers)


def made(asked: Asked, place: Place) -> list[tuple[str, str]]:
    """The headers that say which record a write made or changed."""
    address = place.address(asked.root)
    return [("OData-EntityId", address), ("Location", address)]


# -- versions


def etag_of(version: int) -> str:
    """The ETag of a version: `W/"7"`."""
    return f'W/"{version}"'


def _tags(header: str) -> list[str]:
    return [tag if tag.startswith("W/") else f"W/{tag}" for tag in (part.strip() for part in header.split(","))]


def version_in(asked: Asked) -> int | None:
    """The version that `If-Match` asks for; None when it does not, or takes any (`*`)."""
    header = asked.header("if-match")
    if not header or header == "*":
        return None
    for tag in _tags(header):
        number = tag.removeprefix("W/").strip('"')
        if number.isascii() and number.isdigit():
            return int(number[:18])
    raise Unmet("The record was changed meanwhile.")


def meet(asked: Asked, version: int) -> None:
    """`Unmet` when the request wants another version than this one."""
    wanted = version_in(asked)
    if wanted is not None and wanted != version:
        raise Unmet("The record was changed meanwhile.")


# -- parts of a record


def read_property(scope: Scope, asked: Asked, place: Place, name: str, raw: bool) -> Answer:
    """One property as JSON, or (`raw`) its value alone; 204 when it is empty."""
    names = names_of(scope.catalog, place.entity.name)
    field = names.field(name, "")
    part = part_of(scope.catalog, place.entity.name, field, field.name, name)
    if field.name == place.entity.id_field:
        fetch(scope, place, Wanted(place.entity.name, ()))
        value: Any = place.id
    else:
        held = value_of(scope, place, field)
        value = held if part.convert is None else part.convert(field, held)
    if value is None:
        return Answer(204)
    if raw:
        return Answer(200, _raw(value).encode(), "text/plain; charset=utf-8")
    context = f"{place.address(asked.root + '$metadata#')}/{name}"
    return answer_json({"@odata.context": context, "value": value})


def _raw(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | list | dict):
        raise Unsupported("This property has no plain value.")
    return str(value)


def target_of(scope: Scope, place: Place, names: Names, name: str) -> Place | None:
    """The record that a single-valued navigation leads to; None when the lookup is empty or leads elsewhere."""
    several = names.several.get(name)
    navigations: tuple[Navigation, ...] = several or (names.navigation(name, ""),)
    field = names.properties[navigations[0].field]
    value = value_of(scope, place, field)
    if not isinstance(value, Reference) or value.entity not in {each.target for each in navigations}:
        return None
    return Place(scope.catalog.entity(value.entity), value.id)


def require_there(scope: Scope, place: Place) -> int:
    """The version of a record. `NotFound` when it is not there for this user."""
    return fetch(scope, place, Wanted(place.entity.name, (place.entity.primary,))).version


def columns_of(names: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def refuse_empty(value: Any) -> None:
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.")
