"""Work that nobody would do: its holder left, the substitute left, or the bank is silent. It is found, and whoever can act is told."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations as casework
from jiuye.office.casework.models import Case
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Escalation
from jiuye.office.messages.queries import inbox
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import actor_for
from tests.office.casework.conftest import (  # noqa: F401 (fixtures by name)
    DAY,
    approver,
    at,
    bank,
    budget,
    caseworker,
    cashier,
    entitlement,
    make_officer,
    owner,
    person,
    reviewer,
    rules,
    second_cashier,
)
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case
from tests.office.casework.test_signatures import plenty, second_approver, two_signatures  # noqa: F401 (fixtures by name)

LATER = date(2025, 6, 20)


@pytest.fixture
def case(owner, entitlement, rules, caseworker) -> Case:  # noqa: F811
    """In the caseworker's hand since Monday, the ninth; to be accepted in two workdays."""
    found = casework.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    operations.take(actor=caseworker, case_id=found.pk, on=DAY, at=at(DAY))
    return found


@pytest.fixture
def colleague(divisions):
    return make_officer("新经办", "caseworker", "321002001")


def nobodys(officer) -> list[Case]:
    fresh = actor_for(Account.objects.get(pk=officer.account_id), on=LATER)
    return list(queries.cases_at_hand(fresh, "nobody", on=LATER))


def shut(officer) -> None:
    Account.objects.filter(pk=officer.account_id).update(is_active=False)


def test_what_somebody_had_who_left_is_nobodys_and_is_taken_without_a_reason(case, caseworker, colleague):  # noqa: F811
    assert nobodys(colleague) == []
    Post.objects.filter(account_id=caseworker.account_id).update(until=date(2025, 6, 12))
    assert nobodys(colleague) == [case]
    taken = operations.take(actor=colleague, case_id=case.pk, on=LATER, at=at(LATER))
    assert taken.holder_id == colleague.account_id
    assert nobodys(colleague) == []


def test_that_it_is_late_is_told_to_the_office_and_not_to_a_shut_account(case, caseworker, colleague):  # noqa: F811
    shut(caseworker)
    operations.escalate_late(on=LATER, at=at(LATER))
    assert inbox(colleague).exists()
    assert not inbox(caseworker).exists()


def test_where_the_substitute_left_it_is_nobodys_too(case, caseworker, colleague):  # noqa: F811
    substitute = make_officer("代办", "caseworker", "321002001")
    operations.declare_absence(
        actor=caseworker,
        substitute_id=substitute.account_id,
        start=DAY,
        until=date(2025, 8, 1),
        on=DAY,
        at=at(DAY),
    )
    assert nobodys(colleague) == []
    shut(substitute)
    assert nobodys(colleague) == [case]
    operations.escalate_late(on=LATER, at=at(LATER))
    assert inbox(colleague).exists()
    assert {told.occasion for told in inbox(substitute)} == {
        "standing_in"
    }  # from before their account was shut


def test_what_its_holder_has_signed_waits_for_the_other_signatures_in_nobodys_hand(
    two_signatures,  # noqa: F811
    approver,  # noqa: F811
    second_approver,  # noqa: F811
    rules,  # noqa: F811
):
    held = operations.take(actor=approver, case_id=two_signatures.pk, on=APPROVAL_DAY, at=at(APPROVAL_DAY))
    assert queries.in_hand(two_signatures) == held
    case = approve(two_signatures, approver, rules)
    assert (case.state, queries.in_hand(case)) == ("publicised", None)
    assert list(queries.cases_at_hand(second_approver, "nobody", on=APPROVAL_DAY)) == [case]
    operations.escalate_late(on=date(2025, 8, 1), at=at(date(2025, 8, 1)))
    assert inbox(second_approver).exists()
    # From nobody's hand, and so for no reason.
    operations.take(actor=second_approver, case_id=case.pk, on=APPROVAL_DAY, at=at(APPROVAL_DAY))
    assert list(queries.cases_at_hand(second_approver, "mine", on=APPROVAL_DAY)) == [case]


def test_a_payment_that_the_bank_does_not_answer_goes_up_from_the_cashiers_office(
    owner,  # noqa: F811
    entitlement,  # noqa: F811
    rules,  # noqa: F811
    caseworker,  # noqa: F811
    reviewer,  # noqa: F811
    approver,  # noqa: F811
    cashier,  # noqa: F811
    budget,  # noqa: F811
):
    city = make_officer("市就业办", "city_office", "3210")
    found = casework.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    approve(publicised_case(found, caseworker, reviewer), approver, rules)
    casework.put_into_batch(
        actor=cashier, case_ids=[found.pk], rules=rules, on=APPROVAL_DAY, at=at(APPROVAL_DAY)
    )
    found.refresh_from_db()
    assert (found.state, found.due_on) == ("in_payment", date(2025, 6, 19))
    operations.escalate_late(on=date(2025, 6, 19), at=at(LATER))
    assert not Escalation.objects.exists()
    operations.escalate_late(on=LATER, at=at(LATER))
    (row,) = Escalation.objects.all()
    assert (row.role, row.from_division, row.to_division) == ("cashier", "321002", "3210")
    assert inbox(cashier).exists()
    assert inbox(city).exists()
