"""The browser's session: its cookie, its life, and the language of those who have not signed in."""

import threading
from datetime import datetime
from urllib.parse import urlencode

from basis.i18n import LANGUAGES
from basis.security import sessions
from basis.security.entrance import Entrance
from basis.web.answer import Answer, Cookie, redirect
from basis.web.request import SESSION, Request

LANGUAGE = "language"
YEAR = 365 * 24 * 3600


def session_cookie(secret: str) -> Cookie:
    return Cookie(SESSION, secret, int(sessions.SESSION_LIFE.total_seconds()))


def no_session_cookie() -> Cookie:
    return Cookie(SESSION, "", 0)


def sign_in_first(then: str) -> Answer:
    """To the sign-in page, and back to `then` afterwards."""
    query = f"?{urlencode({'next': then})}" if then not in ("", "/") else ""
    return redirect(f"/sign-in{query}", cookies=(no_session_cookie(),))


def language_before_sign_in(request: Request, otherwise: str = "") -> str:
    """The language chosen on this browser, else the one that the browser prefers, else `otherwise`."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in LANGUAGES:
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        wanted = part.partition(";")[0].strip().partition("-")[0].lower()
        if wanted in LANGUAGES:
            return wanted
    return otherwise or "nl"


_touched: dict[str, datetime] = {}
_lock = threading.Lock()


def prolonged(entrance: Entrance, request: Request, answer: Answer) -> Answer:
    """The answer, with the session and its cookie prolonged when that was long enough ago.

    Writing at every request would make each read a write, so a process does it once in ten minutes per session.
    """
    now, key = entrance.clock(), sessions.hashed(request.secret)
    with _lock:
        last = _touched.get(key)
        if last is not None and now - last < sessions.SESSION_TOUCH:
            return answer
        if len(_touched) > 10_000:
            _touched.clear()
        _touched[key] = now
    with entrance.nobody(write=True) as (conn, _):
        sessions.prolong(conn, request.secret, now)
    cookies = (session_cookie(request.secret), *answer.cookies)
    return Answer(answer.body, answer.status, answer.media_type, answer.headers, cookies)
