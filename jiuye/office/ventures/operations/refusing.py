"""A guarantee that is refused: the clause that fails with the law's words, the ways of appeal, and the review by another officer."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext

from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.operations.overturning import (
    OwnRefusalError,
    close_request,
    put_request_on_record,
    require_to_decide,
)
from jiuye.office.casework.procedures import procedures, require_at_level, ways_of_appeal
from jiuye.office.casework.shown_met import met_sentence, shown_as_met, with_ground
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan, LoanRefusalReview
from jiuye.office.ventures.operations.steps import (
    LoanNotFoundError,
    is_borrower,
    locked,
    move,
    one_act,
    promised,
)
from jiuye.office.ventures.rules import clauses_for
from jiuye.office.ventures.states import (
    ACT_NAMES,
    APPLYING,
    COMMITTED,
    OPEN_FOR_A_FOUNDER,
    STATE_LABELS,
    LoanRefusal,
)
from jiuye.office.ventures.telling import tell


class LoanClauseError(LoanRefusal):
    """A refusal names a condition of the policy that decides the loan."""

    field = "clause"

    def __init__(self, clause_id: str) -> None:
        super().__init__(
            gettext("政策里没有条件“%(clause)s”；不予担保必须指明不符合政策的哪一条条件。")
            % {"clause": clause_id or "—"}
        )


class LoanShownAsMetError(LoanRefusal):
    """The condition that a refusal names is met by the decision that the borrower reads, and nothing says why it is not."""

    field = "against"

    def __init__(self, says: str) -> None:
        super().__init__(met_sentence(says))


class NoLoanRefusalError(LoanRefusal):
    """Only a refused guarantee is looked at again."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("这笔贷款现在是“%(state)s”，没有不予担保的决定可以复核。")
            % {"state": gettext(STATE_LABELS[state])}
        )


class AppliedAnewError(LoanRefusal):
    """The borrower has another loan under way meanwhile; the old application would be a second."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext(
                "借款人另有在办或在还的贷款 %(number)s，不能再恢复这一笔；请在那一笔里办理，这里写明维持。"
            )
            % {"number": number}
        )


def refuse(
    *, actor: Actor, loan_id: int, clause_id: str, note: str, against: str = "", on: date, at: datetime
) -> Loan:
    """No guarantee: the condition that fails with the law's words, the reason, and the ways of appeal.

    `against` says by which papers a condition fails that the decision shows as met. Raises NotPermittedError, WrongLoanStateError,
    NoteMissingError, TooLongError, LoanClauseError, LoanShownAsMetError.
    """
    with one_act("refuse"):
        loan = locked(loan_id)
        require(actor, "ventures.guarantee", loan.division_code)
        require_no_relative(loan.person_id, actor)
        clause = next((row for row in clauses_for(loan) if row.id == clause_id), None)
        if clause is None:
            raise LoanClauseError(clause_id)
        met = shown_as_met(loan.receipt, clause.id)
        if met and note.strip() and not against.strip():
            raise LoanShownAsMetError(clause.says)
        because = with_ground(note, against if met else "")
        move(
            loan,
            "refuse",
            actor=actor,
            on=on,
            at=at,
            note=because,
            details={"clause": clause.id, "appeals": ways_of_appeal(on), "shown_as_met": met},
            refused_on=on,
            refused_by_id=actor.account_id,
            refused_clause=clause.id,
            refused_law=clause.law or clause.says,
            refused_because=because,
        )
    return loan


def ask_review(
    *, actor: Actor, loan_id: int, text: str, contact: str = "", on: date, at: datetime
) -> LoanRefusalReview:
    """The borrower (or an officer at the counter for them) says why the refusal is wrong.

    Raises LoanNotFoundError, NotPermittedError, NoLoanRefusalError, ReviewTooLateError, WordsMissingError, TooLongError,
    AlreadyDoneError.
    """
    with one_act("ask_review"):
        loan = locked(loan_id)
        if not (is_borrower(actor, loan) and actor.may("own.confirm")):
            require(actor, "ventures.record", loan.division_code)
            require_no_relative(loan.person_id, actor)
        if loan.state != "refused" or loan.refused_on is None:
            raise NoLoanRefusalError(loan.state)
        asked: LoanRefusalReview = put_request_on_record(
            loan,
            refused_on=loan.refused_on,
            refused_by_id=loan.refused_by_id,
            names=ACT_NAMES,
            actor=actor,
            text=text,
            contact=contact,
            on=on,
            at=at,
        )
    return asked


def decide_review(
    *, actor: Actor, review_id: int, overturned: bool, words: str, on: date, at: datetime
) -> LoanRefusalReview:
    """Uphold the refusal, or overturn it: the loan then waits for its guarantee again, with its whole promise.

    Raises LoanNotFoundError, NotPermittedError, OwnRefusalError, NoLoanRefusalError, AppliedAnewError, WordsMissingError,
    TooLongError, AlreadyDoneError.
    """
    with one_act("decide_review"):
        asked = LoanRefusalReview.objects.select_for_update(of=("self",)).filter(pk=review_id).first()
        if asked is None:
            raise LoanNotFoundError
        loan = locked(asked.loan_id)
        review = procedures().refusal_review
        require_at_level(actor, (asked.decided_with,), loan.division_code, review.level, review.by)
        require_no_relative(loan.person_id, actor)
        if actor.account_id in asked.had_a_hand:
            raise OwnRefusalError
        if asked.decided_on is None and loan.state != "refused":
            raise NoLoanRefusalError(loan.state)
        words = require_to_decide(asked, loan, ACT_NAMES, words)
        if overturned:
            _take_up_again(loan, actor=actor, words=words, on=on, at=at)
        close_request(asked, loan, actor=actor, overturned=overturned, words=words, on=on, at=at, tell=tell)
    return asked


def _take_up_again(loan: Loan, *, actor: Actor, words: str, on: date, at: datetime) -> None:
    same = Q(employer=loan.employer, kind=loan.kind, state__in=(*APPLYING, *COMMITTED))
    if loan.person_id is not None:
        same |= Q(person_id=loan.person_id, kind=loan.kind, state__in=OPEN_FOR_A_FOUNDER)
    with unscoped("a founder's other business may lie in another county"):
        other = Loan.objects.filter(same).exclude(pk=loan.pk).order_by("pk").first()
    if other is not None:
        raise AppliedAnewError(other.number)
    move(
        loan,
        "overturn",
        actor=actor,
        on=on,
        at=at,
        note=words,
        promised_on=promised(loan.kind, on),
        refused_on=None,
        refused_by_id=None,
        refused_clause="",
        refused_law="",
        refused_because="",
    )
