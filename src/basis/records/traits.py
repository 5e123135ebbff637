"""What saving needs to know of an entity over and over: worked out once per entity and catalog version."""

from functools import lru_cache
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
    money: tuple[tuple[Field, str], ...]
    """With the column of the base amount."""
    numbered: tuple[Field, ...]
    types: dict[str, tuple[Field, FieldType]]


class _Held(Struct, frozen=True):
    """An entity as a key: by identity, since each catalog version makes its own."""

    entity: Entity

    def __hash__(self) -> int:
        return id(self.entity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.entity is self.entity


def traits(entity: Entity) -> Traits:
    return _traits(_Held(entity))


@lru_cache(maxsize=1000)
def _traits(held: _Held) -> Traits:
    fields = [field for field in held.entity.fields if not field.hidden]
    return Traits(
        defaults={field.name: _default(field) for field in fields if field.default is not None},
        required=tuple(field for field in fields if field.required == "required" and not field.readonly),
        lookups=tuple(field for field in fields if type_of(field).targets(field)),
        money=tuple(
            (field, type_of(field).base_column(field))  # type: ignore[attr-defined]
            for field in fields
            if hasattr(type_of(field), "base_column")
        ),
        numbered=tuple(field for field in fields if hasattr(type_of(field), "numbered")),
        types={field.name: (field, type_of(field)) for field in held.entity.fields},
    )


def _default(field: Field) -> Any:
    type_ = type_of(field)
    return type_.check(field, type_.from_json(field, field.default))
