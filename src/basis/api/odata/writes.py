"""Creating, changing and deleting records and their links."""

from typing import Any

from basis.api.exchange import Answer, Asked
from basis.api.failures import Unmet
from basis.api.odata.address import Key, id_of, key_in, record_at, segments_of
from basis.api.odata.bodies import Given, given_in, object_in, single_value
from basis.api.odata.names import Names, Navigation, names_of
from basis.api.odata.records import Place, made, meet, representation, require_there, value_of, version_in
from basis.catalog.entity import Entity
from basis.errors import Invalid, NotFound
from basis.fields.reference import Reference
from basis.records.associate import associate, disassociate
from basis.records.bin import remove
from basis.records.save import create, update_one
from basis.security.scope import Scope


def post(scope: Scope, asked: Asked, entity: Entity, more: dict[str, Any] | None = None) -> Answer:
    """Create a record from the body; `more` are values that the address adds."""
    given = given_in(scope, entity, object_in(asked), asked)
    return _created(scope, asked, entity, given, more or {})


def _created(scope: Scope, asked: Asked, entity: Entity, given: Given, more: dict[str, Any], id: str = "") -> Answer:
    record = create(scope, entity.name, {**given.values, **more}, id or given.id)
    place = Place(entity, record.id)
    _tie(scope, place, given)
    if asked.prefer.representation:
        return representation(scope, asked, place, 201)
    return Answer(204, headers=made(asked, place))


def _tie(scope: Scope, place: Place, given: Given) -> None:
    for navigation, ids in given.ties:
        associate(scope, place.entity.name, place.id, navigation.name, ids)


def patch(scope: Scope, asked: Asked, entity: Entity, key: Key) -> Answer:
    """Change a record, or create it where there is none (unless `If-Match` says that it must be there)."""
    given = given_in(scope, entity, object_in(asked), asked)
    must_exist = bool(asked.header("if-match"))
    try:
        place = Place(entity, id_of(scope, entity, key))
        if asked.header("if-none-match") == "*":
            require_there(scope, place)
            raise Unmet("There is such a record already.")
        update_one(scope, entity.name, place.id, given.values, version_in(asked))
    except NotFound:
        if must_exist:
            raise
        return _created(scope, asked, entity, given, dict(key.fields), key.id)
    _tie(scope, place, given)
    if asked.prefer.representation:
        return representation(scope, asked, place, 200)
    return Answer(204, headers=made(asked, place))


def delete(scope: Scope, asked: Asked, place: Place) -> Answer:
    """Move the record to the recycle bin. `Unmet` when `If-Match` names another version."""
    if version_in(asked) is not None:
        meet(asked, require_there(scope, place))
    remove(scope, place.entity.name, [place.id])
    return Answer(204)


def put_property(scope: Scope, asked: Asked, place: Place, name: str) -> Answer:
    """Set one property to the body's `value`. `Invalid` by property."""
    body = {name: single_value(object_in(asked), name)}
    given = given_in(scope, place.entity, body, asked)
    update_one(scope, place.entity.name, place.id, given.values, version_in(asked))
    return Answer(204, headers=made(asked, place))


def delete_property(scope: Scope, asked: Asked, place: Place, name: str) -> Answer:
    """Empty one property."""
    field = names_of(scope.catalog, place.entity.name).field(name, "")
    update_one(scope, place.entity.name, place.id, {field.name: None}, version_in(asked))
    return Answer(204)


# -- links


def post_related(scope: Scope, asked: Asked, place: Place, navigation: Navigation) -> Answer:
    """Create a record in the collection of another."""
    require_there(scope, place)
    target = scope.catalog.entity(navigation.target)
    if navigation.association is None:
        return post(scope, asked, target, {navigation.field: Reference(place.entity.name, place.id)})
    given = given_in(scope, target, object_in(asked), asked)
    answer = _created(scope, asked, target, given, {})
    made_id = _id_made(answer, asked)
    associate(scope, place.entity.name, place.id, navigation.name, [made_id])
    return answer


def _id_made(answer: Answer, asked: Asked) -> str:
    address = dict(answer.headers)["OData-EntityId"]
    given = segments_of(address[len(asked.root) :], {})[0].given or ()
    return str(given[0][1])


def link(scope: Scope, asked: Asked, place: Place, name: str) -> Answer:
    """`$ref`: set a lookup, or tie a record to a collection."""
    names = names_of(scope.catalog, place.entity.name)
    entity, id = record_at(scope, object_in(asked).get("@odata.id"), asked.root, asked.contents)
    navigation = _leading_to(names, name, entity.name)
    if not navigation.collection:
        _set(scope, place, navigation.field, Reference(entity.name, id))
    elif navigation.association is not None:
        associate(scope, place.entity.name, place.id, navigation.name, [id])
    else:
        require_there(scope, place)
        _set(scope, Place(entity, id), navigation.field, Reference(place.entity.name, place.id))
    return Answer(204)


def _leading_to(names: Names, name: str, entity: str) -> Navigation:
    navigations = names.several.get(name) or (names.navigation(name, name),)
    for navigation in navigations:
        if navigation.target == entity:
            return navigation
    raise Invalid("'{name}' does not lead to records of {entity}.", name=name, entity=entity)


def _set(scope: Scope, place: Place, field: str, value: Reference | None) -> None:
    update_one(scope, place.entity.name, place.id, {field: value})


def unlink(scope: Scope, asked: Asked, place: Place, name: str, key: Any = None) -> Answer:
    """`DELETE …/$ref`: empty a lookup, or take a record out of a collection (by key, or by `$id`)."""
    names = names_of(scope.catalog, place.entity.name)
    if name in names.several:
        _set(scope, place, names.several[name][0].field, None)
        return Answer(204)
    navigation = names.navigation(name, name)
    if not navigation.collection:
        _set(scope, place, navigation.field, None)
        return Answer(204)
    target = scope.catalog.entity(navigation.target)
    if key is not None:
        id = id_of(scope, target, key_in(scope, target, key))
    else:
        target, id = record_at(scope, asked.options.get("$id"), asked.root, asked.contents)
    if navigation.association is not None:
        disassociate(scope, place.entity.name, place.id, navigation.name, [id])
    else:
        _set_free(scope, place, Place(target, id), navigation)
    return Answer(204)


def _set_free(scope: Scope, place: Place, other: Place, navigation: Navigation) -> None:
    """Empty the lookup of `other`, if it points at this place."""
    field = scope.catalog.field(other.entity.name, navigation.field)
    value = value_of(scope, other, field)
    if value == Reference(place.entity.name, place.id):
        _set(scope, other, field.name, None)
