"""Basis: a CRM whose entities, fields, views and forms are data that its users shape."""

__version__ = "0.1.0"
