"""The user who acts, with everything that decides their rights; read once per change of anybody's rights."""

from functools import cached_property

from msgspec import Struct
from sqlalchemy import Column, Connection, Integer, String, Table, false, or_, select, update

from basis.catalog.app import Depth
from basis.catalog.catalog import Catalog
from basis.db import system
from basis.errors import Refused, Unauthenticated
from basis.fields.storage import KEY, fold
from basis.i18n import Locale, language_of
from basis.security.roles import ADMINISTER, Privileges, furthest, read_privileges, role_privilege

counter = Table(
    "counter",
    system,
    Column("name", String(200), primary_key=True),
    Column("value", Integer, nullable=False),
)
"""Numbers that only go up: the version of all rights (`security`), and autonumbers (`entity.field`)."""

SECURITY = "security"
SECURITY_ENTITIES = {
    "systemuser", "team", "businessunit", "role",
    "systemuserroles_association", "teamroles_association", "teammembership_association",
}  # fmt: skip
"""A save in one of these makes every process read its users anew."""


class User(Struct, frozen=True, dict=True):
    """Who acts: id, name, business unit with those below it, teams, and the privileges of all roles together."""

    id: str
    name: str
    unit_id: str
    units_below: tuple[str, ...] = ()
    """The own business unit and all below it."""
    team_ids: tuple[str, ...] = ()
    roles: tuple[Privileges, ...] = ()
    locale: Locale = Locale()
    email: str = ""

    @cached_property
    def _depths(self) -> dict[tuple[str, str], Depth]:
        return {}

    def depth(self, entity: str, privilege: str) -> Depth:
        """How far the user's privilege on an entity reaches."""
        key = (entity, privilege)
        if key not in self._depths:
            self._depths[key] = furthest([role.depth(entity, privilege) for role in self.roles])
        return self._depths[key]

    def may(self, entity: str, privilege: str) -> bool:
        return self.depth(entity, privilege) != "none"

    def has(self, right: str) -> bool:
        """Whether the user may `customize` or `administer`."""
        return any(role.has(right) for role in self.roles)


def security_version(conn: Connection) -> int:
    """The version of all rights; higher after every change of roles, users, sessions or tokens."""
    return conn.execute(select(counter.c.value).where(counter.c.name == SECURITY)).scalar() or 0


def rights_changed(conn: Connection) -> None:
    """Say that somebody's rights, sessions or tokens changed, so that every process reads them anew."""
    conn.execute(update(counter).where(counter.c.name == SECURITY).values(value=counter.c.value + 1))


class Users:
    """The users that this process has read, thrown away as soon as anybody's rights change."""

    def __init__(self) -> None:
        self._version = -1
        self._catalog_version = -1
        self._held: dict[str, User] = {}

    def get(self, conn: Connection, catalog: Catalog, user_id: str, version: int | None = None) -> User:
        """The user with that id. `Unauthenticated` for one that is unknown or disabled."""
        version = security_version(conn) if version is None else version
        if (version, catalog.version) != (self._version, self._catalog_version):
            self._version, self._catalog_version, self._held = version, catalog.version, {}
        user = self._held.get(user_id)
        if user is None:
            user = self._held[user_id] = read_user(conn, catalog, user_id)
        return user


def read_user(conn: Connection, catalog: Catalog, user_id: str) -> User:
    """The user with roles (own and of teams), teams and business units. `Unauthenticated` when there is none."""
    table = catalog.table("systemuser").c
    row = conn.execute(
        select(
            table.fullname, table.businessunitid, table.isdisabled, table.uilanguageid, table.timezonename,
            table.internalemailaddress,
        ).where(table.systemuserid == user_id)
    ).first()  # fmt: skip
    if row is None or row.isdisabled:
        raise Unauthenticated("This user cannot sign in.")
    member = catalog.table("teammembership_association").c
    teams = tuple(conn.execute(select(member.teamid).where(member.systemuserid == user_id)).scalars())
    return User(
        id=user_id,
        name=row.fullname or "",
        unit_id=row.businessunitid or "",
        units_below=_units_below(conn, catalog, row.businessunitid),
        team_ids=teams,
        roles=tuple(read_privileges(conn, _role_ids(conn, catalog, user_id, teams))),
        locale=Locale(language_of(row.uilanguageid), row.timezonename or "Europe/Amsterdam"),
        email=row.internalemailaddress or "",
    )


def _role_ids(conn: Connection, catalog: Catalog, user_id: str, teams: tuple[str, ...]) -> list[str]:
    own = catalog.table("systemuserroles_association").c
    ids = list(conn.execute(select(own.roleid).where(own.systemuserid == user_id)).scalars())
    if teams:
        of_team = catalog.table("teamroles_association").c
        ids += conn.execute(select(of_team.roleid).where(of_team.teamid.in_(teams))).scalars()
    return list(dict.fromkeys(ids))


def _units_below(conn: Connection, catalog: Catalog, top: str | None) -> tuple[str, ...]:
    unit = catalog.table("businessunit")
    tree = select(unit.c.businessunitid.label("id")).where(unit.c.businessunitid == (top or "")).cte(recursive=True)
    child = unit.alias()
    tree = tree.union(select(child.c.businessunitid).where(child.c.parentbusinessunitid == tree.c.id))
    return tuple(conn.execute(select(tree.c.id)).scalars()) if top else ()


def user_by_email(conn: Connection, catalog: Catalog, email: str) -> str | None:
    """The id of the user with that e-mail address, case ignored; None when there is none."""
    table = catalog.table("systemuser").c
    return conn.execute(
        select(table.systemuserid).where(table["internalemailaddress" + KEY] == fold(email.strip()))
    ).scalar()


def require_an_administrator(conn: Connection, catalog: Catalog) -> None:
    """`Refused` when nobody who can sign in could manage users any more; called after every change of rights."""
    user, own = catalog.table("systemuser").c, catalog.table("systemuserroles_association").c
    member, of_team = catalog.table("teammembership_association").c, catalog.table("teamroles_association").c
    administering = select(role_privilege.c.role_id).where(role_privilege.c.privilege == ADMINISTER)
    directly = select(own.systemuserid).where(own.roleid.in_(administering))
    team = of_team.teamid == member.teamid
    through_team = select(member.systemuserid).where(team, of_team.roleid.in_(administering))
    someone = or_(user.systemuserid.in_(directly), user.systemuserid.in_(through_team))
    enabled = or_(user.isdisabled.is_(None), user.isdisabled == false())
    if conn.execute(select(user.systemuserid).where(someone, enabled).limit(1)).first() is None:
        raise Refused("There must be an administrator who can sign in; give somebody else that role first.")
