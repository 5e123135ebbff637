"""How fast Basis is, beside what the database alone can do in the same run. Start with `make bench`."""
