"""A browser for these tests, and pages that complain when the browser does."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from basis.app import create_app
from basis.security import sessions
from basis.web.request import SESSION
from tests.support.crm import Crm, on_sqlite
from tests.support.serving import served

READY = """document.fonts.status === "loaded" && document.documentElement.classList.contains("js")
  && [...document.querySelectorAll("crm-lookup")].every((each) => each.querySelector(".ts-control"))
  && [...document.querySelectorAll("crm-rich-text")].every((each) => each.querySelector(".rich-room"))"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crm, str]]:
    """An organisation and its address, shared by the tests of one file."""
    folder: Path = tmp_path_factory.mktemp("house")
    with on_sqlite(folder) as crm, served(create_app(entrance=crm.entrance)) as address:
        yield crm, address


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell a test that failed what its page showed."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.failed and report.when == "call" and page is not None and not page.is_closed():
        report.sections.append(("The page", f"{page.url}\n{page.locator('body').inner_text()[:3000]}"))
    return report


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page in a context of its own; the test fails when the browser reports an error or a policy is broken."""
    context = chromium.new_context(viewport={"width": 1440, "height": 860}, locale="en-GB")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    with closing(context):
        yield opened
    assert [text for text in complaints if "the server responded with a status of" not in text] == []


def enter(page: Any, crm: Crm, address: str, user: str = "", language: str = "en", theme: str = "light") -> None:
    """Give the browser a session of the user."""
    with crm.entrance.nobody(write=True) as (conn, _):
        secret = sessions.start(conn, user or crm.admin, crm.entrance.clock())
    held = {SESSION: secret, "language": language, "theme": theme}
    page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in held.items()])


def settle(page: Any) -> None:
    """Wait until fonts and islands are there; by asking, since the page's policy forbids polling inside it."""
    for _ in range(200):
        if page.evaluate(READY):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"{page.url} does not settle")
