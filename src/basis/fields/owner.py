"""The owner of a record: a user or a team."""

from basis.fields.base import Field, Target
from basis.fields.lookup import LookupType


class OwnerType(LookupType):
    """`ownerid`; changing it is an assignment, with its own privilege and cascade."""

    name = "owner"
    label = {"en": "Owner", "nl": "Eigenaar"}
    attribute_type = "Owner"
    creatable = False
    TARGETS = (
        Target("systemuser", navigation="ownerid_systemuser", on_delete="restrict"),
        Target("team", navigation="ownerid_team", on_delete="restrict"),
    )

    def targets(self, field: Field) -> tuple[Target, ...]:
        return field.settings.targets or self.TARGETS
