"""The pages of a budget's versions: drawn up by one, looked at by another who decides."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

import pytest

from jiuye.office.budgeting import operations
from jiuye.office.budgeting.models import BudgetVersion
from tests.office.budgeting.conftest import (  # noqa: F401 (the fixtures are used by name)
    AT,
    FUND,
    ON,
    POLICY,
    bureau,
    flexible_worker,
    pack,
    person,
    town,
)
from tests.portals.counting import Walk, client_of

pytestmark = pytest.mark.django_db
PAGES = frozenset(
    f"desk:budget{page}" for page in ("", "_cases", "_compare", "_fund", "_line", "_workbook", "_execution")
)


def test_the_pages_of_a_budget_hold_to_fifteen(bureau, flexible_worker, settings):
    settings.OFFICE_DATE = ON.isoformat()
    both = {name: client_of(name) for name in ("蒋文斌", "卞立")}
    both["蒋文斌"].post("/desk/budget/draw/", {"note": "初稿"})
    operations.DRAWINGS.carry_out(clock=lambda: AT)
    first = BudgetVersion.objects.get()
    both["蒋文斌"].post(f"/desk/budget/{first.pk}/acts/copy/")
    second = BudgetVersion.objects.order_by("-pk")[0]
    walk = Walk()
    walk.open(both, "desk:budget", first.pk)
    walk.open(both, "desk:budget_fund", first.pk, FUND)
    walk.open(both, "desk:budget_line", first.pk, first.lines.get(policy_id=POLICY).pk)
    walk.open(both, "desk:budget_compare", first.pk, second.pk)
    walk.open(both, "desk:budget_workbook", first.pk)
    walk.open(both, "desk:budget_execution", 2026)
    walk.open(both, "desk:budget_cases", 2026, POLICY, "321002")
    walk.hold(PAGES)
