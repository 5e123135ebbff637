"""The first visit: the organisation is founded, its administrator signed in and, if wanted, sample data put in."""

import importlib
import importlib.util

import msgspec

from basis.errors import Invalid, Message
from basis.i18n import LANGUAGES, Locale
from basis.records.organization import Founding, found
from basis.security import sessions
from basis.security.scope import Scope
from basis.security.users import read_user
from basis.web.answer import Answer, Cookie, flash, redirect
from basis.web.request import Request
from basis.web.session import LANGUAGE, YEAR, language_before_sign_in, session_cookie
from basis.web.site import Site

SAMPLE = "basis.transfer.sample"
EMPTY = Founding("", "nl", "", "", "")


def form(site: Site, request: Request) -> Answer:
    """The questions; for an organisation that is there already the way to the start page."""
    if site.founded():
        return redirect("/")
    language = request.query.get("language", "")
    chosen = language if language in LANGUAGES else language_before_sign_in(request)
    return _page(site, request, msgspec.structs.replace(EMPTY, language=chosen), True, {})


def _page(
    site: Site, request: Request, founding: Founding, sample: bool, errors: dict[str, Message], status: int = 200
) -> Answer:
    values = {"founding": founding, "sample": sample and has_sample(), "errors": errors, "has_sample": has_sample()}
    language = founding.language if founding.language in LANGUAGES else "nl"
    return site.templates.alone(Locale(language), request, "welcome.html", status=status, **values)


def has_sample() -> bool:
    """Whether sample data are shipped."""
    return importlib.util.find_spec(SAMPLE) is not None


def found_it(site: Site, request: Request) -> Answer:
    """Found the organisation and sign its administrator in."""
    if site.founded():
        return redirect("/")
    held = {name: request.posted.get(name, "") for name in Founding.__struct_fields__}
    founding, sample = Founding(**held), request.posted.get("sample") == "1"
    now = site.entrance.clock()
    try:
        site.entrance.database.create_schema()
        with site.entrance.database.write() as conn:
            catalog, admin = found(conn, founding, now)
            if sample and has_sample():
                user = read_user(conn, catalog, admin.id)
                importlib.import_module(SAMPLE).fill(Scope(conn, catalog, user, user.locale, now))
            secret = sessions.start(conn, admin.id, now)
    except Invalid as error:
        return _page(site, request, founding, sample, error.errors, error.status)
    cookies = (session_cookie(secret), Cookie(LANGUAGE, founding.language, YEAR))
    return redirect("/", flash(Message("Welcome! {name} is ready.", name=founding.name.strip())), cookies)
