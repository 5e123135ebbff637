"""Global search: one row of folded text per record, found by full text, with the rights of the records themselves."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    delete,
    select,
    text,
)

from basis.catalog import query as ask
from basis.catalog.entity import POINTER, Entity
from basis.db import system
from basis.fields import type_of
from basis.fields.storage import Id, fold
from basis.i18n import Locale
from basis.records.record import Values
from basis.records.rows import insert_rows
from basis.records.select import page
from basis.records.traits import traits
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

_OF_RECORDS = search_document.c.record_id.in_(bindparam("ids", expanding=True))
_HELD = select(search_document.c.id, search_document.c.words).where(_OF_RECORDS)
_FORGOTTEN = delete(search_document).where(_OF_RECORDS)
"""Made once: every save of a record that is searched begins with them."""

_DOCUMENTS = select(search_document.c.entity, search_document.c.record_id, search_document.c.title)

CANDIDATES = 400
"""So many hits are looked at; a common word has hundreds of thousands, and ranking them all takes seconds."""

FEW = 1_000
"""So many records of one entity can be named in a query; a word that more of them hold is a common one."""

LONGEST = 100
"""Letters of a word that count; PostgreSQL indexes no word of more than 2,000 bytes."""

OF_ENTITY = "ø"
"""Begins the word that every document holds for its entity. Folding leaves no such letter in any other word."""

_WORD = re.compile(r"[0-9a-z]+|[^\W_]+")
_NO_DIGITS = re.compile(r"\D+")
_LOCALE = Locale("nl")


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
        # A long list of what is yet to be put in order would be read by every search.
        conn.execute(
            text(
                "create index ix_search_words on search_document using gin "
                "(array_to_tsvector(string_to_array(words, ' '))) with (gin_pending_list_limit = 256)"
            )
        )


def rebuild(conn: Connection) -> None:
    """Make the full text index anew from the documents (after a restore)."""
    if conn.dialect.name == "sqlite":
        conn.execute(text("insert into search_index(search_index) values ('rebuild')"))


def searched_fields(entity: Entity) -> list[str]:
    """The fields whose text can be found, the primary one first."""
    return list(traits(entity).searched)


def document(entity: Entity, id: str, values: Values) -> dict[str, Any]:
    """The row of a record: its title, and every searchable text folded, after the words for its entity."""
    known, shown = traits(entity), {}
    for name in known.searched:
        value = values.get(name)
        if value is not None:
            field, type_ = known.types[name]
            shown[name] = type_.text(field, value, _LOCALE)
    words = [word_of(entity.name)] + ([word_of(POINTER)] if entity.activity else [])
    words += words_of(" ".join(shown.values()))
    for part in shown.values():
        words += _compact(part)
    return {
        "entity": entity.name,
        "record_id": id,
        "title": shown.get(entity.primary, ""),
        "words": " ".join(dict.fromkeys(words)),
    }


def word_of(entity: str) -> str:
    """The word that stands in the documents of an entity, and in no others."""
    return OF_ENTITY + entity.replace("_", "")


def _compact(value: str) -> list[str]:
    """Numbers are found however they are spaced: `+31 38 123` also as `3138123` and `038123`."""
    digits = _NO_DIGITS.sub("", value) if len(value) >= 5 else ""
    if len(digits) < 5:
        return []
    return [digits, f"0{digits[2:]}"] if value.startswith("+31") else [digits]


def words_of(text: str) -> list[str]:
    """The words of a text, folded and parted here, so that both databases see the same ones."""
    return [word[:LONGEST] for word in _WORD.findall(fold(text))]


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
    insert_rows(scope.conn, search_document, rows)
    if scope.conn.dialect.name == "sqlite":
        found = [(row["id"], row["words"]) for row in rows]
        scope.conn.exec_driver_sql("insert into search_index(rowid, words) values (?, ?)", found)


def remove(scope: Scope, ids: Iterable[str]) -> None:
    """Take records out of the index."""
    wanted = {"ids": list(ids)}
    if scope.conn.dialect.name == "sqlite":
        rows = [tuple(row) for row in scope.conn.execute(_HELD, wanted)]
        if rows:
            forget = "insert into search_index(search_index, rowid, words) values ('delete', ?, ?)"
            scope.conn.exec_driver_sql(forget, rows)
    scope.conn.execute(_FORGOTTEN, wanted)


def search(scope: Scope, sought: str, limit: int = 20, entities: Sequence[str] = ()) -> list[Hit]:
    """Records that hold all words (the last may be a beginning), those whose title starts so first.

    At most `CANDIDATES` hits are looked at. Only what the user may read is answered.
    """
    words = words_of(sought)
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
    found = _documents(scope, words, readable, CANDIDATES) if readable else []
    hits = [Hit(row.entity, row.record_id, row.title, "") for row in found]
    start = fold(sought.strip())
    hits.sort(key=lambda hit: (not fold(hit.title).startswith(start), start not in fold(hit.title)))
    return _visible(scope, hits, limit)


def matching_ids(scope: Scope, entity: Entity, sought: str) -> tuple[str, ...] | None:
    """The ids of the entity's records that hold all words (the last may be a beginning), at most `FEW`.

    None when there are more. Rights are not looked at: the ids are for a condition of a query, which does.
    An entity that is not searched has none.
    """
    words = words_of(sought)
    if not words:
        return ()
    found = _documents(scope, words, [entity.name], FEW + 1)
    return tuple(row.record_id for row in found) if len(found) <= FEW else None


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


def _documents(scope: Scope, words: list[str], entities: Sequence[str], most: int) -> Sequence[Any]:
    """At most so many documents of these entities that hold all words, of the last one perhaps only the beginning.

    First those that hold it whole: a common word has enough of them, and its beginning takes far longer to gather.
    """
    read = _read_sqlite if scope.conn.dialect.name == "sqlite" else _read_postgresql
    whole = [f'"{word}"' for word in words] if read is _read_sqlite else words
    found = read(scope, whole, entities, most)
    if len(found) == most:
        return found
    beginning = "*" if read is _read_sqlite else ":*"
    return read(scope, [*whole[:-1], whole[-1] + beginning], entities, most)


def _read_sqlite(scope: Scope, words: list[str], entities: Sequence[str], most: int) -> Sequence[Any]:
    # The limit stands inside: SQLite would else gather every hit before it looks at the first.
    kinds = " OR ".join(f'"{word_of(name)}"' for name in entities)
    match = " AND ".join([f"({kinds})", *words])
    inner = "search_document.id in (select rowid from search_index where search_index match :match limit :most)"
    return scope.conn.execute(_DOCUMENTS.where(text(inner)), {"match": match, "most": most}).fetchall()


def _read_postgresql(scope: Scope, words: list[str], entities: Sequence[str], most: int) -> Sequence[Any]:
    query = _DOCUMENTS.limit(most)
    if len(entities) == 1:
        words = [word_of(entities[0]), *words]
    else:
        query = query.where(search_document.c.entity.in_(entities))
    held = "array_to_tsvector(string_to_array(words, ' ')) @@ cast(:match as tsquery)"
    # The planner thinks that common words lie everywhere, and would look for accounts among a million contacts.
    scope.conn.execute(text("set local enable_seqscan = off"))
    found = scope.conn.execute(query.where(text(held)), {"match": " & ".join(words)}).fetchall()
    scope.conn.execute(text("set local enable_seqscan to default"))
    return found


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
