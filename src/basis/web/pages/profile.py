"""What users set for themselves: language, time zone, password."""

import msgspec

from basis.errors import Invalid, Message
from basis.fields.timezone import time_zones
from basis.records import select
from basis.records.preferences import save_preferences
from basis.security import passwords, sessions
from basis.security.scope import Scope
from basis.web.answer import Answer, Cookie, Shown, flash, redirect, show
from basis.web.request import Request, local_path
from basis.web.session import LANGUAGE, YEAR, session_cookie

NAMES = ("firstname", "middlename", "lastname")


def profile(scope: Scope, request: Request) -> Shown:
    """`/profile`."""
    return _page(scope, {}, {})


def _page(scope: Scope, values: dict[str, str], errors: dict[str, Message]) -> Shown:
    held = select.get(scope, "systemuser", scope.user.id, [*NAMES, "internalemailaddress"]).values
    shown = {name: held[name] or "" for name in NAMES} | values
    status = 422 if errors else 200
    email = held["internalemailaddress"]
    return show("profile.html", status=status, values=shown, email=email, zones=time_zones(), errors=errors)


def save_profile(scope: Scope, request: Request) -> Answer | Shown:
    """Post of name, language and time zone."""
    names = (*NAMES, "language", "timezonename")
    values = {name: request.posted.get(name, "").strip() for name in names if name in request.posted}
    try:
        save_preferences(scope, values)
    except Invalid as invalid:
        return _page(scope, values, invalid.errors)
    cookies = (Cookie(LANGUAGE, values.get("language", scope.language), YEAR),)
    return redirect("/profile", flash(Message("Your profile is saved.")), cookies)


def set_language(scope: Scope, request: Request) -> Answer:
    """The switch in the user menu; back to the page one was on."""
    language = request.posted.get("language", "")
    save_preferences(scope, {"language": language})
    origin, here = request.headers.get("host", ""), request.headers.get("referer", "")
    back = here.partition(origin)[2] if origin and origin in here else "/"
    return redirect(local_path(back), cookies=(Cookie(LANGUAGE, language, YEAR),))


def change_password(scope: Scope, request: Request) -> Answer | Shown:
    """Post of the old and the new password; signs out everywhere else."""
    old, new = request.posted.get("old", ""), request.posted.get("password", "")
    if sessions.throttled(scope.conn, scope.user.email.lower(), scope.now):
        return _page(scope, {}, {"old": Message("Too many wrong passwords. Wait a quarter of an hour and try again.")})
    if not passwords.verify(scope.conn, scope.user.id, old):
        sessions.note_attempt(scope.conn, scope.user.email.lower(), scope.now)
        wrong = _page(scope, {}, {"old": Message("This is not your password.")})
        return msgspec.structs.replace(wrong, status=200)  # An error would roll the counting back.
    try:
        passwords.set_password(scope.conn, scope.user.id, new)
    except Invalid as invalid:
        return _page(scope, {}, invalid.errors)
    sessions.end_all(scope.conn, scope.user.id)
    secret = sessions.start(scope.conn, scope.user.id, scope.now)
    text = Message("Your password is changed. You are signed out everywhere else.")
    return redirect("/profile", flash(text), (session_cookie(secret),))
