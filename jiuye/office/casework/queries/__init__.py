"""What can be asked about cases: each within what the actor may see, ordered, in a fixed number of queries."""

from jiuye.office.casework.queries.doubts import (
    DoubtTotals,
    case_of_doubt,
    doubts_about_payments,
    open_doubts,
)
from jiuye.office.casework.queries.found import (
    FoundGroup,
    FoundItem,
    found_by_policy,
    found_by_street,
    found_items,
    one_found,
)
from jiuye.office.casework.queries.notice import NoticeRow, public_notice
from jiuye.office.casework.queries.one import (
    CaseView,
    case_of_objection,
    case_of_review,
    objections_to_answer,
    one_case,
)
from jiuye.office.casework.queries.past import NotYetThereError, as_it_was
from jiuye.office.casework.queries.together import Together, look_together, ready_for, ready_to_approve
from jiuye.office.casework.queries.waiting import WaitingFund, waiting_by_fund
from jiuye.office.casework.queries.worklist import (
    Counts,
    cases_of_employer,
    cases_of_person,
    counts,
    search_cases,
    takes,
    todays_work,
    visible_cases,
    waiting_for_payment,
)

__all__ = [
    "CaseView",
    "Counts",
    "DoubtTotals",
    "FoundGroup",
    "FoundItem",
    "NotYetThereError",
    "NoticeRow",
    "Together",
    "WaitingFund",
    "as_it_was",
    "case_of_doubt",
    "case_of_objection",
    "case_of_review",
    "cases_of_employer",
    "cases_of_person",
    "counts",
    "doubts_about_payments",
    "found_by_policy",
    "found_by_street",
    "found_items",
    "look_together",
    "objections_to_answer",
    "one_case",
    "one_found",
    "open_doubts",
    "public_notice",
    "ready_for",
    "ready_to_approve",
    "search_cases",
    "takes",
    "todays_work",
    "visible_cases",
    "waiting_by_fund",
    "waiting_for_payment",
]
