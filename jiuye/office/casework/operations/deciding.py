"""Deciding: accept, send back, review, publicise, approve, refuse, withdraw."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.basis.workdays import add_workdays
from jiuye.office.casework.access import require_for
from jiuye.office.casework.checks import ChecksFailedError, run_checks
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.confirming import confirm_anew
from jiuye.office.casework.operations.steps import (
    locked,
    locked_entitlement,
    move,
    one_act,
    refuse_repetition,
)
from jiuye.office.casework.procedures import procedure_for, ways_of_appeal
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.states import WrongStateError, transition
from jiuye.office.funds.chain import receipt_digest
from jiuye.office.funds.operations import release, reserve
from jiuye.office.staff.queries import Actor, require

GRANTED_UNPAID = ("approved", "payment_rejected")


class SamePersonError(Refusal):
    """The approver accepted or reviewed the case: two pairs of eyes are two people (不相容岗位分离)."""

    def __init__(self, did: str) -> None:
        super().__init__(
            gettext("这件办件是您本人%(did)s的，不能再由您审批；请由另一位审批人员办理。")
            % {"did": gettext(did)}
        )


class PublicityNotOverError(Refusal):
    """The public has not yet had its days."""

    def __init__(self, until: date) -> None:
        super().__init__(gettext("公示还没有结束，%(until)s 起才能审批。") % {"until": until.isoformat()})


class ObjectionOpenError(Refusal):
    """Somebody objected; the objection is open, or was found right."""

    def __init__(self, *, upheld: bool) -> None:
        super().__init__(
            gettext("公示期间的异议成立，不能批准；请退回补正或不予支付。")
            if upheld
            else gettext("有公示异议还没有处理；请先由审核人员处理异议。")
        )


class UnknownClauseError(Refusal):
    """A refusal names a clause that the policy does not have."""

    def __init__(self, clause_id: str) -> None:
        super().__init__(
            gettext("政策里没有条件“%(clause)s”；不予支付必须指明政策的一条条件。")
            % {"clause": clause_id or "—"}
        )


def accept(*, actor: Actor, case_id: int, on: date, at: datetime) -> Case:
    """Take the case on. Raises NotPermittedError, WrongStateError, AlreadyDoneError."""
    return _plain(
        "accept",
        case_id,
        actor=actor,
        on=on,
        at=at,
        note="",
        accepted_on=on,
        accepted_by_id=actor.account_id,
    )


def request_correction(*, actor: Actor, case_id: int, note: str, on: date, at: datetime) -> Case:
    """Send the case back to be put right; `note` tells the applicant what is missing.

    Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError.
    """
    return _plain("request_correction", case_id, actor=actor, on=on, at=at, note=note)


def correct(*, actor: Actor, case_id: int, note: str, rules: Rules, on: date, at: datetime) -> Case:
    """The applicant (or a case worker for them) says what was put right; the case is confirmed anew from today's facts.

    Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError, ChecksFailedError.
    """
    with one_act("correct"):
        case = locked(case_id)
        require_for(transition("correct"), actor=actor, case=case)
        refuse_repetition(case, "correct")
        if case.state not in transition("correct").sources:
            raise WrongStateError("correct", case.state)
        entitlement = locked_entitlement(case.entitlement_id)
        failed = confirm_anew(case, entitlement, "correct", actor=actor, note=note, rules=rules, on=on, at=at)
    if failed:
        raise ChecksFailedError(failed)
    return case


def review(*, actor: Actor, case_id: int, note: str = "", on: date, at: datetime) -> Case:
    """The reviewer has gone through the facts. Raises NotPermittedError, WrongStateError, AlreadyDoneError."""
    return _plain(
        "review",
        case_id,
        actor=actor,
        on=on,
        at=at,
        note=note,
        reviewed_on=on,
        reviewed_by_id=actor.account_id,
    )


def publicise(*, actor: Actor, case_id: int, on: date, at: datetime) -> Case:
    """Put the case before the public for the procedure's workdays.

    The day it begins does not count: with five workdays the fifth workday after `on` is the last day, and
    `publicity_until` is the day after it. Raises NotPermittedError, WrongStateError, AlreadyDoneError, and
    CalendarNotPublishedError where the workdays of that year are not on file.
    """
    with one_act("publicise"):
        case = locked(case_id)
        require_for(transition("publicise"), actor=actor, case=case)
        refuse_repetition(case, "publicise")
        workdays = procedure_for(case.claim).publicity_workdays
        last_day = add_workdays(on, workdays)
        move(
            case,
            "publicise",
            actor=actor,
            on=on,
            at=at,
            due_from=last_day,
            details={"workdays": workdays, "last_day": last_day.isoformat()},
            publicity_start=on,
            publicity_until=last_day + timedelta(days=1),
        )
    return case


def approve(*, actor: Actor, case_id: int, rules: Rules, on: date, at: datetime) -> Case:
    """Grant the case after its publicity, by somebody who neither accepted nor reviewed it; money is reserved.

    Raises NotPermittedError, WrongStateError, AlreadyDoneError, SamePersonError, PublicityNotOverError,
    ObjectionOpenError, ChecksFailedError, and what funds raises where the budget does not suffice.
    """
    with one_act("approve"):
        case = locked(case_id)
        require_for(transition("approve"), actor=actor, case=case)
        refuse_repetition(case, "approve")
        if case.state not in transition("approve").sources:
            raise WrongStateError("approve", case.state)
        _require_another_person(case, actor)
        _require_publicity_over(case, on)
        entitlement = locked_entitlement(case.entitlement_id)
        _, failed = run_checks(
            entitlement=entitlement, case=case, rules=rules, moment="approve", on=on, at=at
        )
        if not failed:
            fund = rules.terms(case.policy_id).fund
            reserve(
                actor=actor,
                fund=fund,
                claim_key=case.claim_key,
                amount_fen=case.amount_fen,
                on=on,
                at=at,
                clause=f"{case.policy_id}@{case.rule_version}",
                receipt=receipt_digest(case.receipt),
            )
            move(
                case,
                "approve",
                actor=actor,
                on=on,
                at=at,
                details={"fund": fund, "amount_fen": case.amount_fen},
                approved_on=on,
                approved_by_id=actor.account_id,
            )
    if failed:
        raise ChecksFailedError(failed)
    return case


def refuse(
    *, actor: Actor, case_id: int, clause_id: str, note: str, rules: Rules, on: date, at: datetime
) -> Case:
    """Refuse the case: it names the clause that fails with the law's words, and opens the ways of appeal.

    A granted case that has not been paid is refused by an approver only, and its money goes back to the budget. Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError, UnknownClauseError.
    """
    with one_act("refuse"):
        case = locked(case_id)
        require_for(transition("refuse"), actor=actor, case=case)
        refuse_repetition(case, "refuse")
        clause = rules.terms(case.policy_id).clause(clause_id)
        if clause is None:
            raise UnknownClauseError(clause_id)
        if case.state in GRANTED_UNPAID:
            require(actor, "casework.approve", case.division_code)
            release(actor=actor, claim_key=case.claim_key, on=on, at=at)
        move(
            case,
            "refuse",
            actor=actor,
            on=on,
            at=at,
            note=note,
            details={"clause": clause.id, "appeals": ways_of_appeal(on)},
            refused_on=on,
            refused_clause=clause.id,
            refused_law=clause.law or clause.says,
            refused_because=note.strip(),
        )
    return case


def withdraw(*, actor: Actor, case_id: int, note: str, on: date, at: datetime) -> Case:
    """The applicant (or a case worker for them) takes the case back before it is granted.

    Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError.
    """
    return _plain("withdraw", case_id, actor=actor, on=on, at=at, note=note)


def _plain(
    act: str, case_id: int, *, actor: Actor, on: date, at: datetime, note: str, **changes: Any
) -> Case:
    """An act without conditions of its own."""
    with one_act(act):
        case = locked(case_id)
        require_for(transition(act), actor=actor, case=case)
        refuse_repetition(case, act)
        move(case, act, actor=actor, on=on, at=at, note=note, **changes)
    return case


def _require_another_person(case: Case, actor: Actor) -> None:
    if actor.account_id == case.accepted_by_id:
        raise SamePersonError("受理")
    if actor.account_id == case.reviewed_by_id:
        raise SamePersonError("审核")


def _require_publicity_over(case: Case, on: date) -> None:
    assert case.publicity_until is not None  # a publicised case has its days
    if on < case.publicity_until:
        raise PublicityNotOverError(case.publicity_until)
    raised = case.objections.filter(raised_on__gte=case.publicity_start)
    if raised.filter(resolved_on__isnull=True).exists():
        raise ObjectionOpenError(upheld=False)
    if raised.filter(upheld=True).exists():
        raise ObjectionOpenError(upheld=True)
