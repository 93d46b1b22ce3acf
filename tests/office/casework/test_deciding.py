"""Accepting, reviewing, publicising, approving, refusing: who may, when, and what is said otherwise."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from jiuye.engine.basis.workdays import CalendarNotPublishedError
from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import Case, CaseEvent, Objection
from jiuye.office.casework.objections import HadAHandError, NotPublicisedError, ObjectionOpenError
from jiuye.office.casework.operations.approving import (
    PublicityNotOverError,
    SamePersonError,
)
from jiuye.office.casework.operations.deciding import ShownAsMetError, UnknownClauseError
from jiuye.office.casework.procedures import LevelTooLowError, WrongRoleError, procedures
from jiuye.office.casework.queries import one_case
from jiuye.office.casework.rules import Decision
from jiuye.office.casework.states import NoteMissingError, WrongStateError, transition
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.funds.models import Reservation
from jiuye.office.registry.models import Person
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import NotPermittedError, actor_for
from jiuye.office.staff.roles import PERMISSIONS
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer, make_person
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case, reviewed_case


@pytest.fixture
def confirmed(owner, entitlement, rules) -> Case:
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


@pytest.fixture
def reviewed(confirmed, caseworker, reviewer) -> Case:
    return reviewed_case(confirmed, caseworker, reviewer)


@pytest.fixture
def publicised(confirmed, caseworker, reviewer) -> Case:
    return publicised_case(confirmed, caseworker, reviewer)


def test_a_case_goes_from_confirmation_to_approval_and_its_money_is_reserved(
    publicised, approver, rules, budget
):
    approve(publicised, approver, rules)
    publicised.refresh_from_db()
    assert (publicised.state, publicised.approved_on) == ("approved", APPROVAL_DAY)
    reservation = Reservation.objects.get(claim_key=publicised.claim_key)
    assert (reservation.amount_fen, reservation.state) == (150_000, "held")
    acts = [row.act for row in publicised.timeline.order_by("pk")]
    assert acts == ["confirm_own", "accept", "review", "publicise", "approve"]


def test_publicity_lasts_five_whole_workdays_after_its_first_day(publicised):
    # Publicised on Monday 9 June: Tuesday to Monday are five workdays, the case is free on Tuesday 17 June.
    assert (publicised.publicity_start, publicised.publicity_until) == (DAY, date(2025, 6, 17))
    assert publicised.due_on == date(2025, 6, 18)  # two workdays for the approval, after the last day


def test_publicity_over_a_national_holiday_counts_workdays_only(confirmed, caseworker, reviewer):
    start = date(2025, 9, 30)
    case = publicised_case(confirmed, caseworker, reviewer, on=start)
    # 1 to 8 October are holidays; Saturday 11 October is a shifted workday: 9, 10, 11, 13, 14 October.
    assert case.publicity_until == date(2025, 10, 15)


def test_publicity_into_a_year_without_a_calendar_says_what_to_do(confirmed, caseworker, reviewer):
    far = date(2035, 12, 28)
    with pytest.raises(CalendarNotPublishedError, match="chinesecalendar"):
        publicised_case(confirmed, caseworker, reviewer, on=far)
    confirmed.refresh_from_db()
    assert confirmed.state == "reviewed"


def test_nothing_is_approved_before_the_publicity_has_ended(publicised, approver, rules, budget):
    last_day = publicised.publicity_until - timedelta(days=1)
    with pytest.raises(PublicityNotOverError, match="2025-06-17"):
        approve(publicised, approver, rules, on=last_day)
    assert not Reservation.objects.exists()


def test_who_accepted_a_case_never_approves_it(publicised, rules, budget):
    # The same person is an approver now: their post as a case worker ended in between.
    account = Account.objects.get(display_name="王经办")
    Post.objects.filter(account=account).update(until=DAY + timedelta(days=1))
    Post.objects.create(account=account, role="approver", division_code="321002", start=APPROVAL_DAY)
    with pytest.raises(SamePersonError, match="受理"):
        approve(publicised, actor_for(account, on=APPROVAL_DAY), rules)


def test_who_reviewed_a_case_never_approves_it_not_even_in_the_database(publicised, rules, budget):
    account = Account.objects.get(display_name="李审核")
    Post.objects.filter(account=account).update(until=DAY + timedelta(days=1))
    Post.objects.create(account=account, role="approver", division_code="321002", start=APPROVAL_DAY)
    with pytest.raises(SamePersonError, match="审核"):
        approve(publicised, actor_for(account, on=APPROVAL_DAY), rules)
    with pytest.raises(IntegrityError, match="case_approver_is_another_person"), transaction.atomic():
        Case.objects.filter(pk=publicised.pk).update(approved_on=APPROVAL_DAY, approved_by=account)


def test_who_asked_for_a_case_on_somebodys_behalf_never_approves_it(
    entitlement, rules, caseworker, reviewer, budget
):
    clerk = make_officer("周窗口", "caseworker", "321002")
    case = operations.confirm_on_behalf(
        actor=clerk, entitlement_id=entitlement.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )
    publicised = publicised_case(case, caseworker, reviewer)
    Post.objects.filter(account_id=clerk.account_id).update(until=DAY + timedelta(days=1))
    Post.objects.create(
        account_id=clerk.account_id, role="approver", division_code="321002", start=APPROVAL_DAY
    )
    now_approver = actor_for(Account.objects.get(pk=clerk.account_id), on=APPROVAL_DAY)
    with pytest.raises(SamePersonError, match="代为申请"):
        approve(publicised, now_approver, rules)
    assert not Reservation.objects.exists()


def test_an_approver_of_another_county_may_not_approve(publicised, rules, budget):
    stranger = make_officer("周审批", "approver", "321003")
    with pytest.raises(NotPermittedError, match="审批人员"):
        approve(publicised, stranger, rules)


def test_an_approval_is_taken_in_the_county_not_in_the_street(publicised, rules, budget):
    local = make_officer("吴审批", "approver", "321002001")
    with pytest.raises(LevelTooLowError, match="县"):
        approve(publicised, local, rules)


def test_a_case_worker_may_not_review(confirmed, caseworker):
    operations.accept(actor=caseworker, case_id=confirmed.pk, on=DAY, at=at(DAY))
    with pytest.raises(NotPermittedError):
        operations.review(actor=caseworker, case_id=confirmed.pk, on=DAY, at=at(DAY))


def test_an_acceptance_posted_twice_is_done_once_and_says_so(confirmed, caseworker):
    operations.accept(actor=caseworker, case_id=confirmed.pk, on=DAY, at=at(DAY))
    with pytest.raises(AlreadyDoneError, match="王经办"):
        operations.accept(actor=caseworker, case_id=confirmed.pk, on=DAY, at=at(DAY))
    assert confirmed.timeline.filter(act="accept").count() == 1


def test_an_approval_posted_twice_reserves_once(publicised, approver, rules, budget):
    approve(publicised, approver, rules)
    with pytest.raises(AlreadyDoneError):
        approve(publicised, approver, rules)
    assert Reservation.objects.count() == 1


def test_a_review_before_the_acceptance_says_what_can_be_done_instead(confirmed, reviewer):
    with pytest.raises(WrongStateError, match=r"待受理.*审核通过.*待审核.*退回补正"):
        operations.review(actor=reviewer, case_id=confirmed.pk, on=DAY, at=at(DAY))


def test_an_open_objection_stops_the_approval_and_a_dismissed_one_does_not(
    publicised, caseworker, other_reviewer, approver, rules, budget
):
    objection = operations.object_to(
        actor=caseworker,
        case_id=publicised.pk,
        raised_by_name="",
        contact="",
        text="她在公司上班",
        on=DAY,
        at=at(DAY),
    )
    with pytest.raises(ObjectionOpenError, match="还没有处理"):
        approve(publicised, approver, rules)
    operations.resolve_objection(
        actor=other_reviewer,
        objection_id=objection.pk,
        upheld=False,
        resolution="社保记录无单位参保",
        on=APPROVAL_DAY,
        at=at(APPROVAL_DAY),
    )
    assert approve(publicised, approver, rules).state == "approved"


def objected(case, by) -> Objection:
    return operations.object_to(
        actor=by,
        case_id=case.pk,
        raised_by_name="",
        contact="",
        text="她在公司上班",
        on=DAY,
        at=at(DAY),
    )


def settle(objection, actor) -> Objection:
    return operations.resolve_objection(
        actor=actor, objection_id=objection.pk, upheld=False, resolution="核实过", on=DAY, at=at(DAY)
    )


def refused_by_the_database(actor) -> None:
    with pytest.raises(IntegrityError, match="没有经办过的人员"), transaction.atomic():
        Objection.objects.update(
            resolved_on=DAY, resolved_by=actor.account_id, upheld=False, resolution="绕过"
        )


def test_whoever_took_the_case_in_reviewed_or_signed_it_settles_no_objection_to_it(
    publicised, caseworker, reviewer, approver, rules, budget
):
    objection = objected(publicised, caseworker)
    with pytest.raises(HadAHandError, match="赵审批（审批人员）"):
        settle(objection, reviewer)
    refused_by_the_database(reviewer)
    with pytest.raises(NotPermittedError):
        settle(objection, caseworker)
    assert settle(objection, approver).resolved_by_id == approver.account_id
    assert approve(publicised, approver, rules).state == "approved"


def test_whoever_certified_papers_of_the_case_settles_no_objection_to_it_under_another_post(
    publicised, caseworker, other_reviewer, approver
):
    objection = objected(publicised, caseworker)
    CaseEvent.objects.create(
        case=publicised,
        act="attach",
        from_state="confirmed",
        to_state="confirmed",
        actor_id=other_reviewer.account_id,
        actor_name=other_reviewer.name,
        on_date=DAY,
        at=at(DAY),
    )
    with pytest.raises(HadAHandError, match="代办、受理"):
        settle(objection, other_reviewer)
    refused_by_the_database(other_reviewer)
    assert settle(objection, approver).resolved_by_id == approver.account_id


def test_an_upheld_objection_sends_the_case_back_and_a_second_publicity_starts_clean(
    publicised, caseworker, reviewer, other_reviewer, approver, owner, rules, budget
):
    objection = operations.object_to(
        actor=caseworker,
        case_id=publicised.pk,
        raised_by_name="陈某",
        contact="13900000000",
        text="金额不对",
        on=DAY,
        at=at(DAY),
    )
    operations.resolve_objection(
        actor=other_reviewer,
        objection_id=objection.pk,
        upheld=True,
        resolution="核实属实",
        answer="缴费月份已经核实，与您说的一致。",
        on=DAY,
        at=at(DAY),
    )
    with pytest.raises(ObjectionOpenError, match="成立"):
        approve(publicised, approver, rules)
    later = date(2025, 6, 23)
    operations.request_correction(
        actor=reviewer,
        case_id=publicised.pk,
        corrections={"clause:insured": "请核对缴费月份"},
        rules=rules,
        on=later,
        at=at(later),
    )
    operations.correct(actor=owner, case_id=publicised.pk, note="已更正", rules=rules, on=later, at=at(later))
    case = Case.objects.get(pk=publicised.pk)
    assert (case.state, case.accepted_by_id, case.publicity_until) == ("confirmed", None, None)
    case = publicised_case(case, caseworker, reviewer, on=later)
    assert approve(case, approver, rules, on=case.publicity_until).state == "approved"


def test_an_objection_after_the_publicity_is_not_an_objection(publicised, caseworker):
    with pytest.raises(NotPublicisedError, match="信访"):
        operations.object_to(
            actor=caseworker,
            case_id=publicised.pk,
            raised_by_name="",
            contact="",
            text="晚了",
            on=publicised.publicity_until,
            at=at(publicised.publicity_until),
        )


def test_an_objection_posted_twice_is_recorded_once(publicised, caseworker):
    words = {"raised_by_name": "陈某", "contact": "", "text": "不符合条件", "on": DAY, "at": at(DAY)}
    operations.object_to(actor=caseworker, case_id=publicised.pk, **words)
    with pytest.raises(AlreadyDoneError):
        operations.object_to(actor=caseworker, case_id=publicised.pk, **words)
    assert publicised.objections.count() == 1


def test_the_checks_run_again_before_the_approval_and_stop_what_has_changed(
    publicised, approver, rules, budget, entitlement
):
    rules.answers[entitlement.pk] = Decision("yes", 140_000, "v2", {})
    with pytest.raises(ChecksFailedError, match=r"1,400\.00.*1,500\.00"):
        approve(publicised, approver, rules)
    del rules.answers[entitlement.pk]
    Person.objects.filter(pk=entitlement.person_id).update(death_date=date(2025, 6, 12))
    with pytest.raises(ChecksFailedError, match="死亡"):
        approve(publicised, approver, rules)
    publicised.refresh_from_db()
    assert publicised.state == "publicised"
    assert not Reservation.objects.exists()
    failed = entitlement.checks.filter(outcome="failed", moment="approve").order_by("pk")
    assert [row.finding for row in failed] == ["amount_changed", "dead"]


def test_two_policies_that_exclude_each_other_are_not_both_approved(
    publicised, person, owner, caseworker, reviewer, approver, rules, budget
):
    from jiuye.office.casework.rules import Apart

    other = make_entitlement(person, policy_id="public-post-subsidy")
    second = operations.confirm_own(actor=owner, entitlement_id=other.pk, rules=rules, on=DAY, at=at(DAY))
    rules.exclusions["flexible-insurance-subsidy"] = (Apart("public-post-subsidy", "this"),)
    rules.exclusions["public-post-subsidy"] = (Apart("flexible-insurance-subsidy", "other"),)
    second = publicised_case(second, caseworker, reviewer)
    assert approve(publicised, approver, rules).state == "approved"
    with pytest.raises(ChecksFailedError, match="不可同时享受"):
        approve(second, approver, rules)


def test_a_refusal_names_its_clause_with_the_laws_words_and_opens_two_ways_of_appeal(
    reviewed, reviewer, rules
):
    operations.refuse(
        actor=reviewer,
        case_id=reviewed.pk,
        clause_id="insured",
        note="4月没有缴费记录",
        rules=rules,
        on=DAY,
        at=at(DAY),
    )
    case = Case.objects.get(pk=reviewed.pk)
    assert (case.state, case.refused_clause, case.refused_law) == ("refused", "insured", "缴纳社会保险费的")
    view = one_case(reviewer, case.pk, on=DAY)
    assert [(row.name, row.last_day) for row in view.appeals] == [
        ("行政复议", date(2025, 8, 8)),
        ("行政诉讼", date(2025, 12, 9)),
    ]


def test_a_condition_that_the_decision_shows_as_met_is_refused_only_with_the_paper_that_says_otherwise(
    owner, entitlement, caseworker, reviewer, rules
):
    """The applicant's page shows the condition with a tick; whoever refuses on it is told, and says by what it is not met."""
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
    given = {
        "actor": reviewer,
        "case_id": case.pk,
        "clause_id": "registered",
        "rules": rules,
        "on": DAY,
        "at": at(DAY),
    }
    with pytest.raises(ShownAsMetError, match=r"这一条满足.*写明据什么材料认定"):
        operations.refuse(note="没有来登记", **given)
    refused = operations.refuse(note="没有来登记", against="登记表原件无签名", **given)
    assert refused.refused_because == "没有来登记（判定显示这一条满足；认定不满足的依据：登记表原件无签名）"


