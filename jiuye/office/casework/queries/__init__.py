"""What can be asked about cases: each within what the actor may see, ordered, in a fixed number of queries."""

from jiuye.office.casework.queries.found import (
    FoundGroup,
    FoundItem,
    found_by_policy,
    found_by_street,
    found_items,
    one_found,
)
from jiuye.office.casework.queries.notice import NoticeRow, public_notice
from jiuye.office.casework.queries.one import CaseView, case_of_objection, one_case
from jiuye.office.casework.queries.worklist import (
    Counts,
    cases_of_employer,
    cases_of_person,
    counts,
    search_cases,
    todays_work,
    visible_cases,
    waiting_for_payment,
)

__all__ = [
    "CaseView",
    "Counts",
    "FoundGroup",
    "FoundItem",
    "NoticeRow",
    "case_of_objection",
    "cases_of_employer",
    "cases_of_person",
    "counts",
    "found_by_policy",
    "found_by_street",
    "found_items",
    "one_case",
    "one_found",
    "public_notice",
    "search_cases",
    "todays_work",
    "visible_cases",
    "waiting_for_payment",
]
