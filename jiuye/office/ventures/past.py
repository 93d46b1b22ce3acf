"""A loan as it then was: at a past moment of its life, from what was appended, the versions kept of it, and what its timeline tells.

Repayments, further compensations and quarters of interest bear no time of their own. Each was entered, taken back or approved by an act
that the timeline names, in its order, so that the timeline says to the moment which of them there were and how they stood.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from copy import copy
from datetime import date, datetime
from typing import TypeVar

from django.utils.translation import gettext

from jiuye.office.casework.moments import NotYetThereError, day_of, reviews_then, version_left_by
from jiuye.office.casework.refusals import Refusal
from jiuye.office.funds.models.undoing import Undoable
from jiuye.office.funds.queries import claim_payments_then
from jiuye.office.staff.together import keep_related
from jiuye.office.ventures.extensions import EXTENDING, LoanExtension
from jiuye.office.ventures.models import InterestSubsidy, Loan, LoanEvent, LoanRepayment, LoanTopUp
from jiuye.office.ventures.proofs import proofs_of
from jiuye.office.ventures.queries import position, repayments_entered
from jiuye.office.ventures.refused import RefusalView, last_refusal
from jiuye.office.ventures.takeovers import OPENING
from jiuye.office.ventures.viewing import LoanView

Entry = TypeVar("Entry", bound=Undoable)
RECKONED = ("reckon_interest", "correct_interest")


class NoLoanYetError(NotYetThereError):
    """At that moment nobody had applied for the loan, and the book had not taken it over."""

    def __init__(self, began: date) -> None:
        Refusal.__init__(
            self,
            gettext("那时还没有这笔贷款；它从 %(began)s 开始。请选这一天以后的时间。")
            % {"began": began.isoformat()},
        )


def as_it_was(loan: Loan, moment: datetime) -> LoanView:
    """The loan at `moment`, with nothing that came later; nothing may be done with what is past. Whoever asks has been shown the loan
    (`queries.one_loan`). Raises NoLoanYetError."""
    events = [event for event in loan.timeline.all() if event.at <= moment]
    if not events:
        raise NoLoanYetError(loan.timeline.all()[0].on_date)
    on = day_of(moment)
    past = version_left_by(loan, events[-1], events[-1].loan_version, keeping=("employer", "person"))
    keep_related(past, "timeline", events)
    if past.disbursed_on is None:
        entered, quarters, further = [], [], []
    else:
        entered = _repayments(loan, events)
        quarters = _quarters(loan, events, on)
        further = _further(loan, events)
    keep_related(past, "extensions", _extensions(loan, events))
    keep_related(past, "instalments", loan.instalments.all() if past.disbursed_on is not None else [])
    past.entered = entered
    keep_related(past, "repayments", [row for row in entered if row.undone_on is None])
    keep_related(past, "subsidies", quarters)
    keep_related(past, "top_ups", further)
    past.topped_up = sum(row.amount_fen for row in further)
    keys = [row.claim_key for row in quarters] + [row.claim_key for row in further]
    paid = claim_payments_then(keys, moment) if keys else {}
    return LoanView(
        loan=past,
        timeline=events,
        position=position(past, on=on),
        top_ups=[(row, paid.get(row.claim_key)) for row in further],
        subsidies=[(row, paid.get(row.claim_key)) for row in quarters],
        proofs=proofs_of(past, on=on, until=moment),
        refusal=_refusal(loan, events),
        as_of=moment,
    )


def _repayments(loan: Loan, events: Sequence[LoanEvent]) -> list[LoanRepayment]:
    """The repayments that had been entered, by their day; one that was taken back later still stands. A reference books one at a time, so
    that of several under one the first was entered and taken back first."""
    entered = Counter(event.details["reference"] for event in events if event.act in ("repay", "repay_all"))
    undone = Counter(event.details["reference"] for event in events if event.act == "undo_repayment")
    seen: Counter[str] = Counter()
    found = []
    for row in sorted(repayments_entered(loan), key=lambda row: row.pk):
        reference = row.bank_reference
        seen[reference] += 1
        if reference.startswith(OPENING) or seen[reference] <= entered[reference]:
            found.append(row if seen[reference] <= undone[reference] else _standing(row))
    return sorted(found, key=lambda row: (row.paid_on, row.pk))


def _further(loan: Loan, events: Sequence[LoanEvent]) -> list[LoanTopUp]:
    """What had been compensated further and stood: each time the last one is taken back."""
    acts = [event.act for event in events if event.act in ("compensate_more", "undo_top_up")]
    if not acts:
        return []
    granted = iter(LoanTopUp.every.filter(loan=loan.pk).order_by("pk"))
    standing: list[LoanTopUp] = []
    for act in acts:
        if act == "compensate_more":
            standing.append(_standing(next(granted)))
        else:
            standing.pop()
    return standing


def _extensions(loan: Loan, events: Sequence[LoanEvent]) -> list[LoanExtension]:
    """What had been asked to be put off, as far as it had been decided."""
    states = {event.details["extension"]: EXTENDING[event.act] for event in events if event.act in EXTENDING}
    found = []
    for row in loan.extensions.all() if states else ():
        if row.pk in states:
            row = copy(row)
            row.state = states[row.pk]
            if row.state == "asked":
                row.decided_on = row.decided_by_id = None
                row.words = ""
            found.append(row)
    return found


def _standing(row: Entry) -> Entry:
    """The entry before it was taken back."""
    row = copy(row)
    row.undone_on = row.undone_by_id = None
    row.undone_because = ""
    return row


def _quarters(loan: Loan, events: Sequence[LoanEvent], on: date) -> list[InterestSubsidy]:
    """The quarters of interest that had been reckoned, not approved or not superseded yet where that came later."""
    known = _reckoned(loan)
    then, found = {event.pk for event in events}, []
    for row, made, ended in known:
        if made.pk in then:
            over = row.superseded_on is not None and row.superseded_on <= on
            if not over or (ended is not None and ended.pk not in then):
                row.superseded_on, row.ended_because = None, ""
            row.approved_on = row.approved_by_id = None
            found.append(row)
    for event in events:
        if event.act in ("approve_interest", "undo_interest"):
            quarter, fen = event.details["quarter"], event.details["amount_fen"]
            # What is approved is the newest of that amount that there was.
            row = [
                row
                for row, made, _ in known
                if (row.quarter_start.isoformat(), row.amount_fen) == (quarter, fen) and made.pk < event.pk
            ][-1]
            granted = event.act == "approve_interest"
            row.approved_on, row.approved_by_id = (event.on_date, event.actor_id) if granted else (None, None)
    return sorted(found, key=lambda row: (row.quarter_start, row.pk))


def _reckoned(loan: Loan) -> list[tuple[InterestSubsidy, LoanEvent, LoanEvent | None]]:
    """Every quarter of interest, oldest entry first, with the act that reckoned it and the one that superseded it: the next one that was
    reckoned, the end of what came to nothing, or of a loan that was taken over wrongly. What was superseded by none of them (older rows of a
    quarter that came to what had been paid before) is known by its day alone."""
    acts: dict[str, list[LoanEvent]] = defaultdict(list)
    taken_back = None
    ends = {}
    for event in loan.timeline.all():
        if event.act in RECKONED:
            acts[event.details["quarter"]].append(event)
        elif event.act == "end_interest":
            ends[event.details["subsidy"]] = event
        elif event.act == "undo_takeover":
            taken_back = event
    found = []
    for row in sorted(loan.subsidies.all(), key=lambda row: row.pk):
        made, *later = acts[row.quarter_start.isoformat()]
        acts[row.quarter_start.isoformat()] = later
        ended = ends.get(row.pk) or next(
            (act for act in (*later[:1], taken_back) if act and act.on_date == row.superseded_on), None
        )
        found.append((copy(row), made, ended))
    return found


def _refusal(loan: Loan, events: Sequence[LoanEvent]) -> RefusalView | None:
    """The refusal with the reviews that had been asked for; nobody asks or decides in the past."""
    refused = last_refusal(events)
    if refused is None:
        return None
    asked = any(event.act == "ask_review" for event in events)
    reviews = list(loan.refusal_reviews.select_related("decided_by").order_by("pk")) if asked else []
    return RefusalView(
        tuple(reviews_then(reviews, events)),
        tuple(refused.details.get("appeals", ())),
        may_ask_review=False,
        may_decide_review=False,
    )
