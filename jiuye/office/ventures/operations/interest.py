"""The treasury's part of the interest, quarter by quarter: reckoned, approved by another, paid through funds, corrected where more is learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext

from jiuye.engine.basis.dates import add_months
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.findings import Finding
from jiuye.office.funds import operations as funds
from jiuye.office.funds.chain import receipt_digest
from jiuye.office.funds.operations.recovering import settled_fen
from jiuye.office.funds.queries import claim_payments
from jiuye.office.funds.states import BACK_LINE_STATES
from jiuye.office.registry.places import county_of
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.ventures.models import InterestSubsidy, Loan
from jiuye.office.ventures.operations.claims import interest_claim
from jiuye.office.ventures.operations.drawing import require_not_drawn
from jiuye.office.ventures.operations.ending import NothingLeftError, end_interest
from jiuye.office.ventures.operations.examining import look_at_recipient, require_account_confirmed
from jiuye.office.ventures.operations.interest_refusals import (
    ApprovalStandsError,
    BeforeTakeoverError,
    InterestPaidError,
    NothingToSubsidiseError,
    NotSubsidisedError,
    OtherFormulaError,
    OverpaidInterestError,
    QuarterNotOverError,
    SameOfficerError,
    StaleInterestError,
    SupersededError,
    UndoReasonError,
    nothing_left,
)
from jiuye.office.ventures.operations.signing import sign
from jiuye.office.ventures.operations.steps import locked, one_act, record
from jiuye.office.ventures.queries import book_of
from jiuye.office.ventures.reckoning import accrue, quarter_of, subsidy_fen
from jiuye.office.ventures.rules import (
    InterestDecision,
    interest_decision,
    interest_fund,
    loan_terms,
    term_months,
)
from jiuye.office.ventures.states import LoanRefusal, WrongLoanStateError


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What one quarter comes to, on what is known now."""

    start: date
    until: date
    decision: InterestDecision
    balance_days: int
    days: int
    amount_fen: int


def reckon_interest(
    *, actor: Actor, loan_id: int, quarter_start: date, on: date, at: datetime
) -> InterestSubsidy:
    """Reckon one quarter's subsidy: the policy decides on its last subsidised day.

    The same quarter again changes nothing where it comes to the same. Where more was learned since, what is unpaid is superseded by a
    new version, and what was paid too little is followed by a row of the difference.

    Raises NotPermittedError, WrongLoanStateError, QuarterNotOverError, NothingToSubsidiseError, ShareUnknownError,
    NotSubsidisedError, OtherFormulaError, ApprovalStandsError, OverpaidInterestError.
    """
    with one_act("reckon_interest"):
        loan = locked(loan_id)
        require(actor, "ventures.record", loan.division_code)
        if loan.disbursed_on is None:
            raise WrongLoanStateError("repay_all", loan.state)
        start, until = quarter_of(quarter_start)
        if on < until:
            raise QuarterNotOverError(until)
        rows = list(InterestSubsidy.objects.filter(loan=loan, quarter_start=start).order_by("pk"))
        live = [row for row in rows if row.superseded_on is None]
        known_fen = left_with_borrower_fen(live)
        # The last row may still change; what stands before it was paid, or there would be no row after it.
        last = live.pop() if live and not _paid(live[-1]) else None
        paid_fen = left_with_borrower_fen(live)
        nothing: LoanRefusal | None = None
        reckoned: Reckoned | None = None
        try:
            reckoned = _reckoned(loan, start, until)
        except (NothingToSubsidiseError, NotSubsidisedError) as error:
            nothing = nothing_left(error)
            if nothing is None or last is None:
                _say_what_was_overpaid(live, 0, error)
                raise
        comes_to_fen = reckoned.amount_fen if reckoned is not None else 0
        if reckoned is not None and known_fen == comes_to_fen and (last is not None or live):
            return last or live[-1]
        if last is not None and last.approved_on is not None:
            raise ApprovalStandsError
        owed_fen = comes_to_fen - paid_fen
        if reckoned is None or owed_fen <= 0:
            nothing = _overpaid(live, comes_to_fen) or nothing or NothingLeftError(paid_fen)
            if last is not None:
                end_interest(last, loan, str(nothing), actor=actor, on=on, at=at)
            if last is not None and reckoned is not None and live and not owed_fen:
                return live[-1]
        else:
            if last is not None:
                last.superseded_on = on
                last.save(update_fields=["superseded_on"])
            subsidy = _next_version(loan, rows, live, reckoned, owed_fen, actor=actor, on=on)
            record(
                loan,
                "correct_interest" if rows else "reckon_interest",
                loan.state,
                actor=actor,
                on=on,
                at=at,
                details={"quarter": start.isoformat(), "amount_fen": owed_fen, "known_fen": known_fen},
            )
    if nothing is not None:  # that the quarter ended stays on record: the transaction above has ended
        raise nothing
    return subsidy


