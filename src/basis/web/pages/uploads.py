"""Uploaded files, for whoever may read a record that holds them."""

from basis.records.files import require_readable
from basis.web.answer import Answer
from basis.web.files import serve
from basis.web.request import Request
from basis.web.site import Site


def file(site: Site, request: Request) -> Answer:
    """`/files/{id}/{name}`."""
    with site.entrance.signed_in(request.secret) as scope:
        require_readable(scope, request.names["id"])
        return serve(site.entrance.config.files, request.names["id"], request.names["name"])
