"""An application for a guaranteed loan that nobody answered by the day promised to its borrower goes to the office above by itself, by the
same rules as a late step.

It is owed by the office at which the loan's item has it decided. Told are those of the nearest office over the place who may guarantee it:
not whoever took the application.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet

from jiuye.office.casework.procedures import LEVEL_DIGITS
from jiuye.office.conduct.operations.rising import Escalated, Late, nearest_with, pass_up_late
from jiuye.office.conduct.states import LOAN_STEP
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.staff.models import Post
from jiuye.office.staff.roles import PERMISSIONS
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.rules import loan_item

GUARANTEE = "ventures.guarantee"
GUARANTORS = sorted(role for role, may in PERMISSIONS.items() if GUARANTEE in may)


def counties_with_late_loans(on: date) -> set[str]:
    """The counties in which an application waits for its answer beyond the promised day."""
    codes = _late(on).order_by().values_list("division_code", flat=True).distinct()
    return {code[:COUNTY_DIGITS] for code in codes}


def pass_up_loans(county: str, posts: list[Post], done: Escalated, on: date, at: datetime) -> None:
    """Pass up the county's late applications and tell both offices; within the transaction of the county's run.

    Raises CalendarNotPublishedError, MessagesUnreadableError, NoLoanTermsError.
    """
    late = _late(on).filter(division_code__startswith=county).select_for_update(of=("self",))
    found = [_late_one(loan, posts) for loan in late]
    done.loans += pass_up_late(found, ("loan_unanswered", "loan_unanswered_up"), posts, county, done, on, at)


def _late(on: date) -> QuerySet[Loan]:
    # With its borrower an application's clock stands still; the promised day is set anew afterwards.
    return Loan.objects.filter(state="applied", promised_on__lt=on).order_by("pk")


def _late_one(loan: Loan, posts: list[Post]) -> Late:
    assert loan.promised_on is not None  # only what was promised is late
    item = loan_item(loan.kind)
    step = item.step("decide") if item is not None else None
    digits = LEVEL_DIGITS[step.level] if step is not None else COUNTY_DIGITS
    _, guarantors = nearest_with(
        loan.division_code,
        posts,
        lambda post: post.role in GUARANTORS and post.account_id != loan.applied_by_id,
        digits=digits,
    )
    return Late(
        column="loan",
        row=loan,
        due_on=loan.promised_on,
        thing=loan,
        step=LOAN_STEP,
        role=GUARANTORS[0],
        office=loan.division_code[:digits],
        owed_by=guarantors,
    )
