"""Signing in and out, and what to do about a forgotten password."""

from typing import Any

import msgspec

from basis.catalog.catalog import Catalog
from basis.errors import Invalid, Message, Unauthenticated
from basis.i18n import Locale
from basis.records.organization import organization_of
from basis.security import passwords, sessions
from basis.security.users import read_user, user_by_email
from basis.web.answer import Answer, flash, redirect
from basis.web.kept import FIELD, keep, kept_in
from basis.web.request import SESSION, Request, local_path
from basis.web.session import language_before_sign_in, no_session_cookie, session_cookie
from basis.web.site import Site

PER_ADDRESS = 50
"""So many wrong passwords from one network address; an office shares one, so it is more than for one user."""


def _page(site: Site, request: Request, template: str, status: int = 200, **values: object) -> Answer:
    with site.entrance.nobody() as (conn, _):
        organization = organization_of(conn)
    locale = Locale(language_before_sign_in(request, organization.language))
    return site.templates.alone(locale, request, template, status=status, organization=organization, **values)


def form(site: Site, request: Request) -> Answer:
    """E-mail address and password."""
    then = local_path(request.query.get("next", ""))
    return _page(site, request, "sign_in.html", email="", then=then, kept="", error=None)


def ended(site: Site, request: Request) -> Answer:
    """What a post gets whose session has ended: the same page, which keeps what was posted."""
    text = Message("Your session has ended. Sign in again; what you typed is kept.")
    values = {"email": "", "then": "/", "kept": keep(request), "error": text}
    return _page(site, request, "sign_in.html", 401, **values)


def sign_in(site: Site, request: Request) -> Answer:
    """Start a session, or count the attempt and say what is wrong, never which of the two."""
    email, password = request.posted.get("email", "").strip(), request.posted.get("password", "")
    then, now = local_path(request.posted.get("next", "")), site.entrance.clock()
    subjects = {email.lower(): sessions.ATTEMPTS, f"from {request.client}": PER_ADDRESS}
    with site.entrance.nobody() as (conn, catalog):
        blocked = any(sessions.throttled(conn, subject, now, limit) for subject, limit in subjects.items())
        user_id = None if blocked else user_by_email(conn, catalog, email)
        good = not blocked and passwords.verify(conn, user_id, password) and _enabled(conn, catalog, user_id)
    if not good or user_id is None:
        return _refused(site, request, email, then, None if blocked else list(subjects))
    with site.entrance.nobody(write=True) as (conn, _):
        secret = sessions.start(conn, user_id, now)
    cookies = (session_cookie(secret),)
    kept = kept_in(request.posted.get(FIELD, ""))
    if kept is None:
        return redirect(then, cookies=cookies)
    again = msgspec.structs.replace(request, cookies={**request.cookies, SESSION: secret})
    page = _page(site, again, "resume.html", kept=kept, then=then)
    return msgspec.structs.replace(page, cookies=(*page.cookies, *cookies))


def _enabled(conn: Any, catalog: Catalog, user_id: str | None) -> bool:
    try:
        return user_id is not None and bool(read_user(conn, catalog, user_id))
    except Unauthenticated:
        return False


def _refused(site: Site, request: Request, email: str, then: str, subjects: list[str] | None) -> Answer:
    kept = request.posted.get(FIELD, "")
    if subjects is None:
        text = Message("Too many wrong passwords. Wait a quarter of an hour and try again.")
        return _page(site, request, "sign_in.html", 429, email=email, then=then, kept=kept, error=text)
    with site.entrance.nobody(write=True) as (conn, _):
        for subject in subjects:
            sessions.note_attempt(conn, subject, site.entrance.clock())
    text = Message("This e-mail address and password do not belong together.")
    return _page(site, request, "sign_in.html", 422, email=email, then=then, kept=kept, error=text)


def sign_out(site: Site, request: Request) -> Answer:
    """End the session everywhere it was copied to."""
    if request.secret:
        with site.entrance.nobody(write=True) as (conn, _):
            sessions.end(conn, request.secret)
    return redirect("/sign-in", cookies=(no_session_cookie(),))


def forgotten(site: Site, request: Request) -> Answer:
    """How one gets a new password."""
    return _page(site, request, "forgotten.html")


def reset_form(site: Site, request: Request) -> Answer:
    """The page behind a reset link."""
    with site.entrance.nobody() as (conn, _):
        known = sessions.holder(conn, request.names["secret"], site.entrance.clock(), "reset") is not None
    return _page(site, request, "reset.html", 200 if known else 404, known=known, error=None)


def reset(site: Site, request: Request) -> Answer:
    """Set the new password, use the link up and sign out everywhere."""
    secret, password = request.names["secret"], request.posted.get("password", "")
    try:
        with site.entrance.nobody(write=True) as (conn, _):
            user_id = sessions.holder(conn, secret, site.entrance.clock(), "reset")
            if user_id is not None:
                passwords.set_password(conn, user_id, password)
                sessions.end(conn, secret)
                sessions.end_all(conn, user_id)
    except Invalid as error:
        return _page(site, request, "reset.html", 422, known=True, error=error.errors["password"])
    if user_id is None:
        return _page(site, request, "reset.html", 404, known=False, error=None)
    return redirect("/sign-in", flash(Message("Your new password is set. Sign in with it.")))
