"""Settings of users: who they are, which roles they have, and how they get in."""

from typing import Any

from msgspec import Struct

from basis.catalog.query import Column, Condition, Filter, Link, Order, Query
from basis.errors import Invalid, Message, Refused
from basis.fields.reference import Reference
from basis.records import associate, save, select
from basis.records.organization import add_user
from basis.security import sessions
from basis.security.scope import Scope
from basis.web.answer import Answer, Shown, flash, redirect, show
from basis.web.pages.settings import require_right
from basis.web.request import Fields, Request, several

ROLES = "systemuserroles_association"


class Account(Struct):
    """A user with the names of the roles."""

    id: str
    name: str
    email: str
    disabled: bool
    roles: list[str]


def users_page(scope: Scope, request: Request) -> Shown:
    """`/settings/users`."""
    require_right(scope, "administer")
    return show("users.html", users=_users(scope))


def _users(scope: Scope) -> list[Account]:
    role = Link("role", "roleid", "roleid", "role", "outer", columns=(Column("name"),))
    tie = Link(ROLES, "systemuserid", "systemuserid", "tie", "outer", links=(role,))
    columns = tuple(Column(name) for name in ("fullname", "internalemailaddress", "isdisabled"))
    query = Query("systemuser", columns, links=(tie,), order=(Order("fullname"),))
    found: dict[str, Account] = {}
    for record in select.page(scope, query, limit=select.LARGEST_PAGE).records:
        values = record.values
        account = found.setdefault(
            record.id,
            Account(record.id, values["fullname"] or "", values["internalemailaddress"] or "",
                    bool(values["isdisabled"]), []),
        )  # fmt: skip
        if values.get("role.name"):
            account.roles.append(values["role.name"])
    return list(found.values())


def _roles(scope: Scope) -> list[tuple[str, str, str]]:
    query = Query("role", (Column("name"), Column("description")), order=(Order("name"),))
    records = select.page(scope, query, limit=500).records
    return [(record.id, record["name"] or "", record["description"] or "") for record in records]


def new_page(scope: Scope, request: Request) -> Shown:
    """`/settings/users/new`."""
    require_right(scope, "administer")
    return _new(scope, {}, {})


def _new(scope: Scope, values: Fields, errors: dict[str, Message]) -> Shown:
    chosen = several(values, "role")
    status = 422 if errors else 200
    return show("new_user.html", status=status, values=values, errors=errors, roles=_roles(scope), chosen=chosen)


def create(scope: Scope, request: Request) -> Answer | Shown:
    """Add a user, who can sign in at once."""
    require_right(scope, "administer")
    posted = request.posted
    name, email, roles = posted.get("name", "").strip(), posted.get("email", "").strip(), several(posted, "role")
    errors = {key: Message("Fill this in.") for key, text in (("name", name), ("email", email)) if not text}
    if not roles:
        errors["role"] = Message("Choose at least one role; without one a user sees nothing.")
    if errors:
        return _new(scope, posted, errors)
    unit = Reference("businessunit", scope.user.unit_id)
    try:
        user = add_user(scope, name, email, posted.get("password", ""), unit, roles)
    except Invalid as invalid:
        return _new(scope, posted, _renamed(invalid.errors))
    return redirect(f"/settings/users/{user.id}", flash(Message("{name} can sign in now.", name=name)))


def _renamed(errors: dict[str, Message]) -> dict[str, Message]:
    """The door's field names as the inputs of this form."""
    names = {"internalemailaddress": "email", "lastname": "name", "firstname": "name"}
    return {names.get(name, name): message for name, message in errors.items()}


def user_page(scope: Scope, request: Request) -> Shown:
    """`/settings/users/{id}`: roles, a reset link, disabling."""
    require_right(scope, "administer")
    return _user(scope, request.names["id"])


def _user(scope: Scope, id: str, link: str = "", error: Message | None = None) -> Shown:
    user = select.get(scope, "systemuser", id, ["fullname", "internalemailaddress", "isdisabled"])
    return show(
        "user.html",
        status=422 if error else 200,
        user=user,
        roles=_roles(scope),
        held=_held(scope, id),
        link=link,
        error=error,
        own=id == scope.user.id,
    )


def _held(scope: Scope, id: str) -> set[str]:
    me = Link("systemuser", "systemuserid", "systemuserid", "me", filter=_is("systemuserid", id))
    tie = Link(ROLES, "roleid", "roleid", "tie", links=(me,))
    found = select.page(scope, Query("role", (Column("name"),), links=(tie,)), limit=500)
    return {record.id for record in found.records}


def _is(name: str, value: Any) -> Filter:
    return Filter(conditions=(Condition(name, "eq", value),))


def change_roles(scope: Scope, request: Request) -> Answer | Shown:
    """Give exactly the chosen roles."""
    require_right(scope, "administer")
    id, wanted = request.names["id"], set(several(request.posted, "role"))
    if not wanted:
        return _user(scope, id, error=Message("Choose at least one role; without one a user sees nothing."))
    held = _held(scope, id)
    if held - wanted:
        associate.disassociate(scope, "systemuser", id, ROLES, sorted(held - wanted))
    if wanted - held:
        associate.associate(scope, "systemuser", id, ROLES, sorted(wanted - held))
    if not any(user_administers(scope, each) for each in _administrators(scope)):
        raise Refused("Somebody must be able to manage users; give another user that role first.")
    return redirect(f"/settings/users/{id}", flash(Message("The roles are changed.")))


def _administrators(scope: Scope) -> list[str]:
    return [user.id for user in _users(scope) if not user.disabled]


def user_administers(scope: Scope, id: str) -> bool:
    """Whether that user may manage users, as the roles are in this transaction."""
    from basis.security.users import read_user

    return read_user(scope.conn, scope.catalog, id).has("administer")


def set_disabled(scope: Scope, request: Request) -> Answer:
    """Disable a user (who is signed out at once), or let one in again."""
    require_right(scope, "administer")
    id, disabled = request.names["id"], request.posted.get("disabled") == "1"
    if id == scope.user.id:
        raise Refused("You cannot disable yourself; ask another administrator.")
    save.update_one(scope, "systemuser", id, {"isdisabled": disabled})
    if disabled:
        sessions.end_all(scope.conn, id)
    text = Message("This user cannot sign in any more.") if disabled else Message("This user can sign in again.")
    return redirect(f"/settings/users/{id}", flash(text))


def reset_link(scope: Scope, request: Request) -> Shown:
    """Make a link with which the user chooses a new password; shown only now."""
    require_right(scope, "administer")
    id = select.get(scope, "systemuser", request.names["id"], ["fullname"]).id
    secret = sessions.start(scope.conn, id, scope.now, kind="reset")
    scheme = "https" if request.secure else "http"
    return _user(scope, id, f"{scheme}://{request.headers.get('host', '')}/password/reset/{secret}")
