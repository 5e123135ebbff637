"""Reading a request whole, before its page runs: query, cookies, form fields and uploads, within limits."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Message as AsgiMessage

from basis.errors import BasisError
from basis.fields.file import StoredFile
from basis.web.request import Request

LARGEST_BODY = 50 * 1024 * 1024
LARGEST_IMPORT = 500 * 1024 * 1024
"""A file to import is written to the disk while it comes in, so it may be larger than a record's own files."""
IMPORTS = "/import/"
MOST_FIELDS = 5_000
LARGEST_FIELD = 4 * 1024 * 1024


class TooLarge(BasisError):
    """More was sent than Basis takes in one request."""

    status = 413


def largest(path: str) -> int:
    """How many bytes may be posted to that address."""
    return LARGEST_IMPORT if path.startswith(IMPORTS) else LARGEST_BODY


def _too_large(most: int) -> TooLarge:
    return TooLarge("This is larger than {limit} MB, which is the most that fits.", limit=most >> 20)


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Pairs as a mapping; the texts of a repeated name are joined with line breaks."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def bare(http: HttpRequest, secure: bool) -> Request:
    """The request without what was posted."""
    return Request(
        method="GET" if http.method == "HEAD" else http.method,
        path=http.url.path,
        query=joined(http.query_params.multi_items()),
        names=dict(http.path_params),
        headers=dict(http.headers),
        cookies=http.cookies,
        client=http.client.host if http.client else "",
        secure=secure or http.url.scheme == "https",
        nonce=http.scope.get("state", {}).get("nonce", ""),
    )


async def read(http: HttpRequest, secure: bool) -> tuple[Request, dict[str, UploadFile]]:
    """The request, and the files that came with it. `TooLarge` over the limit, before all of it is read."""
    request = bare(http, secure)
    if http.method != "POST":
        return request, {}
    length, most = http.headers.get("content-length", ""), largest(request.path)
    if length.isdigit() and int(length) > most:
        raise _too_large(most)
    limited = HttpRequest(http.scope, _limited(http, most))
    try:
        form = await limited.form(max_fields=MOST_FIELDS, max_files=20, max_part_size=LARGEST_FIELD)
    except (HTTPException, MultiPartException, ClientDisconnect) as error:
        raise BasisError("The posted form cannot be read.") from error
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    uploads = {name: value for name, value in form.multi_items() if isinstance(value, UploadFile) and value.filename}
    return msgspec.structs.replace(request, posted=joined(texts)), uploads


def _limited(http: HttpRequest, most: int):  # type: ignore[no-untyped-def]
    """Receives like the request, but no more than the limit, whatever the header said."""
    taken = 0

    async def receive() -> AsgiMessage:
        nonlocal taken
        message = await http.receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise _too_large(most)
        return message

    return receive


def with_received(request: Request, received: Mapping[str, Path]) -> Request:
    """The request with the files that came to be imported."""
    return msgspec.structs.replace(request, received=received)


def with_files(request: Request, stored: Mapping[str, StoredFile]) -> Request:
    """The request with every upload spelled as a form carries it along."""
    spelled = {name: file.spelled() for name, file in stored.items()}
    return msgspec.structs.replace(request, posted={**request.posted, **spelled})
