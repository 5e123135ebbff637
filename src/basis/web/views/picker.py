"""The views that one can choose from: pinned ones first, then one's own, those that others shared, and all others."""

from urllib.parse import urlencode

from msgspec import Struct

from basis.errors import Message
from basis.i18n import label
from basis.records.views import personal_views, preference
from basis.security.scope import Scope
from basis.web.listing import Listing

PINNED, MINE, SHARED, GENERAL = (
    Message("Pinned"), Message("My views"), Message("Shared with me"), Message("Views of everyone")
)  # fmt: skip


class Choice(Struct, frozen=True):
    """A line of the picker."""

    name: str
    label: str
    path: str
    current: bool
    pinned: bool = False


def view_choices(scope: Scope, listed: Listing) -> list[tuple[Message, list[Choice]]]:
    """The views under their headings, empty headings left out."""
    entity = listed.entity.name
    liked, personal = preference(scope, entity), personal_views(scope, entity)
    named = [(each.id, each.name, MINE if each.mine else SHARED) for each in personal]
    views = scope.catalog.public_views(entity)
    named += [(view.name, label(view.label, scope.language), GENERAL) for view in views]
    found: dict[str, list[Choice]] = {each.text: [] for each in (PINNED, MINE, SHARED, GENERAL)}
    for name, text, heading in named:
        pinned = name in liked.pinned
        choice = Choice(name, text, f"/{entity}?{urlencode({'view': name})}", name == listed.view.name, pinned)
        found[(PINNED if pinned else heading).text].append(choice)
    return [(heading, found[heading.text]) for heading in (PINNED, MINE, SHARED, GENERAL) if found[heading.text]]
