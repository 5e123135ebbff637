"""The `basis` command: everything that one does with an organisation without a browser."""

from basis.cli.commands import main

__all__ = ["main"]
