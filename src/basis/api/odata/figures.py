"""Figures over groups as JSON, for `$apply` and for aggregate FetchXML."""

from decimal import Decimal
from typing import Any

from basis.api.exchange import FORMATTED, LOOKUP_ENTITY, Preferences
from basis.api.odata.shape import Json, plain_json
from basis.catalog.query import Column, Query
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.reference import Reference
from basis.i18n import Locale, format_number
from basis.records.aggregate import Figures, aggregate
from basis.security.scope import Scope


def figures_of(scope: Scope, query: Query, prefer: Preferences) -> list[Json]:
    """One object per group: values by alias, with the annotations that were asked for."""
    figures = aggregate(scope, query)
    columns = {column.alias or column.field: column for column in query.columns}
    return [_row(row, columns, figures, prefer, scope.locale) for row in figures.rows]


def _row(
    values: dict[str, Any], columns: dict[str, Column], figures: Figures, prefer: Preferences, locale: Locale
) -> Json:
    row: Json = {}
    for alias, value in values.items():
        row[alias] = plain_json(value)
        if value is None or not prefer.annotations:
            continue
        text = _text(columns[alias], figures.fields[alias], value, locale)
        if prefer.wants(FORMATTED) and text and text != row[alias]:
            row[f"{alias}@{FORMATTED}"] = text
        if isinstance(value, Reference) and prefer.wants(LOOKUP_ENTITY):
            row[f"{alias}@{LOOKUP_ENTITY}"] = value.entity
    return row


def _text(column: Column, field: Field, value: Any, locale: Locale) -> str:
    if column.interval:
        return str(value)
    if column.aggregate in ("count", "countcolumn"):
        return format_number(value, locale.language)
    if column.aggregate == "avg" and type_of(field).edm == "Edm.Int32":
        return format_number(Decimal(str(value)), locale.language, 2)
    return type_of(field).text(field, value, locale)
