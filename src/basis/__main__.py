"""`python -m basis` is the `basis` command."""

from basis.cli import main

main()
