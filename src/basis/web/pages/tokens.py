"""API tokens: what programs sign in with, in the name of the user who made them."""

from basis.errors import Message
from basis.security import sessions
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.request import Request


def tokens_page(scope: Scope, request: Request) -> Shown:
    """`/settings/tokens`: one's own."""
    return _page(scope)


def _page(scope: Scope, secret: str = "", error: Message | None = None) -> Shown:
    tokens = sessions.tokens_of(scope.conn, scope.user.id)
    return show("tokens.html", status=422 if error else 200, tokens=tokens, secret=secret, error=error)


def create(scope: Scope, request: Request) -> Shown:
    """Make a token; the page that answers is the only one that ever shows it."""
    name = request.posted.get("name", "").strip()[:200]
    if not name:
        return _page(scope, error=Message("Say what the token is for."))
    return _page(scope, sessions.start(scope.conn, scope.user.id, scope.now, kind="token", name=name))


def revoke(scope: Scope, request: Request) -> Answer:
    """Take a token away; the program that has it is refused from now on."""
    sessions.revoke(scope.conn, scope.user.id, request.posted.get("token", ""))
    return redirect("/settings/tokens", flash(Message("The token does not work any more.")))
