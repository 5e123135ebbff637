"""Uploaded files, for who has signed in."""

from basis.web.answer import Answer
from basis.web.files import serve
from basis.web.request import Request
from basis.web.site import Site


def file(site: Site, request: Request) -> Answer:
    """`/files/{id}/{name}`."""
    with site.entrance.signed_in(request.secret):
        return serve(site.entrance.config.files, request.names["id"], request.names["name"])
