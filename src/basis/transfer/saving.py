"""Saving a lot of drafts through the door to records: created, changed or refused, each row on its own."""

from collections.abc import Sequence

from msgspec import Struct

from basis.errors import BasisError, Message
from basis.records.keys import find_by_key
from basis.records.record import Record
from basis.records.resolve import no_such
from basis.records.save import Outcome, create_many, update_many
from basis.security.scope import Scope
from basis.transfer import lookups
from basis.transfer.drafts import Draft
from basis.transfer.plan import Plan
from basis.transfer.roundtrip import keep_changed

NO_SUCH = no_such("").text


class Tally(Struct):
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def done(self) -> int:
        return self.created + self.updated


def save(scope: Scope, plan: Plan, batch: Sequence[Draft]) -> Tally:
    """Save what can be; what cannot has its `errors` filled."""
    tally = Tally()
    keep_changed(scope, plan, batch)
    lookups.resolve(scope, plan, batch)
    good = [draft for draft in batch if not draft.errors]
    ids = _existing(scope, plan, good)
    fresh = [draft for draft, id in zip(good, ids, strict=True) if id is None]
    held = [(id, draft) for draft, id in zip(good, ids, strict=True) if id is not None]
    if plan.mode == "update":
        for draft in fresh:
            draft.errors[""] = Message("There is no record with this key.")
    elif fresh:
        outcomes = create_many(scope, plan.entity.name, [draft.values for draft in fresh], free=plan.key)
        _settle(fresh, outcomes)
        tally.created += sum(isinstance(outcome, Record) for outcome in outcomes)
    if plan.mode == "create":
        for _, draft in held:
            draft.errors[""] = Message("There is a record with this key already.")
    elif held:
        _update(scope, plan, held, tally)
    return tally


def _existing(scope: Scope, plan: Plan, good: list[Draft]) -> list[str | None]:
    if plan.key is None:
        return [draft.id or None for draft in good]
    found = find_by_key(scope, plan.entity, plan.key, [draft.values for draft in good])
    return [draft.id or id for draft, id in zip(good, found, strict=True)]


def _update(scope: Scope, plan: Plan, held: list[tuple[str, Draft]], tally: Tally) -> None:
    drafts = [draft for _, draft in held]
    try:
        with scope.conn.begin_nested():
            outcomes = update_many(scope, plan.entity.name, [(id, draft.values) for id, draft in held])
    except BasisError as error:
        if len(held) > 1:
            for pair in held:
                _update(scope, plan, [pair], tally)
            return
        drafts[0].errors[""] = error.message
        return
    _settle(drafts, outcomes)
    for outcome in outcomes:
        if isinstance(outcome, Record):
            changed = "modifiedon" in outcome.values
            tally.updated += changed
            tally.unchanged += not changed


def _settle(drafts: Sequence[Draft], outcomes: Sequence[Outcome]) -> None:
    for draft, outcome in zip(drafts, outcomes, strict=True):
        if not isinstance(outcome, Record):
            draft.errors |= outcome


def waits_for_others(plan: Plan, draft: Draft) -> bool:
    """Whether a row only lacks records of its own entity, which may stand further down in the file."""
    return bool(draft.errors) and all(
        name in plan.own_lookups and message.text == NO_SUCH for name, message in draft.errors.items()
    )
