"""The file store: uploads lie under the SHA-256 of their content, and are served so that none of them can run."""

import hashlib
import mimetypes
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from basis.errors import NotFound
from basis.fields.file import StoredFile
from basis.web.answer import Answer

CHUNK = 1 << 20
KEPT_FOR = timedelta(days=30)
"""A file that was imported stays as long as the import can be undone."""
PICTURES: dict[str, Callable[[bytes], bool]] = {
    "image/png": lambda start: start.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": lambda start: start.startswith(b"\xff\xd8\xff"),
    "image/gif": lambda start: start[:6] in (b"GIF87a", b"GIF89a"),
    "image/webp": lambda start: start[:4] == b"RIFF" and start[8:12] == b"WEBP",
}
"""The only files that are shown in the page; known by their first bytes, not by what they are called."""


def store(folder: Path, name: str, content: BinaryIO) -> StoredFile:
    """Put a file into the store; the same content is kept once."""
    folder.mkdir(parents=True, exist_ok=True)
    digest, size, start = hashlib.sha256(), 0, b""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as copy:
        while chunk := content.read(CHUNK):
            start = start or chunk[:16]
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
    place = _place(folder, digest.hexdigest())
    place.parent.mkdir(exist_ok=True)
    os.replace(copy.name, place)
    plain = _plain_name(name)[:200] or "file"
    guessed = mimetypes.guess_type(plain)[0] or "application/octet-stream"
    return StoredFile(digest.hexdigest(), plain, size, picture_type(start) or _no_picture(guessed))


def receive(folder: Path, name: str, content: BinaryIO) -> Path:
    """Put a file that is to be imported into a folder of its own, under its own name; the oldest ones go.

    Nobody can ask for it: it is read by the import alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    oldest = time.time() - KEPT_FOR.total_seconds()
    for held in folder.iterdir():
        if held.stat().st_mtime < oldest:
            shutil.rmtree(held, ignore_errors=True)
    place = Path(tempfile.mkdtemp(dir=folder)) / (_plain_name(name)[-100:] or "file")
    with place.open("wb") as copy:
        shutil.copyfileobj(content, copy, CHUNK)
    return place


def _plain_name(name: str) -> str:
    return Path(name.replace("\\", "/").replace("\0", "")).name.replace("|", "_").replace("\n", " ")


def _place(folder: Path, id: str) -> Path:
    return folder / id[:2] / id


def picture_type(start: bytes) -> str:
    """The media type of a picture that begins with these bytes; empty for anything else."""
    return next((kind for kind, fits in PICTURES.items() if fits(start)), "")


def _no_picture(guessed: str) -> str:
    return "application/octet-stream" if guessed.startswith("image/") else guessed


def serve(folder: Path, id: str, name: str) -> Answer:
    """A stored file: pictures to show, everything else to save. `NotFound` when it is not there."""
    if len(id) != 64 or not id.isalnum():
        raise NotFound("This file does not exist.")
    try:
        content = _place(folder, id).read_bytes()
    except OSError:
        raise NotFound("This file does not exist.") from None
    kind = picture_type(content[:16])
    way = "inline" if kind else "attachment"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    return Answer(content, 200, kind or "application/octet-stream", headers)
