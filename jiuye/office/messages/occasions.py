"""On which occasions people are told something, and the fields that each hands over to its message's words."""

from __future__ import annotations

_CASE = frozenset({"policy", "number", "name", "amount"})
_MATTER = frozenset({"item", "number", "name"})
_LOAN = frozenset({"loan", "number", "name", "amount", "day"})
_LATE = frozenset({"count", "title", "number", "due"})
_REFUSAL = frozenset({"clause", "because", "appeals", "day"})

OCCASIONS: dict[str, frozenset[str]] = {
    "case_accepted": _CASE | {"promised"},
    "case_correction": _CASE | {"note", "due"},
    "case_approved": _CASE | {"day"},
    "case_approval_undone": _CASE | {"note", "day"},
    "case_paid": _CASE | {"day"},
    "case_returned": _CASE | {"reason"},
    "case_claimed_back": _CASE | {"paid", "claimed", "ground", "document", "instalments", "appeals", "day"},
    "case_claim_withdrawn": _CASE | {"document", "because"},
    "case_refused": _CASE | _REFUSAL | {"confirmed"},
    "case_refusal_upheld": _CASE | {"because", "appeals", "day"},
    "case_refusal_overturned": _CASE | {"because", "promised", "day"},
    "matter_accepted": _MATTER | {"promised"},
    "matter_correction": _MATTER | {"note", "due"},
    "matter_granted": _MATTER | {"day"},
    "matter_refused": _MATTER | _REFUSAL,
    "matter_refusal_upheld": _MATTER | {"because", "appeals", "day"},
    "matter_refusal_overturned": _MATTER | {"because", "promised", "day"},
    "matter_review_due": _MATTER | {"day"},
    "matter_service_closed": _MATTER | {"service", "because", "day"},
    "matter_service_opened": _MATTER | {"service", "day"},
    "matter_ended": _MATTER | {"because", "appeals", "day"},
    # Ended for a reason of the item's exit: to the applicant, and to the employer that the matter was with.
    "matter_left": _MATTER | {"from", "because", "appeals", "day"},
    "matter_left_party": _MATTER | {"from", "because", "day"},
    "loan_received": _LOAN | {"promised"},
    "loan_correction": _LOAN | {"note", "due"},
    "loan_refused": _LOAN | _REFUSAL,
    "loan_refusal_upheld": _LOAN | {"because", "appeals"},
    "loan_refusal_overturned": _LOAN | {"because", "promised"},
    "loan_guaranteed": _LOAN,
    "loan_declined": _LOAN | {"note"},
    "loan_paid_out": _LOAN | {"bank", "due"},
    "loan_extended": _LOAN | {"due", "until"},
    "loan_extension_refused": _LOAN | {"due", "until", "because"},
    "loan_interest_paid": _LOAN | {"quarter"},
    "loan_interest_returned": _LOAN | {"quarter", "reason"},
    "loan_due_soon": _LOAN | {"due"},
    "loan_late": _LOAN | {"due", "days"},
    "loan_compensated": _LOAN,
    "loan_closed": _LOAN | {"how"},
    "loan_interest_claimed_back": _LOAN | {"quarter", "ground", "document", "instalments", "appeals"},
    "loan_compensation_claimed": _LOAN | {"ground", "document", "instalments"},
    "loan_claim_withdrawn": _LOAN | {"document", "because"},
    "loan_reopened": _LOAN,
    # Told to whoever's account a counter opened, or did something to.
    "account_changed": frozenset({"day", "done", "username"}),
    # Told to a resident for whom a relative may act from now on.
    "authority_recorded": frozenset({"relation", "holder", "start", "last", "day"}),
    # Told to whoever objected to a public notice, at the number that they left.
    "objection_answered": frozenset({"number", "outcome", "because"}),
    # Told to officers, in their own inbox.
    "work_handed_on": frozenset({"title", "number", "from", "reason"}),
    "work_put_back": frozenset({"title", "number", "from", "reason"}),
    "absence_declared": frozenset({"from", "name", "substitute", "start", "until", "waiting"}),
    "standing_in": frozenset({"from", "name", "substitute", "start", "until", "waiting"}),
    "absence_ended": frozenset({"from", "name", "substitute", "start", "until", "how", "day"}),
    "standing_in_ended": frozenset({"from", "name", "substitute", "start", "until", "how", "day"}),
    "deadline_passed_up": _LATE | {"place"},
    "deadline_passed": _LATE | {"above"},
    "review_late_up": _LATE | {"place"},
    "review_late": _LATE | {"above"},
    "loan_unanswered_up": _LATE | {"place"},
    "loan_unanswered": _LATE | {"above"},
    "due_review_late_up": _LATE | {"place"},
    "due_review_late": _LATE | {"above"},
    "service_late_up": _LATE | {"place"},
    "service_late": _LATE | {"above"},
    "mark_unanswered_up": _LATE | {"place"},
    "mark_unanswered": _LATE | {"above"},
    "mark_unanswered_head": _LATE | {"place"},
    "mark_unanswered_top": _LATE | {"place", "told"},
    # Told to administrators.
    "night_failed": frozenset({"day", "count", "steps", "reason"}),
    # Told to many at once, after a second person released it.
    "entitlement_found": frozenset({"policy", "name", "amount"}),
}
