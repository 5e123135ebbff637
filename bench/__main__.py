"""`make bench`: measure every case over HTTP, the floor in the same run, and say which goals are met."""

import argparse
import compileall
import os
import random
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

import basis
from basis.catalog.query import Column, Query
from basis.config import collect_seldom
from basis.records import select
from basis.records.organization import everything
from basis.security import sessions
from basis.security.users import user_by_email
from bench import files
from bench.cases import API, COLUMNS, LIST, Case, Place, deep, readings
from bench.changes import bring_in, shape
from bench.lists import views
from bench.measure import RUNS, WARM, Client, Server, Times, free_port, per_second, timed
from bench.organisation import OWNERS, opened
from bench.recording import Statements, saved, searched
from bench.report import Report

USERS = {
    "administrator": "anna@bench.example",
    "salesperson": "verkoper0@bench.example",
    "busy seller": "verkoper1@bench.example",
}
"""The salesperson owns a thousandth of the records, the busy seller a nineteenth."""
LEAST = 1000
"""With fewer accounts the salesperson would own none."""


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
        self.users = {name: self._user(email) for name, email in USERS.items()}
        self.basis = self._server([sys.executable, "-m", "basis", "serve", "--port"], "/sign-in")
        self.memory = self.basis.memory()
        self.floor = self._server(
            [sys.executable, "-m", "uvicorn", "bench.floor:app", "--log-level=warning", "--port"], "/x"
        )
        self.report = Report()
        self.first: dict[str, Times] = {}

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
        id = self.users[user]["id"][""]
        if case.words:
            return self._floor([searched(self.entrance, id, case.words)], begin=bool(self.address))
        rights = "1 = 1" if user == "administrator" else f"ownerid = '{id}'"
        return self._floor([[(sql.replace("{0}", rights), values) for sql, values in case.floor]])

    def _floor(self, runs: list[Statements], begin: bool = False) -> Times:
        """The times of the bare endpoint; it runs each of these lists of statements in its turn."""
        client = Client(self.floor.port)
        client.ask("/case", "PUT", {"runs": runs, "begin": begin})

        def ask() -> None:
            status, body, _ = client.ask("/case")
            if status != 200:
                raise RuntimeError(f"floor: {status} {body[:300]!r} {runs[0]}")

        return timed(ask)

    # -- the cases
    def read(self) -> None:
        with self.entrance.acting_as(self.users["salesperson"]["id"][""]) as scope:
            middle = self.rows // 1000 // 2
            account = (
                select.page(scope, Query("account", (Column("name"),)), limit=1, offset=min(5, middle)).records[0].id
            )
        owned = {"administrator": self.rows, "salesperson": self.rows // 1000, "busy seller": self.rows // (OWNERS - 1)}
        places = [self._place(user, deep(number)) for user, number in owned.items() if deep(number)]
        for case in [*readings(self.rows, account, places, "%s" if self.address else "?"), *views(self.rows)]:
            for user in case.users:
                self.one(case, user)

    def _place(self, user: str, depth: int) -> Place:
        """Where the user's row of that number stands, and the address of the page after it."""
        client = self.client(user)
        path, last = f"{API}/accounts?$select=name&$orderby=name", {}
        for _ in range(20):
            _, body, _ = client.ask(path, Prefer=f"odata.maxpagesize={depth // 20}")
            answer = msgspec.json.decode(body)
            last, link = answer["value"][-1], answer["@odata.nextLink"]
            path = link[link.index(API) :]
        token = path[path.index("$skiptoken") if "$skiptoken" in path else path.index("%24skiptoken") :]
        key = last["name"].casefold().replace("ë", "e")
        return Place(user, depth, f"{API}/accounts?{LIST}&$orderby=name&{token}", key, last["accountid"])

    def one(self, case: Case, user: str) -> None:
        client = self.client(user, case.html)
        headers = {"Prefer": "odata.maxpagesize=50"} if case.paged else {}

        def ask() -> None:
            status, body, _ = client.ask(case.ask, **headers)
            if status != 200:
                raise RuntimeError(f"{case.name}: {status} {body[:300]!r}")

        times, floor = timed(ask), self.floor_times(case, user)
        most, goal = case.limit, f"≤ {case.limit:g} ms"
        if case.paged and not case.ratio:
            most = 1.2 * self.first[user].p50
            goal = f"≤ 1.2 × first page ({most:.2f} ms)"
        elif case.ratio:
            most, goal = case.ratio * floor.p50, f"≤ {case.ratio:g}×"
        if case.paged:
            self.first.setdefault(user, times)
        self.report.line(case.name, user, times, floor, goal, times.p50 <= most)

    def write(self) -> None:
        for user in ("administrator", "salesperson"):
            made: list[str] = []
            times = {name: timed(call) for name, call in self._saves(user, made).items()}
            saves = saved(self.entrance, self.users[user]["id"][""], WARM + RUNS)
            for name, runs in (("create", saves.creates), ("update one field", saves.updates)):
                floor = self._floor(runs, begin=True)
                self.report.line(f"Web API: {name}", user, times[name], floor, "≤ 4 ms", times[name].p50 <= 4)
            for id in [*made, *saves.ids]:
                self.client("administrator").ask(f"{API}/accounts({id})", "DELETE")

    def _saves(self, user: str, made: list[str]) -> dict[str, Callable[[], None]]:
        """A call that creates an account and notes its id, and one that updates the first that was made."""
        client, chance = self.client(user), random.Random()

        def create() -> None:
            body = {"name": f"Nieuw {chance.random()}", "address1_city": "Zwolle", "revenue": 1000}
            status, answer, headers = client.ask(f"{API}/accounts", "POST", body)
            assert status == 204, answer
            made.append(headers["odata-entityid"].rpartition("(")[2].rstrip(")"))

        def change() -> None:
            body = {"address1_city": f"P{chance.random()}"}
            status, answer, _ = client.ask(f"{API}/accounts({made[0]})", "PATCH", body)
            assert status == 204, answer

        return {"create": create, "update one field": change}

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
        bring_in(self.entrance, self.report, 5_000 if self.address else 10_000)

    def files(self) -> None:
        files.bring_in_contacts(self.entrance, self.report)
        files.take_out(self.entrance, self.report)

    def shape(self) -> None:
        page = {**self.users["administrator"]["page"], "Sec-Fetch-Site": "same-origin"}
        shape(lambda: self.client("administrator"), lambda: Client(self.basis.port, page), self.report)

    def stop(self) -> None:
        self.basis.stop()
        self.floor.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rows", type=int, default=int(os.environ.get("ROWS", 1_000_000)))
    address = os.environ.get("DATABASE", "")
    arguments = parser.parse_args()
    if arguments.rows < LEAST:
        parser.error(f"at least {LEAST:,} rows")
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
