"""Sample data: an organisation that looks lived-in, a year of it, made through the door like any other record.

The words stand in standard/sample/words.json; the numbers come from a fixed seed, so every sample is alike.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import resources
from random import Random
from typing import Any

import msgspec
from sqlalchemy import select

from basis.catalog.load import standard_roles
from basis.fields.reference import Reference
from basis.fields.storage import fold
from basis.i18n import Label, Locale, label
from basis.records.organization import add_user
from basis.records.record import Record
from basis.records.save import create_many, update_many
from basis.security.scope import Scope

ACCOUNTS, CONTACTS, OPPORTUNITIES, LEADS, CASES, WEEKS = 200, 500, 150, 40, 80, 52


class Words(msgspec.Struct, frozen=True):
    """What sample records are made of."""

    first_names: list[str]
    last_names: list[tuple[str, str]]
    cities: list[tuple[str, str, str, str]]
    """Name, first four signs of the postcode, province, area code."""
    streets: list[str]
    businesses: list[tuple[str, int]]
    """Part of a company name, and its industry."""
    forms: list[str]
    places: list[str]
    jobs: list[Label]
    opportunities: list[Label]
    situations: list[Label]
    cases: list[Label]
    tasks: list[Label]
    calls: list[Label]
    appointments: list[Label]
    emails: list[Label]
    notes: list[Label]
    products: list[tuple[str, str, str, int]]
    competitors: list[str]
    campaigns: list[Label]
    users: list[tuple[str, str, str, str]]
    territories: list[str]


class Sample(msgspec.Struct):
    """The sample under way: whose CRM it is, chance, and what has been made so far."""

    scope: Scope
    words: Words
    chance: Random
    owners: list[Reference]
    accounts: list[Record] = []
    contacts: list[Record] = []
    products: list[Record] = []

    def say(self, choices: Sequence[Label]) -> str:
        return label(self.chance.choice(choices), self.scope.language)

    def at(self, days_ago: int) -> Scope:
        """The same scope so many days ago, at an hour in the working day."""
        moment = self.scope.now - timedelta(days=days_ago)
        moment = moment.replace(hour=self.chance.randint(7, 15), minute=self.chance.choice((0, 5, 15, 30, 40, 55)))
        return msgspec.structs.replace(self.scope, now=min(moment, self.scope.now))

    def make(self, entity: str, rows: Sequence[dict[str, Any]], days_ago: int) -> list[Record]:
        """Create records as of that day; a refused row is a mistake in the sample and stops it."""
        made = create_many(self.at(days_ago), entity, rows)
        for outcome in made:
            if not isinstance(outcome, Record):
                raise ValueError(f"{entity}: {outcome}")
        return [outcome for outcome in made if isinstance(outcome, Record)]

    def change(self, entity: str, rows: Sequence[tuple[str, dict[str, Any]]], days_ago: int) -> None:
        for outcome in update_many(self.at(days_ago), entity, rows) if rows else ():
            if not isinstance(outcome, Record):
                raise ValueError(f"{entity}: {outcome}")


def fill(scope: Scope) -> None:
    """Put the sample into a new organisation, in the caller's transaction."""
    source = resources.files("basis").joinpath("standard", "sample", "words.json")
    words = msgspec.json.decode(source.read_bytes(), type=Words)
    sample = Sample(scope, words, Random(2026), [])
    sample.owners = _users(sample)
    _catalogue(sample)
    _accounts(sample)
    _contacts(sample)
    _leads(sample)
    _opportunities(sample)
    _cases(sample)
    for weeks_ago in range(WEEKS, -2, -1):
        _week(sample, weeks_ago)


def _users(sample: Sample) -> list[Reference]:
    """Colleagues with a role each; nobody can sign in as one until an administrator gives a password."""
    scope = sample.scope
    unit = Reference("businessunit", scope.user.unit_id)
    table = scope.catalog.table("role").c
    names = {role.name: list(role.label.values()) for role in standard_roles()}
    owners = [Reference("systemuser", scope.user.id, scope.user.name)]
    for first, infix, last, role in sample.words.users:
        found = scope.conn.execute(select(table.roleid).where(table.name.in_(names[role]))).scalars().all()
        name = " ".join(part for part in (first, infix, last) if part)
        address = f"{fold(first)}.{fold(last)}@voorbeeld.example"
        user = add_user(scope, name, address, "", unit, list(found[:1]))
        owners.append(Reference("systemuser", user.id, name))
    return owners


