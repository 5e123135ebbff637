"""OData: addresses, query options, bodies and answers, all of which come down to the one query model."""
