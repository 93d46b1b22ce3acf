"""A budget drawn up from everyone on record, changed in visible lines, and fixed once it is submitted."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from jiuye.office.budgeting import operations, queries
from jiuye.office.budgeting.models import BudgetLine
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.staff.queries import NotPermittedError
from tests.office.budgeting.conftest import AT, BREAD, FUND, ON, POLICY
from tests.office.entitlements.conftest import employ, hold, make_person, pay
from tests.office.policies.conftest import officer

pytestmark = pytest.mark.django_db


def line_of(version, policy: str = POLICY) -> BudgetLine:
    return version.lines.get(policy_id=policy)


def test_next_year_is_drawn_up_month_by_month_from_who_is_on_record(bureau, flexible_worker):
    version = bureau.draw()
    assert (version.year, version.number, version.state, version.facts_on) == (2026, 1, "draft", ON)
    line = line_of(version)
    assert line.county_code == "321002"
    assert [count for count, _ in line.projected["months"]] == [1] * 12
    assert line.known_fen == 12 * 60_000
    assert not Entitlement.objects.exists()  # nothing that anybody is owed changes by it


def test_who_reaches_the_end_of_a_term_within_the_year_falls_out_of_the_months_after_it(
    bureau, flexible_worker
):
    # 24 months are drawn by March 2025, so that the 36th is January 2026 or thereabouts: drawn from April 2025 on.
    Benefit.objects.create(
        policy_id=POLICY,
        subject_kind="person",
        subject_key=str(flexible_worker.pk),
        person=flexible_worker,
        period_start=date(2025, 3, 1),
        period_until=date(2025, 4, 1),
        months=24,
        amount_fen=60_000,
        paid_on=date(2025, 3, 20),
        source="测试",
    )
    months = [count for count, _ in line_of(bureau.draw()).projected["months"]]
    # April to December 2025 are nine more: 33. January, February and March of 2026 are the last three.
    assert months == [1, 1, 1] + [0] * 9


def test_those_who_start_within_the_year_are_an_assumption_that_can_be_changed_with_its_basis(
    bureau, flexible_worker
):
    version = bureau.draw()
    line = line_of(version)
    # One person started in the last twelve months: 8 whole months to the year's end, then 12 of it.
    assert line.projected["started"] == 1
    assert line.new_periods == sum((8 + month) // 12 for month in range(1, 13)) == 9
    assert line.new_fen == 9 * 60_000
    assert line.budgeted_fen == line.projected_fen == 21 * 60_000
    with pytest.raises(operations.AssumptionUnfitError, match="依据"):
        operations.assume(
            actor=bureau.drawer,
            version_id=version.pk,
            assumption="entrants",
            policy_id=POLICY,
            percent=0,
            basis=" ",
            on=ON,
        )
    operations.assume(
        actor=bureau.drawer,
        version_id=version.pk,
        assumption="entrants",
        policy_id=POLICY,
        percent=0,
        basis="人社局测算：不再新增",
        on=ON,
    )
    line.refresh_from_db()
    assert (line.new_fen, line.budgeted_fen) == (0, 12 * 60_000)
    version.refresh_from_db()
    assert [(row["policy"], row["percent"]) for row in version.assumptions if row["id"] == "entrants"] == [
        ("", 100),
        (POLICY, 0),
    ]


def test_of_whom_it_cannot_be_told_is_counted_apart_and_never_budgeted(bureau, flexible_worker):
    # Of somebody without a record of schooling it cannot be told whether they are a graduate.
    silent = make_person("李静", "321002200106154322", birth_date=date(2001, 6, 15))
    hold(silent, "flexible_employment", date(2025, 1, 10))
    employ(silent, None, date(2025, 1, 10))
    pay(silent, None, date(2025, 1, 1))
    line = line_of(bureau.draw())
    assert line.unknown == 1
    assert line.known_fen == 12 * 60_000
    assert line.unknown_most_fen == 12 * 60_000


def test_a_line_changed_by_hand_says_why_and_keeps_its_amount(bureau, flexible_worker):
    version = bureau.draw()
    line = line_of(version)
    with pytest.raises(operations.AmountUnfitError, match="理由"):
        operations.change_line(
            actor=bureau.drawer, version_id=version.pk, line_id=line.pk, budgeted_fen=1_000_000, reason=""
        )
    operations.change_line(
        actor=bureau.drawer,
        version_id=version.pk,
        line_id=line.pk,
        budgeted_fen=1_000_000,
        reason="按市政府专题会纪要安排",
    )
    operations.assume(
        actor=bureau.drawer,
        version_id=version.pk,
        assumption="take_up",
        policy_id="",
        percent=50,
        basis="近三年平均领取率",
        on=ON,
    )
    line.refresh_from_db()
    assert (line.budgeted_fen, line.known_fen) == (1_000_000, 6 * 60_000)


def test_only_next_year_is_drawn_up_and_only_by_the_city_office(bureau, flexible_worker):
    with pytest.raises(operations.NotNextYearError, match="2026"):
        bureau.draw(2027)
    with pytest.raises(NotPermittedError):
        operations.draw_up(actor=bureau.decider, year=2026, on=ON, at=AT)
    with pytest.raises(NotPermittedError):
        operations.draw_up(actor=officer("经办", "caseworker"), year=2026, on=ON, at=AT)


def test_what_was_submitted_is_never_changed_not_even_past_the_operations(bureau, flexible_worker):
    version = bureau.submitted()
    line = line_of(version)
    with pytest.raises(operations.NotADraftError):
        operations.change_line(
            actor=bureau.drawer, version_id=version.pk, line_id=line.pk, budgeted_fen=1, reason="改"
        )
    with pytest.raises(operations.NotADraftError):
        bureau.arrange(version, {(FUND, "municipality"): 0})
    for spoil in (
        lambda: version.lines.update(budgeted_fen=0),
        lambda: version.contributions.update(amount_fen=0),
        lambda: type(version).objects.filter(pk=version.pk).update(assumptions=[]),
        lambda: version.lines.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            spoil()


def test_a_copy_is_changed_instead_and_the_two_are_compared(bureau, flexible_worker):
    first = bureau.submitted()
    second = operations.copy_version(actor=bureau.drawer, version_id=first.pk, note="压减", on=ON, at=AT)
    assert (second.number, second.based_on_id, second.state) == (2, first.pk, "draft")
    line = line_of(second)
    operations.change_line(
        actor=bureau.drawer,
        version_id=second.pk,
        line_id=line.pk,
        budgeted_fen=line.budgeted_fen - 60_000,
        reason="压减一期",
    )
    bureau.arrange(second, {(FUND, "municipality"): 90_000_000_00})
    found, assumptions = queries.compare_versions(first, second)
    assert [(row.kind, row.what, row.place, row.fen) for row in found] == [
        ("contribution", FUND, "municipality", 10_000_000_00),
        ("line", POLICY, "321002", -60_000),
    ]
    assert assumptions == []


def test_of_two_that_cannot_be_drawn_together_the_budget_holds_the_higher_and_says_what_gave_way(
    pack, bureau, flexible_worker
):
    """700 yuan a month of the one are more than 600 of the other: twelve months of the other are left out."""
    (pack / "policies" / "bread.yaml").write_text(BREAD, encoding="utf-8")
    version = bureau.draw()
    assert line_of(version, "bread").known_fen == 12 * 70_000
    assert not version.lines.filter(policy_id=POLICY).exists()
    assert version.summary["netted"] == [
        {
            "policy": POLICY,
            "instead": "bread",
            "county": "321002",
            "people": 1,
            "periods": 12,
            "fen": 12 * 60_000,
        }
    ]
