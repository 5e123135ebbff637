"""Two writers at the same moment: one of them is told, in the words of the field, and nothing breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from basis.errors import Invalid
from basis.records import save
from basis.security.scope import Scope
from tests.support.crm import Crm

NUMBER = "12345678"
TAKEN = "Another Account already has this Chamber of Commerce number."


def meanwhile(crm: Crm, first: Callable[[Scope], object], second: Callable[[Scope], object]) -> object:
    """Let a second writer start while the first one has written and not yet committed; answers its outcome."""
    outcome: list[object] = []

    def run() -> None:
        try:
            with crm.scope() as scope:
                outcome.append(second(scope))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    with crm.scope() as scope:
        first(scope)
        thread.start()
        time.sleep(0.5)
        assert not outcome, "the second writer did not wait for the first"
    thread.join()
    return outcome[0]


def creates(values: Mapping[str, Any]) -> Callable[[Scope], object]:
    return lambda scope: save.create(scope, "account", values)


def test_a_key_that_another_transaction_takes_is_refused_beside_its_field(crm: Crm) -> None:
    outcome = meanwhile(crm, creates({"name": "A", "kvknumber": NUMBER}), creates({"name": "B", "kvknumber": NUMBER}))
    assert isinstance(outcome, Invalid) and str(outcome.errors["kvknumber"]) == TAKEN


def test_changing_to_such_a_key_is_refused_too(crm: Crm) -> None:
    account = crm.create("account", {"name": "C"})
    outcome = meanwhile(
        crm,
        creates({"name": "A", "kvknumber": NUMBER}),
        lambda scope: save.update_one(scope, "account", account.id, {"kvknumber": NUMBER}),
    )
    assert isinstance(outcome, Invalid) and str(outcome.errors["kvknumber"]) == TAKEN
    assert crm.get("account", account.id, "kvknumber")["kvknumber"] is None


def test_the_other_rows_of_a_batch_are_written(crm: Crm) -> None:
    more = [{"name": f"Account {number}", "kvknumber": f"{34567890 + number}"} for number in range(20)]
    rows = [{"name": "B", "kvknumber": NUMBER}, {"name": "C", "kvknumber": "23456789"}, *more]
    outcome = meanwhile(
        crm,
        creates({"name": "A", "kvknumber": NUMBER}),
        lambda scope: save.create_many(scope, "account", rows),
    )
    assert isinstance(outcome, list)
    refused, saved, *others = outcome
    assert set(refused) == {"kvknumber"}
    assert [crm.get("account", made.id, "name")["name"] for made in (saved, others[-1])] == ["C", "Account 19"]
