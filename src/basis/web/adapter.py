"""From HTTP to pages and back: reads what was posted, opens the transaction, calls the page, turns errors into pages.

A page is a plain function and runs in the thread pool. A GET reads, a POST writes; an answer of 400 or more and
every exception roll the transaction back.
"""

import io
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from basis.errors import BasisError, Message, NotFound, Unauthenticated
from basis.i18n import Locale
from basis.security.scope import Scope
from basis.web import csrf, files, posted, session
from basis.web.answer import Answer, Shown, redirect
from basis.web.pages.sign_in import ended
from basis.web.request import Request, local_path
from basis.web.site import Site

log = logging.getLogger("basis.web")

Page = Callable[[Scope, Request], Answer | Shown]
OpenPage = Callable[[Site, Request], Answer]


class _Refused(Exception):
    """Carries an answer of 400 or more out of the transaction, so that it is rolled back."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class Adapter:
    """Makes routes of the pages of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def route(self, path: str, page: Page, method: str = "GET") -> Route:
        """A page for who has signed in."""
        return self._route(path, method, lambda request: self._signed_in(page, request))

    def open_route(self, path: str, page: OpenPage, method: str = "GET") -> Route:
        """A page for anybody; it opens transactions itself, through the entrance."""
        return self._route(path, method, lambda request: page(self.site, request))

    def _route(self, path: str, method: str, work: Callable[[Request], Answer]) -> Route:
        async def endpoint(http: HttpRequest) -> Response:
            try:
                request, uploads = await posted.read(http, self.site.secure)
            except BasisError as error:
                return _response(self.error_page(posted.bare(http, self.site.secure), error), False)
            return await run_in_threadpool(self._answer, work, request, uploads)

        return Route(path, endpoint, methods=[method])

    def _answer(self, work: Callable[[Request], Answer], request: Request, uploads: dict[str, UploadFile]) -> Response:
        try:
            answer = self._worked(work, request, uploads)
        except _Refused as refused:
            answer = refused.answer
        except Unauthenticated as error:
            answer = self._to_sign_in(request, error)
        except BasisError as error:
            answer = self.error_page(request, error)
        except Exception:
            answer = self.failed(request)
        return _response(answer, request.secure)

    def _worked(self, work: Callable[[Request], Answer], request: Request, uploads: dict[str, UploadFile]) -> Answer:
        if not self.site.founded() and request.path != "/welcome":
            return redirect("/welcome")
        csrf.refuse_forged(request)
        pasted = request.posted.get("pasted", "").strip("\r\n") if request.path.startswith(posted.IMPORTS) else ""
        if uploads or pasted:
            with self.site.entrance.signed_in(request.secret):
                pass  # Nobody stores a file without having signed in.
            config = self.site.entrance.config
            if request.path.startswith(posted.IMPORTS):
                received = {name: files.receive(config.imports, file.filename or "", file.file)
                            for name, file in uploads.items()}  # fmt: skip
                if pasted:
                    text = io.BytesIO(pasted.encode())
                    received["pasted"] = files.receive(config.imports, "pasted.csv", text)
                return work(posted.with_received(request, received))
            folder = config.files
            stored = {name: files.store(folder, file.filename or "", file.file) for name, file in uploads.items()}
            request = posted.with_files(request, stored)
        return work(request)

    def _signed_in(self, page: Page, request: Request) -> Answer:
        write = request.method == "POST"
        with self.site.entrance.signed_in(request.secret, write=write) as scope:
            try:
                made = page(scope, request)
            except Unauthenticated:
                raise
            except BasisError as error:
                made = _explained(request, error)
            answer = made if isinstance(made, Answer) else self.site.templates.answer(scope, request, made)
            if answer.status >= 400 and write:
                raise _Refused(answer)
        return session.prolonged(self.site.entrance, request, answer)

    # -- when something is wrong
    def _to_sign_in(self, request: Request, error: BasisError) -> Answer:
        if request.method == "POST" and request.by_htmx:
            locale = Locale(session.language_before_sign_in(request))
            return self.site.templates.alone(locale, request, "_ended.html", status=401)
        if request.by_htmx or request.path == "/lookup":
            return Answer(status=401, headers={"HX-Redirect": "/sign-in"})
        if request.method == "POST":
            return ended(self.site, request)
        return session.sign_in_first(local_path(request.address, ""))

    def error_page(self, request: Request, error: BasisError, status: int = 0) -> Answer:
        """The error on a page of its own, in the language that the browser asks for."""
        locale = Locale(session.language_before_sign_in(request))
        status = status or error.status
        return self.site.templates.alone(locale, request, "lone_error.html", status=status, message=error.message)

    def missing(self, http: HttpRequest, status: int) -> Response:
        """An address that does not exist, or not for this method."""
        request = posted.bare(http, self.site.secure)
        if status == 405:
            return _response(self.error_page(request, BasisError("This page cannot be asked that way."), 405), False)
        return _response(self.error_page(request, NotFound("There is no page at this address.")), False)

    def failed(self, request: Request) -> Answer:
        """An error of ours: it goes into the log under a number, and the user gets the number."""
        number = secrets.token_hex(4)
        log.exception("Error %s at %s %s", number, request.method, request.path)
        message = Message("Something went wrong on our side. Nothing was saved. Error number: {number}.", number=number)
        locale = Locale(session.language_before_sign_in(request))
        return self.site.templates.alone(locale, request, "lone_error.html", status=500, message=message)


def _explained(request: Request, error: BasisError) -> Shown:
    """The error as a page; for HTMX as a message above what is on the page already."""
    values = {"message": error.message, "status": error.status}
    if request.target:
        headers = {"HX-Retarget": "#flash", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
        return Shown("_error.html", values, error.status, part=True, headers=headers)
    return Shown("error.html", values, error.status)


def _response(answer: Answer, secure: bool) -> Response:
    response: Response
    if isinstance(answer.body, Path):
        gone = BackgroundTask(answer.body.unlink, missing_ok=True)
        response = FileResponse(answer.body, answer.status, dict(answer.headers), answer.media_type, background=gone)
    else:
        response = Response(answer.body, answer.status, dict(answer.headers), answer.media_type)
    for cookie in answer.cookies:
        response.set_cookie(
            cookie.name, cookie.value, cookie.max_age, httponly=True, samesite="lax", secure=secure, path="/"
        )
    return response
