"""The clock of a case stands still while an objection to its notice is open: nobody may act on it, and nobody is late."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework import operations, queries
from jiuye.office.casework.models import Case
from jiuye.office.casework.objections import ObjectionOpenError
from jiuye.office.conduct.operations.escalating import escalate_late
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case

RAISED = date(2025, 6, 11)  # the notice stands from Monday the 9th to Monday the 16th
ANSWERED = date(2025, 6, 24)
MUCH_LATER = date(2025, 7, 31)


@pytest.fixture
def shown(owner, entitlement, rules, caseworker, reviewer) -> Case:
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return publicised_case(case, caseworker, reviewer)


def object_to(case, officer, text="他有工作", on=RAISED):
    return operations.object_to(
        actor=officer, case_id=case.pk, raised_by_name="", contact="", text=text, on=on, at=at(on)
    )


def resolve(objection, officer, *, upheld=False, on=ANSWERED):
    return operations.resolve_objection(
        actor=officer, objection_id=objection.pk, upheld=upheld, resolution="核实过", on=on, at=at(on)
    )


def test_an_objection_stops_the_clock_and_it_runs_on_for_what_was_left(
    shown, caseworker, other_reviewer, approver, rules, budget
):
    due, promised = shown.due_on, shown.promised_on
    objection = object_to(shown, other_reviewer)
    shown.refresh_from_db()
    left = shown.step_workdays_left
    assert (shown.stopped_on, shown.due_on) == (RAISED, due)
    with pytest.raises(ObjectionOpenError, match="还没有处理"):
        approve(shown, approver, rules)
    resolve(objection, other_reviewer)
    shown.refresh_from_db()
    assert (shown.stopped_on, shown.step_workdays_left) == (None, None)
    assert (shown.due_on - due).days == 13  # nine workdays stood still
    assert shown.promised_on > promised
    assert left is not None
    assert approve(shown, approver, rules, on=ANSWERED).state == "approved"


def test_while_it_stands_nobody_is_late_and_no_list_says_so(shown, other_reviewer, approver):
    objection = object_to(shown, other_reviewer)
    assert escalate_late(on=MUCH_LATER, at=at(MUCH_LATER)).things == 0
    assert queries.counts(approver, on=MUCH_LATER).overdue == 0
    assert not queries.one_case(approver, shown.pk, on=MUCH_LATER).overdue
    resolve(objection, other_reviewer)
    assert escalate_late(on=MUCH_LATER, at=at(MUCH_LATER)).things == 1
    assert queries.counts(approver, on=MUCH_LATER).overdue == 1
    assert queries.one_case(approver, shown.pk, on=MUCH_LATER).overdue


def test_a_case_with_an_open_objection_lies_on_no_approvers_desk(shown, other_reviewer, approver, rules):
    assert list(queries.todays_work(approver, on=APPROVAL_DAY)) == [shown]
    objection = object_to(shown, other_reviewer)
    assert list(queries.todays_work(approver, on=APPROVAL_DAY)) == []
    assert list(queries.ready_to_approve(approver, on=APPROVAL_DAY)) == []
    assert queries.counts(approver, on=APPROVAL_DAY).mine == 0
    assert not queries.one_case(approver, shown.pk, on=APPROVAL_DAY).may("approve")
    resolve(objection, other_reviewer)
    assert list(queries.todays_work(approver, on=ANSWERED)) == [shown]


def test_the_second_objection_keeps_the_clock_standing_when_the_first_is_answered(shown, other_reviewer):
    first, second = (
        object_to(shown, other_reviewer),
        object_to(shown, other_reviewer, "他不住这里", date(2025, 6, 13)),
    )
    resolve(first, other_reviewer)
    shown.refresh_from_db()
    assert shown.stopped_on == RAISED
    resolve(second, other_reviewer)
    shown.refresh_from_db()
    assert shown.stopped_on is None


def test_a_case_that_leaves_its_notice_takes_no_standing_clock_along(shown, other_reviewer, rules):
    object_to(shown, other_reviewer)
    operations.refuse(
        actor=other_reviewer,
        case_id=shown.pk,
        clause_id="insured",
        note="没有缴费",
        rules=rules,
        on=ANSWERED,
        at=at(ANSWERED),
    )
    shown.refresh_from_db()
    assert (shown.state, shown.stopped_on) == ("refused", None)


def test_the_database_lets_no_clock_stand_without_cause(shown, caseworker, rules):
    neighbour = make_entitlement(make_person("陈桂英", number="321002196001010045"))
    other = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=neighbour.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )
    with pytest.raises(IntegrityError, match="case_clock_stands"), transaction.atomic():
        Case.objects.filter(pk=other.pk).update(stopped_on=DAY)


def test_the_desks_figures_are_still_counted_from_their_index_alone(shown, approver):
    index = next(index for index in Case._meta.indexes if index.name == "case_figures")
    assert set(index.include) >= {"amount_fen", "due_on", "paid_on", "stopped_on"}
