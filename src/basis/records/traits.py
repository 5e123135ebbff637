"""What saving needs to know of an entity over and over: worked out once per entity and catalog version."""

from typing import Any

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.fields import type_of
from basis.fields.base import Field, FieldType


class Traits(Struct, frozen=True):
    """Fields of an entity by what they mean for a save."""

    defaults: dict[str, Any]
    required: tuple[Field, ...]
    lookups: tuple[Field, ...]
    parties: tuple[Field, ...]
    money: tuple[tuple[Field, str], ...]
    """With the column of the base amount."""
    numbered: tuple[Field, ...]
    types: dict[str, tuple[Field, FieldType]]
    searched: tuple[str, ...]
    """The fields whose text can be found, the primary one first."""


MOST = 1000
_kept: dict[int, tuple[Entity, Traits]] = {}
"""By the entity's identity, since each catalog version makes its own; that it stands here keeps it the only one."""


def traits(entity: Entity) -> Traits:
    """The traits of an entity. Asked several times for every row of an import."""
    held = _kept.get(id(entity))
    if held is None:
        if len(_kept) >= MOST:
            _kept.clear()
        held = _kept[id(entity)] = (entity, _traits(entity))
    return held[1]


def _traits(entity: Entity) -> Traits:
    fields = [field for field in entity.fields if not field.hidden]
    return Traits(
        defaults={field.name: _default(field) for field in fields if field.default is not None},
        required=tuple(field for field in fields if field.required == "required" and not field.readonly),
        lookups=tuple(field for field in fields if type_of(field).targets(field)),
        parties=tuple(field for field in fields if type_of(field).apart),
        money=tuple(
            (field, type_of(field).base_column(field))  # type: ignore[attr-defined]
            for field in fields
            if hasattr(type_of(field), "base_column")
        ),
        numbered=tuple(field for field in fields if hasattr(type_of(field), "numbered")),
        types={field.name: (field, type_of(field)) for field in entity.fields},
        searched=tuple(dict.fromkeys((entity.primary, *(field.name for field in fields if field.searchable)))),
    )


def _default(field: Field) -> Any:
    type_ = type_of(field)
    return type_.check(field, type_.from_json(field, field.default))
