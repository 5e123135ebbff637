"""Multipart bodies of batches, read leniently: clients differ in line ends, boundaries and blank lines."""

import re

from msgspec import Struct

from basis.api.exchange import Answer
from basis.errors import Invalid

_BOUNDARY = re.compile(r"""boundary\s*=\s*(?:"([^"]+)"|([^;\s]+))""", re.IGNORECASE)
REASONS = {200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 400: "Bad Request",
           401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
           412: "Precondition Failed", 500: "Internal Server Error", 501: "Not Implemented"}  # fmt: skip


class Part(Struct, frozen=True):
    """One part: its own headers (lower-case) and what follows them."""

    headers: dict[str, str]
    content: bytes


class Line(Struct, frozen=True):
    """A request inside a part: method, address, headers and body."""

    method: str
    address: str
    headers: dict[str, str]
    body: bytes


def boundary_of(content_type: str) -> str:
    """The boundary; `Invalid` when the content type names none."""
    match = _BOUNDARY.search(content_type)
    if match is None or "multipart/mixed" not in content_type.lower():
        raise Invalid("A batch is of type multipart/mixed with a boundary.")
    return match[1] or match[2]


def parts_of(body: bytes, boundary: str) -> list[Part]:
    """The parts between the boundaries, with any line ends."""
    text = body.replace(b"\r\n", b"\n")
    mark = b"--" + boundary.encode()
    pieces = (b"\n" + text).split(b"\n" + mark)
    if len(pieces) < 2:
        raise Invalid("The boundary of the batch does not occur in it.")
    parts = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            break
        headers, content = _headers(piece.lstrip(b" \t").lstrip(b"\n"))
        parts.append(Part(headers, content))
    return parts


def _headers(piece: bytes) -> tuple[dict[str, str], bytes]:
    """Headers up to the blank line. A part without headers may begin with the request itself."""
    headers: dict[str, str] = {}
    rest = piece
    while rest:
        line, _, after = rest.partition(b"\n")
        text = line.decode("utf-8", "replace").strip()
        if not text:
            return headers, after
        name, colon, value = text.partition(":")
        if not colon or " " in name.strip():
            return headers, rest
        headers[name.strip().lower()] = value.strip()
        rest = after
    return headers, b""


def line_of(part: Part) -> Line:
    """The request in a part. The address may hold spaces, so the protocol is split off from the right."""
    content = part.content.lstrip(b"\n \t")
    first, _, rest = content.partition(b"\n")
    text = first.decode("utf-8", "replace").strip()
    method, _, address = text.partition(" ")
    if address.upper().endswith(("HTTP/1.1", "HTTP/1.0", "HTTP/2")):
        address = address.rpartition(" ")[0]
    if not method.isalpha() or not address.strip():
        raise Invalid("A part of the batch holds no request.")
    headers, body = _headers(rest)
    body = body.strip()
    return Line(method.upper(), address.strip(), headers, b"" if body == b"null" else body)


def written(answer: Answer, common: list[tuple[str, str]], content_id: str = "") -> bytes:
    """An answer as a part of a batch's answer."""
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id:
        lines.append(f"Content-ID: {content_id}")
    lines += ["", f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Status')}"]
    if answer.media:
        lines.append(f"Content-Type: {answer.media}")
    lines += [f"{name}: {value}" for name, value in (*answer.headers, *common)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body + b"\r\n"


def mixed(parts: list[bytes], boundary: str) -> bytes:
    """Parts put together; the boundary is the first line, as clients look for it there."""
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"
