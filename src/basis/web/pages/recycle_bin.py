"""The recycle bin: what was deleted of late, and the way back."""

from basis.records import bin, select
from basis.security.scope import Scope
from basis.web.answer import Shown, show
from basis.web.request import Request

SHOWN = 100


def bin_page(scope: Scope, request: Request) -> Shown:
    """`/bin`: one's own deletions, and everybody's for an administrator."""
    number = int(request.query["page"]) if request.query.get("page", "").isdigit() else 1
    page = min(max(number, 1), 100_000)
    found = bin.deleted(scope, SHOWN + 1, (page - 1) * SHOWN)
    ids = sorted({each.deleted_by for each in found if each.deleted_by})
    names = select.references(scope, "systemuser", ids) if ids and scope.user.may("systemuser", "read") else {}
    shown = [each for each in found[:SHOWN] if each.entity in scope.catalog.entities]
    return show(
        "bin.html",
        deleted=shown,
        names={id: reference.label for id, reference in names.items()},
        entities=scope.catalog.entities,
        page=page,
        more=len(found) > SHOWN,
    )
