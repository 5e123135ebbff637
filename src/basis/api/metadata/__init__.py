"""Definitions over the Web API: EntityDefinitions and its kin, saved queries and forms, as Dataverse names them."""
