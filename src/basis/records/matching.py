"""Duplicates: records that may be one, found by match codes that are kept with every save.

A rule of an entity names fields and how they are compared. What a record has in them becomes one text, its code;
records of the same code match. So looking one up is a single step along an index, at any number of records.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import Column, Index, String, Table, Text, delete, func, select

from basis.catalog.entity import DuplicateRule, Entity
from basis.catalog.query import Column as Asked
from basis.catalog.query import Condition, Filter, Query
from basis.db import system
from basis.fields import type_of
from basis.fields.storage import Id, fold
from basis.i18n import Locale
from basis.records import select as reading
from basis.records.record import Record, Values
from basis.records.rows import insert_rows
from basis.security.conditions import allowed
from basis.security.scope import Scope

match_code = Table(
    "match_code",
    system,
    Column("record_id", Id, primary_key=True),
    Column("rule", String(100), primary_key=True),
    Column("entity", String(100), nullable=False),
    Column("code", Text, nullable=False),
    Index("ix_match_code_code", "entity", "rule", "code"),
)

LONGEST = 200
START = 8
MOST = 20
"""So many likely matches are shown; with more the rule is too coarse to be of use."""

LEGAL_FORMS = {
    "bv", "nv", "vof", "cv", "holding", "groep", "group", "stichting", "vereniging", "maatschap", "ltd", "limited",
    "inc", "gmbh", "ag", "sa", "sarl", "en", "and", "zn", "zonen", "de", "het", "the", "van", "der", "den",
}  # fmt: skip
"""Words of a name that people leave out or write otherwise."""


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(text).replace(".", "")).strip()


def _similar(text: str) -> str:
    """The words without legal forms, in the order of the alphabet, without vowels and doubled letters."""
    words = sorted(word for word in _letters(text).split() if word not in LEGAL_FORMS) or _letters(text).split()
    bones = (word[:1] + re.sub(r"[aeiouyjh]", "", word[1:]) for word in words)
    return re.sub(r"(.)\1+", r"\1", " ".join(bones))


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return digits[-9:] if len(digits) >= 7 else ""


def _email(text: str) -> str:
    name, _, host = fold(text).strip().partition("@")
    return f"{name.partition('+')[0]}@{host}" if host else ""


def _domain(text: str) -> str:
    """The host of a web address or an e-mail address, without www."""
    bare = fold(text).strip()
    host = bare.rpartition("@")[2] if "@" in bare else urlsplit(bare if "//" in bare else f"//{bare}").netloc
    return host.removeprefix("www.").partition(":")[0]


WAYS: dict[str, Callable[[str], str]] = {
    "exact": lambda text: " ".join(fold(text).split()),
    "start": lambda text: _letters(text).replace(" ", "")[:START],
    "similar": _similar,
    "phone": _phone,
    "email": _email,
    "domain": _domain,
}
"""How two texts are compared: by what this makes of each."""


class Match(Struct, frozen=True):
    """A record that may be the same, and the rule by which."""

    record: Record
    rule: DuplicateRule


class Group(Struct, frozen=True):
    """Records that may be one by a rule."""

    rule: DuplicateRule
    records: tuple[Record, ...]


def code_of(entity: Entity, rule: DuplicateRule, values: Mapping[str, Any]) -> str:
    """The code of a record by a rule; empty when a field of it is empty, since nothing says nothing."""
    if any(values.get(part.field) is None or part.field not in entity.by_name for part in rule.fields):
        return ""
    parts = []
    for part in rule.fields:
        field, value = entity.by_name[part.field], values[part.field]
        text = getattr(value, "id", "") or type_of(field).text(field, value, Locale())
        made = WAYS[part.match](text)
        if not made:
            return ""
        parts.append(made)
    return "|".join(parts)[:LONGEST]


def matched_fields(entity: Entity) -> set[str]:
    """The fields on which the codes of a record depend."""
    return {part.field for rule in entity.duplicate_rules for part in rule.fields}


def write(scope: Scope, entity: Entity, rows: Iterable[tuple[str, Values]], fresh: bool = False) -> None:
    """Keep the codes of these records, whose values hold all matched fields."""
    if not entity.duplicate_rules:
        return
    held = list(rows)
    if not fresh and held:
        remove(scope, [id for id, _ in held])
    made = [
        {"record_id": id, "rule": rule.name, "entity": entity.name, "code": code}
        for id, values in held
        for rule in entity.duplicate_rules
        if (code := code_of(entity, rule, values))
    ]
    if made:
        insert_rows(scope.conn, match_code, made)


def remove(scope: Scope, ids: Sequence[str]) -> None:
    """Forget the codes of records that are gone."""
    scope.conn.execute(delete(match_code).where(match_code.c.record_id.in_(ids)))


def rebuild(scope: Scope, entity: Entity) -> int:
    """Make the codes of all records of an entity anew; answers how many records there are."""
    scope.conn.execute(delete(match_code).where(match_code.c.entity == entity.name))
    names = sorted(matched_fields(entity))
    if not names:
        return 0
    count, batch = 0, list[tuple[str, Values]]()
    for record in reading.every(scope.unlimited(), Query(entity.name, tuple(map(Asked, names)))):
        batch.append((record.id, record.values))
        count += 1
        if len(batch) == 1_000:
            write(scope, entity, batch, fresh=True)
            batch = []
    write(scope, entity, batch, fresh=True)
    return count


def matches(scope: Scope, entity: Entity, values: Mapping[str, Any], but: str = "") -> list[Match]:
    """Records that the user may see and that match these values, at most `MOST`; each by its first rule."""
    found: dict[str, Match] = {}
    for rule in entity.duplicate_rules:
        code = code_of(entity, rule, values)
        if code and len(found) < MOST:
            for record in _with_code(scope, entity, rule, code):
                if record.id != but:
                    found.setdefault(record.id, Match(record, rule))
    return list(found.values())[:MOST]


def _with_code(scope: Scope, entity: Entity, rule: DuplicateRule, code: str) -> list[Record]:
    columns = match_code.c
    same = (columns.entity == entity.name, columns.rule == rule.name, columns.code == code)
    ids = scope.conn.execute(select(columns.record_id).where(*same).limit(MOST * 5)).scalars().all()
    return _records(scope, entity, rule, ids)


def _records(scope: Scope, entity: Entity, rule: DuplicateRule, ids: Sequence[str]) -> list[Record]:
    if not ids:
        return []
    names = dict.fromkeys([entity.primary, *(part.field for part in rule.fields), *_subtitle(entity)])
    only = Filter(conditions=(Condition(entity.id_field, "in", values=tuple(ids)),))
    query = Query(entity.name, tuple(map(Asked, names)), only)
    return list(reading.page(scope, query, limit=MOST).records)


def _subtitle(entity: Entity) -> tuple[str, ...]:
    return (entity.subtitle,) if entity.subtitle in entity.by_name else ()


def groups(scope: Scope, entity: Entity, limit: int = 100) -> list[Group]:
    """What exists already: groups of records that the user may see and that match, the largest first."""
    found = []
    table = scope.catalog.table(entity.name)
    columns, seen = match_code.c, set[frozenset[str]]()
    rights = allowed(scope, entity, table)
    for rule in entity.duplicate_rules:
        mine = match_code.join(table, table.c[entity.id_field] == columns.record_id)
        where = [columns.entity == entity.name, columns.rule == rule.name]
        where += [rights] if rights is not None else []
        several = select(columns.code).select_from(mine).where(*where).group_by(columns.code)
        several = several.having(func.count() > 1).order_by(func.count().desc(), columns.code).limit(limit)
        for code in scope.conn.execute(several).scalars().all():
            records = _with_code(scope, entity, rule, code)
            ids = frozenset(record.id for record in records)
            if len(records) > 1 and ids not in seen:
                seen.add(ids)
                found.append(Group(rule, tuple(records)))
    return found[:limit]
