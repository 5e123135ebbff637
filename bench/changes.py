"""The cases that change much at once: an import, and a field that is added while others work on."""

import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from basis.records.organization import everything
from basis.security.entrance import Entrance
from basis.transfer.importing import import_file
from basis.transfer.mapping import ColumnMapping, Mapping
from bench.cases import API, LIST
from bench.measure import Client
from bench.organisation import a_name
from bench.report import RUNS, Report

FIELDS = "/settings/entities/account/fields"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WAIT = 50.0
"""Milliseconds that adding a field may take, and that anybody may wait meanwhile."""


def bring_in(entrance: Entrance, report: Report, goal: int) -> None:
    """Import 10,000 new accounts, several times; `goal` is in rows per second."""
    speeds = [_imported(entrance) for _ in range(RUNS)]
    speed = statistics.median(speeds)
    worst = f"worst {min(speeds):,.0f}/s"
    report.figure("import of 10,000 rows with key", f"{speed:,.0f}/s", f"≥ {goal:,}/s", speed >= goal, worst)


def _imported(entrance: Entrance) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "import.csv"
        start, chance = random.randint(40_000_000, 98_000_000), random.Random()
        lines = [f"{a_name(number, chance)};{number}" for number in range(start, start + 10_000)]
        file.write_text("naam;kvk\n" + "\n".join(lines), encoding="utf-8")
        columns = (ColumnMapping("naam", "name"), ColumnMapping("kvk", "kvknumber"))
        begin = time.perf_counter()
        import_file(entrance, everything(), file, Mapping(columns, "account", ("kvknumber",)))
        return 10_000 / (time.perf_counter() - begin)


def shape(api: Callable[[], Client], page: Callable[[], Client], report: Report) -> None:
    """Add a field while a reader and a writer go on, several times; the longest wait of each counts."""
    runs = [_shaped(api, page()) for _ in range(RUNS)]
    took = [added for added, _, _ in runs]
    middle = statistics.median(took)
    report.figure("add a field", f"{middle:.0f} ms", f"≤ {WAIT:.0f} ms", middle <= WAIT, f"worst {max(took):.0f} ms")
    for name in ("reader", "writer"):
        waits = [meanwhile[name] for _, _, meanwhile in runs]
        before = max(earlier[name] for _, earlier, _ in runs)
        note = f"median {statistics.median(waits):.0f} ms, without {before:.0f} ms"
        worst = max(waits)
        report.figure(
            f"  longest wait of a {name} meanwhile", f"{worst:.0f} ms", f"≤ {WAIT:.0f} ms", worst <= WAIT, note
        )


def _shaped(api: Callable[[], Client], page: Client) -> tuple[float, dict[str, float], dict[str, float]]:
    """Milliseconds: what adding took, the longest waits before it, and those during and just after it."""
    stop, waits = threading.Event(), {"reader": 0.0, "writer": 0.0}

    def go_on(name: str) -> None:
        client = api()
        while not stop.is_set():
            begin = time.perf_counter()
            if name == "reader":
                client.ask(f"{API}/accounts?{LIST}&$orderby=name&$top=50")
            else:
                client.ask(f"{API}/tasks", "POST", {"subject": "Bench"})
            waits[name] = max(waits[name], (time.perf_counter() - begin) * 1000)

    threads = [threading.Thread(target=go_on, args=(name,)) for name in waits]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    before = dict(waits)
    waits.update(reader=0.0, writer=0.0)
    took, place = _new_field(page)
    time.sleep(1.0)
    stop.set()
    for thread in threads:
        thread.join()
    page.ask(f"{place}/remove", "POST", b"", **FORM)
    return took, before, waits


def _new_field(page: Client) -> tuple[float, str]:
    """The milliseconds that it takes to add a field on the page for it, as a user does; and the field's own page."""
    name = f"bench{datetime.now():%y%m%d%H%M%S%f}"
    posted = urlencode({"type": "text", "name": name, "label_nl": name}).encode()
    begin = time.perf_counter()
    status, _, headers = page.ask(f"{FIELDS}/new", "POST", posted, **FORM)
    took = (time.perf_counter() - begin) * 1000
    if status != 303:
        raise RuntimeError(f"the field was not added: {status} {headers}")
    return took, f"{FIELDS}/new_{name}"
