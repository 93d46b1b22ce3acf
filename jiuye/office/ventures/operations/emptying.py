"""Each night: quarters of interest that wait for an approval and come to nothing by what was learned since end by themselves."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import InterestSubsidy
from jiuye.office.ventures.operations.ending import end_interest
from jiuye.office.ventures.operations.interest import require_current
from jiuye.office.ventures.operations.interest_refusals import nothing_left
from jiuye.office.ventures.operations.steps import locked, one_act
from jiuye.office.ventures.rules import NoLoanTermsError, loan_terms
from jiuye.office.ventures.states import LoanRefusal


@unscoped("quarters wait everywhere, and are looked at once a night")
def end_empty_interest(*, on: date, at: datetime) -> int:
    """End every unapproved quarter that comes to nothing now, each in its own transaction; returns how many ended.

    What cannot be told (a rule or a fact is missing) stays, and so does what comes to another amount: somebody reckons it anew.
    """
    try:
        loan_terms()
    except NoLoanTermsError:
        return 0
    ended = 0
    waiting = InterestSubsidy.objects.filter(approved_on__isnull=True, superseded_on__isnull=True)
    for key, loan_id in list(waiting.order_by("pk").values_list("pk", "loan_id")):
        with one_act("end_empty_interest"):
            loan = locked(loan_id)
            subsidy = waiting.filter(pk=key).order_by("pk").first()
            if subsidy is None:
                continue  # it was approved or reckoned anew while this one waited for the loan
            try:
                require_current(subsidy, loan)
            except LoanRefusal as error:
                because = nothing_left(error)
                if because is not None:
                    end_interest(subsidy, loan, str(because), actor=None, on=on, at=at)
                    ended += 1
    return ended
