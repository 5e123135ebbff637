"""The one query model, shaped like FetchXML: what views, the filter builder, the Web API and charts all speak."""

from typing import Any, Literal

from msgspec import Struct


class Condition(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`field operator value`, on the entity itself or on the link with alias `link`.

    `values` holds several for in, between and the like. Dates are ISO text, choices numbers, lookups ids.
    `column` compares with another field of the same row instead of with a value.
    """

    field: str
    operator: str = "eq"
    value: Any = None
    values: tuple[Any, ...] = ()
    link: str = ""
    column: str = ""


class Filter(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Conditions, nested filters and links that must all (`and`) or any (`or`) hold."""

    type: Literal["and", "or"] = "and"
    conditions: tuple[Condition, ...] = ()
    filters: tuple["Filter", ...] = ()
    links: tuple["Link", ...] = ()
    """Links of type any, not_any: whether related records exist."""
    negated: bool = False


class Column(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A field to read; with `aggregate` a figure over the group, with `group` (and `interval`) the group itself."""

    field: str
    link: str = ""
    alias: str = ""
    aggregate: Literal["", "count", "countcolumn", "sum", "avg", "min", "max"] = ""
    distinct: bool = False
    group: bool = False
    interval: Literal["", "day", "week", "month", "quarter", "year", "fiscal-period", "fiscal-year"] = ""


class Order(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Sort by a field (of a link), or by the alias of an aggregated column."""

    field: str = ""
    link: str = ""
    alias: str = ""
    descending: bool = False


class Link(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A related entity: rows of `entity` whose field `from_` equals the outer entity's field `to`."""

    entity: str
    from_: str
    to: str
    alias: str = ""
    type: Literal["inner", "outer", "any", "not_any"] = "inner"
    columns: tuple[Column, ...] = ()
    filter: Filter = Filter()
    links: tuple["Link", ...] = ()


class Query(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What to read of an entity. No columns means its id and primary field. `top` limits, 0 is no limit."""

    entity: str
    columns: tuple[Column, ...] = ()
    filter: Filter = Filter()
    links: tuple[Link, ...] = ()
    order: tuple[Order, ...] = ()
    distinct: bool = False
    top: int = 0

    @property
    def aggregated(self) -> bool:
        return any(column.aggregate or column.group for column in self.columns)
