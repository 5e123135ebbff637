"""Measuring: requests on one connection, their median and 95th percentile; and many clients at once."""

import http.client
import json
import multiprocessing
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

RUNS = 60
WARM = 5


class Times(Struct):
    """Milliseconds of one case."""

    p50: float
    p95: float


class Client:
    """One connection to a server on this machine."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.port, self.headers = port, headers or {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(
        self, path: str, method: str = "GET", body: Any = None, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        data = None if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
        held = {**({"Content-Type": "application/json"} if data else {}), **self.headers, **headers}
        self.connection.request(method, path, data, held)
        answer = self.connection.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}


def timed(call: Callable[[], Any], runs: int = RUNS) -> Times:
    """Call so often after some calls to warm up."""
    for _ in range(WARM):
        call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return Times(statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.95))])


def _hammer(port: int, path: str, headers: dict[str, str], seconds: float, counts: Any) -> None:
    client = Client(port, headers)
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        client.ask(path)
        done += 1
    counts.put(done)


def per_second(port: int, path: str, headers: dict[str, str], clients: int = 8, seconds: float = 4.0) -> float:
    """Requests per second of so many clients, each a process of its own."""
    counts: Any = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=_hammer, args=(port, path, headers, seconds, counts)) for _ in range(clients)
    ]
    for process in processes:
        process.start()
    total = sum(counts.get() for _ in processes)
    for process in processes:
        process.join()
    return total / seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server in a process of its own; `started` is how long it took to its first answer, in seconds."""

    def __init__(self, command: Sequence[str], port: int, path: str, environment: dict[str, str]) -> None:
        self.port = port
        start = time.perf_counter()
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr)
        while True:
            with suppress(OSError):
                Client(port).ask(path)
                break
            if self.process.poll() is not None or time.perf_counter() - start > 30:
                raise RuntimeError(f"the server did not start: {command}")
            time.sleep(0.01)
        self.started = time.perf_counter() - start

    def memory(self) -> float:
        """MiB, with shared pages counted for their share (PSS)."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
