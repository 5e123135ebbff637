"""Against forged posts: a post must come from a page of this site, as the browser itself says.

Every browser that Basis supports sends `Sec-Fetch-Site`, which no page can set or leave out. Where a proxy takes
it away, `Origin` is compared with the host; where both are missing (a script with a session cookie), the token of
the session must come along as the field `csrf_token` or the header `X-CSRF-Token`.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from basis.errors import Forbidden
from basis.web.request import Request

FIELD = "csrf_token"
SAFE = ("GET", "HEAD", "OPTIONS")


def token(secret: str) -> str:
    """The token of a session; it cannot be turned back into the session's secret."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def refuse_forged(request: Request) -> None:
    """Raises `Forbidden` for a post that another site caused."""
    if request.method in SAFE or _own(request):
        return
    raise Forbidden("This request did not come from a page of Basis. Go back, reload the page and try again.")


def _own(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host", "")
    given = request.posted.get(FIELD) or request.headers.get("x-csrf-token", "")
    return bool(given) and hmac.compare_digest(given, token(request.secret))
