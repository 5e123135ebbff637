"""Settings of entities: the list, a new one, and one with its fields."""

from typing import Any

from basis.catalog import customize, keying
from basis.catalog.catalog import Catalog
from basis.catalog.customize import EntityWish
from basis.catalog.entity import Entity
from basis.errors import Invalid, Message, Refused
from basis.fields import field_types
from basis.fields.base import Field
from basis.i18n import label
from basis.records import shaping
from basis.security.roles import grant_like
from basis.security.scope import Scope
from basis.security.users import rights_changed
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.pages.settings import published, require_right
from basis.web.request import Fields, Request, several, two

MODEL = "account"
"""Each role gets on a new entity what it has on this one."""
ICONS = (
    "table", "box", "briefcase", "building", "calendar", "cash", "certificate", "clipboard-list", "coin", "file-text",
    "flag", "folder", "gift", "heart-handshake", "hierarchy", "id", "key", "map-pin", "package", "phone", "puzzle",
    "receipt", "rocket", "school", "shield", "star", "tag", "ticket", "tool", "users", "world",
)  # fmt: skip


def shapeable(catalog: Catalog) -> list[Entity]:
    return [entity for entity in catalog.entities.values() if not entity.hidden and not entity.internal]


def entities_page(scope: Scope, request: Request) -> Shown:
    """`/settings/entities`."""
    require_right(scope, "customize")
    entities = sorted(shapeable(scope.catalog), key=lambda e: (not e.own, label(e.label, scope.language).casefold()))
    counts = {entity.name: len(own_fields(entity)) for entity in entities}
    return show("entities.html", entities=entities, counts=counts)


def own_fields(entity: Entity) -> list[Field]:
    """The fields that one can shape: those that Basis gives every entity are left out."""
    return [field for field in entity.fields if field.required != "system"]


def new_page(scope: Scope, request: Request) -> Shown:
    """`/settings/entities/new`."""
    require_right(scope, "customize")
    return _new({}, {})


def _new(values: Fields, errors: dict[str, Message]) -> Shown:
    return show("new_entity.html", status=422 if errors else 200, values=values, errors=errors, icons=ICONS)


def create(scope: Scope, request: Request) -> Answer | Shown:
    """Make the entity; it stands in the navigation at once."""
    require_right(scope, "customize")
    posted = request.posted
    wish = EntityWish(
        two(posted, "label"),
        two(posted, "plural"),
        posted.get("name", ""),
        posted.get("ownership", "user"),
        posted.get("icon", "") if posted.get("icon", "") in ICONS else "table",
        two(posted, "description"),
    )
    try:
        name, changes = customize.new_entity(scope.catalog, wish)
    except Invalid as invalid:
        return _new(posted, invalid.errors)
    published(scope, changes, Message("{entity}", entity=wish.label))
    if posted.get("everyone") == "1":
        grant_like(scope.conn, name, MODEL)
        rights_changed(scope.conn)
    return redirect(f"/settings/entities/{name}", flash(Message("The entity is made. Now give it fields.")))


def entity_page(scope: Scope, request: Request) -> Shown:
    """`/settings/entities/{name}`: labels and fields."""
    require_right(scope, "customize")
    return _entity(scope, scope.catalog.entity(request.names["name"]), {}, {})


def _entity(scope: Scope, entity: Entity, values: Fields, errors: dict[str, Message], **more: Any) -> Shown:
    fields = own_fields(entity)
    shown = {f"label_{key}": text for key, text in entity.label.items()}
    shown |= {f"plural_{key}": text for key, text in entity.plural.items()}
    shown |= {f"description_{key}": text for key, text in entity.description.items()}
    names = {name: label(type_.label, scope.language) for name, type_ in field_types().items()}
    kept = [field for field in fields if not field.hidden]
    kept.sort(key=lambda field: label(field.label, scope.language).casefold())
    ties: list[Any] = scope.catalog.associations_of(entity.name)
    return show(
        "entity.html",
        status=422 if errors else 200,
        entity=entity,
        fields=kept,
        removed=[field for field in fields if field.hidden],
        type_names=names,
        values={**shown, "icon": entity.icon, **values},
        errors=errors,
        icons=sorted({*ICONS, entity.icon}),
        others=shapeable(scope.catalog),
        ties=ties,
        keyable=[field for field in kept if keying.can_be_key(field)],
        own_keys=keying.own_keys(scope.catalog, entity),
        **{"doubles": [], **more},
    )


def change(scope: Scope, request: Request) -> Answer | Shown:
    """Other labels, description or icon."""
    require_right(scope, "customize")
    entity, posted = scope.catalog.entity(request.names["name"]), request.posted
    wanted: dict[str, Any] = {key: two(posted, key) for key in ("label", "plural", "description")}
    if posted.get("icon", "") in ICONS:
        wanted["icon"] = posted["icon"]
    try:
        changes = customize.change_entity(scope.catalog, entity.name, **wanted)
    except Invalid as invalid:
        return _entity(scope, entity, posted, invalid.errors)
    published(scope, changes, Message("{entity}", entity=entity.label))
    return redirect(f"/settings/entities/{entity.name}", flash(Message("The entity is changed.")))


def remove(scope: Scope, request: Request) -> Answer | Shown:
    """Hide an own entity, with its records."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    try:
        changes = customize.remove_entity(scope.catalog, entity.name)
    except Refused as refused:
        return _entity(scope, entity, {}, {"": refused.message})
    published(scope, changes, Message("{entity} removed", entity=entity.label))
    text = Message("{entity} is removed. Its records are kept; undo the version to have it back.", entity=entity.plural)
    return redirect("/settings/entities", flash(text))


def tie(scope: Scope, request: Request) -> Answer | Shown:
    """Tie the records of two entities together, many to many."""
    require_right(scope, "customize")
    entity, to = scope.catalog.entity(request.names["name"]), request.posted.get("to", "")
    try:
        if not to:
            raise Invalid({"to": Message("Choose an entity.")})
        _, changes = customize.new_many_to_many(scope.catalog, entity.name, to)
    except Invalid as invalid:
        return _entity(scope, entity, {}, {"to": next(iter(invalid.errors.values()))})
    other = scope.catalog.entity(to)
    published(scope, changes, Message("{entity} – {other}", entity=entity.label, other=other.label))
    text = Message("The lists stand on both forms now.")
    return redirect(f"/settings/entities/{entity.name}", flash(text))


# -- keys


def add_key(scope: Scope, request: Request) -> Answer | Shown:
    """Make the values of the chosen fields unique; refused, with the values, while some occur twice."""
    require_right(scope, "customize")
    entity, names = scope.catalog.entity(request.names["name"]), several(request.posted, "key")
    try:
        _, changes = keying.new_key(scope.catalog, entity.name, names, two(request.posted, "key_label"))
    except Invalid as invalid:
        return _entity(scope, entity, request.posted, invalid.errors)
    doubles = shaping.doubles(scope, entity, names)
    if doubles:
        message = Message("These values occur more than once; change those records first.")
        return _entity(scope, entity, request.posted, {"key": message}, doubles=doubles)
    published(scope, changes, Message("{entity}: new key", entity=entity.label))
    return redirect(f"/settings/entities/{entity.name}", flash(Message("From now on these values occur once.")))


def remove_key(scope: Scope, request: Request) -> Answer | Shown:
    """Let the values of a key of one's own occur more than once again."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    changes = keying.remove_key(scope.catalog, entity.name, request.posted.get("key", ""))
    published(scope, changes, Message("{entity}: key removed", entity=entity.label))
    return redirect(f"/settings/entities/{entity.name}", flash(Message("The key is removed.")))
