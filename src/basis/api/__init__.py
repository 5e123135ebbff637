"""The Web API: records and definitions over HTTP, in the shape of Dataverse's OData, made from the catalog."""
