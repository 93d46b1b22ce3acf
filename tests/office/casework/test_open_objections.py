"""An objection that nobody has answered keeps the money back, whatever became of the notice against which it was raised."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case, Objection, Signature
from jiuye.office.casework.objections import ObjectionOpenError
from tests.office.casework.conftest import DAY, at, make_officer
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case

LATER = date(2025, 6, 23)


@pytest.fixture
def publicised(owner, entitlement, rules, caseworker, reviewer, budget) -> Case:
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return publicised_case(case, caseworker, reviewer)


def objected(case: Case, *, on: date = DAY) -> Objection:
    return operations.object_in_public(
        case_id=case.pk, raised_by_name="", contact="", text="她在公司上班", address="203.0.113.7", on=on, at=at(on)
    )  # fmt: skip


def answered(objection: Objection, officer, *, upheld: bool = False, on: date = LATER) -> Objection:
    return operations.resolve_objection(
        actor=officer, objection_id=objection.pk, upheld=upheld, resolution="核实过", on=on, at=at(on)
    )


def put_right(case: Case, owner, reviewer, rules, *, on: date) -> Case:
    """Sent back for another matter, and put right."""
    operations.request_correction(
        actor=reviewer, case_id=case.pk, corrections={"clause:insured": "请核对缴费月份"}, rules=rules, on=on, at=at(on)
    )  # fmt: skip
    return operations.correct(actor=owner, case_id=case.pk, note="已更正", rules=rules, on=on, at=at(on))


def refused_and_taken_up(case: Case, owner, reviewer, rules, *, on: date) -> Case:
    """Refused, and taken up again on new facts."""
    operations.refuse(
        actor=reviewer, case_id=case.pk, clause_id="insured", note="没有缴费", rules=rules, on=on, at=at(on)
    )
    worker = make_officer("另一经办", "caseworker", "321002001")
    return operations.reopen(actor=worker, case_id=case.pk, note="补缴了", rules=rules, on=on, at=at(on))


@pytest.mark.parametrize("again", [put_right, refused_and_taken_up])
def test_an_objection_to_an_earlier_notice_is_answered_before_the_money_is_granted(
    publicised, again, owner, caseworker, reviewer, other_reviewer, approver, rules
):
    objection = objected(publicised)
    case = again(publicised, owner, reviewer, rules, on=LATER)
    case = publicised_case(Case.objects.get(pk=case.pk), caseworker, reviewer, on=LATER)
    with pytest.raises(ObjectionOpenError, match="还没有处理"):
        approve(case, approver, rules, on=case.publicity_until)
    answered(objection, other_reviewer)
    assert approve(case, approver, rules, on=case.publicity_until).state == "approved"


def test_what_was_upheld_and_put_right_on_the_day_of_the_notice_keeps_back_no_second_one(
    publicised, owner, caseworker, reviewer, other_reviewer, approver, rules
):
    answered(objected(publicised), other_reviewer, upheld=True, on=DAY)
    case = put_right(publicised, owner, reviewer, rules, on=DAY)
    case = publicised_case(Case.objects.get(pk=case.pk), caseworker, reviewer)
    assert approve(case, approver, rules).state == "approved"


def test_the_database_grants_nothing_that_somebody_objects_to(publicised, caseworker, approver):
    objected(publicised)
    Signature.objects.create(
        case=publicised, round=1, ordinal=1, needed=1, amount_fen=publicised.amount_fen,
        signed_by_id=approver.account_id, signed_by_name=approver.name, on_date=APPROVAL_DAY, at=at(APPROVAL_DAY),
    )  # fmt: skip
    granted = {"state": "approved", "approved_on": APPROVAL_DAY, "approved_by": approver.account_id}
    with pytest.raises(IntegrityError, match="有公示异议还没有处理"), transaction.atomic():
        Case.objects.filter(pk=publicised.pk).update(**granted)
    answered(Objection.objects.get(), make_officer("再一审核", "reviewer"))
    assert Case.objects.filter(pk=publicised.pk).update(**granted) == 1
