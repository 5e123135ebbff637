"""Sessions of the browser, tokens of programs and reset links: random secrets of which only the hash is stored."""

import hashlib
import secrets
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Column, Connection, Index, Integer, String, Table, delete, func, insert, select, update

from basis.db import system
from basis.fields.storage import Id, Instant
from basis.security.users import rights_changed

SESSION_LIFE = timedelta(days=14)
SESSION_TOUCH = timedelta(minutes=10)
RESET_LIFE = timedelta(hours=2)
ATTEMPTS, ATTEMPT_WINDOW = 10, timedelta(minutes=15)
"""So many wrong passwords for one address within the window, and sign-in is refused until it has passed."""

session = Table(
    "session",
    system,
    Column("hash", String(64), primary_key=True),
    Column("user_id", Id, nullable=False, index=True),
    Column("kind", String(10), nullable=False),  # browser, token or reset
    Column("name", String(200), nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    system,
    Column("id", Integer, primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_sign_in_attempt_subject", "subject", "at"),
)


def hashed(secret: str) -> str:
    """What is stored of a secret: its SHA-256, in hexadecimals."""
    return hashlib.sha256(secret.encode()).hexdigest()


def start(conn: Connection, user_id: str, now: datetime, kind: str = "browser", name: str = "") -> str:
    """Begin a session, token (`kind="token"`, without end) or reset link; answers the secret, shown only now."""
    secret = secrets.token_urlsafe(32)
    life = {"browser": SESSION_LIFE, "reset": RESET_LIFE}.get(kind)
    values = {
        "hash": hashed(secret),
        "user_id": user_id,
        "kind": kind,
        "name": name,
        "created": now,
        "expires": now + life if life else None,
    }
    conn.execute(insert(session), values)
    return secret


def holder(conn: Connection, secret: str, now: datetime, kind: str = "browser") -> str | None:
    """The id of the user whose session, token or link it is; None when it is unknown or over."""
    query = select(session.c.user_id, session.c.expires).where(session.c.hash == hashed(secret), session.c.kind == kind)
    row = conn.execute(query).first()
    if row is None or (row.expires is not None and row.expires <= now):
        return None
    return str(row.user_id)


def end(conn: Connection, secret: str) -> None:
    """Sign out, revoke a token, or use up a reset link."""
    conn.execute(delete(session).where(session.c.hash == hashed(secret)))
    rights_changed(conn)


def end_all(conn: Connection, user_id: str, kind: str = "browser") -> None:
    """Sign a user out everywhere (after a change of password)."""
    conn.execute(delete(session).where(session.c.user_id == user_id, session.c.kind == kind))
    rights_changed(conn)


def prolong(conn: Connection, secret: str, now: datetime) -> None:
    """Let a session in use last its full time again."""
    conn.execute(update(session).where(session.c.hash == hashed(secret)).values(expires=now + SESSION_LIFE))


class Token(Struct, frozen=True):
    """A program's token as its owner sees it; `id` is the hash of its secret."""

    id: str
    name: str
    created: datetime


def tokens_of(conn: Connection, user_id: str) -> list[Token]:
    """The API tokens of a user, the newest first."""
    query = select(session.c.hash, session.c.name, session.c.created)
    query = query.where(session.c.user_id == user_id, session.c.kind == "token").order_by(session.c.created.desc())
    return [Token(*row) for row in conn.execute(query)]


def revoke(conn: Connection, user_id: str, token_id: str) -> None:
    """Take one of the user's own tokens away."""
    conn.execute(delete(session).where(session.c.hash == token_id, session.c.user_id == user_id))
    rights_changed(conn)


def throttled(conn: Connection, subject: str, now: datetime, limit: int = ATTEMPTS) -> bool:
    """Whether there were too many wrong passwords for this address (or from this network address) of late."""
    query = select(func.count()).where(
        sign_in_attempt.c.subject == hashed(subject), sign_in_attempt.c.at > now - ATTEMPT_WINDOW
    )
    return (conn.execute(query).scalar() or 0) >= limit


def note_attempt(conn: Connection, subject: str, now: datetime) -> None:
    """Remember a wrong password; forget those that no longer count."""
    conn.execute(delete(sign_in_attempt).where(sign_in_attempt.c.at <= now - ATTEMPT_WINDOW))
    conn.execute(insert(sign_in_attempt), {"subject": hashed(subject), "at": now})
