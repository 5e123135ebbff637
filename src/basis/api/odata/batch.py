"""`$batch`: many requests in one; a changeset succeeds or fails as a whole."""

from urllib.parse import unquote, urlsplit
from uuid import uuid4

from basis.api.exchange import Answer, Asked
from basis.api.failures import NotAllowed, failure
from basis.api.odata.dispatch import respond
from basis.api.odata.multipart import Line, Part, boundary_of, line_of, mixed, parts_of, written
from basis.api.service import Service, Undone
from basis.errors import Invalid
from basis.security.scope import Scope

MOST = 1_000
COMMON = [("OData-Version", "4.0")]


def batch(service: Service, asked: Asked) -> Answer:
    """The answers to all requests of a batch, up to the first that fails unless the client says to go on."""
    if asked.method != "POST":
        raise NotAllowed("POST")
    known = service.answer(_probe(asked, "GET"), lambda scope, _: Answer(200))
    if known.status >= 400:
        return known
    parts = parts_of(asked.body, boundary_of(asked.headers.get("content-type", "")))
    if len(parts) > MOST:
        raise Invalid("At most {count} requests fit in one batch.", count=MOST)
    answers: list[bytes] = []
    for part in parts:
        if "multipart/mixed" in part.headers.get("content-type", "").lower():
            answer, failed = _changeset(service, asked, part)
        else:
            answer, failed = _single(service, asked, part)
        answers.append(answer)
        if failed and not asked.prefer.continue_on_error:
            break
    boundary = f"batchresponse_{uuid4()}"
    return Answer(200, mixed(answers, boundary), f"multipart/mixed; boundary={boundary}")


def _single(service: Service, asked: Asked, part: Part) -> tuple[bytes, bool]:
    try:
        inner = _inner(asked, line_of(part), {})
    except Invalid as error:
        return written(failure(error, asked), COMMON), True
    answer = service.answer(inner, respond)
    return written(answer, COMMON, _content_id(part)), answer.status >= 400


def _content_id(part: Part, line: Line | None = None) -> str:
    return part.headers.get("content-id") or (line.headers.get("content-id", "") if line else "")


def _changeset(service: Service, asked: Asked, part: Part) -> tuple[bytes, bool]:
    """All requests of a changeset in one transaction; of one that fails only its own answer remains."""

    def respond_to_all(scope: Scope, _: Asked) -> Answer:
        return Answer(200, _all(scope, asked, part))

    try:
        answer = service.answer(_probe(asked, "POST"), respond_to_all)
    except Undone as undone:
        return written(undone.answer, COMMON, undone.content_id), True
    if answer.status >= 400:
        return written(answer, COMMON), True
    return answer.body, False


def _probe(asked: Asked, method: str) -> Asked:
    """Whoever sent the batch, asking for nothing yet."""
    return Asked(method, "", asked.query, asked.headers, b"", asked.root, asked.language)


def _all(scope: Scope, asked: Asked, part: Part) -> bytes:
    contents: dict[str, str] = {}
    answers: list[bytes] = []
    inner_parts = parts_of(part.content, boundary_of(part.headers["content-type"]))
    if len(inner_parts) > MOST:
        raise Invalid("At most {count} requests fit in one batch.", count=MOST)
    for inner_part in inner_parts:
        line = line_of(inner_part)
        content_id = _content_id(inner_part, line)
        inner = _inner(asked, line, contents)
        inner.language = scope.language
        answer = _answered(scope, inner, content_id)
        address = dict(answer.headers).get("OData-EntityId", "")
        if content_id and address:
            contents[f"${content_id}"] = address
        answers.append(written(answer, COMMON, content_id))
    boundary = f"changesetresponse_{uuid4()}"
    return f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode() + mixed(answers, boundary)


def _answered(scope: Scope, inner: Asked, content_id: str) -> Answer:
    try:
        if not inner.writes:
            raise Invalid("A changeset only changes; put what reads outside it.")
        return respond(scope, inner)
    except Exception as error:
        raise Undone(failure(error, inner), content_id) from error


def _inner(asked: Asked, line: Line, contents: dict[str, str]) -> Asked:
    """The request of a part as if it had come on its own; its address may be absolute, of the host, or relative."""
    address = line.address
    first, slash, rest = address.partition("/")
    if first in contents:
        address = contents[first] + slash + rest
    path, _, query = address.partition("?")
    below = _below(path, asked.root)
    kept = {
        name: value
        for name, value in asked.headers.items()
        if name in ("authorization", "cookie", "origin", "sec-fetch-site", "accept-language", "host", "prefer")
    }
    if "prefer" in kept and "prefer" not in line.headers:
        kept["prefer"] = ",".join(
            part for part in kept["prefer"].split(",") if "continue-on-error" not in part and "respond" not in part
        )
    return Asked(
        line.method, unquote(below).strip("/"), query, {**kept, **line.headers}, line.body, asked.root,
        asked.language, contents,
    )  # fmt: skip


def _below(path: str, root: str) -> str:
    base = urlsplit(root).path
    if "://" in path.split("(")[0]:
        path = "/" + path.split("://", 1)[1].partition("/")[2]
    return path[len(base) :] if path.startswith(base) else path
