"""Who asks: a bearer token, Basic with a token as password, `?apikey=`, or the session of the browser."""

import base64
import binascii
from urllib.parse import unquote, urlsplit
from uuid import UUID

from msgspec.structs import replace

from basis.api.exchange import Asked
from basis.errors import Forbidden, Unauthenticated
from basis.security.roles import ADMINISTER
from basis.security.scope import Scope
from basis.security.users import read_user

COOKIE = "basis_session"
"""The browser's session, set by the pages."""


def credentials(asked: Asked) -> tuple[str, str]:
    """The secret and its kind (`token` or `browser`). `Unauthenticated` when the request carries none.

    A browser sends its cookie along whoever made it ask, so a change on the strength of a cookie must come
    from our own pages.
    """
    scheme, _, given = asked.headers.get("authorization", "").partition(" ")
    given = given.strip()
    if scheme.lower() == "bearer" and given:
        return given, "token"
    if scheme.lower() == "basic":
        return _basic(given), "token"
    if "apikey=" in asked.query and asked.options.get("apikey"):
        return asked.options["apikey"], "token"
    secret = _cookie(asked.headers.get("cookie", ""))
    if not secret:
        raise Unauthenticated("Sign in first.")
    if asked.writes and not _same_origin(asked):
        raise Forbidden("Another website asked for this change, so it was refused.")
    return secret, "browser"


def on_behalf(scope: Scope, asked: Asked) -> Scope:
    """The scope of the user that `MSCRMCallerID` or `CallerObjectId` names, for who may administer users.

    Its rights are that user's; the audit says through whom. `Forbidden` for others, `Unauthenticated` for an
    id that is nobody's.
    """
    caller = asked.header("mscrmcallerid") or asked.header("callerobjectid")
    if not caller:
        return scope
    if not scope.user.has(ADMINISTER):
        raise Forbidden("Only who may administer users can ask something on behalf of another user.")
    try:
        user = read_user(scope.conn, scope.catalog, str(UUID(caller)))
    except ValueError:
        raise Unauthenticated("{id} is no id of a user.", id=caller) from None
    return replace(scope, user=user, locale=user.locale, reason=f"{scope.user.name} → {user.name}")


def _basic(given: str) -> str:
    try:
        _, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        password = ""
    if not password:
        raise Unauthenticated("Give a token as the password.")
    return password


def _cookie(header: str) -> str:
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return unquote(value.strip('"'))
    return ""


def _same_origin(asked: Asked) -> bool:
    site = asked.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = asked.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == urlsplit(asked.root).netloc