def _next_version(
    loan: Loan,
    rows: list[InterestSubsidy],
    paid: list[InterestSubsidy],
    reckoned: Reckoned,
    owed_fen: int,
    *,
    actor: Actor,
    on: date,
) -> InterestSubsidy:
    """The quarter's next row after `rows`: what is owed besides the rows that were paid."""
    policy = reckoned.decision.explanation.policy
    assert loan.rate is not None
    return InterestSubsidy.objects.create(
        loan=loan,
        quarter_start=reckoned.start,
        quarter_until=reckoned.until,
        balance_days=reckoned.balance_days,
        days=reckoned.days,
        rate=loan.rate,
        share=reckoned.decision.share,
        amount_fen=owed_fen,
        policy_id=policy.id,
        rule_version=policy.version,
        receipt=reckoned.decision.explanation.as_dict(),
        reckoned_on=on,
        reckoned_by_id=actor.account_id,
        version=len(rows) + 1,
        corrects=paid[0] if paid else None,
    )


def _say_what_was_overpaid(
    paid: list[InterestSubsidy], comes_to_fen: int, because: LoanRefusal | None = None
) -> None:
    """Return where no more was paid of the quarter than it comes to now. Raises OverpaidInterestError."""
    over = _overpaid(paid, comes_to_fen)
    if over is not None:
        raise over from because


def _overpaid(paid: list[InterestSubsidy], comes_to_fen: int) -> OverpaidInterestError | None:
    """What to say where more was paid of the quarter than it comes to now."""
    over_fen = left_with_borrower_fen(paid) - comes_to_fen
    if over_fen <= 0:
        return None
    return OverpaidInterestError(over_fen, max(paid, key=lambda row: row.amount_fen).claim_key)


def _reckoned(loan: Loan, start: date, until: date) -> Reckoned:
    """What the quarter comes to now. Raises what `_decided` raises."""
    decision, balance_days, days = _decided(loan, start, until)
    assert loan.rate is not None
    amount = subsidy_fen(balance_days, loan.rate, decision.share, loan_terms().days_a_year)
    return Reckoned(start, until, decision, balance_days, days, amount)


def quarters_amount_fen(loan: Loan, start: date, until: date) -> int:
    """What a quarter comes to on what is known now. Raises what `reckon_interest` raises of it."""
    return _reckoned(loan, start, until).amount_fen


def paid_rows(loan: Loan, quarter_start: date) -> list[InterestSubsidy]:
    """The quarter's rows whose money has left."""
    rows = InterestSubsidy.objects.filter(loan=loan, quarter_start=quarter_start, superseded_on__isnull=True)
    return [row for row in rows.order_by("pk") if _paid(row)]


def left_with_borrower_fen(rows: list[InterestSubsidy]) -> int:
    """What these rows come to, less what was claimed back of them and came, or was given up."""
    return sum(row.amount_fen - settled_fen(row.claim_key) for row in rows)


