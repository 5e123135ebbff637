"""Asking for the values of a condition: as another type of field, where the operator wants something else."""

from typing import Any

import msgspec

from basis.fields.base import Field


def asked_as(field: Field, type_name: str, **settings: Any) -> Field:
    """The field as one of another type, with those of the settings that the type knows."""
    from basis.fields import field_types

    known = field_types()[type_name].Settings
    kept = {key: held for key, held in settings.items() if hasattr(known, key)}
    return Field(field.name, type_name, field.label, settings=msgspec.convert(kept, known))


def a_number(field: Field) -> Field:
    """The field as a count: of the days, weeks or years in "the last so many"."""
    return asked_as(field, "integer", minimum=0, maximum=9_999)


def is_counted(operator: str) -> bool:
    """Whether the values of an operator are numbers, whatever the field is."""
    return "-x-" in operator or "fiscal" in operator
