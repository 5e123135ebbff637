"""Rules by which records may be one, as users add them to an entity and take them away."""

from collections.abc import Sequence

from msgspec import to_builtins

from basis.catalog.catalog import Catalog
from basis.catalog.customize import own_row
from basis.catalog.entity import DuplicateRule, MatchedField
from basis.catalog.store import Change
from basis.errors import Invalid, Message
from basis.fields import type_of

MATCHES = ("exact", "start", "similar", "phone", "email", "domain")
MOST_FIELDS = 3


def new_rule(catalog: Catalog, entity_name: str, parts: Sequence[tuple[str, str]]) -> list[Change]:
    """The change that adds a rule on these fields, each with how it is compared. `Invalid` by input (`rule`)."""
    entity = catalog.entity(entity_name)
    chosen = [(field, match) for field, match in parts if field]
    if not chosen or len({field for field, _ in chosen}) < len(chosen) or len(chosen) > MOST_FIELDS:
        raise Invalid({"rule": Message("Choose one to {most} different fields.", most=MOST_FIELDS)})
    for field, match in chosen:
        known = entity.by_name.get(field)
        if known is None or known.hidden or type_of(known).tall or type_of(known).holds_files or match not in MATCHES:
            raise Invalid({"rule": Message("{field} cannot be compared so.", field=known.label if known else field)})
    made = tuple(MatchedField(field, match) for field, match in chosen)  # type: ignore[arg-type]
    if any(rule.fields == made for rule in entity.duplicate_rules):
        raise Invalid({"rule": Message("There is such a rule already.")})
    name = "_".join(field for field, _ in chosen)[:80]
    taken = {rule.name for rule in entity.duplicate_rules}
    free = next(each for each in (name, *(f"{name}_{number}" for number in range(2, 99))) if each not in taken)
    return _with(catalog, entity_name, [*entity.duplicate_rules, DuplicateRule(free, made)])


def remove_rule(catalog: Catalog, entity_name: str, name: str) -> list[Change]:
    """The change that takes a rule away, one of the standard too."""
    kept = [rule for rule in catalog.entity(entity_name).duplicate_rules if rule.name != name]
    return _with(catalog, entity_name, kept)


def _with(catalog: Catalog, entity_name: str, rules: Sequence[DuplicateRule]) -> list[Change]:
    body = own_row(catalog.entity(entity_name)) | {"duplicate_rules": to_builtins(rules)}
    return [Change("entity", "", entity_name, body)]
