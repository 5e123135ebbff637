"""Global search: one row of folded text per record, found by full text, with the rights of the records themselves."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    text,
)

from basis.catalog import query as ask
from basis.catalog.entity import Entity
from basis.db import system
from basis.fields import type_of
from basis.fields.storage import Id, fold
from basis.i18n import Locale
from basis.records.activities import POINTER
from basis.records.record import Values
from basis.records.select import page
from basis.security.scope import Scope

search_document = Table(
    "search_document",
    system,
    Column("id", Integer, primary_key=True),
    Column("entity", String(100), nullable=False),
    Column("record_id", Id, nullable=False),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),
    Index("ix_search_document_record", "record_id", unique=True),
    sqlite_autoincrement=True,
)

CANDIDATES = 400
"""So many hits are looked at; a common word has hundreds of thousands, and ranking them all takes seconds."""

FEW = 1_000
"""So many records of one entity can be named in a query; a word that more of them hold is a common one."""
LOOKED_AT = 20_000
"""So many hits, whatever their entity, are looked at to find those of one."""

_WORD = re.compile(r"[0-9a-z]+(?:[.@_+-][0-9a-z]+)*|[^\W_]+")


class Hit(Struct, frozen=True):
    """A record that was found."""

    entity: str
    id: str
    title: str
    subtitle: str


class Sought(Struct, frozen=True):
    """The filter that a text means; `common` tells that it looks at names alone, since too many records fit."""

    filter: ask.Filter
    common: bool = False


def install(conn: Connection) -> None:
    """Make the full text index, in the database's own way."""
    if conn.dialect.name == "sqlite":
        conn.execute(
            text(
                "create virtual table search_index using fts5(words, content='search_document', content_rowid='id', "
                "tokenize='unicode61 remove_diacritics 0', detail='full')"
            )
        )
    else:
        conn.execute(text("create index ix_search_words on search_document using gin (to_tsvector('simple', words))"))


def rebuild(conn: Connection) -> None:
    """Make the full text index anew from the documents (after a restore)."""
    if conn.dialect.name == "sqlite":
        conn.execute(text("insert into search_index(search_index) values ('rebuild')"))


def searched_fields(entity: Entity) -> list[str]:
    """The fields whose text can be found, the primary one first."""
    names = [entity.primary, *(field.name for field in entity.visible_fields if field.searchable)]
    return list(dict.fromkeys(names))


def document(entity: Entity, id: str, values: Values) -> dict[str, Any]:
    """The row of a record: its title, and every searchable text folded."""
    locale = Locale("nl")
    shown = {
        name: type_of(entity.by_name[name]).text(entity.by_name[name], values.get(name), locale)
        for name in searched_fields(entity)
    }
    filled = [part for part in shown.values() if part]
    words = split_words(fold(" ".join(filled))).split()
    words += [word for part in filled for word in _compact(part)]
    return {
        "entity": entity.name,
        "record_id": id,
        "title": shown[entity.primary],
        "words": " ".join(dict.fromkeys(words)),
    }


def _compact(value: str) -> list[str]:
    """Numbers are found however they are spaced: `+31 38 123` also as `3138123` and `038123`."""
    digits = "".join(sign for sign in value if sign.isdigit())
    if len(digits) < 5:
        return []
    return [digits, f"0{digits[2:]}"] if value.startswith("+31") else [digits]


def split_words(folded: str) -> str:
    """The words of folded text, parted by spaces, so that both databases see the same ones."""
    return " ".join(word for part in _WORD.findall(folded) for word in re.split(r"[.@_+-]", part) if word)


def write(scope: Scope, entity: Entity, records: Sequence[tuple[str, Values]], fresh: bool = False) -> None:
    """Put records into the index, instead of what stood there (`fresh`: nothing did)."""
    if not fresh:
        remove(scope, [id for id, _ in records])
    rows = [document(entity, id, values) for id, values in records]
    if not rows:
        return
    if scope.conn.dialect.name == "sqlite":
        # Handing out the keys here lets both tables be filled by one statement each. A key is never used twice:
        # FTS5 (3.40) spoils its index when one that was just deleted comes back in the same transaction.
        last = scope.conn.execute(text("select seq from sqlite_sequence where name = 'search_document'")).scalar()
        for offset, row in enumerate(rows):
            row["id"] = (last or 0) + 1 + offset
    scope.conn.execute(insert(search_document), rows)
    if scope.conn.dialect.name == "sqlite":
        scope.conn.execute(text("insert into search_index(rowid, words) values (:id, :words)"), rows)


def remove(scope: Scope, ids: Iterable[str]) -> None:
    """Take records out of the index."""
    table = search_document
    wanted = list(ids)
    if scope.conn.dialect.name == "sqlite":
        rows = scope.conn.execute(select(table.c.id, table.c.words).where(table.c.record_id.in_(wanted))).fetchall()
        if rows:
            scope.conn.execute(
                text("insert into search_index(search_index, rowid, words) values ('delete', :id, :words)"),
                [{"id": id, "words": words} for id, words in rows],
            )
    scope.conn.execute(delete(table).where(table.c.record_id.in_(wanted)))


