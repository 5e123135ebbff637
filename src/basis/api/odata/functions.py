"""Functions and actions of Dataverse that clients call: WhoAmI, RetrieveVersion, CreateMultiple and the like."""

from collections.abc import Callable, Mapping
from typing import Any

from basis.api.exchange import Answer, Asked, answer_json, refuse
from basis.api.failures import NotAllowed
from basis.api.odata.address import Key, Segment, id_of, key_in, segments_of
from basis.api.odata.bodies import Given, given_in, object_in
from basis.api.odata.names import NAMESPACE
from basis.catalog.catalog import definition_id
from basis.catalog.entity import Entity
from basis.catalog.query import Query
from basis.errors import Invalid, Message, NotFound, Unsupported
from basis.records.organization import organization_of
from basis.records.record import Record
from basis.records.save import create, create_many, update_many, update_one
from basis.records.select import count
from basis.security.scope import Scope

VERSION = "9.2.0.0"
LARGEST_BATCH = 1_000

Json = dict[str, Any]


def call(scope: Scope, asked: Asked, segment: Segment) -> Answer:
    """An unbound function, with or without parentheses."""
    if asked.writes:
        raise NotAllowed("GET")
    result = UNBOUND[segment.name](scope, dict(segment.given or ()))
    context = f"{asked.root}$metadata#{NAMESPACE}.{segment.name}Response"
    return answer_json({"@odata.context": context, **result})


def who_am_i(scope: Scope, given: Json) -> Json:
    """The ids of the user, the user's business unit and the organisation."""
    return {
        "BusinessUnitId": scope.user.unit_id,
        "UserId": scope.user.id,
        "OrganizationId": organization_id(scope),
    }


def organization_id(scope: Scope) -> str:
    """An id made from the organisation's name, the same as long as that stays."""
    return definition_id("organization", "", organization_of(scope.conn).name)


def retrieve_version(scope: Scope, given: Json) -> Json:
    """The version of the Web API that Basis follows."""
    return {"Version": VERSION}


def retrieve_total_record_count(scope: Scope, given: Json) -> Json:
    """The exact number of records that the user may read, for up to a hundred entities. `Invalid` for no names."""
    names = given.get("EntityNames")
    if not isinstance(names, tuple | list) or not names or len(names) > 100:
        raise refuse("EntityNames", "Give the names of entities, like {example}.", example='["account"]')
    keys = [str(name) for name in names]
    values = [count(scope, Query(name), None).number for name in keys]
    return {
        "EntityRecordCountCollection": {
            "Count": len(keys),
            "IsReadOnly": False,
            "Keys": keys,
            "Values": values,
        }
    }


def retrieve_current_organization(scope: Scope, given: Json) -> Json:
    """The organisation's name and id, in the shape that clients expect."""
    name = organization_of(scope.conn).name
    return {
        "Detail": {
            "OrganizationId": organization_id(scope),
            "FriendlyName": name,
            "UniqueName": name,
            "UrlName": name,
            "OrganizationVersion": VERSION,
            "State": "Enabled",
        }
    }


UNBOUND: dict[str, Callable[[Scope, Json], Json]] = {
    "WhoAmI": who_am_i,
    "RetrieveVersion": retrieve_version,
    "RetrieveTotalRecordCount": retrieve_total_record_count,
    "RetrieveCurrentOrganization": retrieve_current_organization,
}


# -- many records at once


def call_on_set(scope: Scope, asked: Asked, entity: Entity, name: str) -> Answer:
    """An action on an entity set: the three that save many records, all or none."""
    action = BOUND.get(name)
    if action is None:
        raise Unsupported("Basis has no action {name}.", name=name)
    if asked.method != "POST":
        raise NotAllowed("POST")
    targets = object_in(asked).get("Targets")
    if not isinstance(targets, list) or not all(isinstance(target, dict) for target in targets):
        raise refuse("Targets", "Give a list of records.")
    if len(targets) > LARGEST_BATCH:
        raise refuse("Targets", "At most {count} records fit in one request.", count=LARGEST_BATCH)
    result = action(scope, asked, entity, targets)
    if result is None:
        return Answer(204)
    return answer_json({"@odata.context": f"{asked.root}$metadata#{NAMESPACE}.{name}Response", **result})


