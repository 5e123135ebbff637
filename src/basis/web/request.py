"""What a page is asked: the parts of an HTTP request, read before the page runs and never changed."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from msgspec import Struct

from basis.i18n import Label

Fields = Mapping[str, str]
"""Names with their text; a name that comes several times has its texts joined with line breaks."""

SESSION = "basis_session"


class Request(Struct, frozen=True):
    """`names` are the variable parts of the path, `headers` have lower-case names."""

    method: str
    path: str
    query: Fields
    names: Fields
    headers: Fields
    cookies: Fields
    posted: Fields = {}
    client: str = ""
    secure: bool = False
    nonce: str = ""
    received: Mapping[str, Path] = {}
    """Files that were sent to be imported, where they lie now."""

    @property
    def secret(self) -> str:
        """The secret of the browser's session; empty when nobody has signed in."""
        return self.cookies.get(SESSION, "")

    @property
    def target(self) -> str:
        """The id of the element that HTMX will put the answer in; empty for a whole page."""
        if "hx-request" not in self.headers or "hx-history-restore-request" in self.headers:
            return ""
        return self.headers.get("hx-target", "").rpartition("#")[2]

    @property
    def by_htmx(self) -> bool:
        return "hx-request" in self.headers

    @property
    def address(self) -> str:
        """Path and query, as the address bar shows them."""
        filled = {name: value for name, value in self.query.items() if value}
        return f"{self.path}?{urlencode(filled)}" if filled else self.path


def several(fields: Fields, name: str) -> list[str]:
    """All texts that came under one name, empty ones left out."""
    return [part for part in fields.get(name, "").split("\n") if part]


def local_path(address: str, otherwise: str = "/") -> str:
    """The address when it is a path of this site; else `otherwise`. Never another site's."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or "\n" in address or "\r" in address:
        return otherwise
    return address


def two(posted: Fields, name: str) -> Label:
    """A label that was posted in two boxes, one for each language."""
    return {language: posted.get(f"{name}_{language}", "").strip() for language in ("nl", "en")}
