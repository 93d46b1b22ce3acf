"""A draft beside the rules in force over everyone on record; nothing that anybody is owed changes by it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.simulating import (
    CannotSimulateError,
    NoDifferenceError,
    simulate_drafts,
)
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from jiuye.office.policies import operations
from jiuye.office.policies.grids import BadGridError, Grid, GridAxis
from jiuye.office.policies.models import Simulation
from jiuye.office.policies.operations.simulations import TooManyDraftsError
from jiuye.office.staff.queries import NotPermittedError
from tests.office.policies.conftest import AT, FILE, ON, POLICY, changed, drafted, officer, with_share

pytestmark = pytest.mark.django_db


def test_a_draft_is_simulated_and_kept_with_the_day_of_its_data(pack, writer, flexible_worker):
    definitions, _ = load_funds(pack / "funds.yaml")
    record_funds(funds=definitions.values())
    appropriate_for_demonstration(fund="employment-subsidy", year=2025, amount_fen=1_000_000, on=ON, at=AT)
    draft = drafted(writer, with_share(pack))
    found = simulate_drafts(actor=writer, draft_ids=[draft.pk], on=ON, at=AT)
    assert (found.columns_on, found.draft_id) == (ON, draft.pk)
    (row,) = found.result["policies"]
    assert row["policy"] == POLICY
    assert row["moves"]["more"] == {"count": 1, "fen": 12_000}
    assert row["totals"]["before"]["amount_fen"] == 60_000
    assert [(group["label"], group["after_fen"]) for group in row["groups"]["county"]] == [("广陵区", 72_000)]
    assert [group["label"] for group in row["groups"]["age"]] == ["40–49"]
    assert len(row["months"]) == 12
    assert row["months"][0]["after_fen"] - row["months"][0]["before_fen"] == 12_000
    assert found.result["funds"]["employment-subsidy"]["available_fen"] == 1_000_000
    assert not Entitlement.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Simulation.objects.update(seconds=0)


def test_drafts_are_compared_in_one_run(pack, writer, flexible_worker):
    first = drafted(writer, with_share(pack), title="六成")
    second = drafted(writer, with_share(pack).replace("value: 0.6,", "value: 0.4,"), title="四成")
    found = simulate_drafts(actor=writer, draft_ids=[first.pk, second.pk], on=ON, at=AT)
    rows = {row["draft"]: row["moves"] for row in found.result["policies"]}
    assert rows[str(first.pk)]["more"]["fen"] == 12_000
    assert rows[str(second.pk)]["less"]["fen"] == -12_000
    assert found.result["drafts"] == {str(first.pk): "六成", str(second.pk): "四成"}
    drafts = [drafted(writer, with_share(pack)) for _ in range(3)]
    with pytest.raises(TooManyDraftsError):
        simulate_drafts(
            actor=writer, draft_ids=[first.pk, second.pk, *(draft.pk for draft in drafts)], on=ON, at=AT
        )


def test_a_grid_tries_every_value_of_a_parameter(pack, writer, flexible_worker):
    draft = drafted(writer, with_share(pack))
    grid = Grid((GridAxis(FILE, "share/2022-01-01", ("0.5", "0.55", "0.65")),))
    found = simulate_drafts(actor=writer, draft_ids=[draft.pk], grid=grid, on=ON, at=AT)
    points = {row["key"]: (row["after_fen"], row["gain"]) for row in found.result["grid"]["points"]}
    assert points == {"0.5": (60_000, 0), "0.55": (66_000, 1), "0.65": (78_000, 1)}


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ((), "一个或两个"),
        ((GridAxis(FILE, "share/2022-01-01", ("55%",)),), "55%"),
        ((GridAxis(FILE, "shares/2022-01-01", ("0.5",)),), "shares"),
        ((GridAxis("policies/none.yaml", "share/2022-01-01", ("0.5",)),), "none.yaml"),
        ((GridAxis(FILE, "share/2022-01-01", tuple(f"0.{n}" for n in range(10, 40))),), "25"),
    ],
)
def test_a_grid_that_cannot_be_tried_says_why(pack, writer, flexible_worker, axes, said):
    draft = drafted(writer, with_share(pack))
    with pytest.raises(BadGridError, match=said):
        simulate_drafts(actor=writer, draft_ids=[draft.pk], grid=Grid(axes), on=ON, at=AT)


def test_a_draft_with_mistakes_or_without_a_difference_is_not_simulated(pack, writer, flexible_worker):
    broken = drafted(writer, changed(pack, "test: flexible_registered\n", "test: flexibel_registered\n"))
    with pytest.raises(CannotSimulateError, match="1 处错误"):
        simulate_drafts(actor=writer, draft_ids=[broken.pk], on=ON, at=AT)
    same = operations.start_draft(actor=writer, title="一样", paths=[FILE], at=AT)
    with pytest.raises(NoDifferenceError):
        simulate_drafts(actor=writer, draft_ids=[same.pk], on=ON, at=AT)
    with pytest.raises(NotPermittedError):
        simulate_drafts(actor=officer("经办", "caseworker"), draft_ids=[same.pk], on=ON, at=AT)
