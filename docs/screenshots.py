"""Makes the pictures in docs/images from the sample data, in a real browser: `python -m docs.screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from basis.app import create_app
from basis.config import Config
from tests.support.browser import browser
from tests.support.serving import served

IMAGES = Path(__file__).resolve().parent / "images"
SIZE = {"width": 1360, "height": 640}


def main() -> None:
    """Found an organisation in a folder that is thrown away, and photograph what it looks like."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served(create_app(Config(Path(folder)))) as address,
        browser() as chromium,
    ):
        page = chromium.new_page(viewport=SIZE, locale="en-GB", reduced_motion="reduce")
        welcome(page, address)
        a_list(page, address)
        a_record(page, address)


def welcome(page: Any, address: str) -> None:
    page.goto(f"{address}/welcome?language=en")
    page.get_by_label("Name of the organisation").fill("Kompas Advies")
    page.get_by_label("Your name").fill("Femke van den Berg")
    page.get_by_label("E-mail address").fill("femke@example.com")
    page.get_by_label("Password").fill("a very long password")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="Hello, Femke").wait_for()
    page.goto(address)  # once more, so that the greeting above the page is gone


def a_list(page: Any, address: str) -> None:
    page.goto(f"{address}/opportunity?sort=-estimatedvalue")
    take(page, "list")


def a_record(page: Any, address: str) -> None:
    page.goto(f"{address}/opportunity?sort=-estimatedvalue")
    page.locator("tbody tr").first.get_by_role("link").nth(1).click()
    page.get_by_role("button", name="Save", exact=True).wait_for()
    take(page, "record")


def take(page: Any, name: str) -> None:
    """Wait for fonts and pictures, and keep what is in sight."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"{name}.png: {(IMAGES / f'{name}.png').stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
