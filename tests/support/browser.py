"""A real browser for the tests: this machine's Chromium, driven by Playwright, and axe for accessibility."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.programs import find_or_install

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

# The rules of WCAG 2.2 A and AA.
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> Path:
    """Return the machine's Chromium; as root on Debian it is installed when missing."""
    return find_or_install(_find, "chromium", "Chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser that is closed at the end."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(chromium()), headless=True, args=FLAGS)
        try:
            yield launched
        finally:
            launched.close()


def assert_accessible(page: Page, *, within: str = "html") -> None:
    """Fail with a readable list when axe finds anything against WCAG A or AA on the page."""
    violations = accessibility_violations(page, within)
    lines = [
        f"{violation['id']}: {violation['help']}\n    {node['html'][:200]}\n    {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
    assert not lines, "axe found:\n" + "\n".join(lines)


def accessibility_violations(page: Page, within: str = "html") -> list[dict[str, Any]]:
    """What axe finds. It is evaluated through the debugger, so the page's security policy may be strict."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": AXE_RULES}, "resultTypes": ["violations"]}
    answer: dict[str, Any] = page.evaluate("([within, options]) => axe.run(within, options)", [within, options])
    found: list[dict[str, Any]] = answer["violations"]
    return found


def _find() -> Path | None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    return Path(found) if found else None
