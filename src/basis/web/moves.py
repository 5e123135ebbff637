"""The commands that change a record's state: those that its status reason allows, in the words of the entity."""

from msgspec import Struct

from basis.catalog.entity import Entity, State
from basis.errors import Message
from basis.records.record import Record
from basis.security.scope import Scope


class Move(Struct, frozen=True):
    """A state to go to, through one of its reasons."""

    message: Message
    icon: str
    reasons: list[tuple[int, dict[str, str]]]


def moves(scope: Scope, entity: Entity, record: Record) -> list[Move]:
    """The states that the record may go to from here."""
    if not entity.states or record.get("statecode") is None:
        return []
    here = entity.state(record["statecode"])
    reason = entity.reason(record["statuscode"]) if record.get("statuscode") is not None else None
    allowed = set(reason.next) if reason and reason.next else None
    found = []
    for state in entity.states:
        reasons = [(r.value, r.label) for r in state.reasons if allowed is None or r.value in allowed]
        if state.value != here.value and reasons:
            found.append(_move(here, state, reasons))
    return _together(found)


def _together(found: list[Move]) -> list[Move]:
    """One command for moves that are called the same: a closed appointment reopens as open or as scheduled."""
    merged: dict[Message, Move] = {}
    for move in found:
        held = merged.get(move.message)
        reasons = [*held.reasons, *move.reasons] if held else move.reasons
        merged[move.message] = Move(move.message, move.icon, reasons)
    return list(merged.values())


def _move(here: State, state: State, reasons: list[tuple[int, dict[str, str]]]) -> Move:
    if state.editable and not here.editable:
        return Move(Message("Reopen"), "lock-open", reasons)
    name = {language: text[:1].lower() + text[1:] for language, text in state.label.items()}
    icon = "check" if state.value == 1 else "ban" if not state.editable else "arrow-right"
    return Move(Message("Mark as {state}", state=name), icon, reasons)
