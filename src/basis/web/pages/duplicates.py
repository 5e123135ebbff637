"""Duplicates: records that may be one, the rules by which, and the way to merging them."""

from typing import Any

from msgspec import Struct

from basis.catalog.duplicate_rules import MATCHES, MOST_FIELDS, new_rule, remove_rule
from basis.catalog.entity import DuplicateRule, Entity
from basis.errors import Invalid, Message
from basis.fields import type_of
from basis.i18n import label, say
from basis.records import matching
from basis.records.matching import Match
from basis.records.rematching import rematch
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.pages.merging import merge_address
from basis.web.pages.settings import published, require_right
from basis.web.request import Request
from basis.web.table import title_of

WAYS = {
    "exact": Message("the same"),
    "start": Message("the same beginning"),
    "similar": Message("sounds alike"),
    "phone": Message("the same number"),
    "email": Message("the same address"),
    "domain": Message("the same domain"),
}


class Found(Struct, frozen=True):
    """A record that may be one with others, with what they have in common."""

    id: str
    title: str
    facts: str


class Line(Struct, frozen=True):
    """A group of them; `merge` is the address where they are merged, empty without the right to."""

    rule: str
    records: list[Found]
    merge: str


def duplicates_page(scope: Scope, request: Request) -> Shown:
    """`/duplicates/{entity}`: what exists, and the rules."""
    return _page(scope, scope.catalog.entity(request.names["entity"]), {}, {})


def _page(scope: Scope, entity: Entity, values: dict[str, str], errors: dict[str, Message]) -> Shown:
    require(scope, entity, "read")
    may_merge = scope.user.may(entity.name, "write") and scope.user.may(entity.name, "delete")
    lines = [
        Line(
            rule_text(scope, entity, group.rule),
            [found_of(scope, entity, group.rule, record) for record in group.records],
            merge_address(entity.name, [record.id for record in group.records]) if may_merge else "",
        )
        for group in matching.groups(scope, entity)
    ]
    comparable = [
        (field.name, label(field.label, scope.language))
        for field in entity.visible_fields
        if not type_of(field).tall and not type_of(field).holds_files
    ]
    return show(
        "duplicates.html",
        status=422 if errors else 200,
        entity=entity,
        lines=lines,
        rules=[(rule.name, rule_text(scope, entity, rule)) for rule in entity.duplicate_rules],
        customizes=scope.user.has("customize"),
        fields=sorted(comparable, key=lambda each: each[1].casefold()),
        ways=[(name, say(WAYS[name], scope.language)) for name in MATCHES],
        most=MOST_FIELDS,
        values=values,
        errors=errors,
    )


def rule_text(scope: Scope, entity: Entity, rule: DuplicateRule) -> str:
    """A rule in words: `Account name (sounds alike), City (the same)`."""
    parts = []
    for part in rule.fields:
        field = entity.by_name.get(part.field)
        name = label(field.label, scope.language) if field else part.field
        parts.append(f"{name} ({say(WAYS[part.match], scope.language)})")
    return ", ".join(parts)


def found_of(scope: Scope, entity: Entity, rule: DuplicateRule, record: Any) -> Found:
    """A record with its values in the fields of the rule."""
    facts = []
    for part in rule.fields:
        field = entity.by_name.get(part.field)
        if field is not None and part.field != entity.primary:
            facts.append(type_of(field).text(field, record.get(part.field), scope.locale))
    return Found(record.id, title_of(scope, entity, record), " · ".join(fact for fact in facts if fact))


def likely(scope: Scope, entity: Entity, matches: list[Match]) -> list[tuple[Found, str]]:
    """Likely matches of what is being entered, each with the rule in words."""
    return [
        (found_of(scope, entity, match.rule, match.record), rule_text(scope, entity, match.rule)) for match in matches
    ]


# -- rules


def add_rule(scope: Scope, request: Request) -> Answer | Shown:
    """Add a rule; the worker then compares what exists."""
    require_right(scope, "customize")
    entity, posted = scope.catalog.entity(request.names["entity"]), request.posted
    parts = [(posted.get(f"field{at}", ""), posted.get(f"match{at}", "exact")) for at in range(MOST_FIELDS)]
    try:
        changes = new_rule(scope.catalog, entity.name, parts)
    except Invalid as invalid:
        return _page(scope, entity, dict(posted), invalid.errors)
    published(scope, changes, Message("{entity}: duplicate rule", entity=entity.label))
    return _again(scope, entity, Message("The rule is added; what exists is being compared."))


def take_rule(scope: Scope, request: Request) -> Answer:
    """Take a rule away."""
    require_right(scope, "customize")
    entity = scope.catalog.entity(request.names["entity"])
    changes = remove_rule(scope.catalog, entity.name, request.posted.get("rule", ""))
    published(scope, changes, Message("{entity}: duplicate rule", entity=entity.label))
    return _again(scope, entity, Message("The rule is taken away."))


def search_again(scope: Scope, request: Request) -> Answer:
    """Compare all records anew."""
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "write")
    return _again(scope, entity, Message("All records are being compared; reload this page in a moment."))


def _again(scope: Scope, entity: Entity, text: Message) -> Answer:
    rematch(scope, entity)
    return redirect(f"/duplicates/{entity.name}", flash(text))
