"""What was typed when the session had ended: it goes along through signing in and is offered to be saved after."""

import msgspec
from msgspec import Struct

from basis.web import csrf
from basis.web.request import Request, local_path

FIELD = "kept"


class Kept(Struct, frozen=True):
    """A post that was not carried out: its address and its fields."""

    path: str
    posted: dict[str, str] = {}


def keep(request: Request) -> str:
    """The post as text for a hidden field; empty for what is no post and for what holds a password."""
    if request.method != "POST" or any("password" in name for name in (request.path, *request.posted)):
        return ""
    posted = {name: value for name, value in request.posted.items() if name != csrf.FIELD}
    return msgspec.json.encode(Kept(request.path, posted)).decode()


def kept_in(text: str) -> Kept | None:
    """The post that a hidden field brought along; None where there is none, or none that can be read."""
    try:
        found = msgspec.json.decode(text.encode(), type=Kept) if text else None
    except msgspec.MsgspecError:
        return None
    return found if found is not None and local_path(found.path, "") else None
