"""Founding an organisation: its tables, its top business unit, its roles, currency and first administrator."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Column, Connection, Integer, String, Table, Text, inspect, select

from basis.catalog.catalog import Catalog
from basis.catalog.changes import install
from basis.catalog.load import standard_roles
from basis.catalog.migrate import upgrade
from basis.catalog.upgrading import remember
from basis.db import Database, system
from basis.errors import Invalid, Message, Refused
from basis.fields.base import Problem
from basis.fields.email import EmailType
from basis.fields.reference import Reference
from basis.fields.storage import Instant
from basis.i18n import LANGUAGES, LCIDS, Locale
from basis.records import search
from basis.records.associate import associate
from basis.records.prepare import name_parts
from basis.records.record import Record
from basis.records.save import create
from basis.security.passwords import MINIMUM, set_password
from basis.security.roles import ADMINISTER, CUSTOMIZE, GLOBAL, Privileges, write_privileges
from basis.security.scope import Scope
from basis.security.users import SECURITY, User, counter

organization = Table(
    "organization",
    system,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("language", String(5), nullable=False),
    Column("founded", Instant, nullable=False),
    Column("settings", Text, nullable=False),
)

ADMINISTRATOR = "system_administrator"


class Founding(Struct, frozen=True):
    """What the welcome page asks: the organisation's name and language, and its first administrator."""

    name: str
    language: str
    admin_name: str
    admin_email: str
    password: str


class Organization(Struct, frozen=True):
    name: str
    language: str


def everything(name: str = "Basis") -> User:
    """Basis itself as a user with every right, for founding, restoring and upkeep."""
    depths = {
        ("*", "*"): "organization",
        (GLOBAL, CUSTOMIZE): "organization",
        (GLOBAL, ADMINISTER): "organization",
    }
    return User("", name, "", roles=(Privileges(depths),))  # type: ignore[arg-type]


def is_founded(database: Database) -> bool:
    """Whether the database holds an organisation."""
    with database.read() as conn:
        if not inspect(conn).has_table("organization", schema=database.schema or None):
            return False
        return conn.execute(select(organization.c.id)).first() is not None


def organization_of(conn: Connection) -> Organization:
    """Name and language (`nl` or `en`); `Basis` and Dutch before anything is founded."""
    row = conn.execute(select(organization.c.name, organization.c.language)).first()
    return Organization(*row) if row else Organization("Basis", "nl")


def check_founding(founding: Founding) -> None:
    """`Invalid` with every error, keyed by the names of the struct's fields."""
    errors: dict[str, Message] = {}
    empty = Message("Fill this in.")
    for name in ("name", "admin_name", "admin_email"):
        if not getattr(founding, name).strip():
            errors[name] = empty
    if "admin_email" not in errors:
        try:
            EmailType().regular(founding.admin_email.strip())
        except Problem as problem:
            errors["admin_email"] = problem.message
    if founding.language not in LANGUAGES:
        errors["language"] = Message("Choose nl or en.")
    if len(founding.password) < MINIMUM:
        errors["password"] = Message("A password has at least {minimum} characters.", minimum=MINIMUM)
    if errors:
        raise Invalid(errors)


def found(conn: Connection, founding: Founding, now: datetime) -> tuple[Catalog, Record]:
    """Make an organisation in an empty database; answers its catalog and its administrator.

    `Refused` when there is one already, `Invalid` when something is missing.
    """
    check_founding(founding)
    upgrade(conn)
    if conn.execute(select(organization.c.id)).first() is not None:
        raise Refused("This database already holds an organisation.")
    catalog = install(conn, now)
    remember(conn)
    search.install(conn)
    conn.execute(counter.insert(), {"name": SECURITY, "value": 1})
    conn.execute(organization.insert(), {
        "id": 1, "name": founding.name.strip(), "language": founding.language, "founded": now, "settings": "{}",
    })  # fmt: skip
    scope = Scope(conn, catalog, everything(), Locale(founding.language), now)
    unit = create(scope, "businessunit", {"name": founding.name.strip()}).reference("name")
    roles = _roles(scope, unit)
    create(scope, "transactioncurrency", {
        "currencyname": "Euro", "isocurrencycode": "EUR", "currencysymbol": "€", "exchangerate": 1,
    })  # fmt: skip
    return catalog, add_user(
        scope, founding.admin_name, founding.admin_email, founding.password, unit, [roles[ADMINISTRATOR]]
    )


def _roles(scope: Scope, unit: Reference) -> dict[str, str]:
    """The shipped roles as records, under the label of the organisation's language; ids by name."""
    ids: dict[str, str] = {}
    for role in standard_roles():
        values = {
            "name": role.label.get(scope.language, role.name),
            "description": role.description.get(scope.language, ""),
            "businessunitid": unit,
        }
        ids[role.name] = create(scope, "role", values).id
        write_privileges(scope.conn, ids[role.name], role)
    return ids


def add_user(
    scope: Scope, name: str, email: str, password: str, unit: Reference, role_ids: list[str], **more: object
) -> Record:
    """A user with a password and roles; the last word of the name is the last name, words like `van` before it."""
    first, infix, last = name_parts(name)
    values = {
        "firstname": first or None,
        "middlename": infix or None,
        "lastname": last,
        "internalemailaddress": email.strip(),
        "businessunitid": unit,
        "uilanguageid": LCIDS[scope.language],
        "timezonename": scope.locale.zone_name,
        **more,
    }
    user = create(scope, "systemuser", values)
    if password:
        set_password(scope.conn, user.id, password)
    if role_ids:
        associate(scope, "systemuser", user.id, "systemuserroles_association", role_ids)
    return user
