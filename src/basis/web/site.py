"""What all pages of one process share: the entrance to the organisation, and its templates."""

from basis.records.organization import is_founded
from basis.security.entrance import Entrance
from basis.web.assets import Assets
from basis.web.templates import Templates


class Site:
    """Made once, by `create_app`."""

    def __init__(self, entrance: Entrance, assets: Assets) -> None:
        self.entrance = entrance
        self.templates = Templates(assets)
        self.secure = entrance.config.secure
        self._founded = False

    def founded(self) -> bool:
        """Whether there is an organisation; once there is one, nobody asks the database any more."""
        self._founded = self._founded or is_founded(self.entrance.database)
        return self._founded
