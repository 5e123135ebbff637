"""Programs that tests need and Python cannot bring: found here or, as root on Debian, installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Missing(RuntimeError):
    """A program is not there and cannot be installed by this user."""


def find_or_install(find: Callable[[], Path | None], package: str, what: str) -> Path:
    """Return the program; one process at a time installs, so that parallel workers do not collide."""
    with machine_lock(f"install-{package}"):
        found = find()
        if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
            _install(package)
            found = find()
    if found is None:
        raise Missing(f"These tests need {what}; install it (on Debian: apt-get install {package}).")
    return found


@contextmanager
def machine_lock(name: str) -> Iterator[None]:
    """Hold a lock that all processes of this user share."""
    path = Path(tempfile.gettempdir()) / f"basis-tests-{os.geteuid()}-{name}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(package: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
        finished = subprocess.run(command, env=environment, capture_output=True, text=True)
        if finished.returncode:
            last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
            raise Missing(f"`{' '.join(command)}` failed: {last}")
