"""The service itself: a request from the web server, one transaction in a worker thread, an answer."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from basis.api.credentials import credentials, on_behalf
from basis.api.exchange import Answer, Asked
from basis.api.failures import NoSuchAddress, TooLarge, failure
from basis.errors import BasisError, Unavailable
from basis.records.organization import is_founded
from basis.security.entrance import Entrance
from basis.security.scope import Scope as Acting

LARGEST_BODY = 64 * 1024 * 1024

Responder = Callable[[Acting, Asked], Answer]


class Service:
    """Answers requests of signed-in users; each in a transaction that an error rolls back."""

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance

    def answer(self, asked: Asked, respond: Responder) -> Answer:
        """What `respond` says within the transaction of whoever asks, or the error as an answer."""
        try:
            secret, kind = credentials(asked)
            with self.entrance.signed_in(secret, kind, write=asked.writes) as scope:
                scope = on_behalf(scope, asked)
                asked.language = scope.language
                return respond(scope, asked)
        except Undone:
            raise
        except Exception as error:
            if not isinstance(error, BasisError) and not is_founded(self.entrance.database):
                error = Unavailable("This Basis holds no organisation yet; open its welcome page first.")
            return failure(error, asked)


class Undone(Exception):
    """A request of a changeset failed; carries its answer past the transaction, which it rolls back."""

    def __init__(self, answer: Answer, content_id: str) -> None:
        super().__init__()
        self.answer = answer
        self.content_id = content_id


class Endpoint:
    """An ASGI application around a function from Asked to Answer, which runs in a worker thread."""

    def __init__(self, handle: Callable[[Asked], Answer], base: str, versions: frozenset[str] = frozenset()) -> None:
        self.handle = handle
        self.base = base
        self.versions = versions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = self.asked(scope)
        try:
            if asked.writes:
                asked.body = await _body(receive)
            version = scope["path_params"].get("version", "")
            if self.versions and version not in self.versions:
                raise NoSuchAddress("There is no version {version} of this service.", version=version)
            if "\x00" in asked.path:
                raise NoSuchAddress("Nothing is found at this address.")
            answer = await run_in_threadpool(self.handle, asked)
        except Exception as error:
            answer = failure(error, asked)
        await _send(answer, asked, send)

    def asked(self, scope: Scope) -> Asked:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        params = scope["path_params"]
        version = params.get("version", "")
        host = headers.get("host") or "localhost"
        root = f"{scope['scheme']}://{host}{scope.get('root_path', '')}{self.base}{quote(version)}"
        return Asked(
            method=scope["method"],
            path=params.get("path", "").strip("/"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=b"",
            root=f"{root}/" if version else f"{root.rstrip('/')}/",
            language=_language(headers.get("accept-language", "")),
        )


def _language(header: str) -> str:
    return "nl" if header.strip().lower().startswith("nl") else "en"


async def _body(receive: Receive) -> bytes:
    parts, length = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        length += len(part)
        if length > LARGEST_BODY:
            raise TooLarge("The request is larger than {limit} MB.", limit=LARGEST_BODY // 1024 // 1024)
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(answer: Answer, asked: Asked, send: Send) -> None:
    headers = [
        (b"odata-version", b"4.0"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-ms-service-request-id", str(uuid4()).encode()),
    ]
    if answer.media:
        headers.append((b"content-type", answer.media.encode()))
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    headers += [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body: Any = b"" if asked.method == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body})