def _read(scope: Scope, asked: Asked, entity: Entity, targets: list[Json]) -> list[Given]:
    """Every target's values, or all that is wrong in any of them."""
    given: list[Given] = []
    errors: dict[str, Message] = {}
    for at, target in enumerate(targets):
        try:
            given.append(given_in(scope, entity, target, asked))
        except Invalid as error:
            errors |= _placed(at, error.errors)
    if errors:
        raise Invalid(errors)
    if any(each.ties for each in given):
        raise Unsupported("Basis ties records to a new one only over many-to-many relationships.")
    return given


def _placed(at: int, errors: Mapping[str, Message]) -> dict[str, Message]:
    return {f"Targets[{at}].{name}".rstrip("."): message for name, message in errors.items()}


def _all(outcomes: list[Any]) -> list[Record]:
    errors: dict[str, Message] = {}
    for at, outcome in enumerate(outcomes):
        if not isinstance(outcome, Record):
            errors |= _placed(at, outcome)
    if errors:
        raise Invalid(errors)
    return outcomes


def create_multiple(scope: Scope, asked: Asked, entity: Entity, targets: list[Json]) -> Json:
    """Create all targets, or none; answers their ids in the same order. `Invalid`, keyed `Targets[n].property`."""
    given = _read(scope, asked, entity, targets)
    if any(each.id for each in given):
        records = [create(scope, entity.name, each.values, each.id) for each in given]
    else:
        records = _all(create_many(scope, entity.name, [each.values for each in given]))
    return {"Ids": [record.id for record in records]}


def _key(scope: Scope, asked: Asked, entity: Entity, target: Json, given: Given, at: int) -> Key:
    """Which record a target means: by `@odata.id`, or by the id among its values."""
    address = target.get("@odata.id")
    if address is None:
        if not given.id:
            raise Invalid(_placed(at, {entity.id_field: Message("Say which record: give its id or @odata.id.")}))
        return Key(given.id)
    segments = segments_of(str(address).removeprefix(asked.root), {})
    if not segments or segments[-1].name != entity.set:
        raise Invalid(_placed(at, {"@odata.id": Message("May not point at {entity}.", entity=str(address))}))
    return key_in(scope, entity, segments[-1])


def update_multiple(scope: Scope, asked: Asked, entity: Entity, targets: list[Json]) -> None:
    """Change all targets, or none. `Invalid` with every error, `NotFound` for one that is not there."""
    given = _read(scope, asked, entity, targets)
    rows = []
    for at, (target, each) in enumerate(zip(targets, given, strict=True)):
        rows.append((id_of(scope, entity, _key(scope, asked, entity, target, each, at)), each.values))
    if len({id for id, _ in rows}) < len(rows):
        raise refuse("Targets", "A record stands in the list twice.")
    _all(update_many(scope, entity.name, rows))


def upsert_multiple(scope: Scope, asked: Asked, entity: Entity, targets: list[Json]) -> Json:
    """Change targets that are there and create the others, all or none; answers which of the two each was."""
    results = []
    for at, (target, each) in enumerate(zip(targets, _read(scope, asked, entity, targets), strict=True)):
        key = _key(scope, asked, entity, target, each, at)
        try:
            record, fresh = _upsert(scope, entity, key, each.values)
        except Invalid as error:
            raise Invalid(_placed(at, error.errors)) from None
        results.append({"RecordCreated": fresh, "Target": {entity.id_field: record.id}})
    return {"Results": results}


def _upsert(scope: Scope, entity: Entity, key: Key, values: Json) -> tuple[Record, bool]:
    try:
        return update_one(scope, entity.name, id_of(scope, entity, key), values), False
    except NotFound:
        return create(scope, entity.name, {**dict(key.fields), **values}, key.id), True


BOUND: dict[str, Callable[[Scope, Asked, Entity, list[Json]], Json | None]] = {
    "CreateMultiple": create_multiple,
    "UpdateMultiple": update_multiple,
    "UpsertMultiple": upsert_multiple,
}
