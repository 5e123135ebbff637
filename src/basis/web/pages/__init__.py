"""One module for every kind of page: functions from a Scope and a Request to an Answer."""
