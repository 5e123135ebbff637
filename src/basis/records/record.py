"""A record as it is read: its values by field (and, for related records, by `alias.field`), and its version."""

from typing import Any

from msgspec import Struct

from basis.fields.reference import Reference

Values = dict[str, Any]
"""Values by field name, Python's own types (fields/base.py)."""


class Record(Struct, frozen=True):
    """One record. `values` holds what was asked for; `version` grows with every change."""

    entity: str
    id: str
    values: Values
    version: int = 0

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def reference(self, primary: str = "") -> Reference:
        return Reference(self.entity, self.id, str(self.values.get(primary) or ""))


class Page(Struct, frozen=True):
    """Some records of a query in order. `next` leads to the page after (see `select.page`); "" at the end."""

    records: tuple[Record, ...]
    next: str = ""


class Count(Struct, frozen=True):
    """How many records there are; with `more`, at least so many."""

    number: int
    more: bool = False
