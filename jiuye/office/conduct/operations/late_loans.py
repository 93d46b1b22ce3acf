"""An application for a guaranteed loan that nobody answered by the day promised to its borrower goes to the office above by itself, by the
same rules as a late step.

It is owed by the office at which the loan's item has it decided. Told is whoever has it in hand, or stands in for them; where nobody has,
those of the nearest office over the place who may still answer it: neither whoever took the application nor whoever has signed.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet

from jiuye.office.conduct.operations.rising import Escalated, Late, doing, nearest_with, pass_up_late
from jiuye.office.conduct.queries.charges import InHand, in_hand_of
from jiuye.office.conduct.states import LOAN_STEP
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.staff.models import Account, Post
from jiuye.office.ventures.answering import ANSWERED_IN, GUARANTORS, answered_at, may_not_answer
from jiuye.office.ventures.models import Loan


def counties_with_late_loans(on: date) -> set[str]:
    """The counties in which an application waits for its answer beyond the promised day."""
    codes = _late(on).order_by().values_list("division_code", flat=True).distinct()
    return {code[:COUNTY_DIGITS] for code in codes}


def pass_up_loans(county: str, posts: list[Post], done: Escalated, on: date, at: datetime) -> None:
    """Pass up the county's late applications and tell both offices; within the transaction of the county's run.

    Raises CalendarNotPublishedError, MessagesUnreadableError, NoLoanTermsError.
    """
    late = list(_late(on).filter(division_code__startswith=county).select_for_update(of=("self",)))
    held = in_hand_of(late, on=on)
    found = [_late_one(loan, held.get(loan), posts) for loan in late]
    done.loans += pass_up_late(found, ("loan_unanswered", "loan_unanswered_up"), posts, county, done, on, at)


def _late(on: date) -> QuerySet[Loan]:
    # With its borrower an application's clock stands still; the promised day is set anew afterwards.
    return Loan.objects.filter(state=ANSWERED_IN, promised_on__lt=on).order_by("pk")


def _late_one(loan: Loan, held: InHand | None, posts: list[Post]) -> Late:
    assert loan.promised_on is not None  # only what was promised is late
    digits = answered_at(loan)
    barred = set(Account.objects.filter(may_not_answer(loan)).order_by("pk").values_list("pk", flat=True))
    _, guarantors = nearest_with(
        loan.division_code,
        posts,
        lambda post: post.role in GUARANTORS and post.account_id not in barred,
        digits=digits,
    )
    doer = doing(held, posts)
    return Late(
        column="loan",
        row=loan,
        due_on=loan.promised_on,
        thing=loan,
        step=LOAN_STEP,
        role=GUARANTORS[0],
        office=loan.division_code[:digits],
        # A substitute who may not answer it cannot do what they would be told of.
        owed_by={doer} if doer is not None and doer not in barred else guarantors,
    )