def test_a_refusal_without_a_clause_or_without_a_reason_is_not_taken(reviewed, reviewer, rules):
    given = {"actor": reviewer, "case_id": reviewed.pk, "rules": rules, "on": DAY, "at": at(DAY)}
    with pytest.raises(UnknownClauseError):
        operations.refuse(clause_id="", note="不行", **given)
    with pytest.raises(NoteMissingError):
        operations.refuse(clause_id="insured", note=" ", **given)
    reviewed.refresh_from_db()
    assert reviewed.state == "reviewed"


def test_the_owner_withdraws_their_own_case_and_nobody_elses(confirmed, owner, rules):
    other = make_person("刘一", number="321002199001010028")
    found = make_entitlement(other)
    worker = make_officer("钱经办", "caseworker")
    theirs = operations.confirm_on_behalf(
        actor=worker, entitlement_id=found.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )
    operations.withdraw(actor=owner, case_id=confirmed.pk, note="不需要了", on=DAY, at=at(DAY))
    with pytest.raises(NotPermittedError):
        operations.withdraw(actor=owner, case_id=theirs.pk, note="捣乱", on=DAY, at=at(DAY))
    assert dict(Case.objects.order_by("pk").values_list("pk", "state")) == {
        confirmed.pk: "withdrawn",
        theirs.pk: "confirmed",
    }


