"""Work that goes on after a request: a queue in the same database, so that a record and its follow-up commit together."""
