"""The demonstration has money to grant, says that it is pretended, and gets it once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from jiuye.city.budgets import YUAN_A_RESIDENT, lay_budgets
from jiuye.engine.ledger.funds_file import load_funds
from jiuye.office.funds.models import Budget
from jiuye.office.funds.operations import record_funds
from jiuye.office.registry.models import Division, Person

DAY = date(2025, 6, 3)
AT = datetime(2025, 6, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def two_residents(db):
    Division.objects.create(code="3210", name="某市", kind="city")
    for number in range(2):
        Person.objects.create(
            name="甲", sex="male", id_number_index=bytes([number]), residence_division_id="3210",
            source="演示", registered_on=DAY,
        )  # fmt: skip


def test_each_fund_of_the_pack_gets_a_demonstration_budget_once(two_residents, pack_dir):
    funds, _ = load_funds(pack_dir / "funds.yaml")
    record_funds(funds=funds.values())
    assert lay_budgets(on=DAY, at=AT) == len(funds)
    assert lay_budgets(on=DAY, at=AT) == 0
    budgets = Budget.objects.select_related("account").order_by("pk")
    assert {budget.account.available_fen for budget in budgets} == {2 * YUAN_A_RESIDENT * 100}
    assert all(budget.demonstration and budget.year == 2025 for budget in budgets)


def test_a_city_without_residents_gets_no_money(db, pack_dir):
    funds, _ = load_funds(pack_dir / "funds.yaml")
    record_funds(funds=funds.values())
    assert lay_budgets(on=DAY, at=AT) == 0
    assert not Budget.objects.exists()