def test_a_step_is_taken_by_the_role_that_the_procedure_names(reviewed, caseworker, reviewer):
    with pytest.raises(WrongRoleError, match="审核人员"):
        operations.publicise(actor=caseworker, case_id=reviewed.pk, on=DAY, at=at(DAY))
    assert operations.publicise(actor=reviewer, case_id=reviewed.pk, on=DAY, at=at(DAY)).state == "publicised"


def test_every_role_that_the_procedures_name_holds_the_permission_of_its_step():
    for procedure in procedures().procedures.values():
        for step in procedure.steps:
            permissions = transition(step.act).permissions
            if step.by in ("system", "bank"):
                continue
            assert PERMISSIONS[step.by] & set(permissions), (procedure.claim, step)


def test_a_corrected_case_paid_without_applying_is_accepted_by_the_system_again(
    person, reviewer, caseworker, rules
):
    found = make_entitlement(person, claim="automatic")
    case = operations.confirm_automatic(entitlement_id=found.pk, rules=rules, on=DAY, at=at(DAY))
    operations.request_correction(
        actor=reviewer,
        case_id=case.pk,
        corrections={"clause:insured": "请核对"},
        rules=rules,
        on=DAY,
        at=at(DAY),
    )
    again = operations.correct(
        actor=caseworker, case_id=case.pk, note="已核对", rules=rules, on=DAY, at=at(DAY)
    )
    assert (again.state, again.accepted_by_id) == ("accepted", None)
