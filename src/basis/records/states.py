"""States: which status reason goes with which state, and where one may go from here."""

from basis.catalog.entity import Entity
from basis.errors import Message
from basis.records.record import Values
from basis.records.resolve import Errors


def settle(entity: Entity, old: Values | None, values: Values, errors: Errors) -> None:
    """Complete and check a change of state in `values` (`statecode`, `statuscode` or both).

    A state without a reason gets its default reason; a reason brings its state along. A new record starts in
    the first state unless told otherwise. Refused moves go into `errors`.
    """
    if not entity.states:
        return
    state, reason = values.get("statecode"), values.get("statuscode")
    if state is None and reason is None:
        if old is not None:
            values.pop("statecode", None)
            values.pop("statuscode", None)
        else:
            values["statecode"], values["statuscode"] = entity.start
        return
    if reason is None:
        if old is not None and state == old.get("statecode"):
            reason = old.get("statuscode")
        else:
            reason = entity.default_reason(state)  # type: ignore[arg-type]
    belongs = entity.state_of(reason)  # type: ignore[arg-type]
    if belongs is None or (state is not None and belongs.value != state):
        errors["statuscode"] = Message("This status reason does not belong to the state.")
        return
    values["statecode"], values["statuscode"] = belongs.value, reason
    if old is not None:
        _check_move(entity, old, reason, errors)  # type: ignore[arg-type]


def _check_move(entity: Entity, old: Values, reason: int, errors: Errors) -> None:
    current = entity.reason(old["statuscode"]) if old.get("statuscode") is not None else None
    target = entity.reason(reason)
    if current is None or target is None or current.value == reason:
        return
    if current.next and reason not in current.next:
        errors["statuscode"] = Message(
            "One cannot go from {old} to {new} directly.", old=current.label, new=target.label
        )


def check_editable(entity: Entity, old: Values, changed: set[str], errors: Errors) -> None:
    """A closed record only lets its state change."""
    if not entity.states or old.get("statecode") is None:
        return
    state = entity.state(old["statecode"])
    touched = changed - {"statecode", "statuscode", "ownerid"}
    if not state.editable and touched:
        message = Message("This record is closed ({state}); reopen it to change it.", state=state.label)
        errors.update(dict.fromkeys(touched, message))
