"""Field types: one file a type; each is found by discovery and listed nowhere."""

import pkgutil
from functools import cache
from importlib import import_module

from basis.fields.base import Field, FieldType


@cache
def field_types() -> dict[str, FieldType]:
    """Every field type by its name, one instance each."""
    found: dict[str, FieldType] = {}
    for module in pkgutil.iter_modules(__path__):
        for member in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(member, type) and issubclass(member, FieldType) and "name" in vars(member):
                found[member.name] = found.get(member.name) or member()
    return found


def type_of(field: Field) -> FieldType:
    """The behaviour of a field."""
    return _types[field.type]


class _Types(dict[str, FieldType]):
    """Filled at first use, so that importing one type does not import all."""

    def __missing__(self, name: str) -> FieldType:
        self[name] = field_types()[name]
        return self[name]


_types = _Types()
