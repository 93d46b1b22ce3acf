"""More waits for payment than a batch takes: the page says how much in all, and no fund keeps another's cases from being listed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.casework.queries import waiting_by_fund
from jiuye.office.funds.operations import appropriate_for_demonstration
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import actor_for
from jiuye.portals.desk.payments import views
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import approve, publicised_case

OTHER_FUND = "unemployment-insurance"
OTHER_POLICY = "skills-upgrade-subsidy"


@pytest.fixture
def two_funds(rules, budget, monkeypatch):
    """The second policy is paid out of another fund."""
    terms = rules.terms
    monkeypatch.setattr(
        rules,
        "terms",
        lambda policy: (
            replace(terms(policy), policy_id=policy, fund=OTHER_FUND)
            if policy == OTHER_POLICY
            else terms(policy)
        ),
    )
    appropriate_for_demonstration(fund=OTHER_FUND, year=2025, amount_fen=1_000_000, on=DAY, at=at(DAY))


@pytest.fixture
def granted(divisions, two_funds, rules, caseworker, reviewer, approver) -> list[Case]:
    """Three cases that wait for one fund, due one after the other, and a last one that waits for another."""
    found = []
    for name, number, policy, amount in (
        ("张秀兰", "321002197803050029", "flexible-insurance-subsidy", 150_000),
        ("李桂英", "321002197901010022", "flexible-insurance-subsidy", 120_000),
        ("王素琴", "321002198002020021", "flexible-insurance-subsidy", 90_000),
        ("陈红", "321002198103030020", OTHER_POLICY, 70_000),
    ):
        person = make_person(name, number=number)
        account = Account.objects.create_account(
            username=number, display_name=name, password="x", kind="resident", subject_key=str(person.pk)
        )
        case = operations.confirm_own(
            actor=actor_for(account, on=DAY),
            entitlement_id=make_entitlement(person, policy_id=policy, amount_fen=amount).pk,
            rules=rules,
            on=DAY,
            at=at(DAY),
        )
        found.append(approve(publicised_case(case, caseworker, reviewer), approver, rules))
    return found


def test_a_fund_for_which_more_waits_than_is_listed_says_how_many_and_how_much_in_all(
    desk_of, granted, cashier, monkeypatch, settings
):
    settings.OFFICE_DATE = date(2025, 6, 18).isoformat()
    monkeypatch.setattr(views, "MOST_IN_A_BATCH", 2)
    page = desk_of(cashier).get("/desk/payments/").text
    assert "共 3 件，先列期限最早的 2 件。" in page
    heading = next(part for part in page.split("<h3>") if "先列期限最早的" in part).partition("</h3>")[0]
    assert "3,600" in heading  # of the three, not of the two that are listed
    assert [case.number in page for case in granted] == [True, True, False, True]
    assert page.count("先列期限最早的") == 1  # nothing is said of a fund whose cases are all listed


def test_each_fund_has_its_own_cases_listed_the_earliest_due_first(granted, cashier, rules):
    first, second, _, other = granted
    found = {one.fund: one for one in waiting_by_fund(cashier, rules, most=2)}
    shown = {fund: (one.number, one.total_fen, list(one.cases)) for fund, one in found.items()}
    assert shown == {
        "employment-subsidy": (3, 360_000, [first, second]),
        OTHER_FUND: (1, 70_000, [other]),
    }
