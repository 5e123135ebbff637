"""The customer of a record: an account or a contact."""

from basis.fields.lookup import LookupType


class CustomerType(LookupType):
    """A lookup of accounts and contacts, unless its settings name other entities."""

    name = "customer"
    label = {"en": "Customer", "nl": "Klant"}
    attribute_type = "Customer"
    usual = ("account", "contact")
