"""What users set for themselves, whatever their roles say: language, time zone, name."""

from collections.abc import Mapping
from typing import Any, TypeVar
from zoneinfo import available_timezones

import msgspec
from sqlalchemy import Column, String, Table, Text, delete, insert, select

from basis.db import system
from basis.errors import Invalid, Message
from basis.fields.storage import Id
from basis.i18n import LCIDS
from basis.records.organization import everything
from basis.records.save import update_one
from basis.security.scope import Scope

preference = Table(
    "preference",
    system,
    Column("user_id", Id, primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What a user set beside the fields of the user: name and value, as JSON."""

Kind = TypeVar("Kind")

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


def preferred(scope: Scope, name: str, otherwise: Kind) -> Kind:
    """What the user prefers under that name, of the kind of `otherwise`, which is the answer where nothing is kept."""
    query = select(preference.c.value).where(preference.c.user_id == scope.user.id, preference.c.name == name)
    held = scope.conn.execute(query).scalar()
    try:
        return msgspec.json.decode(held, type=type(otherwise)) if held else otherwise
    except msgspec.MsgspecError:
        return otherwise


def prefer(scope: Scope, name: str, value: Any) -> None:
    """Keep what the user prefers."""
    mine = (preference.c.user_id == scope.user.id, preference.c.name == name)
    scope.conn.execute(delete(preference).where(*mine))
    row = {"user_id": scope.user.id, "name": name, "value": msgspec.json.encode(value).decode()}
    scope.conn.execute(insert(preference), row)
