"""A budget is refused where a floor is broken, decided by another officer, and becomes the year's ceilings; what becomes of it is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.budgeting import operations, queries
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.office.budgeting.states import WrongVersionStateError
from jiuye.office.funds.operations import (
    BudgetExceededError,
    BudgetMissingError,
    ShareExceededError,
    release,
    reserve,
)
from jiuye.office.funds.queries import budget_positions
from jiuye.office.staff.queries import NotPermittedError
from tests.office.budgeting.conftest import AT, COUNTIES, FUND, ON, POLICY
from tests.office.entitlements.conftest import hold, make_person, pay
from tests.office.policies.conftest import officer

pytestmark = pytest.mark.django_db
NEXT = date(2026, 3, 1)


def approve(bureau, version, document="扬财社〔2025〕88号"):
    return operations.approve(actor=bureau.decider, version_id=version.pk, document=document, on=ON, at=AT)


def submit(bureau, version):
    return operations.submit(actor=bureau.drawer, version_id=version.pk, on=ON)


def test_a_county_that_gives_nothing_is_named_and_the_budget_is_not_submitted(bureau, flexible_worker):
    version = bureau.draw()
    bureau.arrange_enough(version)
    bureau.arrange(version, {(FUND, "321084"): 0, (FUND, "321023"): 0})
    with pytest.raises(operations.FloorBrokenError, match=r"“零投入”现象.*(高邮市|宝应县)、(高邮市|宝应县)"):
        submit(bureau, version)
    version.refresh_from_db()
    assert version.state == "draft"
    bureau.arrange(version, {(FUND, "321084"): 1, (FUND, "321023"): 1})
    assert submit(bureau, version).state == "submitted"


def test_the_citys_floors_hold_in_the_years_that_the_plan_names(bureau, flexible_worker):
    """The plan sets 300 and 80 million for 2023 to 2025: a budget of 2025 is held to them, one of 2026 only to no county at zero."""
    version = bureau.draw()
    assert [standing.floor.id for standing in queries.floor_standings(version)] == ["no-county-at-zero"]
    in_2024 = date(2024, 4, 15)
    earlier_worker = make_person("王芳", "321002197804154322", birth_date=date(1978, 4, 15))
    hold(earlier_worker, "employment_difficulty", date(2024, 1, 1), category="older")
    hold(earlier_worker, "flexible_employment", date(2024, 1, 10))
    pay(earlier_worker, None, date(2024, 1, 1))
    earlier = operations.draw_up(actor=bureau.drawer, year=2025, on=in_2024, at=AT)
    bureau.arrange_enough(earlier)
    bureau.arrange(earlier, {(FUND, "municipality"): 79_999_999_99})
    with pytest.raises(operations.FloorBrokenError) as refusal:
        operations.submit(actor=bureau.drawer, version_id=earlier.pk, on=in_2024)
    assert "不低于8000万元" in str(refusal.value)
    assert "还差 0.01 元" in str(refusal.value)
    assert "不低于3亿元" not in str(refusal.value)
    bureau.arrange(earlier, {(FUND, "municipality"): 80_000_000_00, (FUND, "321002"): 1})
    with pytest.raises(operations.FloorBrokenError, match="不低于3亿元"):
        operations.submit(actor=bureau.drawer, version_id=earlier.pk, on=in_2024)


def test_lines_beyond_what_is_arranged_are_refused_by_fund(bureau, flexible_worker):
    version = bureau.draw()
    bureau.arrange_enough(version)
    bureau.arrange(version, {("employment-subsidy", "higher"): 100})
    with pytest.raises(operations.ContributionsTooSmallError, match=r"就业补助资金.*只有 1\.00 元"):
        submit(bureau, version)


def test_a_budget_in_which_every_line_is_nought_is_not_handed_in(bureau, flexible_worker):
    version = bureau.draw()
    bureau.arrange_enough(version)
    version.lines.update(budgeted_fen=0)
    with pytest.raises(operations.NoughtError, match="都是零"):
        submit(bureau, version)


def test_another_officer_of_the_right_post_decides_with_a_document(bureau, flexible_worker):
    version = bureau.submitted()
    with pytest.raises(NotPermittedError):
        operations.approve(actor=bureau.drawer, version_id=version.pk, document="文", on=ON, at=AT)
    with pytest.raises(NotPermittedError):
        operations.approve(
            actor=officer("审批", "approver"), version_id=version.pk, document="文", on=ON, at=AT
        )
    with pytest.raises(operations.DocumentMissingError):
        approve(bureau, version, document=" ")
    assert queries.acts_of(actor=bureau.decider, version=version) == ["approve", "send_back"]
    assert queries.acts_of(actor=bureau.drawer, version=version) == []
    assert approve(bureau, version).state == "approved"
    with pytest.raises(WrongVersionStateError, match="已批准"):
        approve(bureau, version)


def test_a_version_sent_back_says_why_and_stays_as_it_was(bureau, flexible_worker):
    version = bureau.submitted()
    with pytest.raises(operations.ReasonMissingError):
        operations.send_back(actor=bureau.decider, version_id=version.pk, reason="", on=ON)
    returned = operations.send_back(
        actor=bureau.decider, version_id=version.pk, reason="高邮市安排偏低", on=ON
    )
    assert (returned.state, returned.reason) == ("returned", "高邮市安排偏低")
    assert not budget_positions(actor=bureau.decider, year=2026)


def test_an_approved_budget_is_the_ceiling_that_reservations_are_held_against(bureau, flexible_worker):
    approver = officer("审批", "approver")
    claim = {"actor": approver, "fund": "employment-subsidy", "on": NEXT, "at": AT}
    with pytest.raises(BudgetMissingError):
        reserve(claim_key="case:1", amount_fen=100, **claim)
    approve(bureau, bureau.submitted())
    positions = {row.fund_code: row for row in budget_positions(actor=bureau.decider, year=2026)}
    assert positions["employment-subsidy"].appropriated_fen == 10_000_000_00
    assert positions["employment-subsidy"].demonstration is False
    reserve(claim_key="case:1", amount_fen=10_000_000_00, **claim)
    with pytest.raises(BudgetExceededError, match=r"可用 0\.00 元"):
        reserve(claim_key="case:2", amount_fen=1, **claim)


def test_a_later_version_adds_and_never_takes_back_what_was_appropriated(bureau, flexible_worker):
    first = approve(bureau, bureau.submitted())
    less = operations.copy_version(actor=bureau.drawer, version_id=first.pk, note="", on=ON, at=AT)
    bureau.arrange(less, {("employment-subsidy", "higher"): 9_000_000_00})
    submit(bureau, less)
    with pytest.raises(operations.LessThanAppropriatedError, match=r"已下达 10,000,000\.00 元"):
        approve(bureau, less)
    first.refresh_from_db()
    assert first.state == "approved"
    more = operations.copy_version(actor=bureau.drawer, version_id=first.pk, note="", on=ON, at=AT)
    bureau.arrange(more, {("employment-subsidy", "higher"): 12_000_000_00})
    submit(bureau, more)
    approve(bureau, more, document="扬财社〔2026〕3号")
    first.refresh_from_db()
    assert first.state == "superseded"
    (row,) = [
        row
        for row in budget_positions(actor=bureau.decider, year=2026)
        if row.fund_code == "employment-subsidy"
    ]
    assert row.appropriated_fen == 12_000_000_00


def test_execution_sets_approved_beside_reserved_and_left_and_the_share_of_the_year(bureau, flexible_worker):
    version = approve(bureau, bureau.submitted())
    approver = officer("审批", "approver")
    reserve(
        actor=approver,
        fund="employment-subsidy",
        claim_key="loan:7",
        amount_fen=5_000,
        on=NEXT,
        at=AT,
        clause=f"{POLICY}@1",
    )
    reserve(
        actor=approver, fund="employment-subsidy", claim_key="loan:8", amount_fen=9_000, on=NEXT, at=AT,
        clause=f"{POLICY}@1",
    )  # fmt: skip
    release(actor=approver, claim_key="loan:8", on=NEXT, at=AT)
    found = queries.execution(actor=approver, year=2026, on=date(2026, 1, 31))
    assert found.version == version
    assert found.gone_permille == 1000 // 12  # counted in months, as the plan is, not 31 days of 365
    rows = {(row.policy, row.county): row for row in found.rows}
    assert rows[POLICY, ""].reserved_fen == 5_000  # nobody said of which county
    assert rows[POLICY, "321002"].approved_fen == version.lines.get(policy_id=POLICY).budgeted_fen
    assert rows[POLICY, "321002"].left_fen == rows[POLICY, "321002"].approved_fen
    assert queries.execution(actor=approver, year=2026, on=date(2025, 12, 31)).gone_permille == 0
    assert queries.execution(actor=approver, year=2026, on=date(2027, 1, 1)).gone_permille == 1000
    with pytest.raises(NotPermittedError):
        queries.execution(actor=officer("经办", "caseworker"), year=2026, on=NEXT)


def test_an_approved_budget_holds_each_county_to_its_share_and_a_later_version_moves_it(
    bureau, flexible_worker
):
    version = approve(bureau, bureau.submitted())
    share_fen = version.lines.get(policy_id=POLICY, county_code="321002").budgeted_fen
    approver = officer("审批", "approver")
    claim = {"actor": approver, "fund": "employment-subsidy", "on": NEXT, "at": AT}
    reserve(claim_key="case:1", amount_fen=share_fen, county="321002", **claim)
    with pytest.raises(ShareExceededError, match=r"广陵区的份额还剩 0\.00 元.*请由市就业办编制调整预算"):
        reserve(claim_key="case:2", amount_fen=100, county="321002", **claim)
    found = queries.execution(actor=approver, year=2026, on=NEXT)
    shares = {share.county_code: (share.amount_fen, share.left_fen) for share in found.shares}
    assert shares["321002"] == (share_fen, 0)
    more = operations.copy_version(actor=bureau.drawer, version_id=version.pk, note="", on=ON, at=AT)
    line = more.lines.get(policy_id=POLICY, county_code="321002")
    operations.change_line(
        actor=bureau.drawer, version_id=more.pk, line_id=line.pk, budgeted_fen=share_fen + 100, reason="调剂"
    )
    submit(bureau, more)
    approve(bureau, more, document="扬财社〔2026〕3号")
    reserve(claim_key="case:2", amount_fen=100, county="321002", **claim)


def test_the_floor_of_each_county_asks_the_counties_and_not_the_zones(bureau, flexible_worker):
    version = bureau.draw()
    bureau.arrange(version, {(FUND, code): 100 for code in COUNTIES})
    (standing,) = queries.floor_standings(version)
    assert standing.kept
    assert standing.missing == ()


def test_an_office_that_begins_in_the_middle_of_a_year_enters_that_years_budget_from_its_documents(bureau):
    with pytest.raises(BudgetMissingError):
        reserve(
            actor=officer("沈国平", "approver"), fund=FUND, claim_key="case:1", amount_fen=1, on=ON, at=AT
        )
    version = operations.begin_running_year(actor=bureau.drawer, note="扬财社〔2025〕1号", on=ON, at=AT)
    assert (version.year, version.state, version.lines.count()) == (ON.year, "draft", 0)
    with pytest.raises(operations.FloorBrokenError):
        submit(bureau, version)
    bureau.arrange_enough(version)
    submit(bureau, version)
    with pytest.raises(NotPermittedError):
        operations.approve(actor=bureau.drawer, version_id=version.pk, document="文", on=ON, at=AT)
    approve(bureau, version)
    held = reserve(
        actor=officer("沈国平二", "approver"), fund=FUND, claim_key="case:1", amount_fen=1, on=ON, at=AT
    )
    assert held.budget.year == ON.year


def test_a_year_that_has_a_version_is_not_begun_by_hand_again_unless_that_was_given_up(bureau):
    first = operations.begin_running_year(actor=bureau.drawer, on=ON, at=AT)
    with pytest.raises(operations.YearHasVersionError, match="已有第 1 版"):
        operations.begin_running_year(actor=bureau.drawer, on=ON, at=AT)
    assert not queries.may_begin_running_year(actor=bureau.drawer, on=ON)
    operations.discard(actor=bureau.drawer, version_id=first.pk)
    assert operations.begin_running_year(actor=bureau.drawer, on=ON, at=AT).number == 2
    with pytest.raises(NotPermittedError):
        operations.begin_running_year(actor=bureau.decider, on=ON, at=AT)


def test_whoever_changed_a_figure_does_not_approve_it_with_a_later_post(bureau, flexible_worker):
    """An officer of the city office who changes a line of a colleague's draft, and moves to the finance bureau before it is decided."""
    version = bureau.draw()
    bureau.arrange_enough(version)
    editor = officer("崔明", "city_office")
    line = version.lines.order_by("pk").first()
    operations.change_line(
        actor=editor,
        version_id=version.pk,
        line_id=line.pk,
        budgeted_fen=line.projected_fen - 1,
        reason="压减",
    )
    submit(bureau, version)
    moved = replace(editor, posts=(("budget_officer", "3210", ""),))
    given = {"actor": moved, "document": "扬财社〔2025〕88号", "on": ON, "at": AT}
    with pytest.raises(operations.SameOfficerError, match="改动人"):
        operations.approve(version_id=version.pk, **given)
    assert "approve" not in queries.acts_of(actor=moved, version=BudgetVersion.objects.get(pk=version.pk))
    with pytest.raises(IntegrityError, match="改过数字"), transaction.atomic():
        BudgetVersion.objects.filter(pk=version.pk).update(decided_by=editor.account_id)
    copied = operations.copy_version(actor=bureau.drawer, version_id=version.pk, note="", on=ON, at=AT)
    submit(bureau, copied)
    with pytest.raises(operations.SameOfficerError):
        operations.approve(version_id=copied.pk, **given)
    assert approve(bureau, copied).state == "approved"


def test_a_budget_of_a_year_that_is_over_is_neither_submitted_nor_approved(bureau, flexible_worker):
    version = bureau.submitted()
    new_year = date(version.year + 1, 1, 4)
    with pytest.raises(operations.YearOverError, match="2026 年已经过去"):
        operations.approve(
            actor=bureau.decider, version_id=version.pk, document="扬财社〔2027〕1号", on=new_year, at=AT
        )
    copied = operations.copy_version(actor=bureau.drawer, version_id=version.pk, note="", on=new_year, at=AT)
    with pytest.raises(operations.YearOverError):
        operations.submit(actor=bureau.drawer, version_id=copied.pk, on=new_year)
    last_day = date(version.year, 12, 31)
    assert (
        operations.approve(
            actor=bureau.decider, version_id=version.pk, document="扬财社〔2026〕1号", on=last_day, at=AT
        ).state
        == "approved"
    )
