"""What the browser gets beside pages: the built script, styles, fonts and icons, under names that never change."""

from functools import lru_cache
from pathlib import Path

import msgspec
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as AsgiScope

from basis.errors import Unavailable
from basis.html import Markup

BUILD = Path(__file__).parent / "static" / "build"
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """The files of one build by their logical names; read once."""

    def __init__(self, folder: Path = BUILD) -> None:
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise Unavailable("The front end has not been built: {path} is missing. Run `make install`.", path=manifest)
        names = msgspec.json.decode(manifest.read_bytes(), type=dict[str, str])
        self.script, self.styles = f"/static/{names['app.js']}", f"/static/{names['app.css']}"
        self.icons = f"/static/{names['icons.svg']}"
        self.files = _Hashed(directory=folder)
        self.icon = lru_cache(self._icon)

    def _icon(self, name: str) -> Markup:
        markup = '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>'
        return Markup(markup).format(self.icons, name)


class _Hashed(StaticFiles):
    """Files whose name changes with their content: a browser may keep them for ever."""

    async def get_response(self, path: str, scope: AsgiScope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOREVER if "-" in path else "no-cache"
        return response
