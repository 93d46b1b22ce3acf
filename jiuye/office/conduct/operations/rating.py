"""Giving a mark, and answering a low one."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.office.casework.access import owns
from jiuye.office.casework.models import Case
from jiuye.office.casework.procedures import workdays_later
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.conduct.deadlines import deadlines
from jiuye.office.conduct.models import Rating, RatingAnswer
from jiuye.office.conduct.states import LEVELS, LOW, RATED_CASES, RATED_LOANS, RATED_MATTERS
from jiuye.office.matters.access import is_own
from jiuye.office.matters.models import Matter
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations import LoanNotFoundError
from jiuye.office.ventures.operations.steps import is_borrower
from jiuye.office.ventures.operations.steps import locked as locked_loan


class NothingToRateError(Refusal):
    """There is no such matter, case or loan of the actor's own, or it has not ended."""

    def __init__(self) -> None:
        super().__init__(
            gettext("办结、付款、放款或不予办理以后才能评价，而且只能评价自己的事项；请在自己的页面上评价。")
        )


class RatedBeforeError(Refusal):
    """A matter, case or loan is marked once."""

    def __init__(self) -> None:
        super().__init__(gettext("这一件已经评价过，每件评价一次；还有话要说请拨打 12345。"))


class LevelUnknownError(Refusal):
    """The mark is none of the five."""

    def __init__(self) -> None:
        super().__init__(gettext("请在五档里选一档。"))


class RatingNotFoundError(Refusal):
    """There is no such mark, or it lies outside what the actor may see."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这条评价，或者它不在您的管辖范围内。"))


class NoAnswerOwedError(Refusal):
    """Only the two low marks are answered, once."""

    def __init__(self) -> None:
        super().__init__(gettext("只有不满意的评价要回复，而且只回复一次；这一条不用再回复。"))


class TookPartError(Refusal):
    """Whoever had a hand in what was marked does not answer for it."""

    def __init__(self) -> None:
        super().__init__(gettext("您办理过这一件，不能由您回复对它的评价；请由没有经手的人员回复。"))


def rate(
    *,
    actor: Actor,
    matter_id: int | None = None,
    case_id: int | None = None,
    loan_id: int | None = None,
    level: str,
    words: str,
    on: date,
    at: datetime,
) -> Rating:
    """The applicant marks one's own ended matter, case or application for a loan, once; a low mark needs words and gets a day for its answer.

    Raises NotPermittedError, NothingToRateError, RatedBeforeError, LevelUnknownError, WordsMissingError, TooLongError.
    """
    require(actor, "own.confirm")
    if level not in LEVELS:
        raise LevelUnknownError
    if level in LOW and not words.strip():
        raise WordsMissingError("评价内容")
    words = within(words, LONG, "评价内容", "words")
    with transaction.atomic(), pghistory.context(operation="conduct.rate"):
        matter = _own_matter(actor, matter_id) if matter_id is not None else None
        case = _own_case(actor, case_id) if matter_id is None and case_id is not None else None
        loan = _own_loan(actor, loan_id) if loan_id is not None else None
        rated = matter or case or loan
        if rated is None:
            raise NothingToRateError
        if Rating.objects.filter(matter=matter, case=case, loan=loan).exists():
            raise RatedBeforeError
        return Rating.objects.create(
            matter=matter,
            case=case,
            loan=loan,
            division_code=rated.division_code,
            level=level,
            words=words,
            on_date=on,
            at=at,
            answer_due=_answer_due(level, on),
        )


def _answer_due(level: str, on: date) -> date | None:
    """The last day for the answer to a low mark, by the pack's deadlines; None where they set none."""
    workdays = deadlines().answer_workdays
    return workdays_later(on, workdays) if level in LOW and workdays is not None else None


def answer(*, actor: Actor, rating_id: int, words: str, on: date, at: datetime) -> RatingAnswer:
    """Answer a low mark under one's own name.

    Raises RatingNotFoundError, NotPermittedError, NoAnswerOwedError, TookPartError, WordsMissingError, TooLongError.
    """
    with transaction.atomic(), pghistory.context(operation="conduct.answer"):
        rating = Rating.objects.select_for_update(of=("self",)).filter(pk=rating_id).first()
        if rating is None:
            raise RatingNotFoundError
        require(actor, "conduct.answer", rating.division_code)
        if not rating.low or RatingAnswer.objects.filter(rating=rating).exists():
            raise NoAnswerOwedError
        if rating.rated.timeline.filter(actor_id=actor.account_id).exists():
            raise TookPartError
        if not words.strip():
            raise WordsMissingError("回复")
        words = within(words, LONG, "回复", "words")
        return RatingAnswer.objects.create(
            rating=rating,
            words=words,
            answered_by_id=actor.account_id,
            answered_by_name=actor.name,
            on_date=on,
            at=at,
        )


def _own_matter(actor: Actor, matter_id: int) -> Matter | None:
    matter = Matter.objects.select_for_update(of=("self",)).filter(pk=matter_id).first()
    if matter is None or not is_own(matter, actor) or matter.state not in RATED_MATTERS:
        return None
    return matter


def _own_case(actor: Actor, case_id: int) -> Case | None:
    case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None or case.state not in RATED_CASES:
        return None
    mine = owns(
        actor, person_id=case.person_id, employer_id=case.employer_id, recipient_kind=case.recipient_kind
    )
    return case if mine else None


def _own_loan(actor: Actor, loan_id: int) -> Loan | None:
    try:
        loan = locked_loan(loan_id)
    except LoanNotFoundError:
        return None
    return loan if is_borrower(actor, loan) and may_be_marked(loan) else None


def may_be_marked(loan: Loan) -> bool:
    """True where the application has ended: a loan that was taken over from the old system was never applied for here."""
    return loan.state in RATED_LOANS and not loan.taken_over_from
