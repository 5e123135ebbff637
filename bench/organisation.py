"""The organisation that is measured: made once through the door, then kept in .bench/."""

import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from basis.catalog.app import Depth, RoleDefinition
from basis.cli.options import bring_up_to_date
from basis.config import Config
from basis.fields.reference import Reference
from basis.i18n import Locale
from basis.records.organization import Founding, add_user, everything, found, is_founded
from basis.records.save import create, create_many
from basis.security.entrance import Entrance
from basis.security.roles import write_privileges
from basis.security.scope import Scope

CITIES = [
    "Zwolle",
    "Amsterdam",
    "Rotterdam",
    "Utrecht",
    "Eindhoven",
    "Groningen",
    "Tilburg",
    "Almere",
    "Breda",
    "Nijmegen",
    "Apeldoorn",
    "Haarlem",
    "Arnhem",
    "Enschede",
    "Amersfoort",
    "Zaanstad",
    "Den Bosch",
    "Leiden",
    "Dordrecht",
    "Ede",
]
TRADES = ["Bouw", "Zorg", "Logistiek", "Textile", "Advies", "Installatie", "Handel", "Techniek", "Transport", "Horeca"]
NAMES = [
    "Jansen",
    "Vries",
    "Dijk",
    "Bakker",
    "Visser",
    "Smit",
    "Boer",
    "Mulder",
    "Groot",
    "Bos",
    "Vos",
    "Peters",
    "Coenën",
]
FIRST = ["Anna", "Bram", "Sanne", "Daan", "Femke", "Lars", "Eva", "Ruben", "Noor", "Thijs", "René", "Ömer"]
BATCH = 1000
OWNERS = 20


def opened(rows: int, address: str) -> Entrance:
    """The organisation with so many accounts and twice as many contacts, made if it is not there."""
    folder = Path(".bench") / (f"postgresql-{rows}" if address else f"sqlite-{rows}")
    folder.mkdir(parents=True, exist_ok=True)
    entrance = Entrance(Config(folder, address))
    entrance.database.create_schema()
    if is_founded(entrance.database):
        bring_up_to_date(entrance.database)
    else:
        _build(entrance, rows)
    return entrance


def _build(entrance: Entrance, rows: int) -> None:
    started = time.perf_counter()
    chance = random.Random(1)
    with entrance.database.write() as conn:
        catalog, admin = found(
            conn, Founding("Bench BV", "nl", "Anna Bench", "anna@bench.example", "bench password"), datetime.now(UTC)
        )
    owners = _owners(entrance)
    ids: list[str] = []
    for done, batch in _accounts(rows, chance, owners):
        with entrance.acting_as(everything(), write=True) as scope:
            ids += [made.id for made in create_many(scope, "account", batch)]  # type: ignore[union-attr]
        _progress("accounts", done, rows)
    for start in range(0, 2 * rows, BATCH):
        batch = [
            _contact(number, ids[number % rows], chance, owners)
            for number in range(start, min(start + BATCH, 2 * rows))
        ]
        with entrance.acting_as(everything(), write=True) as scope:
            create_many(scope, "contact", batch)
        _progress("contacts", start + BATCH, 2 * rows)
    entrance.database.analyse()
    print(f"built in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def _owners(entrance: Entrance) -> list[Reference]:
    """Salespeople; the first owns just a thousandth of the records, as somebody who started last week."""
    with entrance.acting_as(everything(), write=True, locale=Locale("nl")) as scope:
        unit = scope.catalog.table("businessunit").c.businessunitid
        top = Reference("businessunit", scope.conn.execute(select(unit)).scalar_one())
        seller = _seller(scope, top)
        users = [
            add_user(scope, f"Verkoper {n}", f"verkoper{n}@bench.example", "", top, [seller]) for n in range(OWNERS)
        ]
        return [Reference("systemuser", user.id, "") for user in users]


def _seller(scope: Scope, unit: Reference) -> str:
    """A role with user depth: the id of a salesperson who sees only what is own."""
    role = create(scope, "role", {"name": "Verkoper eigen", "businessunitid": unit})
    reference = {"read": "organization", "append_to": "organization"}
    own = {"account": {"*": "user"}, "contact": {"*": "user"}, "activitypointer": {"*": "user"}, "task": {"*": "user"}}
    privileges: dict[str, dict[str, Depth]] = {"systemuser": reference, "team": reference, **own}  # type: ignore[dict-item]
    write_privileges(scope.conn, role.id, RoleDefinition("own", {}, privileges))
    return role.id


def a_name(number: int, chance: random.Random) -> str:
    """A name that may stand anywhere in a sorted list."""
    return f"{chance.choice(NAMES)} {chance.choice(TRADES)} {number}"


def _owner(number: int, owners: list[Reference]) -> Reference:
    return owners[0] if number % 1000 == 0 else owners[1 + number % (OWNERS - 1)]


def _accounts(
    rows: int, chance: random.Random, owners: list[Reference]
) -> Iterator[tuple[int, list[dict[str, object]]]]:
    for start in range(0, rows, BATCH):
        yield (
            min(start + BATCH, rows),
            [
                {
                    "name": a_name(number, chance),
                    "kvknumber": f"{10_000_000 + number}",
                    "address1_city": chance.choice(CITIES),
                    "telephone1": f"038 {chance.randint(2_000_000, 7_999_999)}",
                    "emailaddress1": f"info{number}@bedrijf.example",
                    "industrycode": chance.randint(1, 33),
                    "revenue": chance.randint(1, 5000) * 1000,
                    "numberofemployees": chance.randint(1, 900),
                    "ownerid": _owner(number, owners),
                }
                for number in range(start, min(start + BATCH, rows))
            ],
        )


def _contact(number: int, account: str, chance: random.Random, owners: list[Reference]) -> dict[str, object]:
    return {
        "firstname": chance.choice(FIRST),
        "lastname": f"{chance.choice(NAMES)} {number}",
        "emailaddress1": f"c{number}@bedrijf.example",
        "parentcustomerid": Reference("account", account),
        "ownerid": _owner(number, owners),
    }


def _progress(what: str, done: int, total: int) -> None:
    print(f"\r{what} {min(done, total):,} of {total:,}   ", end="", file=sys.stderr, flush=True)