def _paid(subsidy: InterestSubsidy) -> bool:
    """True where its money has left, or is under way to the bank."""
    found = claim_payments([subsidy.claim_key]).get(subsidy.claim_key)
    return found is not None and found.state not in (
        "reserved",
        "released",
        "discarded",
        *BACK_LINE_STATES,
    )


def require_current(subsidy: InterestSubsidy, loan: Loan) -> None:
    """Return where the row still is what the quarter comes to, with what was paid before. Raises StaleInterestError, SupersededError."""
    if subsidy.superseded_on is not None:
        raise SupersededError
    quarter = InterestSubsidy.objects.filter(loan=loan, quarter_start=subsidy.quarter_start)
    before = quarter.filter(superseded_on__isnull=True, pk__lt=subsidy.pk).order_by("pk")
    paid_fen = left_with_borrower_fen(list(before))
    now_fen = _reckoned(loan, subsidy.quarter_start, subsidy.quarter_until).amount_fen - paid_fen
    if now_fen != subsidy.amount_fen:
        raise StaleInterestError(subsidy.amount_fen, now_fen, paid_fen)


def _held(subsidy_id: int) -> tuple[InterestSubsidy, Loan]:
    """The row and its loan, held: the loan first, as whoever reckons anew does, so that two never wait for each other."""
    loan = locked(InterestSubsidy.objects.values_list("loan_id", flat=True).get(pk=subsidy_id))
    return InterestSubsidy.objects.select_for_update(of=["self"]).get(pk=subsidy_id), loan


def undo_interest(*, actor: Actor, subsidy_id: int, note: str, on: date, at: datetime) -> InterestSubsidy:
    """Take an approval back while nothing was paid: the reservation is released, and the quarter can be reckoned anew.

    Raises NotPermittedError, InterestPaidError, UndoReasonError, TooLongError, and what funds' `release` raises (it is in a payment batch).
    """
    with one_act("undo_interest"):
        subsidy, loan = _held(subsidy_id)
        require(actor, "ventures.guarantee", loan.division_code)
        require_no_relative(loan.person_id, actor)
        note = within(note, LONG, "理由", "note")
        if subsidy.approved_on is None or _paid(subsidy):
            raise InterestPaidError
        if not note:
            raise UndoReasonError
        funds.release(actor=actor, claim_key=subsidy.claim_key, on=on, at=at)
        subsidy.approved_on = None
        subsidy.approved_by_id = None
        subsidy.save(update_fields=["approved_on", "approved_by"])
        details = {"quarter": subsidy.quarter_start.isoformat(), "amount_fen": subsidy.amount_fen}
        record(loan, "undo_interest", loan.state, actor=actor, on=on, at=at, note=note, details=details)
    return subsidy


def _decided(loan: Loan, start: date, until: date) -> tuple[InterestDecision, int, int]:
    """The policy's word on the quarter, and its balance × days. Days after the policy's term are left out."""
    assert loan.disbursed_on is not None
    months = term_months(loan=loan, day=start)
    if months is None:
        raise NotSubsidisedError(gettext("期限没有依据"))
    # The day on which the term is full still counts (民法典第二百零二条).
    end = min(until, add_months(loan.disbursed_on, months) + timedelta(days=1))
    if loan.taken_over_from is not None and until <= loan.taken_over_from:
        raise BeforeTakeoverError(loan.taken_over_from)
    accrual = accrue(book_of(loan), max(start, loan.carried_from), end)
    if accrual.last_day is None:
        raise NothingToSubsidiseError(accrual.late_days, accrual.extended_days)
    decision = interest_decision(loan=loan, day=accrual.last_day, balance_fen=accrual.highest_fen)
    if decision.explanation.verdict != "yes":
        verdict = decision.explanation.verdict
        raise NotSubsidisedError(decision.explanation.reason, final=verdict == "no")
    assert loan.rate is not None
    # A year of that balance by our formula must be the policy's own amount: otherwise its version reckons in another way.
    if decision.explanation.amount_fen != subsidy_fen(accrual.highest_fen, loan.rate, decision.share, 1):
        raise OtherFormulaError(accrual.last_day)
    return decision, accrual.balance_days, accrual.days


