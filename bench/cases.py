"""The cases: what a client asks of Basis, the SQL that answers it at the least, and the goal."""

from typing import Any
from urllib.parse import quote

from msgspec import Struct

API = "/api/data/v9.2"
LIST = "$select=name,address1_city,revenue,industrycode,telephone1,emailaddress1,numberofemployees"
COLUMNS = (
    "accountid, versionnumber, name, address1_city, revenue, industrycode, telephone1, emailaddress1, numberofemployees"
)


class Case(Struct):
    """`ask` is the address, `floor` the statements, or `words` those of a search; the goal is at most `ratio` times
    the floor, or `limit` milliseconds. Of what is `paged` (with a link to the next page) the first case of a user is
    the first page; one without a goal of its own is to take about as long."""

    name: str
    ask: str
    floor: list[tuple[str, list[Any]]]
    ratio: float = 0
    limit: float = 0
    words: str = ""
    paged: bool = False
    users: tuple[str, ...] = ("administrator", "salesperson")
    html: bool = False


class Place(Struct):
    """A row deep in the list by name: whose, the how manieth, the page after it, the row's sort key and id."""

    user: str
    depth: int
    next: str
    key: str
    id: str


def deep(rows: int) -> int:
    """The row that is deep in a list of so many, a multiple of 20."""
    return min(90_000, rows * 9 // 10) // 20 * 20


SELECT = f"select {COLUMNS} from account where {{0}} "
BY_NAME = "order by name__key, accountid limit 50"


def readings(rows: int, account: str, places: list[Place], sign: str) -> list[Case]:
    """The cases that only read. `{0}` in a statement is what limits it to the user; `sign` the driver's `?` or `%s`."""
    listed, first, *others = _lists(sign)
    beyond = [case for place in places for case in _deep(place, sign)]
    return [listed, first, *beyond, *others, *_single(account, sign), *_searches(rows), _sum()]


def _lists(sign: str) -> list[Case]:
    city = f"address1_city__key = {sign} and revenue > {sign}"
    amount = 2_500_000 * (10_000 if sign == "?" else 1)
    in_zwolle = quote("address1_city eq 'Zwolle' and revenue gt 2500000")
    counted = "select count(*) from (select 1 from account where {0} and industrycode = 4 limit 10001) as c"
    by_name = f"{API}/accounts?{LIST}&$orderby=name"
    everybody = ("administrator", "salesperson", "busy seller")
    return [
        Case("Web API: 50 by name", f"{by_name}&$top=50", [(SELECT + BY_NAME, [])], ratio=5),
        Case("first page by key", by_name, [(SELECT + BY_NAME, [])], ratio=5, paged=True, users=everybody),
        Case(
            "Web API: city and revenue, sorted",
            f"{API}/accounts?{LIST}&$filter={in_zwolle}&$orderby=revenue&$top=50",
            [(SELECT + f"and {city} order by revenue, accountid limit 50", ["zwolle", amount])],
            ratio=5,
        ),
        Case("page: list of 50", "/account?view=all", [(SELECT + BY_NAME, [])], limit=12, html=True),
        Case(
            "count of a filter",
            f"{API}/accounts?$select=name&$top=1&$count=true&$filter=industrycode%20eq%204",
            [(counted, [])],
            ratio=5,
        ),
    ]


def _deep(place: Place, sign: str) -> list[Case]:
    after = SELECT + f"and (name__key, accountid) > ({sign}, {sign}) " + BY_NAME
    page = place.depth // 50
    return [
        Case(
            f"next page by key at row {place.depth:,}",
            place.next,
            [(after, [place.key, place.id])],
            paged=True,
            users=(place.user,),
        ),
        Case(
            f"jump to offset {page * 50:,}",
            f"/account?view=all&page={page + 1}",
            [(SELECT + f"{BY_NAME} offset {page * 50}", [])],
            ratio=3,
            html=True,
            users=(place.user,),
        ),
    ]


def _single(account: str, sign: str) -> list[Case]:
    expand = "contact_customer_accounts($select=fullname,emailaddress1)"
    contacts = f"select contactid, fullname, emailaddress1 from contact where parentcustomerid = {sign}"
    one = (SELECT + f"and accountid = {sign}", [account])
    return [
        Case("page: a record's form", f"/account/{account}", [one], limit=15, html=True),
        Case(
            "one record with its contacts",
            f"{API}/accounts({account})?{LIST}&$expand={expand}",
            [one, (contacts, [account])],
            ratio=6,
        ),
    ]


def _searches(rows: int) -> list[Case]:
    sought = {"no hit": ("zzyzxnergens", 10), "rare word": (str(rows // 2 + 7), 10), "common word": ("jansen", 40)}
    return [
        Case(f"search: {name}", f"/search?q={words}", [], limit=limit, words=words, html=True)
        for name, (words, limit) in sought.items()
    ]


def _sum() -> Case:
    return Case(
        "sum by industry",
        f"{API}/accounts?$apply=groupby((industrycode),aggregate(revenue%20with%20sum%20as%20total))",
        [("select industrycode, sum(revenue_base) from account where {0} group by industrycode", [])],
        ratio=1.3,
    )
