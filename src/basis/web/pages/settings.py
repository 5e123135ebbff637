"""What one can set up: the front page of the settings, and the versions of the definitions."""

from basis.catalog.changes import publish, undo
from basis.catalog.store import Change, versions
from basis.errors import Forbidden, Message
from basis.i18n import say
from basis.records import select
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.request import Request

OWN_WORDS = {
    message.text: message
    for message in (
        Message("Basis installed"),
        Message("New version of the standard"),
        Message("Clean-up of removed fields"),
    )
}


def require_right(scope: Scope, right: str) -> None:
    """Raises `Forbidden` for who may not `customize` or `administer`."""
    if not scope.user.has(right):
        raise Forbidden("Your roles do not allow you to set this up. Ask an administrator.")


def settings_page(scope: Scope, request: Request) -> Shown:
    """`/settings`: what this user may set up."""
    if not scope.user.has("customize"):
        require_right(scope, "administer")
    return show("settings.html", customize=scope.user.has("customize"), administer=scope.user.has("administer"))


def published(scope: Scope, changes: list[Change], summary: Message) -> None:
    """Make the changes real, in the name and the language of the user who asks."""
    require_right(scope, "customize")
    told = say(summary, scope.language)
    publish(scope.conn, changes, author=scope.user.id, now=scope.now, summary=told, known=scope.catalog)


def versions_page(scope: Scope, request: Request) -> Shown:
    """`/settings/versions`: every change of the definitions, the newest first."""
    require_right(scope, "customize")
    found = versions(scope.conn)
    ids = sorted({version.user_id for version in found if version.user_id})
    named = select.references(scope, "systemuser", ids) if ids and scope.user.may("systemuser", "read") else {}
    names = {id: user.label for id, user in named.items()}
    return show("versions.html", versions=found, names=names, summary=_summary)


def _summary(text: str) -> Message | str:
    """What a version did; what Basis itself wrote down as a sentence that has its Dutch."""
    undone = text.removeprefix("Undo of version ")
    return Message("Undo of version {version}", version=undone) if undone != text else OWN_WORDS.get(text, text)


def undo_version(scope: Scope, request: Request) -> Answer:
    """Set back what one version changed, as a new version."""
    require_right(scope, "customize")
    version = int(request.names["version"]) if request.names["version"].isdigit() else 0
    undo(scope.conn, version, author=scope.user.id, now=scope.now)
    return redirect("/settings/versions", flash(Message("Version {version} is undone.", version=version)))