def approve_interest(*, actor: Actor, subsidy_id: int, on: date, at: datetime) -> InterestSubsidy:
    """Another officer signs what was reckoned; the last signature of the amount's band reserves its money. Approving again changes nothing.

    Raises NotPermittedError, SameOfficerError, StaleInterestError, SupersededError, AlreadyDrawnError,
    ChecksFailedError, AlreadySignedError, and what funds' `reserve` raises.
    """
    with one_act("approve_interest"):
        subsidy, loan = _held(subsidy_id)
        require(actor, "ventures.guarantee", loan.division_code)
        require_no_relative(loan.person_id, actor)
        if subsidy.reckoned_by_id == actor.account_id:
            raise SameOfficerError
        if subsidy.approved_on is not None:
            return subsidy
        nothing = _ended_for_nothing(subsidy, loan, actor=actor, on=on, at=at)
        failed = []
        if nothing is None:
            require_not_drawn(subsidy, loan)
            failed = look_at_recipient(subsidy, loan, moment="approve", actor=actor, on=on, at=at)
        last = (
            nothing is None
            and not failed
            and sign(
                loan,
                "interest",
                subject=subsidy.claim_key,
                amount_fen=subsidy.amount_fen,
                terms="",
                actor=actor,
                on=on,
                at=at,
            )
        )
        if last:
            _grant_interest(subsidy, loan, actor=actor, on=on, at=at)
    if nothing is not None:
        raise nothing
    if failed:  # the look stays on record: the transaction above has ended
        raise ChecksFailedError(failed)
    return subsidy


def _ended_for_nothing(
    subsidy: InterestSubsidy, loan: Loan, *, actor: Actor, on: date, at: datetime
) -> LoanRefusal | None:
    """Why the quarter has just ended, since nothing is left of it; None where it is what the quarter comes to. Raises what `require_current`
    raises of one that comes to another amount."""
    try:
        require_current(subsidy, loan)
    except LoanRefusal as error:
        because = nothing_left(error)
        if because is None:
            raise
        end_interest(subsidy, loan, str(because), actor=actor, on=on, at=at)
        return because
    return None


def _grant_interest(subsidy: InterestSubsidy, loan: Loan, *, actor: Actor, on: date, at: datetime) -> None:
    """Hold the money, and write who approved."""
    funds.reserve(
        actor=actor,
        fund=interest_fund(subsidy.policy_id),
        claim_key=subsidy.claim_key,
        amount_fen=subsidy.amount_fen,
        on=on,
        at=at,
        clause=f"{subsidy.policy_id}@{subsidy.rule_version}",
        receipt=receipt_digest(subsidy.receipt),
        county=county_of(loan.division_code),
    )
    subsidy.approved_on = on
    subsidy.approved_by_id = actor.account_id
    subsidy.save(update_fields=["approved_on", "approved_by"])
    details = {"quarter": subsidy.quarter_start.isoformat(), "amount_fen": subsidy.amount_fen}
    record(loan, "approve_interest", loan.state, actor=actor, on=on, at=at, details=details)


def claim_of_interest(
    subsidy: InterestSubsidy, loan: Loan, *, actor: Actor, on: date, at: datetime
) -> tuple[funds.Claim, list[Finding]]:
    """Whom the quarter pays, its borrower looked at once more, with what does not pass. The loan is held.

    Raises StaleInterestError, SupersededError, AlreadyDrawnError, PayeeNotConfirmedError, and what `require_current` raises.
    """
    require_current(subsidy, loan)
    require_not_drawn(subsidy, loan)
    require_account_confirmed(loan, subsidy.claim_key)
    failed = look_at_recipient(subsidy, loan, moment="payment", actor=actor, on=on, at=at)
    return interest_claim(subsidy, loan), failed
