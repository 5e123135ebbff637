"""Fixtures that all tests may use; they are made in tests/support."""

from tests.support.crm import crm, crm_on_sqlite, organisation

__all__ = ["crm", "crm_on_sqlite", "organisation"]
