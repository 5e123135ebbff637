"""`make bench`: measure every case over HTTP, the floor in the same run, and say which goals are met."""

import argparse
import compileall
import os
import random
import sqlite3
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import msgspec

import basis
from basis.catalog.query import Column, Query
from basis.config import collect_seldom
from basis.records import select
from basis.records.organization import everything
from basis.security import sessions
from basis.security.users import user_by_email
from basis.transfer.importing import import_file
from basis.transfer.mapping import ColumnMapping, Mapping
from bench import files
from bench.cases import API, COLUMNS, LIST, Case, readings
from bench.lists import views
from bench.measure import Client, Server, Times, free_port, per_second, timed
from bench.organisation import a_name, opened

ROW = "{:<42} {:<14} {:>9} {:>9} {:>9} {:>7}  {}"


class Report:
    """Prints a line per case and counts what misses its goal."""

    def __init__(self) -> None:
        self.missed = 0
        print(ROW.format("case", "as", "p50 ms", "p95 ms", "floor ms", "ratio", "goal"))

    def line(self, name: str, user: str, times: Times, floor: Times | None, goal: str, met: bool) -> None:
        self.missed += not met
        ratio = f"{times.p50 / floor.p50:.1f}" if floor else ""
        shown = f"{floor.p50:.2f}" if floor else ""
        print(
            ROW.format(
                name, user, f"{times.p50:.2f}", f"{times.p95:.2f}", shown, ratio, f"{goal} {'✓' if met else '✗ missed'}"
            ),
            flush=True,
        )

    def figure(self, name: str, value: str, goal: str, met: bool) -> None:
        self.missed += not met
        print(ROW.format(name, "", value, "", "", "", f"{goal} {'✓' if met else '✗ missed'}"), flush=True)


def compiled() -> None:
    """Compile the package, as installing it does: else its first start would measure Python's compiler."""
    compileall.compile_dir(str(Path(basis.__file__).parent), quiet=1)