def search(scope: Scope, sought: str, limit: int = 20, entities: Sequence[str] = ()) -> list[Hit]:
    """Records that hold all words (the last may be a beginning), those whose title starts so first.

    At most `CANDIDATES` hits are looked at. Only what the user may read is answered.
    """
    words = split_words(fold(sought)).split()
    if not words:
        return []
    readable = [
        name
        for name, entity in scope.catalog.entities.items()
        if not entity.hidden
        and not entity.internal
        and scope.user.may(name, "read")
        and (not entities or name in entities)
    ]
    hits = [Hit(row[0], row[1], row[2], "") for row in _candidates(scope, words, readable)]
    start = fold(sought.strip())
    hits.sort(key=lambda hit: (not fold(hit.title).startswith(start), start not in fold(hit.title)))
    return _visible(scope, hits, limit)


def matching_ids(scope: Scope, entity: Entity, sought: str) -> tuple[str, ...] | None:
    """The ids of the entity's records that hold all words (the last may be a beginning), at most `FEW`.

    None when there are more, or when that cannot be told quickly. Rights are not looked at: the ids are for a
    condition of a query, which does. An entity that is not searched has none.
    """
    words = split_words(fold(sought)).split()
    if not words:
        return ()
    table = search_document
    held = select(table.c.entity, table.c.record_id).where(_holding(scope, words, LOOKED_AT + 1))
    hits = held.limit(LOOKED_AT + 1).subquery()
    names = [entity.name]
    if entity.name == POINTER:
        names = [name for name, other in scope.catalog.entities.items() if other.activity]
    ids = select(hits.c.record_id).where(hits.c.entity.in_(names)).limit(FEW + 1)
    found = tuple(scope.conn.execute(ids).scalars())
    if len(found) > FEW or scope.conn.execute(select(func.count()).select_from(hits)).scalar_one() > LOOKED_AT:
        return None
    return found


def sought_in(scope: Scope, entity: Entity, sought: str) -> Sought:
    """What a list of the entity is narrowed to by a text, fast however many records there are.

    Records that hold all words, when those are few. Else, and where no word begins so, those whose primary field
    holds each of them, which is found along that field's index.
    """
    ids = matching_ids(scope, entity, sought)
    if ids:
        return Sought(ask.Filter(conditions=(ask.Condition(entity.id_field, "in", values=ids),)))
    field = entity.by_name[entity.primary]
    operator = "contains" if "contains" in type_of(field).operators else "eq"
    held = tuple(ask.Condition(field.name, operator, word) for word in sought.split())
    return Sought(ask.Filter(conditions=held), common=ids is None)


def _holding(scope: Scope, words: list[str], most: int = -1) -> ColumnElement[bool]:
    """The documents that hold all words, of the last one perhaps only the beginning; on SQLite the first `most`."""
    if scope.conn.dialect.name == "sqlite":
        match = " ".join(f'"{word}"' for word in words) + "*"
        inner = "select rowid from search_index where search_index match :match limit :most"
        found = text(f"search_document.id in ({inner})").bindparams(match=match, most=most)
    else:
        match = " & ".join(words) + ":*"
        found = text("to_tsvector('simple', words) @@ to_tsquery('simple', :match)").bindparams(match=match)
    return cast("ColumnElement[bool]", found)


def _candidates(scope: Scope, words: list[str], entities: list[str]) -> Sequence[Any]:
    table = search_document
    query = select(table.c.entity, table.c.record_id, table.c.title).where(table.c.entity.in_(entities))
    return scope.conn.execute(query.where(_holding(scope, words)).limit(CANDIDATES)).fetchall()


def _visible(scope: Scope, hits: list[Hit], limit: int) -> list[Hit]:
    """The first hits that the user may read, as they are now; looked up through the door in slices."""
    shown: list[Hit] = []
    for start in range(0, len(hits), 4 * limit):
        part = hits[start : start + 4 * limit]
        found: dict[str, Hit] = {}
        for name in {hit.entity for hit in part}:
            found |= _read(scope, name, [hit.id for hit in part if hit.entity == name])
        shown += [found[hit.id] for hit in part if hit.id in found]
        if len(shown) >= limit:
            break
    return shown[:limit]


def _read(scope: Scope, entity_name: str, ids: list[str]) -> dict[str, Hit]:
    entity = scope.catalog.entity(entity_name)
    names = list(dict.fromkeys([entity.primary, *([entity.subtitle] if entity.has(entity.subtitle) else [])]))
    condition = ask.Condition(entity.id_field, "in", values=tuple(ids))
    query = ask.Query(entity_name, tuple(ask.Column(name) for name in names), ask.Filter(conditions=(condition,)))
    found = {}
    for record in page(scope, query, limit=len(ids)).records:
        texts = [type_of(entity.by_name[n]).text(entity.by_name[n], record.get(n), scope.locale) for n in names]
        found[record.id] = Hit(entity_name, record.id, texts[0], texts[1] if len(texts) > 1 else "")
    return found
