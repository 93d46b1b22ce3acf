"""A case is sent back point by point, once; the days promised run on with what was left when it is put right."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.corrections import (
    Asked,
    Point,
    PointsMissingError,
    brought_since,
    known_before,
)
from jiuye.office.casework.models import Case, CaseEvidence, Signature
from jiuye.office.casework.operations.approving import SamePersonError
from jiuye.office.casework.operations.correcting import CorrectedBeforeError
from jiuye.office.casework.queries import one_case, todays_work
from jiuye.office.casework.rules import Decision
from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import actor_for
from tests.office.casework.conftest import DAY, at, make_officer
from tests.office.casework.journey import approve, publicised_case, reviewed_case

TUESDAY, THURSDAY, NEXT_WEEK = date(2025, 6, 10), date(2025, 6, 12), date(2025, 6, 19)


@pytest.fixture
def case(owner, entitlement, rules) -> Case:
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


def send_back(case, officer, rules, on=TUESDAY, **points) -> Case:
    corrections = points.pop("corrections", {"clause:insured": "六月没有缴费记录"})
    return operations.request_correction(
        actor=officer, case_id=case.pk, corrections=corrections, rules=rules, on=on, at=at(on)
    )


def put_right(case, owner, rules, on=NEXT_WEEK) -> Case:
    return operations.correct(actor=owner, case_id=case.pk, note="已补缴", rules=rules, on=on, at=at(on))


def test_a_correction_names_each_point_with_its_reason_and_the_applicant_reads_them(case, caseworker, rules):
    back = send_back(
        case, caseworker, rules, corrections={"clause:insured": "六月没有缴费记录", "payee": "户名少一个字"}
    )
    assert [(row["name"], row["words"]) for row in back.corrections] == [
        ("以灵活就业身份缴费", "六月没有缴费记录"),
        ("收款账户", "户名少一个字"),
    ]
    told = Message.objects.get(occasion="case_correction").body
    assert "以灵活就业身份缴费：六月没有缴费记录；收款账户：户名少一个字。" in told


@pytest.mark.parametrize("corrections", [{}, {"clause:insured": "  "}, {"weather": "下雨"}])
def test_a_correction_that_names_nothing_is_refused(corrections, case, caseworker, rules):
    with pytest.raises(PointsMissingError):
        send_back(case, caseworker, rules, corrections=corrections)
    case.refresh_from_db()
    assert case.state == "confirmed"


def test_who_accepted_it_before_it_went_back_never_approves_it(
    case, owner, caseworker, reviewer, approver, rules, budget
):
    clerk = make_officer("周窗口", "caseworker", "321002")
    operations.accept(actor=clerk, case_id=case.pk, on=TUESDAY, at=at(TUESDAY))
    send_back(case, reviewer, rules)
    put_right(case, owner, rules)
    publicised = publicised_case(case, caseworker, reviewer, on=NEXT_WEEK)
    assert publicised.accepted_by_id == caseworker.account_id
    day = publicised.publicity_until
    Post.objects.filter(account_id=clerk.account_id).update(until=day)
    Post.objects.create(account_id=clerk.account_id, role="approver", division_code="321002", start=day)
    now_approver = actor_for(Account.objects.get(pk=clerk.account_id), on=day)
    view = one_case(now_approver, case.pk, on=day)
    assert (view.may("approve"), "周窗口" in view.signing.may_sign) == (False, False)
    assert case not in todays_work(now_approver, on=day)
    assert case in todays_work(approver, on=day)
    with pytest.raises(SamePersonError, match="受理"):
        approve(publicised, now_approver, rules, on=day)
    with pytest.raises(IntegrityError, match="签批人不能是代办、受理或审核过"), transaction.atomic():
        Signature.objects.create(
            case=publicised,
            round=publicised.signing_round,
            ordinal=1,
            needed=1,
            amount_fen=publicised.amount_fen,
            signed_by_id=clerk.account_id,
            signed_by_name="周窗口",
            on_date=day,
            at=at(day),
        )


def test_a_second_request_is_refused_and_says_what_is_open(case, owner, caseworker, reviewer, rules):
    send_back(case, caseworker, rules)
    put_right(case, owner, rules)
    reviewed_case(case, caseworker, reviewer, on=NEXT_WEEK)
    with pytest.raises(CorrectedBeforeError) as refused:
        send_back(case, reviewer, rules, on=NEXT_WEEK)
    said = str(refused.value)
    assert "“以灵活就业身份缴费”当时就可以提出" in said
    assert "现在可以：开始公示、不予支付、撤回" in said


def test_what_the_correction_itself_brought_may_be_sent_back_again(
    case, owner, caseworker, reviewer, approver, entitlement, budget, rules
):
    send_back(case, caseworker, rules)
    put_right(case, owner, rules, on=THURSDAY)
    publicised_case(case, caseworker, reviewer, on=THURSDAY)
    over = date(2025, 6, 20)
    rules.answers[entitlement.pk] = Decision("yes", 120_000, "v2")
    with pytest.raises(ChecksFailedError, match="退回补正"):
        approve(case, approver, rules, on=over)
    with pytest.raises(CorrectedBeforeError):
        send_back(case, reviewer, rules, on=over, corrections={"payee": "再看"})
    back = send_back(case, reviewer, rules, on=over, corrections={"amount": "金额变了，请确认新金额"})
    assert back.state == "correction_requested"
    assert put_right(case, owner, rules, on=over).amount_fen == 120_000


def test_a_paper_given_with_the_correction_may_be_found_wrong_in_its_turn(
    case, owner, caseworker, rules, monkeypatch
):
    send_back(case, caseworker, rules)
    CaseEvidence.objects.create(
        case=case,
        evidence_id="lease",
        kind="seen",
        said="租赁合同",
        given_by_name="张秀兰",
        on_date=THURSDAY,
        at=at(THURSDAY),
    )
    asked = [
        Asked(Point("paper:lease", "租赁合同", "lease"), "没有签字"),
        Asked(Point("paper:identity", "身份证", "identity card"), "看不清"),
    ]
    assert [point.key for point in known_before(asked, brought_since(case))] == ["paper:identity"]


def test_the_promise_runs_on_with_what_was_left_and_so_does_the_first_step(case, owner, caseworker, rules):
    promised, due = case.promised_on, case.due_on
    back = send_back(case, caseworker, rules)
    assert back.stopped_on == TUESDAY
    again = put_right(case, owner, rules)
    assert again.stopped_on is None
    # From Tuesday the 10th to Thursday the 19th seven workdays stood still.
    assert (again.promised_on - promised).days == 9
    assert (again.due_on - due).days == 9


def test_a_case_sent_back_during_an_objection_keeps_what_was_left_when_the_clock_stopped(
    case, owner, caseworker, reviewer, rules
):
    publicised_case(case, caseworker, reviewer)
    operations.object_to(
        actor=reviewer,
        case_id=case.pk,
        raised_by_name="",
        contact="",
        text="有工作",
        on=TUESDAY,
        at=at(TUESDAY),
    )
    case.refresh_from_db()
    left = case.promised_workdays_left
    back = send_back(case, reviewer, rules, on=THURSDAY)
    assert (back.stopped_on, back.promised_workdays_left) == (TUESDAY, left)


def test_a_case_taken_up_again_is_promised_anew_and_may_be_sent_back_once_more(
    case, owner, caseworker, rules
):
    send_back(case, caseworker, rules)
    operations.withdraw(actor=owner, case_id=case.pk, note="以后再说", on=THURSDAY, at=at(THURSDAY))
    again = operations.reopen(
        actor=caseworker, case_id=case.pk, note="本人要求", rules=rules, on=NEXT_WEEK, at=at(NEXT_WEEK)
    )
    assert (again.corrected_before, again.corrections) == (False, [])
    assert send_back(case, caseworker, rules, on=NEXT_WEEK).state == "correction_requested"


def test_the_database_asks_for_the_points_of_a_correction(case):
    with pytest.raises(IntegrityError, match="case_correction_names_points"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="correction_requested")
