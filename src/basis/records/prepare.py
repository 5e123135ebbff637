"""Values on their way into a record: known fields, proper types, required ones filled, defaults and derived made."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select

from basis.catalog.entity import Entity
from basis.errors import Message
from basis.fields import type_of
from basis.fields.base import Field, Problem
from basis.fields.reference import Reference
from basis.fields.storage import KEY
from basis.records.record import Values
from basis.records.resolve import Errors
from basis.records.traits import traits
from basis.security.scope import Scope

SMALLEST = Decimal("0.0001")
REQUIRED = Message("Fill this in.")


def checked(entity: Entity, given: Mapping[str, Any], errors: Errors, *, trusted: bool = False) -> Values:
    """The values made regular by their types; what will not do goes into `errors`, keyed by field.

    Fields that only Basis sets are refused, unless the values are Basis's own (`trusted`).
    """
    values: Values = {}
    for name, value in given.items():
        field = entity.by_name.get(name)
        if field is None or field.hidden:
            errors[name] = Message("{entity} has no field {name}.", entity=entity.label, name=name)
        elif field.readonly and not trusted:
            errors[name] = Message("Basis fills this field itself; leave it out.")
        elif value is None or value == "" or value == ():
            values[name] = None
        else:
            check_one(field, value, values, errors)
    return values


def check_one(field: Field, value: Any, values: Values, errors: Errors) -> None:
    try:
        values[field.name] = type_of(field).check(field, value)
    except Problem as problem:
        errors[field.name] = problem.message


def with_defaults(entity: Entity, values: Values) -> None:
    """Fill the fields that were left out with their defaults."""
    for name, value in traits(entity).defaults.items():
        values.setdefault(name, value)


def require_filled(entity: Entity, values: Values, errors: Errors, changed: set[str] | None = None) -> None:
    """Required fields may not be empty; with `changed`, only those that this save touches are looked at."""
    for field in traits(entity).required:
        wanted = changed is None or field.name in changed
        if wanted and values.get(field.name) is None and field.name not in errors:
            errors[field.name] = REQUIRED


def derive(entity: Entity, values: Values) -> dict[str, Any]:
    """The derived text fields (full name) as they follow from complete values."""
    made: dict[str, Any] = {}
    for derived in entity.derived:
        field = entity.by_name[derived.field]
        parts = [str(values[part]) for part in derived.parts if values.get(part)]
        text = derived.separator.join(parts)
        made[derived.field] = text[: type_of(field).limit(field)] or None  # type: ignore[attr-defined]
    return made


def titled(entity: Entity, title: str) -> dict[str, Any]:
    """The fields to fill in so that a new record is called so: the primary one, or those that it is made of."""
    derived = next((each for each in entity.derived if each.field == entity.primary), None)
    if derived is None:
        return {entity.primary: title}
    first, infix, last = name_parts(title)
    middle = " ".join(part for part in (infix, last) if part)
    parts = (first, infix, last) if len(derived.parts) == 3 else (first, middle)
    return {name: part for name, part in zip(derived.parts, parts, strict=False) if part}


def name_parts(name: str) -> tuple[str, str, str]:
    """First name, infix and last name: the first word, the words like `van` after it, and the rest.

    A single word is a last name.
    """
    first, _, rest = name.strip().partition(" ")
    words = rest.split()
    infix = [word for word in words[:-1] if word[:1].islower()]
    last = [word for word in words if word not in infix]
    return (first, " ".join(infix), " ".join(last)) if rest else ("", "", first)


def stored(entity: Entity, values: Values) -> dict[str, Any]:
    """The values as columns. The primary field's key is never empty, so that lists sort along an index."""
    columns: dict[str, Any] = {}
    types = traits(entity).types
    for name, value in values.items():
        field, type_ = types[name]
        columns.update(type_.dump(field, value))
    if columns.get(entity.primary + KEY, "") is None:
        columns[entity.primary + KEY] = ""
    return columns


def base_amounts(entity: Entity, values: Values, changed: set[str]) -> dict[str, Any]:
    """The base amount (amount / exchange rate) of every money field that is touched, as columns.

    The exchange rate is the currency's on the day that it is chosen (Dataverse's rule).
    """
    money = traits(entity).money
    rate = (money and values.get("exchangerate")) or Decimal(1)
    columns: dict[str, Any] = {}
    for field, column in money:
        if field.name in changed or "exchangerate" in changed:
            amount = values.get(field.name)
            columns[column] = None if amount is None else (amount / rate).quantize(SMALLEST, ROUND_HALF_UP)
    return columns


def exchange_rate(scope: Scope, currency: Reference | None) -> Decimal:
    """How many of the currency go into one of the base currency; 1 without a currency."""
    if currency is None:
        return Decimal(1)
    table = scope.catalog.table("transactioncurrency").c
    query = select(table.exchangerate).where(table.transactioncurrencyid == currency.id)
    return Decimal(scope.conn.execute(query).scalar() or 1)
