"""The status reason of a record: a choice whose options belong to states."""

from collections.abc import Sequence
from typing import Any

from basis.fields.base import Field
from basis.fields.choice import ChoiceType, Option


class StatusType(ChoiceType):
    """`statuscode`. A form offers the reasons of the record's own state; closing has its own command."""

    name = "status"
    label = {"en": "Status reason", "nl": "Statusreden"}
    attribute_type = "Status"
    creatable = False

    def offered(self, field: Field, value: Any) -> Sequence[Option]:
        current = self.option(field, int(value) if str(value or "").isdigit() else None)
        state = current.state if current else 0
        return [option for option in self.options(field) if option.state == state]
