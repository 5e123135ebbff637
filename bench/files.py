"""Files in and out: an import with two lookups, and exports of wide lists."""

import random
import statistics
import tempfile
import time
from pathlib import Path

from basis.catalog.query import Column, Condition, Filter, Query
from basis.records import select
from basis.records.organization import everything
from basis.security.entrance import Entrance
from basis.transfer.exporting import export
from basis.transfer.importing import import_file
from basis.transfer.mapping import ColumnMapping, Mapping
from bench.report import RUNS, Report

ROWS_IN, ROWS_OUT = 10_000, 100_000
WIDE = (
    "name", "address1_city", "revenue", "numberofemployees", "kvknumber", "telephone1", "emailaddress1",
    "address1_line1", "address1_postalcode", "customertypecode", "industrycode", "ownerid", "createdon",
    "modifiedon", "websiteurl",
)  # fmt: skip
GOALS = {".xlsx": 50_000, ".csv": 20_000}


def bring_in_contacts(entrance: Entrance, report: Report) -> None:
    """Import contacts of known accounts and owners, both found by name or key, several times."""
    speeds = [_contacts_in(entrance) for _ in range(RUNS)]
    speed = statistics.median(speeds)
    worst = f"worst {min(speeds):,.0f}/s"
    report.figure("import with two lookups", f"{speed:,.0f}/s", "≥ 5,000/s", speed >= 5_000, worst)


def _contacts_in(entrance: Entrance) -> float:
    """Rows per second of one import."""
    with entrance.acting_as(everything()) as scope:
        held = Filter(conditions=(Condition("kvknumber", "not-null"),))
        page = select.page(scope, Query("account", (Column("kvknumber"),), held), limit=1_000)
        numbers = [record["kvknumber"] for record in page.records]
        owners = [record["fullname"] for record in
                  select.page(scope, Query("systemuser", (Column("fullname"),)), limit=5).records]  # fmt: skip
    chance, run = random.Random(), time.time_ns()
    lines = [f"Import {run} {at};{chance.choice(numbers)};{chance.choice(owners)}" for at in range(ROWS_IN)]
    columns = tuple(ColumnMapping(name, name) for name in ("lastname", "parentcustomerid", "ownerid"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contacts.csv"
        file.write_text("lastname;parentcustomerid;ownerid\n" + "\n".join(lines), encoding="utf-8")
        begin = time.perf_counter()
        import_file(entrance, everything(), file, Mapping(columns, "contact", mode="create"))
        return ROWS_IN / (time.perf_counter() - begin)


def take_out(entrance: Entrance, report: Report) -> None:
    """As many accounts with fifteen columns as there are, in two kinds of file."""
    query = Query("account", tuple(map(Column, WIDE)), top=ROWS_OUT)
    for suffix, goal in GOALS.items():
        with tempfile.TemporaryDirectory() as folder, entrance.acting_as(everything()) as scope:
            begin = time.perf_counter()
            count = export(scope, query, Path(folder) / f"accounts{suffix}")
            speed = count / (time.perf_counter() - begin)
        report.figure(
            f"export of {count:,} × {len(WIDE)} to {suffix}", f"{speed:,.0f}/s", f"≥ {goal:,}/s", speed >= goal
        )
