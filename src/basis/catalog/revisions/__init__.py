"""Numbered revisions of the few fixed tables, applied by Alembic; the tables of entities follow the catalog instead."""
