"""The only door to records: every read and write, with rights, rules, audit and search in one transaction."""
