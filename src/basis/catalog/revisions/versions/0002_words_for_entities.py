"""Every document of the search holds a word for its entity, so that a search in one list is one look-up."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WORD = "ø"
INDEX = (
    "create index ix_search_words on search_document using gin "
    "(array_to_tsvector(string_to_array(words, ' '))) with (gin_pending_list_limit = 256)"
)
"""PostgreSQL's: words are parted already, and its own parser takes four times as long."""


def upgrade() -> None:
    conn = op.get_bind()
    tables = sa.inspect(conn).get_table_names()
    held = conn.dialect.name == "postgresql" and conn.scalar(sa.text("select to_regclass('ix_search_words')"))
    if held:
        conn.execute(sa.text("drop index ix_search_words"))
    document = sa.table("search_document", *(sa.column(name) for name in ("entity", "record_id", "words")))
    _put_before(conn, document, WORD + sa.func.replace(document.c.entity, "_", ""))
    if "activitypointer" in tables:
        activity = sa.table("activitypointer", sa.column("activityid"))
        _put_before(conn, document, sa.literal(f"{WORD}activitypointer"), document.c.record_id.in_(sa.select(activity)))
    if "search_index" in tables:
        conn.execute(sa.text("insert into search_index(search_index) values ('rebuild')"))
    if held:
        conn.execute(sa.text(INDEX))


def _put_before(conn: sa.Connection, document: sa.TableClause, word: sa.ColumnElement[str], *where: object) -> None:
    conn.execute(sa.update(document).where(*where).values(words=word + " " + document.c.words))  # type: ignore[arg-type]
