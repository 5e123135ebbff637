"""The stylesheet and the islands on pages that use every class: accessible, and under a strict policy.

The pages in tests/look/ stand for themselves; they need no server of ours, so a fault here is one of the
front end. They also show how templates use the classes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

LOOK = Path(__file__).parent / "look"
BUILD = Path(__file__).parents[1] / "src" / "basis" / "web" / "static" / "build"
PAGES = ["record", "list", "sign-in"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
CHOICES = [
    {"id": "1", "label": "Dijkstra Zorg", "sub": "Zwolle", "entity": "account"},
    {"id": "2", "label": "Bakker Bouw BV", "sub": "Almere", "entity": "account"},
]


class Handler(SimpleHTTPRequestHandler):
    """Answers the pages, the built files under their logical names, and one lookup."""

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].strip("/")
        if name == "lookup.json":
            return self.answer(json.dumps({"found": CHOICES, "create": []}).encode(), "application/json")
        if name == "refused":
            return self.answer(b"<p>Dat mag niet.</p>", "text/html", 403)
        file = LOOK / name if name.endswith(".html") else self.built(name)
        if not file.is_file():
            return self.send_error(404)
        self.answer(file.read_bytes(), self.guess_type(str(file)))

    def do_POST(self) -> None:
        self.answer(b"<!doctype html><title>Posted</title>", "text/html")

    def built(self, name: str) -> Path:
        return BUILD / json.loads((BUILD / "manifest.json").read_text()).get(name, name)

    def answer(self, content: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(LOOK)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page that fails its test when the browser complains, about the policy or anything else."""
    opened = chromium.new_page(viewport={"width": 1440, "height": 860})
    complaints: list[str] = []
    opened.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert [text for text in complaints if "the server responded with a status of" not in text] == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_page_is_accessible_and_fits(site: str, page: Any, name: str, theme: str, width: int) -> None:
    from tests.support.browser import assert_accessible

    page.set_viewport_size({"width": width, "height": 860})
    page.goto(f"{site}/{name}.html")
    page.evaluate("theme => (document.documentElement.dataset.bsTheme = theme)", theme)
    page.wait_for_function("document.fonts.status === 'loaded'")
    if page.locator("crm-lookup").count():
        page.wait_for_selector("crm-lookup .ts-control")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_lookup_is_searched_and_chosen_by_keyboard(site: str, page: Any) -> None:
    from tests.support.browser import assert_accessible

    page.goto(f"{site}/record.html")
    page.wait_for_selector("crm-lookup .ts-control")
    page.get_by_role("combobox", name="Account").focus()
    page.keyboard.type("bak")
    page.wait_for_selector(".ts-dropdown .lookup-option >> text=Bakker Bouw BV")
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#account").input_value() == "2"
    assert page.locator("form#record[data-dirty]").count() == 1


def test_the_keyboard_reaches_search_menus_and_theme(site: str, page: Any) -> None:
    page.goto(f"{site}/record.html")
    page.wait_for_selector("html.js")
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.id") == "global-search"
    page.get_by_text("Meer").click()
    assert page.locator("details.menu[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0
    page.get_by_label("Donkere weergave").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert "theme=dark" in page.evaluate("document.cookie")


def test_deleting_asks_first_and_goes_on_only_after_yes(site: str, page: Any) -> None:
    from tests.support.browser import assert_accessible

    page.goto(f"{site}/record.html")
    page.wait_for_selector("html.js")
    page.get_by_role("button", name="Verwijderen").click()
    assert_accessible(page)
    page.get_by_role("button", name="Annuleren").click()
    assert page.url.endswith("/record.html")
    page.get_by_role("button", name="Verwijderen").click()
    with page.expect_request("**/delete") as sent:
        page.locator("dialog").get_by_role("button", name="Verwijderen").click()
    assert sent.value.method == "POST"


def test_selecting_rows_counts_them(site: str, page: Any) -> None:
    page.goto(f"{site}/list.html")
    page.wait_for_selector("html.js")
    page.get_by_label("Alles selecteren").check()
    assert page.locator("[data-selected-count]").inner_text() == "3"
    page.get_by_label("Dijkstra Zorg").uncheck()
    assert page.locator("[data-selected-count]").inner_text() == "2"
    assert page.get_by_label("Alles selecteren").evaluate("box => box.indeterminate") is True


def test_the_drawer_opens_on_a_narrow_screen_and_closes_with_escape(site: str, page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site}/record.html")
    page.wait_for_selector("html.js")
    assert not page.get_by_role("link", name="Accounts").is_visible()
    page.get_by_label("Menu").click()
    page.get_by_role("link", name="Accounts").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Accounts").wait_for(state="hidden")


def test_a_swap_keeps_the_keyboard_where_it_was_and_shows_refusals(site: str, page: Any) -> None:
    page.goto(f"{site}/list.html")
    page.wait_for_selector("html.js")
    page.get_by_role("link", name="Naam").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("th[aria-sort=descending]")
    page.wait_for_function("document.activeElement.textContent === 'Naam'")
    page.goto(f"{site}/list.html")
    page.wait_for_selector("html.js")
    page.get_by_role("link", name="Omzet").click()
    page.get_by_text("Dat mag niet.").wait_for()