def _catalogue(sample: Sample) -> None:
    """Products, competitors, territories and campaigns."""
    language = sample.scope.language
    products = [
        {"name": dutch if language == "nl" else english, "productnumber": number, "price": price}
        for dutch, english, number, price in sample.words.products
    ]
    sample.products = sample.make("product", products, 360)
    sample.make("competitor", [{"name": name} for name in sample.words.competitors], 360)
    sample.make("territory", [{"name": name} for name in sample.words.territories], 360)
    campaigns = [
        {"name": label(name, language), "budgetedcost": 2500 * (position + 1)}
        for position, name in enumerate(sample.words.campaigns)
    ]
    sample.make("campaign", campaigns, 300)


def _accounts(sample: Sample) -> None:
    chance, words = sample.chance, sample.words
    names: set[str] = set()
    while len(names) < ACCOUNTS:
        business, industry = chance.choice(words.businesses)
        called = chance.choice([*words.places, *(f"{infix} {last}".strip() for infix, last in words.last_names)])
        names.add(f"{called[:1].upper()}{called[1:]} {business} {chance.choice(words.forms)}\t{industry}")
    rows = [_account(sample, name, number) for number, name in enumerate(sorted(names))]
    chance.shuffle(rows)
    for start in range(0, ACCOUNTS, 20):
        sample.accounts += sample.make("account", rows[start : start + 20], 355 - start)


def _account(sample: Sample, called: str, number: int) -> dict[str, Any]:
    """`called` is a name and an industry with a tab between."""
    chance = sample.chance
    name, _, industry = called.partition("\t")
    city, postcode, province, area = chance.choice(sample.words.cities)
    domain = "".join(sign for sign in fold(name.rsplit(" ", 1)[0]) if sign.isascii() and sign.isalnum())
    people = int(chance.lognormvariate(3.2, 1.1)) + 1
    letters = "".join(chance.choices("ABDEHJKLNPRSVWXZ", k=2))
    return {
        "name": name,
        "kvknumber": str(90_000_001 + number * 37),
        "industrycode": int(industry),
        "customertypecode": chance.choice((3, 3, 3, 8, 8, 5, 10)),
        "telephone1": f"{area} {chance.randint(200, 799)} {chance.randint(10, 99)} {chance.randint(10, 99)}",
        "emailaddress1": f"info@{domain}.example",
        "websiteurl": f"www.{domain}.example",
        "numberofemployees": people,
        "revenue": Decimal(people * chance.randint(70, 220) * 1000),
        "address1_line1": f"{chance.choice(sample.words.streets)} {chance.randint(1, 240)}",
        "address1_postalcode": f"{int(postcode) + chance.randint(0, 60)} {letters}",
        "address1_city": city,
        "address1_stateorprovince": province,
        "address1_country": "Nederland" if sample.scope.language == "nl" else "Netherlands",
        "ownerid": chance.choice(sample.owners[:4]),
    }


