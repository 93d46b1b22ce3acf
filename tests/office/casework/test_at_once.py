"""Two people, or one impatient one, at the same moment: one of them acts, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from jiuye.engine.rules.exclusions import Apart
from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import Case, CaseEvent
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.funds.models import Reservation
from tests.office.casework.conftest import DAY, at, make_entitlement
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Every act in a thread and a connection of its own, begun together; what each returned or raised."""
    start = Barrier(len(acts))
    answers: list[object] = [None] * len(acts)

    def run(position: int) -> None:
        start.wait()
        try:
            answers[position] = acts[position]()
        except Exception as error:
            answers[position] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=[position]) for position in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    return answers


def kinds(answers: list[object]) -> list[str]:
    return sorted(type(answer).__name__ for answer in answers)


def test_one_entitlement_confirmed_four_times_at_once_is_one_case(owner, entitlement, rules):
    def confirm() -> Case:
        return operations.confirm_own(
            actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY)
        )

    assert kinds(at_once(*[confirm] * 4)) == ["AlreadyDoneError"] * 3 + ["Case"]
    assert Case.objects.count() == 1
    assert CaseEvent.objects.count() == 1


def test_an_approval_given_twice_at_once_reserves_the_money_once(
    owner, entitlement, rules, caseworker, reviewer, approver, budget
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    publicised_case(case, caseworker, reviewer)
    answers = at_once(*[lambda: approve(case, approver, rules)] * 3)
    assert kinds(answers) == ["AlreadyDoneError"] * 2 + ["Case"]
    assert all(isinstance(answer, Case | AlreadyDoneError) for answer in answers)
    assert Reservation.objects.count() == 1


def test_two_policies_that_exclude_each_other_approved_at_once_are_not_both_granted(
    person, owner, rules, caseworker, reviewer, approver, budget
):
    cases = []
    for policy_id, other in (("a", "b"), ("b", "a")):
        found = make_entitlement(person, policy_id=policy_id)
        cases.append(
            operations.confirm_own(actor=owner, entitlement_id=found.pk, rules=rules, on=DAY, at=at(DAY))
        )
        # Each file keeps its own policy: whichever is granted first stays.
        rules.exclusions[policy_id] = (Apart(other, "this"),)
    for case in cases:
        publicised_case(case, caseworker, reviewer)
    answers = at_once(*[lambda case=case: approve(case, approver, rules) for case in cases])
    assert kinds(answers) == ["Case", "ChecksFailedError"]
    assert any(isinstance(answer, ChecksFailedError) for answer in answers)
    assert Case.objects.filter(state="approved", approved_on=APPROVAL_DAY).count() == 1
