"""A view that was shaped and not saved, as text in an address: who gets the address sees the same list."""

import base64
import binascii
import zlib

import msgspec

from basis.catalog.view import View
from basis.errors import Invalid

LONGEST = 100_000


def packed(view: View) -> str:
    """The view as text that may stand in an address."""
    bare = msgspec.structs.replace(view, name="", label={}, entity="", default=False, kind="public")
    return base64.urlsafe_b64encode(zlib.compress(msgspec.json.encode(bare), 9)).decode().rstrip("=")


def unpacked(text: str, base: View) -> View:
    """The view that the text holds, under the name of the view it was shaped from. `Invalid` for anything else."""
    try:
        content = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), LONGEST)
        view = msgspec.json.decode(content, type=View)
    except (binascii.Error, ValueError, zlib.error, msgspec.MsgspecError) as error:
        raise Invalid("This address holds a view that cannot be read; open the view anew.") from error
    kept = {"name": base.name, "label": base.label, "entity": base.entity, "default": base.default, "kind": base.kind}
    return msgspec.structs.replace(view, **kept)
