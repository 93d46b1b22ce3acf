"""Deciding: accept, review, publicise, refuse, withdraw. Sending back stands in `correcting.py`, approving in `approving.py`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.basis.workdays import add_workdays
from jiuye.office.casework.access import require_for
from jiuye.office.casework.authorities import by_relative, require_no_relative
from jiuye.office.casework.models import Case
from jiuye.office.casework.notices import NAMED, put_up
from jiuye.office.casework.operations.evidencing import require_proved
from jiuye.office.casework.operations.steps import (
    locked,
    move,
    one_act,
    refuse_repetition,
)
from jiuye.office.casework.procedures import procedure_of, ways_of_appeal
from jiuye.office.casework.queries.notice import public_notice
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.shown_met import met_sentence, shown_as_met, with_ground
from jiuye.office.casework.states import WrongStateError, transition
from jiuye.office.funds.operations import release, release_withdrawn
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped

GRANTED_UNPAID = ("approved", "payment_rejected")


class UnknownClauseError(Refusal):
    """A refusal names a clause that the policy does not have."""

    def __init__(self, clause_id: str) -> None:
        super().__init__(
            gettext("政策里没有条件“%(clause)s”；不予支付必须指明政策的一条条件。")
            % {"clause": clause_id or "—"}
        )


class ShownAsMetError(Refusal):
    """The condition that a refusal names is met by the decision that the applicant reads, and nothing says why it is not."""

    field = "against"

    def __init__(self, says: str) -> None:
        super().__init__(met_sentence(says))


def accept(*, actor: Actor, case_id: int, on: date, at: datetime) -> Case:
    """Take the case on, once everything that it asks for is proved.

    Raises NotPermittedError, WrongStateError, AlreadyDoneError, HolderActsError, EvidenceMissingError.
    """
    with one_act("accept"):
        case = locked(case_id)
        require_for(transition("accept"), actor=actor, case=case)
        refuse_repetition(case, "accept")
        if case.state not in transition("accept").sources:
            raise WrongStateError("accept", case.state)
        require_no_relative(case.person_id, actor)
        require_proved(case, actor=actor, on=on, at=at)
        move(case, "accept", actor=actor, on=on, at=at, accepted_on=on, accepted_by_id=actor.account_id)
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
        require_no_relative(case.person_id, actor)
        refuse_repetition(case, "publicise")
        workdays = procedure_of(case).publicity_workdays
        last_day = add_workdays(on, workdays)
        case.publicity_start, case.publicity_until = on, last_day + timedelta(days=1)
        proof = put_up(
            about=case.claim_key,
            number=case.number,
            division_code=case.division_code,
            shown=asdict(public_notice([case])[0]),
            first_day=on,
            until=case.publicity_until,
            at=at,
        )
        move(
            case,
            "publicise",
            actor=actor,
            on=on,
            at=at,
            due_from=last_day,
            details={"workdays": workdays, "last_day": last_day.isoformat(), NAMED: proof.digest},
            publicity_start=on,
            publicity_until=case.publicity_until,
        )
    return case


def refuse(
    *,
    actor: Actor,
    case_id: int,
    clause_id: str,
    note: str,
    against: str = "",
    rules: Rules,
    on: date,
    at: datetime,
) -> Case:
    """Refuse the case: it names the clause that fails with the law's words, and opens the ways of appeal.

    `against` says by which papers a clause fails that the decision shows as met. A granted case that has not been paid is refused
    by an approver only, and its money goes back to the budget. Raises NotPermittedError, WrongStateError, NoteMissingError,
    AlreadyDoneError, UnknownClauseError, ShownAsMetError.
    """
    with one_act("refuse"):
        case = locked(case_id)
        require_for(transition("refuse"), actor=actor, case=case)
        require_no_relative(case.person_id, actor)
        refuse_repetition(case, "refuse")
        clause = rules.terms(case.policy_id).clause(clause_id)
        if clause is None:
            raise UnknownClauseError(clause_id)
        met = shown_as_met(case.receipt, clause.id)
        if met and note.strip() and not against.strip():
            raise ShownAsMetError(clause.says)
        because = with_ground(note, against if met else "")
        if case.state in GRANTED_UNPAID:
            require(actor, "casework.approve", case.division_code)
            release(actor=actor, claim_key=case.claim_key, on=on, at=at)
        move(
            case,
            "refuse",
            actor=actor,
            on=on,
            at=at,
            note=because,
            details={"clause": clause.id, "appeals": ways_of_appeal(on), "shown_as_met": met},
            refused_on=on,
            refused_clause=clause.id,
            refused_law=clause.law or clause.says,
            refused_because=because,
            refused_by_id=actor.account_id,
        )
    return case


def withdraw(*, actor: Actor, case_id: int, note: str, on: date, at: datetime) -> Case:
    """The applicant (or a case worker for them) takes the case back before it is paid; what was reserved for it is free again.

    Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError.
    """
    with one_act("withdraw"):
        case = locked(case_id)
        require_for(transition("withdraw"), actor=actor, case=case)
        refuse_repetition(case, "withdraw")
        granted = case.state in GRANTED_UNPAID
        spoken = by_relative(case, "withdraw", actor=actor, on=on, at=at)
        move(case, "withdraw", actor=actor, on=on, at=at, note=note, details={"granted": granted, **spoken})
        if granted:
            with unscoped("money that an applicant gives up goes back to a budget that is not their own"):
                release_withdrawn(actor=actor, claim_key=case.claim_key, on=on, at=at)
    return case


def _plain(
    act: str, case_id: int, *, actor: Actor, on: date, at: datetime, note: str, **changes: Any
) -> Case:
    """An act without conditions of its own."""
    with one_act(act):
        case = locked(case_id)
        require_for(transition(act), actor=actor, case=case)
        require_no_relative(case.person_id, actor)
        refuse_repetition(case, act)
        move(case, act, actor=actor, on=on, at=at, note=note, **changes)
    return case
