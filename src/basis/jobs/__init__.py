"""Work that goes on after a request, in a queue in the same database: a record and its follow-up commit together."""
