"""Passwords: Argon2id hashes, in a table of their own so that no query on users can ever show one."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Column, Connection, Table, Text, delete, insert, select

from basis.db import system
from basis.errors import Invalid, Message
from basis.fields.storage import Id

password = Table(
    "password",
    system,
    Column("user_id", Id, primary_key=True),
    Column("hash", Text, nullable=False),
)

MINIMUM = 10
MAXIMUM = 200
_hasher = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$uRsxd3t/lSMVc/cI3Ly0y8pG1PPvnQfpzPSn0cRYdwQ"
"""Verified when nobody has the address, so that the time taken does not tell."""


def set_password(conn: Connection, user_id: str, plain: str) -> None:
    """Store a new password. `Invalid` (field `password`) when it is too short, too long or nothing but spaces."""
    message = None
    if len(plain.strip()) < MINIMUM:
        message = Message("A password has at least {minimum} characters.", minimum=MINIMUM)
    elif len(plain) > MAXIMUM:
        message = Message("A password has at most {maximum} characters.", maximum=MAXIMUM)
    if message:
        raise Invalid({"password": message})
    conn.execute(delete(password).where(password.c.user_id == user_id))
    conn.execute(insert(password), {"user_id": user_id, "hash": _hasher.hash(plain)})


def verify(conn: Connection, user_id: str | None, plain: str) -> bool:
    """Whether it is that user's password; takes as long for a user that does not exist."""
    held = conn.execute(select(password.c.hash).where(password.c.user_id == user_id)).scalar() if user_id else None
    try:
        return _hasher.verify(held or _NOBODY, plain[:MAXIMUM]) and held is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
