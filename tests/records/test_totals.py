"""Amounts of lines, and totals of what they belong to: worked out by Basis, whatever happens to a line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from basis.errors import Invalid
from basis.records import bin
from tests.support.crm import Crm


def line(crm: Crm, opportunity: Any, **values: Any) -> str:
    given = {"opportunityproductname": "Regel", "opportunityid": opportunity.reference("name"), **values}
    return crm.create("opportunityproduct", given).id


def totals(crm: Crm, id: str) -> tuple[Any, ...]:
    held = crm.get("opportunity", id, "totallineitemamount", "totaltax", "totaldiscountamount", "totalamount")
    return tuple(held.values.values())


def test_a_line_is_quantity_times_price_less_discount_plus_tax(crm: Crm) -> None:
    opportunity = crm.create("opportunity", name="Kans")
    id = line(crm, opportunity, quantity=3, priceperunit=Decimal("10.50"), manualdiscountamount=1, tax=Decimal("6.40"))
    held = crm.get("opportunityproduct", id, "baseamount", "extendedamount")
    assert (held["baseamount"], held["extendedamount"]) == (Decimal("31.50"), Decimal("36.90"))


def test_the_total_follows_every_line_that_comes_changes_moves_goes_and_returns(crm: Crm) -> None:
    opportunity, other = crm.create("opportunity", name="Kans"), crm.create("opportunity", name="Andere")
    first = line(crm, opportunity, quantity=2, priceperunit=100, tax=42)
    line(crm, opportunity, quantity=1, priceperunit=50)
    assert totals(crm, opportunity.id) == (250, 42, 0, 292)
    crm.update("opportunityproduct", first, {"quantity": 3})
    assert totals(crm, opportunity.id) == (350, 42, 0, 392)
    crm.update("opportunity", opportunity.id, {"discountpercentage": 10, "freightamount": 5})
    assert totals(crm, opportunity.id) == (350, 42, 35, 362)
    crm.update("opportunityproduct", first, {"opportunityid": other.reference("name")})
    assert totals(crm, opportunity.id) == (50, 0, 5, 50)
    assert totals(crm, other.id) == (300, 42, 0, 342)
    with crm.scope() as scope:
        (deletion,) = bin.remove(scope, "opportunityproduct", [first])
    assert totals(crm, other.id) == (0, 0, 0, 0)
    with crm.scope() as scope:
        bin.restore(scope, deletion)
    assert totals(crm, other.id) == (300, 42, 0, 342)


def test_totals_are_not_set_by_users_and_follow_also_for_who_may_not_change_the_order(crm: Crm) -> None:
    with pytest.raises(Invalid) as refused:
        crm.create("opportunity", name="Kans", totalamount=1)
    assert list(refused.value.errors) == ["totalamount"]