class Bench:
    """The servers, the users and what is known of the data."""

    def __init__(self, rows: int, address: str) -> None:
        self.rows, self.address = rows, address
        self.entrance = opened(rows, address)
        self.environment = {
            **os.environ, "BASIS_DATA": str(self.entrance.config.data), "BASIS_DATABASE": address,
            "FLOOR_DATABASE": self.entrance.config.address,
        }  # fmt: skip
        self.users = {
            "administrator": self._user("anna@bench.example"),
            "salesperson": self._user("verkoper0@bench.example"),
        }
        self.basis = self._server([sys.executable, "-m", "basis", "serve", "--port"], "/sign-in")
        self.memory = self.basis.memory()
        self.floor = self._server(
            [sys.executable, "-m", "uvicorn", "bench.floor:app", "--log-level=warning", "--port"], "/x"
        )
        self.report = Report()

    def _user(self, email: str) -> dict[str, dict[str, str]]:
        with self.entrance.acting_as(everything(), write=True) as scope:
            id = user_by_email(scope.conn, scope.catalog, email) or ""
            token = sessions.start(scope.conn, id, scope.now, "token", "bench")
            cookie = sessions.start(scope.conn, id, scope.now)
        return {
            "id": {"": id},
            "api": {"Authorization": f"Bearer {token}"},
            "page": {"Cookie": f"basis_session={cookie}"},
        }

    def _server(self, command: list[str], path: str) -> Server:
        port = free_port()
        return Server([*command, str(port)], port, path, self.environment)

    def client(self, user: str, html: bool = False) -> Client:
        return Client(self.basis.port, self.users[user]["page" if html else "api"])

    def floor_times(self, case: Case, user: str) -> Times:
        rights = "1 = 1" if user == "administrator" else f"ownerid = '{self.users[user]['id']['']}'"
        statements = [(sql.replace("{0}", rights), values) for sql, values in case.floor]
        client = Client(self.floor.port)
        client.ask("/case", "PUT", {"statements": statements, "writes": case.writes})
        return timed(lambda: client.ask("/case"))

    # -- the cases
    def read(self) -> None:
        with self.entrance.acting_as(self.users["salesperson"]["id"][""]) as scope:
            account = select.page(scope, Query("account", (Column("name"),)), limit=1, offset=5).records[0].id
        sign = "%s" if self.address else "?"
        for case in [*readings(self.rows, account, self._cursor(), sign), *views(self.rows)]:
            for user in case.users:
                self.one(case, user)

    def _cursor(self) -> dict[str, str]:
        """The address of the page after row 90,000, and where that row stands."""
        client = self.client("administrator")
        size = min(4500, max(50, self.rows // 25))
        path, last = f"{API}/accounts?$select=name&$orderby=name", {}
        for _ in range(20):
            _, body, _ = client.ask(path, Prefer=f"odata.maxpagesize={size}")
            answer = msgspec.json.decode(body)
            last, link = answer["value"][-1], answer["@odata.nextLink"]
            path = link[link.index(API) :]
        token = path[path.index("$skiptoken") if "$skiptoken" in path else path.index("%24skiptoken") :]
        key = last["name"].casefold().replace("ë", "e")
        return {"next": f"{API}/accounts?{LIST}&$orderby=name&{token}", "key": key, "id": last["accountid"]}

    def one(self, case: Case, user: str) -> None:
        client = self.client(user, case.html)
        headers = {"Prefer": "odata.maxpagesize=50"} if isinstance(case.ask, str) and "skiptoken" in case.ask else {}

        def ask() -> None:
            status, body, _ = client.ask(case.ask, **headers)  # type: ignore[arg-type]
            if status != 200:
                raise RuntimeError(f"{case.name}: {status} {body[:300]!r}")

        times, floor = timed(ask), self.floor_times(case, user)
        if case.ratio:
            self.report.line(case.name, user, times, floor, f"≤ {case.ratio:g}×", times.p50 <= case.ratio * floor.p50)
        else:
            self.report.line(case.name, user, times, None, f"≤ {case.limit:g} ms", times.p50 <= case.limit)

    def write(self) -> None:
        client, chance = self.client("administrator"), random.Random()
        made: list[str] = []

        def create() -> None:
            body = {"name": f"Nieuw {chance.random()}", "address1_city": "Zwolle", "revenue": 1000}
            status, answer, headers = client.ask(f"{API}/accounts", "POST", body)
            assert status == 204, answer
            made.append(headers["odata-entityid"].rpartition("(")[2].rstrip(")"))

        def change() -> None:
            status, answer, _ = client.ask(
                f"{API}/accounts({made[0]})", "PATCH", {"address1_city": f"P{chance.random()}"}
            )
            assert status == 204, answer

        for name, call in (("create", create), ("update one field", change)):
            times = timed(call)
            self.report.line(f"Web API: {name}", "administrator", times, None, "≤ 4 ms", times.p50 <= 4)
        for id in made:
            client.ask(f"{API}/accounts({id})", "DELETE")

    def load(self) -> None:
        path = f"{API}/accounts?{LIST}&$orderby=name&$top=50"
        mine = per_second(self.basis.port, path, self.users["administrator"]["api"])
        case = Case("", "", [(f"select {COLUMNS} from account order by name__key, accountid limit 50", [])])
        self.floor_times(case, "administrator")
        floor = per_second(self.floor.port, "/case", {})
        goal = floor * 1200 / 7000
        self.report.figure(
            "requests/s of the list, 8 clients", f"{mine:.0f}", f"≥ {goal:.0f} (floor {floor:.0f})", mine >= goal
        )
        self.report.figure("start to first answer", f"{self.basis.started:.2f} s", "≤ 1 s", self.basis.started <= 1)
        self.report.figure("idle memory of one worker", f"{self.memory:.0f} MiB", "≤ 100 MiB", self.memory <= 100)

    def bring_in(self) -> None:
        goal = 5_000 if self.address else 10_000
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "import.csv"
            start, chance = random.randint(40_000_000, 98_000_000), random.Random()
            lines = [f"{a_name(number, chance)};{number}" for number in range(start, start + 10_000)]
            file.write_text("naam;kvk\n" + "\n".join(lines), encoding="utf-8")
            columns = (ColumnMapping("naam", "name"), ColumnMapping("kvk", "kvknumber"))
            begin = time.perf_counter()
            report = import_file(self.entrance, everything(), file, Mapping(columns, "account", ("kvknumber",)))
            speed = 10_000 / (time.perf_counter() - begin)
        self.report.figure(
            f"import with key ({report.created:,} created)", f"{speed:,.0f}/s", f"≥ {goal:,}/s", speed >= goal
        )

    def files(self) -> None:
        files.bring_in_contacts(self.entrance, self.report.figure)
        files.take_out(self.entrance, self.report.figure)

    def _new_field(self) -> float:
        """The milliseconds that it takes to add a field on the page for it, as a user does."""
        client = Client(self.basis.port, {**self.users["administrator"]["page"], "Sec-Fetch-Site": "same-origin"})
        posted = urlencode({"type": "text", "label_nl": f"Bench {datetime.now():%H%M%S%f}"}).encode()
        begin = time.perf_counter()
        status, _, headers = client.ask(
            "/settings/entities/account/fields/new", "POST", posted,
            **{"Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        took = (time.perf_counter() - begin) * 1000
        if status != 303:
            raise RuntimeError(f"the field was not added: {status} {headers}")
        return took

    def shape(self) -> None:
        """Add a field while a reader and a writer go on; the longest wait of each counts."""
        stop, waits = threading.Event(), {"reader": 0.0, "writer": 0.0}

        def go_on(name: str) -> None:
            client = self.client("administrator")
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
        took = self._new_field()
        time.sleep(1.0)
        stop.set()
        for thread in threads:
            thread.join()
        self.report.figure("add a field", f"{took:.0f} ms", "≤ 50 ms", took <= 50)
        for name, wait in waits.items():
            goal = max(50.0, before[name] * 1.2)
            self.report.figure(
                f"  longest wait of a {name} meanwhile", f"{wait:.0f} ms", f"≤ {goal:.0f} ms", wait <= goal
            )

    def stop(self) -> None:
        self.basis.stop()
        self.floor.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rows", type=int, default=int(os.environ.get("ROWS", 1_000_000)))
    address = os.environ.get("DATABASE", "")
    arguments = parser.parse_args()
    if address == "postgresql":
        from bench.server import address as served

        address = served(arguments.rows)
    print(
        f"{arguments.rows:,} accounts, {2 * arguments.rows:,} contacts; {address or f'SQLite {sqlite3.sqlite_version}'}"
    )
    compiled()
    collect_seldom()  # as `basis` itself does
    bench = Bench(arguments.rows, address)
    try:
        for part in (bench.read, bench.write, bench.load, bench.shape, bench.bring_in, bench.files):
            part()
    finally:
        bench.stop()
    print(f"{bench.report.missed} goals missed" if bench.report.missed else "every goal met")


if __name__ == "__main__":
    main()
