"""What users set for themselves, whatever their roles say: language, time zone, name."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

import msgspec

from basis.errors import Invalid, Message
from basis.i18n import LCIDS
from basis.records.organization import everything
from basis.records.save import update_one
from basis.security.scope import Scope

OWN = ("uilanguageid", "timezonename", "firstname", "middlename", "lastname", "mobilephone", "entityimage")


def save_preferences(scope: Scope, values: Mapping[str, Any]) -> None:
    """Change fields of the user who asks; `language` is nl or en. `Invalid`, keyed by field, for what will not do."""
    errors: dict[str, Message] = {}
    if "language" in values and values["language"] not in LCIDS:
        errors["language"] = Message("Choose nl or en.")
    if "timezonename" in values and values["timezonename"] not in available_timezones():
        errors["timezonename"] = Message("Is no time zone; choose one of the list.")
    if errors:
        raise Invalid(errors)
    everywhere = msgspec.structs.replace(scope.user, roles=everything().roles)
    own = {name: value for name, value in values.items() if name in OWN}
    if "language" in values:
        own["uilanguageid"] = LCIDS[values["language"]]
    update_one(msgspec.structs.replace(scope, user=everywhere), "systemuser", scope.user.id, own)
