"""What holds for the repository itself: the built front end, the lock files and what is tracked."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "src" / "basis" / "web" / "static" / "build"

# Third-party files are fetched by a lock file, never committed.
FETCHED = re.compile(r"(^|/)(node_modules|\.venv|vendor)/|\.min\.(js|css)$|\.(woff2?|ttf|otf|whl|map)$")

# Spelled in halves, so that this file does not name what it looks for.
REGISTRY_HOSTS = ["pypi." + "org", "pythonhosted." + "org", "npmjs." + "org", "npmjs." + "com"]
REGISTRY_HOSTS += ["deb.debian." + "org", "yarnpkg." + "com"]
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(work|root|farm|home/\w+|Users/\w+)/|/tmp/" + r"[a-z]+/")


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git work tree")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def tracked_texts() -> list[tuple[str, str]]:
    texts = []
    for name in tracked_files():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8000]:
            texts.append((name, content.decode("utf-8", errors="replace")))
    return texts


def manifest() -> dict[str, str]:
    found: dict[str, str] = json.loads((BUILD / "manifest.json").read_text())
    return found


def test_the_manifest_names_files_that_exist() -> None:
    assert set(manifest()) == {"app.js", "app.css", "icons.svg"}
    for logical, hashed in manifest().items():
        stem, suffix = logical.rsplit(".", 1)
        assert re.fullmatch(rf"{stem}-[0-9A-Za-z]{{8}}\.{suffix}", hashed)
        assert (BUILD / hashed).stat().st_size > 1000


def test_the_sprite_has_every_icon_of_the_list() -> None:
    names = json.loads((ROOT / "frontend" / "icons.json").read_text())
    assert names == sorted(set(names)), "frontend/icons.json is sorted and names each icon once"
    sprite = (BUILD / manifest()["icons.svg"]).read_text()
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == names


def test_the_licences_of_what_is_served_are_collected() -> None:
    text = (BUILD / "licenses.txt").read_text()
    for package in ("@tabler/core", "@tabler/icons", "@fontsource-variable/inter", "htmx.org", "tom-select"):
        assert f"==== {package} " in text


def test_the_stylesheet_asks_nothing_of_other_hosts() -> None:
    style = (BUILD / manifest()["app.css"]).read_text()
    assert not re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//[^)]*", style)


def test_no_third_party_file_is_tracked() -> None:
    assert [name for name in tracked_files() if FETCHED.search(name)] == []
    assert [name for name in tracked_files() if name.startswith("src/basis/web/static/build")] == []


def test_no_tracked_file_names_a_package_registry_or_a_path_of_a_machine() -> None:
    found = []
    for name, text in tracked_texts():
        found += [f"{name}: {host}" for host in REGISTRY_HOSTS if host in text]
        found += [f"{name}: {match.group()}" for match in MACHINE_PATHS.finditer(text)]
    assert found == []


def test_lock_files_pin_every_package_with_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        for block in re.split(r"\n(?=\S)", (ROOT / name).read_text().strip()):
            assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", block), f"{name}: {block[:60]}"
            assert "--hash=sha256:" in block, f"{name}: {block[:60]}"


def test_lock_files_hold_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["postgres"]
    development = project["dependency-groups"]["dev"]
    for name, requirements in {
        "requirements.lock": runtime,
        "requirements-dev.lock": runtime + development,
    }.items():
        pinned = set(re.findall(r"^([a-z0-9._-]+)", (ROOT / name).read_text(), re.MULTILINE))
        wanted = {re.split(r"[\[<>=!~; ]", requirement)[0].lower() for requirement in requirements}
        assert wanted <= pinned, f"{name} lacks {wanted - pinned}: run `make lock`"


def test_the_front_end_lock_file_names_no_address() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
