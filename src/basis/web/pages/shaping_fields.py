"""Settings of fields: a new one, another label or limit, removing and bringing back."""

from typing import Any

import msgspec
from msgspec import to_builtins

from basis.catalog import customize
from basis.catalog.customize import FieldWish
from basis.catalog.entity import Entity
from basis.errors import BasisError, Invalid, Message, Refused
from basis.fields import field_types
from basis.fields.base import Field, Frame, Problem
from basis.i18n import label
from basis.records import shaping
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.pages.settings import published, require_right
from basis.web.pages.shaping_entities import shapeable
from basis.web.request import Fields, Request, two
from basis.web.settings_inputs import (
    DEFAULT,
    changed_settings,
    default_input,
    read_default,
    read_settings,
    settings_of,
    shown_settings,
)

FLAGS = ("searchable", "audited", "secured")


def new_page(scope: Scope, request: Request) -> Shown:
    """`/settings/entities/{name}/fields/new`: first the type, then the rest."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    type_name = request.query.get("type", "")
    if type_name not in field_types() or not field_types()[type_name].creatable:
        kinds = [type_ for type_ in field_types().values() if type_.creatable]
        kinds.sort(key=lambda type_: label(type_.label, scope.language).casefold())
        return show("field_types.html", entity=entity, types=kinds)
    start = shown_settings(field_types()[type_name].Settings())
    return _page(scope, entity, _blank(type_name), start | {"on_form": "1", "audited": "1"}, {})


def _blank(type_name: str) -> Field:
    """A field of the type that does not exist yet."""
    return Field("", type_name, {}, settings=field_types()[type_name].Settings())


def _page(scope: Scope, entity: Entity, field: Field, values: Fields, errors: dict[str, Message], **more: Any) -> Shown:
    wrong = DEFAULT in errors
    frame = Frame(DEFAULT, scope.locale, invalid=wrong, described_by="default-note")
    return show(
        "field.html",
        status=422 if errors else 200,
        entity=entity,
        type_name=field.type,
        type_label=field_types()[field.type].label,
        field=field if field.name else None,
        values=values,
        errors=errors,
        settings=settings_of(field.type),
        entities=shapeable(scope.catalog),
        choices=scope.catalog.choices.values(),
        default=default_input(field, values.get(DEFAULT), frame),
        in_keys=[key for key in entity.keys if field.name in key.fields],
        **{"longer": 0, **more},
    )


def create(scope: Scope, request: Request) -> Answer | Shown:
    """Add the field, while everybody works on."""
    require_right(scope, "customize")
    entity, posted = scope.catalog.entity(request.names["name"]), request.posted
    type_name = posted.get("type", "")
    if type_name not in field_types():
        raise Invalid("Choose a type of field.")
    settings = read_settings(type_name, posted)
    errors: dict[str, Message] = {}
    default = _default(scope, Field("", type_name, {}, settings=settings), posted, errors)
    wish = FieldWish(
        type_name,
        two(posted, "label"),
        posted.get("name", ""),
        two(posted, "description"),
        posted.get("required", "none"),
        settings,
        form=posted.get("on_form") == "1",
        default=default,
        **_flags(posted),
    )
    try:
        _, changes = customize.new_field(scope.catalog, entity.name, wish)
    except Invalid as invalid:
        errors = {**invalid.errors, **errors}
    if errors:
        return _page(scope, entity, _blank(type_name), posted, errors)
    published(scope, changes, Message("{entity}: {field}", entity=entity.label, field=wish.label))
    text = Message("The field {field} is there, for everybody at once.", field=wish.label)
    return redirect(f"/settings/entities/{entity.name}", flash(text))


def _flags(posted: Fields) -> dict[str, bool]:
    return {name: posted.get(name) == "1" for name in FLAGS}


def _default(scope: Scope, field: Field, posted: Fields, errors: dict[str, Message]) -> Any:
    """The default that was posted for a field with these settings; what will not do goes into `errors`."""
    try:
        return read_default(scope.catalog, field, posted, scope.locale) if DEFAULT in posted else None
    except Problem as problem:
        errors[DEFAULT] = problem.message
        return None


def field_page(scope: Scope, request: Request) -> Shown:
    """`/settings/entities/{name}/fields/{field}`."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    field = scope.catalog.field(entity.name, request.names["field"])
    return _page(scope, entity, field, _values(field), {})


def _values(field: Field) -> dict[str, str]:
    values = {f"label_{key}": text for key, text in field.label.items()}
    values |= {f"description_{key}": text for key, text in field.description.items()}
    more = {"required": field.required} | {name: "1" if getattr(field, name) else "" for name in FLAGS}
    return values | more | shown_settings(field.settings)


def change(scope: Scope, request: Request) -> Answer | Shown:
    """Another label, hint, required level, limit, default or flag."""
    require_right(scope, "customize")
    entity, posted = scope.catalog.entity(request.names["name"]), request.posted
    field = scope.catalog.field(entity.name, request.names["field"])
    wanted: dict[str, Any] = {
        "label": two(posted, "label"),
        "description": two(posted, "description"),
        "required": posted.get("required", "none"),
        **_flags(posted),
    }
    settings = changed_settings(field, posted)
    errors: dict[str, Message] = {}
    if settings:
        wanted["settings"] = settings
    if DEFAULT in posted:
        after = msgspec.structs.replace(field, settings=to_builtins(field.settings) | settings)
        wanted["default"] = _default(scope, after, posted, errors)
    try:
        changes = customize.change_field(scope.catalog, entity.name, field.name, **wanted)
    except (Invalid, Refused) as error:
        errors = {**_errors(error), **errors}
    if errors:
        return _page(scope, entity, field, posted, errors)
    longer = _longer(scope, entity, field, settings)
    if longer and posted.get("shorten") != str(settings["max_length"]):
        return _page(scope, entity, field, posted, {}, longer=longer, shorten=settings["max_length"])
    published(scope, changes, Message("{entity}: {field}", entity=entity.label, field=field.label))
    return redirect(f"/settings/entities/{entity.name}", flash(Message("The field is changed.")))


def _longer(scope: Scope, entity: Entity, field: Field, settings: dict[str, Any]) -> int:
    """How many records hold more than a lower limit lets in."""
    limit = settings.get("max_length")
    if limit is None or limit >= field.settings.max_length:
        return 0
    return shaping.longer(scope, entity, field.name, limit)


def _errors(error: BasisError) -> dict[str, Message]:
    return error.errors if isinstance(error, Invalid) else {"": error.message}


def remove(scope: Scope, request: Request) -> Answer | Shown:
    """Hide the field; its data stay."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    field = scope.catalog.field(entity.name, request.names["field"])
    try:
        changes = customize.remove_field(scope.catalog, entity.name, field.name)
    except Refused as refused:
        return _page(scope, entity, field, _values(field), {"": refused.message})
    published(scope, changes, Message("{entity}: {field} removed", entity=entity.label, field=field.label))
    text = Message("The field {field} is removed; its data are kept.", field=field.label)
    return redirect(f"/settings/entities/{entity.name}", flash(text))


def restore(scope: Scope, request: Request) -> Answer:
    """Bring a removed field back."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["name"])
    field = scope.catalog.field(entity.name, request.names["field"])
    changes = customize.restore_field(scope.catalog, entity.name, field.name)
    published(scope, changes, Message("{entity}: {field} brought back", entity=entity.label, field=field.label))
    text = Message("The field {field} is back, with its data.", field=field.label)
    return redirect(f"/settings/entities/{entity.name}", flash(text))
