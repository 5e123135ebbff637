"""The cases: what a client asks of Basis, the SQL that answers it at the least, and the goal."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from msgspec import Struct

API = "/api/data/v9.2"
LIST = "$select=name,address1_city,revenue,industrycode,telephone1,emailaddress1,numberofemployees"
COLUMNS = (
    "accountid, versionnumber, name, address1_city, revenue, industrycode, telephone1, emailaddress1, numberofemployees"
)


class Case(Struct):
    """`ask` is the address (or a function that makes each request); `floor` the statements; the goal is at most
    `ratio` times the floor, or `limit` milliseconds."""

    name: str
    ask: str | Callable[[Any], None]
    floor: list[tuple[str, list[Any]]]
    ratio: float = 0
    limit: float = 0
    writes: bool = False
    users: tuple[str, ...] = ("administrator", "salesperson")
    html: bool = False


def readings(rows: int, account: str, cursor: dict[str, str], sign: str) -> list[Case]:
    """The cases that only read. `{0}` in a statement is what limits it to the user; `sign` the driver's `?` or `%s`."""
    city = f"address1_city__key = {sign} and revenue > {sign}"
    amount = 2_500_000 * (10_000 if sign == "?" else 1)
    deep = min(90_000, rows * 9 // 10)
    select = f"select {COLUMNS} from account where {{0}} "
    by_name = "order by name__key, accountid limit 50"
    in_zwolle = quote("address1_city eq 'Zwolle' and revenue gt 2500000")
    expand = "contact_customer_accounts($select=fullname,emailaddress1)"
    contacts = f"select contactid, fullname, emailaddress1 from contact where parentcustomerid = {sign}"
    after = select + f"and (name__key, accountid) > ({sign}, {sign}) " + by_name
    counted = "select count(*) from (select 1 from account where {0} and industrycode = 4 limit 10001) as c"
    return [
        Case("Web API: 50 by name", f"{API}/accounts?{LIST}&$orderby=name&$top=50", [(select + by_name, [])], ratio=5),
        Case(
            "Web API: city and revenue, sorted",
            f"{API}/accounts?{LIST}&$filter={in_zwolle}&$orderby=revenue&$top=50",
            [(select + f"and {city} order by revenue, accountid limit 50", ["zwolle", amount])],
            ratio=5,
        ),
        Case("page: list of 50", "/account?view=all", [(select + by_name, [])], limit=12, html=True),
        Case(
            "page: a record's form",
            f"/account/{account}",
            [(select + f"and accountid = {sign}", [account])],
            limit=15,
            html=True,
        ),
        Case(
            f"next page by key at row {deep:,}",
            cursor["next"],
            [(after, [cursor["key"], cursor["id"]])],
            ratio=5,
            users=("administrator",),
        ),
        Case(
            f"jump to offset {deep:,}",
            f"/account?view=all&page={deep // 50 + 1}",
            [(select + f"order by name__key, accountid limit 50 offset {deep}", [])],
            ratio=3,
            html=True,
            users=("administrator",),
        ),
        Case(
            "count of a filter",
            f"{API}/accounts?$select=name&$top=1&$count=true&$filter=industrycode%20eq%204",
            [(counted, [])],
            ratio=5,
        ),
        Case(
            "one record with its contacts",
            f"{API}/accounts({account})?{LIST}&$expand={expand}",
            [(select + f"and accountid = {sign}", [account]), (contacts, [account])],
            ratio=6,
        ),
        Case("search: no hit", "/search?q=zzyzxnergens", [("select 1", [])], limit=10, html=True),
        Case("search: rare word", f"/search?q={rows // 2 + 7}", [("select 1", [])], limit=10, html=True),
        Case("search: common word", "/search?q=jansen", [("select 1", [])], limit=40, html=True),
        Case(
            "sum by industry",
            f"{API}/accounts?$apply=groupby((industrycode),aggregate(revenue%20with%20sum%20as%20total))",
            [("select industrycode, sum(revenue_base) from account where {0} group by industrycode", [])],
            ratio=1.3,
        ),
    ]