def _contacts(sample: Sample) -> None:
    chance, words = sample.chance, sample.words
    rows, first_of = [], {}
    for number in range(CONTACTS):
        account = sample.accounts[number] if number < ACCOUNTS else chance.choice(sample.accounts)
        first, (infix, last) = chance.choice(words.first_names), chance.choice(words.last_names)
        domain = account["emailaddress1"].partition("@")[2]
        address = "".join(sign for sign in fold(f"{first}.{infix}{last}") if sign.isalnum() or sign == ".")
        rows.append({
            "firstname": first,
            "middlename": infix or None,
            "lastname": last,
            "jobtitle": sample.say(words.jobs),
            "emailaddress1": f"{address}@{domain}",
            "telephone1": account["telephone1"],
            "mobilephone": f"06 {chance.randint(10, 59)} {chance.randint(100, 999)} {chance.randint(100, 999)}",
            "parentcustomerid": account.reference("name"),
            "address1_city": account["address1_city"],
            "ownerid": account["ownerid"],
        })  # fmt: skip
    for start in range(0, CONTACTS, 50):
        sample.contacts += sample.make("contact", rows[start : start + 50], 350 - start // 2)
    for contact in sample.contacts[:ACCOUNTS]:
        first_of[contact["parentcustomerid"].id] = contact
    primary = [(id, {"primarycontactid": held.reference("fullname")}) for id, held in first_of.items()]
    sample.change("account", primary, 90)


def _leads(sample: Sample) -> None:
    chance, words = sample.chance, sample.words
    rows = []
    for _ in range(LEADS):
        infix, last = chance.choice(words.last_names)
        business, industry = chance.choice(words.businesses)
        rows.append({
            "subject": sample.say(words.opportunities),
            "firstname": chance.choice(words.first_names),
            "middlename": infix or None,
            "lastname": last,
            "companyname": f"{chance.choice(words.places)} {business}",
            "industrycode": industry,
            "leadsourcecode": chance.choice((1, 4, 8, 10)),
            "leadqualitycode": chance.choice((1, 2, 2, 3)),
            "estimatedamount": Decimal(chance.randint(2, 60) * 500),
            "ownerid": chance.choice(sample.owners[:4]),
        })  # fmt: skip
    for start in range(0, LEADS, 8):
        made = sample.make("lead", rows[start : start + 8], 100 - start * 2)
        closed = [(lead.id, {"statecode": 2, "statuscode": chance.choice((4, 5, 6))}) for lead in made[:2]]
        sample.change("lead", closed, 60 - start)


def _opportunities(sample: Sample) -> None:
    """Open ones in every stage, most of them lately; won and lost ones over the whole year."""
    for number in range(OPPORTUNITIES):
        age = sample.chance.randint(5, 110) if number % 5 < 2 else sample.chance.randint(60, 355)
        stage = number % 4 if number % 5 < 2 else 3
        made = sample.make("opportunity", [_opportunity(sample, stage, age)], age)[0]
        if number % 3 == 0:
            _lines(sample, "opportunityproduct", "opportunity", made, age)
        if number % 5 < 2 and stage >= 2 and number % 2 == 0:
            _quote(sample, made, max(1, age - 10))
        if number % 5 >= 2:
            _close(sample, made, age)


def _opportunity(sample: Sample, stage: int, age: int) -> dict[str, Any]:
    chance, words = sample.chance, sample.words
    contact = chance.choice(sample.contacts)
    account = contact["parentcustomerid"]
    value = Decimal(chance.randint(4, 180) * 750)
    return {
        "name": sample.say(words.opportunities),
        "parentaccountid": account,
        "parentcontactid": contact.reference("fullname"),
        "customerid": account,
        "estimatedvalue": value,
        "budgetamount": value * chance.choice((1, 1, 2)) if stage else None,
        "estimatedclosedate": _day(sample, age) + timedelta(days=chance.randint(40, 150)),
        "closeprobability": (10, 35, 60, 85)[stage],
        "opportunityratingcode": chance.choice((1, 2, 2, 3)),
        "salesstage": stage,
        "purchasetimeframe": chance.choice((0, 1, 2, 3, 4)),
        "decisionmaker": chance.random() < 0.6,
        "currentsituation": sample.say(words.situations),
        "ownerid": contact["ownerid"],
    }


def _lines(sample: Sample, entity: str, parent: str, made: Record, age: int) -> None:
    """One to three products on an opportunity or a quote."""
    rows = [
        {
            f"{parent}id": made.reference("name"),
            f"{entity}name": product["name"],
            "productid": product.reference("name"),
            "quantity": sample.chance.choice((1, 1, 2, 5, 10, 25)),
            "priceperunit": product["price"],
            "ownerid": made["ownerid"],
        }
        for product in sample.chance.sample(sample.products, sample.chance.randint(1, 3))
    ]
    sample.make(entity, rows, age)


def _quote(sample: Sample, opportunity: Record, age: int) -> None:
    row = {
        "name": opportunity["name"],
        "customerid": opportunity["customerid"],
        "opportunityid": opportunity.reference("name"),
        "effectivefrom": _day(sample, age),
        "effectiveto": _day(sample, age) + timedelta(days=30),
        "ownerid": opportunity["ownerid"],
    }
    made = sample.make("quote", [row], age)[0]
    _lines(sample, "quotedetail", "quote", made, age)


def _day(sample: Sample, days_ago: int) -> date:
    return (sample.scope.now - timedelta(days=days_ago)).date()


def _close(sample: Sample, made: Record, age: int) -> None:
    won = sample.chance.random() < 0.62
    closed = max(1, age - sample.chance.randint(20, 80))
    values: dict[str, Any] = {"actualclosedate": _day(sample, closed), "closeprobability": 100 if won else 0}
    if won:
        values["actualvalue"] = made["estimatedvalue"] * sample.chance.choice((9, 10, 10, 11)) / 10
    values |= {"statecode": 1} if won else {"statecode": 2, "statuscode": sample.chance.choice((4, 5))}
    sample.change("opportunity", [(made.id, values)], closed)


def _cases(sample: Sample) -> None:
    chance = sample.chance
    service = sample.owners[4]
    for number in range(CASES):
        age = chance.randint(0, 40) if number % 4 == 0 else chance.randint(20, 350)
        contact = chance.choice(sample.contacts)
        row = {
            "title": sample.say(sample.words.cases),
            "customerid": contact["parentcustomerid"],
            "primarycontactid": contact.reference("fullname"),
            "caseorigincode": chance.choice((1, 1, 2, 2, 3)),
            "casetypecode": chance.choice((1, 2, 3)),
            "prioritycode": chance.choice((1, 2, 2, 2, 3)),
            "ownerid": chance.choice((service, sample.owners[0])),
        }
        made = sample.make("incident", [row], age)[0]
        if number % 4:
            solved = {"statecode": 1, "statuscode": chance.choice((5, 5, 1000))}
            sample.change("incident", [(made.id, solved)], max(0, age - chance.randint(1, 14)))
        elif number % 8 == 0:
            sample.change("incident", [(made.id, {"statuscode": chance.choice((2, 3, 4))})], max(0, age - 1))


KINDS = (("task", "tasks", 4), ("phonecall", "calls", 5), ("appointment", "appointments", 2), ("email", "emails", 4))
DONE = {"task": (1, 5), "phonecall": (1, 2), "appointment": (1, 3), "email": (1, 3)}
"""State and status reason of an activity that has been done."""


def _week(sample: Sample, weeks_ago: int) -> None:
    """A week of activities and notes; those of last week and before are done, mostly."""
    chance = sample.chance
    days_ago = max(0, weeks_ago * 7)
    for entity, words, amount in KINDS:
        rows = [_activity(sample, entity, getattr(sample.words, words), weeks_ago) for _ in range(amount)]
        made = sample.make(entity, rows, days_ago + 2)
        state, reason = DONE[entity]
        done = [
            (record.id, {"statecode": state, "statuscode": reason, "actualend": record["scheduledend"]})
            for record in made
            if weeks_ago > 0 and chance.random() < 0.95
        ]
        sample.change(entity, done, days_ago)
    notes = [
        {"notetext": sample.say(sample.words.notes), "objectid": chance.choice(sample.accounts).reference("name")}
        for _ in range(2)
    ]
    sample.make("annotation", notes, days_ago)


def _activity(sample: Sample, entity: str, subjects: Sequence[Label], weeks_ago: int) -> dict[str, Any]:
    chance = sample.chance
    contact = chance.choice(sample.contacts)
    day = sample.scope.now - timedelta(days=weeks_ago * 7 - chance.randint(0, 4))
    start = datetime.combine(day.date(), datetime.min.time(), Locale().zone)
    start += timedelta(hours=chance.randint(8, 16), minutes=chance.choice((0, 15, 30, 45)))
    regarding = contact["parentcustomerid"] if chance.random() < 0.6 else contact.reference("fullname")
    return _parties(sample, entity, contact) | {
        "subject": f"{sample.say(subjects)} – {contact['fullname']}",
        "regardingobjectid": regarding,
        "scheduledstart": start,
        "scheduledend": start + timedelta(minutes=30),
        "scheduleddurationminutes": 30,
        "prioritycode": chance.choice((0, 1, 1, 1, 2)),
        "ownerid": contact["ownerid"],
    }


def _parties(sample: Sample, entity: str, contact: Record) -> dict[str, Any]:
    """Who takes part: the contact, the colleague who owns it, and now and then another colleague."""
    me, you = (contact["ownerid"],), (contact.reference("fullname"),)
    if entity == "appointment":
        others = tuple(sample.chance.sample(sample.owners, 1)) if sample.chance.random() < 0.3 else ()
        return {"organizer": me, "requiredattendees": (*you, *me), "optionalattendees": others}
    if entity not in ("email", "phonecall"):
        return {}
    outgoing = sample.chance.random() < 0.6
    return {"directioncode": outgoing, "from": me if outgoing else you, "to": you if outgoing else me}
