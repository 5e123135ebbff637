"""Whose files they are: a stored file may be read by whoever may read a record that holds it."""

from basis.catalog.query import Column, Condition, Filter, Query
from basis.errors import NotFound
from basis.fields import type_of
from basis.records.select import page
from basis.security.scope import Scope


def require_readable(scope: Scope, file_id: str) -> None:
    """`NotFound` unless some record that the user may read holds the file with this id."""
    for entity in scope.catalog.entities.values():
        if entity.hidden or not scope.user.may(entity.name, "read"):
            continue
        for field in entity.visible_fields:
            if type_of(field).holds_files:
                held = Filter(conditions=(Condition(field.name, "eq", file_id),))
                if page(scope, Query(entity.name, (Column(entity.primary),), held), limit=1).records:
                    return
    raise NotFound("This file does not exist.")
