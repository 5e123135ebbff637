"""Fixtures that all tests may use; they are made in tests/support."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.crm import crm, crm_on_sqlite, organisation
from tests.support.data import REAL_DATA

__all__ = ["crm", "crm_on_sqlite", "organisation"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of a process: Playwright refuses a second one beside it."""
    from tests.support.browser import browser

    with browser() as launched:
        yield launched


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of real input are deselected, by name, where that input is not at hand."""
    if REAL_DATA.is_dir():
        return
    left = [item for item in items if item.get_closest_marker("real_data")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
