"""The state of a record (open, won, lost …); its options come from the entity."""

from basis.fields.choice import ChoiceType


class StateType(ChoiceType):
    """`statecode`. Set through a change of state, which the door checks (records/states.py)."""

    name = "state"
    label = {"en": "State", "nl": "Status"}
    attribute_type = "State"
    creatable = False
