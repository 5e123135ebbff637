"""What a page answers: HTML, JSON, a file or another address, with the cookies that go along."""

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from msgspec import Struct

from basis.errors import Message
from basis.web.request import Request

HTML = "text/html; charset=utf-8"
FLASH, UNDO = "basis_flash", "basis_undo"
PLAIN = re.compile(r"([^{}]|\{\w+\})*")
"""A message whose places are bare names: a cookie comes from outside, so it may not look into objects."""
MOST_UNDONE = 150
"""So many deletions fit into a cookie; more come back one by one from the recycle bin."""


class Cookie(Struct, frozen=True):
    """`max_age` in seconds; 0 takes the cookie away, None keeps it until the browser closes."""

    name: str
    value: str
    max_age: int | None = None


class Answer(Struct, frozen=True):
    """A status of 400 or more rolls the transaction back."""

    body: str | bytes | Path = ""
    """Text, bytes, or a file that is sent and then gone."""
    status: int = 200
    media_type: str = HTML
    headers: dict[str, str] = {}
    cookies: tuple[Cookie, ...] = ()


class Shown(Struct, frozen=True):
    """A template with its values, which the adapter makes an Answer of; `part` for one without the shell."""

    template: str
    values: dict[str, Any] = {}
    status: int = 200
    part: bool = False
    headers: dict[str, str] = {}
    cookies: tuple[Cookie, ...] = ()


def show(template: str, *, status: int = 200, **values: Any) -> Shown:
    """A whole page."""
    return Shown(template, values, status)


def part(template: str, *, status: int = 200, **values: Any) -> Shown:
    """A part of a page, to be put into one that is there already."""
    return Shown(template, values, status, part=True)


class Flash(Struct, frozen=True):
    """A message that the next page shows once; `undo` are the deletions that its button takes back."""

    text: str
    arguments: dict[str, Any] = {}
    kind: str = "success"
    undo: tuple[str, ...] = ()
    operation: str = ""
    """The operation that the message tells of, where it can be undone."""

    @property
    def message(self) -> Message:
        return Message(self.text, **self.arguments)


def flash(message: Message, kind: str = "success", undo: tuple[str, ...] = (), operation: str = "") -> Flash:
    return Flash(message.text, message.arguments, kind, undo, operation)


def redirect(path: str, shown: Flash | None = None, cookies: tuple[Cookie, ...] = ()) -> Answer:
    """To another page, after a post too, with a message for it to show."""
    return Answer(status=303, headers={"Location": path}, cookies=(*cookies, *_flash_cookies(shown)))


def download(file: Path, name: str, media_type: str) -> Answer:
    """A file to save under that name; it is streamed from the disk and removed afterwards."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return Answer(file, 200, media_type, headers)


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(msgspec.json.encode(value), status, "application/json")


def _flash_cookies(shown: Flash | None) -> tuple[Cookie, ...]:
    if shown is None:
        return ()
    bare = msgspec.json.encode(msgspec.structs.replace(shown, undo=()))
    cookies = (Cookie(FLASH, base64.urlsafe_b64encode(bare).decode().rstrip("="), 60),)
    if not shown.undo or len(shown.undo) > MOST_UNDONE:
        return cookies
    short = (base64.urlsafe_b64encode(UUID(id).bytes).decode().rstrip("=") for id in shown.undo)
    return (*cookies, Cookie(UNDO, ".".join(short), 60))


def taken_flash(request: Request) -> tuple[Flash | None, tuple[Cookie, ...]]:
    """The message that waits for this page, and the cookies that say that it was shown."""
    held = request.cookies.get(FLASH, "")
    if not held:
        return None, ()
    gone = tuple(Cookie(name, "", 0) for name in (FLASH, UNDO) if name in request.cookies)
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(held + "=" * (-len(held) % 4)), type=Flash)
        parts = [part for part in request.cookies.get(UNDO, "").split(".") if part]
        undo = tuple(str(UUID(bytes=base64.urlsafe_b64decode(part + "=="))) for part in parts)
        if not PLAIN.fullmatch(found.text):
            return None, gone
        str(found.message)
    except (ValueError, KeyError, IndexError, msgspec.MsgspecError):
        return None, gone
    return msgspec.structs.replace(found, undo=undo), gone
