"""The cases of views: rows of the grid anywhere, a condition on related records, groups with totals."""

from basis.catalog.query import Filter, Link, Order
from basis.catalog.view import Grouping, View, ViewColumn
from basis.web.views.shape import packed
from bench.cases import COLUMNS, Case

SHOWN = ("name", "address1_city", "revenue", "industrycode", "telephone1", "emailaddress1", "numberofemployees")


def _address(totals: tuple[str, ...] = (), **changes: object) -> str:
    columns = tuple(ViewColumn(name, total="sum" if name in totals else "") for name in SHOWN)
    view = View("", {}, columns, order=(Order("name"),), **changes)  # type: ignore[arg-type]
    return f"/account?view=all&shape={packed(view)}"


def views(rows: int) -> list[Case]:
    """The cases of lists; the floor is the same question in SQL. The limits are those that a user feels."""
    far = rows * 9 // 10
    select = f"select {COLUMNS} from account where {{0}} "
    lonely = Filter(links=(Link("contact", "parentcustomerid", "accountid", type="not_any"),))
    without = "and not exists (select 1 from contact where parentcustomerid = accountid) "
    by_name, grouped = "order by name__key, accountid limit ", "from account where {0} group by address1_city__key"
    totals = [
        (select + "order by address1_city__key, name__key, accountid limit 50", []),
        (f"select address1_city__key, count(*), sum(revenue_base) {grouped}", []),
        ("select sum(revenue_base) from account where {0}", []),
    ]
    figures = _address(group=Grouping("address1_city"), totals=("revenue",))
    return [
        Case(
            f"grid: 200 rows at {far:,}",
            f"/grid/account/rows?view=all&offset={far}&limit=200",
            [(select + by_name + f"200 offset {far}", [])],
            limit=300,
            html=True,
            users=("administrator",),
        ),
        Case("accounts without a contact", _address(filter=lonely), [(select + without + by_name + "50", [])],
             limit=300, html=True),
        Case("groups by city with totals", figures, totals, ratio=3, html=True),
    ]  # fmt: skip
