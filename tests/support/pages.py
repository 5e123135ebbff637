"""A browser without a browser: the whole application for one signed-in user, and what stands on its pages."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from html import unescape

import httpx

from basis.app import create_app
from basis.security import sessions
from basis.web.request import SESSION
from tests.support.crm import Crm

with warnings.catch_warnings():
    # It would rather have a package that has no release for every machine yet.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def visitor(crm: Crm, **headers: str) -> TestClient:
    """Somebody who has not signed in."""
    app = create_app(entrance=crm.entrance)
    return TestClient(app, headers={**SAME_ORIGIN, "Accept-Language": "en", **headers}, follow_redirects=False)


def signed_in(crm: Crm, user: str = "") -> TestClient:
    """A user (the administrator when left out) with a session, who follows redirects."""
    client = visitor(crm)
    with crm.entrance.nobody(write=True) as (conn, _):
        client.cookies.set(SESSION, sessions.start(conn, user or crm.admin, crm.entrance.clock()))
    client.follow_redirects = True
    return client


def posted(answer: httpx.Response, action: str = "", **changes: str) -> dict[str, str]:
    """What the record form on a page, or the form with that action, would post if only these fields were changed."""
    which = f'action="/{action}"' if action else 'id="record"'
    form = re.search(rf"<form [^>]*{which}.*?</form>", answer.text, re.S)
    assert form, "there is no such form on this page"
    return {**_fields(form[0]), **changes}


def _fields(form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        held = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        unchecked = held.get("type") in ("checkbox", "radio") and " checked" not in tag
        if "name" in held and held.get("type") not in ("file", "submit") and not unchecked:
            value = unescape(held.get("value", ""))
            found[held["name"]] = f"{found[held['name']]}\n{value}" if held["name"] in found else value
    for name, content in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        found[name] = "\n".join(map(unescape, re.findall(r'<option value="([^"]*)" selected', content)))
    for name, content in re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        found[name] = unescape(content)
    return found


def rows(answer: httpx.Response) -> list[str]:
    """The names in the list on a page, from top to bottom."""
    return [unescape(name) for name in re.findall(r'<td class="primary-cell"[^>]*><a [^>]*>(.*?)</a>', answer.text)]


def text_of(answer: httpx.Response) -> str:
    """What one reads on a page, without the markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def id_in(answer: httpx.Response) -> str:
    """The id of the record whose page this is."""
    return answer.url.path.rpartition("/")[2]


def selection(ids: Sequence[str], **more: str) -> Mapping[str, str | Sequence[str]]:
    """A post of a list's selected rows."""
    return {"id": list(ids), **more}
