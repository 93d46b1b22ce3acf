"""The treasury's part of the interest, quarter by quarter: reckoned, approved by another, paid through funds, corrected where more is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext

from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.findings import Finding
from jiuye.office.funds import operations as funds
from jiuye.office.funds.chain import receipt_digest
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.operations.recovering import settled_fen
from jiuye.office.funds.queries import claim_payments
from jiuye.office.funds.states import BACK_LINE_STATES
from jiuye.office.registry.places import county_of
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.ventures.models import InterestSubsidy, Loan
from jiuye.office.ventures.operations.claims import interest_claim
from jiuye.office.ventures.operations.drawing import require_not_drawn
from jiuye.office.ventures.operations.examining import look_at_recipient, require_account_confirmed
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


class QuarterNotOverError(LoanRefusal):
    """Interest is reckoned when the quarter is over."""

    def __init__(self, until: date) -> None:
        super().__init__(
            gettext("这个季度到 %(last)s 才结束；结束以后再核算。")
            % {"last": (until - timedelta(days=1)).isoformat()}
        )


class NothingToSubsidiseError(LoanRefusal):
    """No day of the quarter is subsidised."""

    def __init__(self, late_days: int) -> None:
        super().__init__(
            gettext("这个季度没有可贴息的天数（逾期 %(late)d 天）；逾期期间不贴息。") % {"late": late_days}
        )


class BeforeTakeoverError(LoanRefusal):
    """What lies before the day from which a loan was taken over is the old system's."""

    def __init__(self, carried_from: date) -> None:
        super().__init__(
            gettext("这笔贷款自 %(day)s 起由本系统核算；以前的贴息由原系统核发，已计入已享待遇。")
            % {"day": carried_from.isoformat()}
        )


class NotSubsidisedError(LoanRefusal):
    """The policy does not say yes."""

    def __init__(self, reason: str) -> None:
        super().__init__(gettext("不能贴息：%(reason)s") % {"reason": reason})


class OtherFormulaError(LoanRefusal):
    """The version of the policy in force reckons otherwise than balance × rate × share."""

    def __init__(self, day: date) -> None:
        super().__init__(
            gettext("%(day)s 适用的版本不是“余额×利率×比例”，不能按日核算；请由政策专员核定。")
            % {"day": day.isoformat()}
        )


class SameOfficerError(LoanRefusal):
    """Who reckoned does not approve."""

    def __init__(self) -> None:
        super().__init__(gettext("批准人不能是核算人；请由另一人批准。"))


class StaleInterestError(LoanRefusal):
    """Since it was reckoned more was learned: a repayment, a fact, a rule."""

    def __init__(self, was_fen: int, is_fen: int) -> None:
        super().__init__(
            gettext("核算的贴息是 %(was)s 元，按现在的登记应为 %(is)s 元；请重新核算这个季度。")
            % {"was": yuan_text(was_fen), "is": yuan_text(is_fen)}
        )


class SupersededError(LoanRefusal):
    """Another version took its place."""

    def __init__(self) -> None:
        super().__init__(gettext("这一版贴息已经作废；请看这个季度最新的一版。"))


class ApprovalStandsError(LoanRefusal):
    """What is approved is taken back by an approver before it is reckoned anew."""

    def __init__(self) -> None:
        super().__init__(gettext("这个季度的贴息已批准，还没有支付；请先由审批人员撤销批准，再重新核算。"))


class UndoReasonError(LoanRefusal):
    """An approval is taken back for a reason that can be read afterwards."""

    field = "note"

    def __init__(self) -> None:
        super().__init__(gettext("撤销贴息的批准要写明理由；请填写后再办。"))


class InterestPaidError(LoanRefusal):
    """What was paid is not taken back by an approver."""

    def __init__(self) -> None:
        super().__init__(
            gettext("这笔贴息没有批准，或者已经支付，不能撤销批准；已支付的，重新核算后补差或追回。")
        )


class OverpaidInterestError(LoanRefusal):
    """More was paid than is owed: the difference comes back as every claim-back does."""

    def __init__(self, over_fen: int, claim_key: str) -> None:
        super().__init__(
            gettext("这个季度多付了贴息 %(over)s 元；请由资金人员在“追回”里按“%(claim)s”追回。")
            % {"over": yuan_text(over_fen), "claim": claim_key}
        )


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What one quarter comes to, on what is known now."""

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
        try:
            reckoned = _reckoned(loan, start, until)
        except (NothingToSubsidiseError, NotSubsidisedError) as error:
            _say_what_was_overpaid(paid_rows(loan, start), 0, error)
            raise
        rows = list(InterestSubsidy.objects.filter(loan=loan, quarter_start=start).order_by("pk"))
        live = [row for row in rows if row.superseded_on is None]
        known_fen = left_with_borrower_fen(live)
        if live and known_fen == reckoned.amount_fen:
            return live[-1]
        # The last row may still change; what stands before it was paid, or there would be no row after it.
        last_is_paid = bool(live) and _paid(live[-1])
        if live and not last_is_paid:
            last = live.pop()
            if last.approved_on is not None:
                raise ApprovalStandsError
            last.superseded_on = on
            last.save(update_fields=["superseded_on"])
        paid_fen = left_with_borrower_fen(live)
        owed_fen = reckoned.amount_fen - paid_fen
        _say_what_was_overpaid(live, reckoned.amount_fen)
        if owed_fen == 0 and live:
            return live[-1]
        if owed_fen == 0:
            raise NothingToSubsidiseError(0)
        policy = reckoned.decision.explanation.policy
        assert loan.rate is not None
        subsidy = InterestSubsidy.objects.create(
            loan=loan,
            quarter_start=start,
            quarter_until=until,
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
            corrects=live[0] if live else None,
        )
        record(
            loan,
            "correct_interest" if rows else "reckon_interest",
            loan.state,
            actor=actor,
            on=on,
            at=at,
            details={"quarter": start.isoformat(), "amount_fen": owed_fen, "known_fen": known_fen},
        )
    return subsidy


def _say_what_was_overpaid(
    paid: list[InterestSubsidy], comes_to_fen: int, because: LoanRefusal | None = None
) -> None:
    """Return where no more was paid of the quarter than it comes to now. Raises OverpaidInterestError."""
    over_fen = left_with_borrower_fen(paid) - comes_to_fen
    if over_fen > 0:
        raise OverpaidInterestError(
            over_fen, max(paid, key=lambda row: row.amount_fen).claim_key
        ) from because


def _reckoned(loan: Loan, start: date, until: date) -> Reckoned:
    """What the quarter comes to now. Raises what `_decided` raises."""
    decision, balance_days, days = _decided(loan, start, until)
    assert loan.rate is not None
    amount = subsidy_fen(balance_days, loan.rate, decision.share, loan_terms().days_a_year)
    return Reckoned(decision, balance_days, days, amount)


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
        raise StaleInterestError(subsidy.amount_fen, now_fen)


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
        raise NothingToSubsidiseError(accrual.late_days)
    decision = interest_decision(loan=loan, day=accrual.last_day, balance_fen=accrual.highest_fen)
    if decision.explanation.verdict != "yes":
        raise NotSubsidisedError(decision.explanation.reason)
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
        require_current(subsidy, loan)
        require_not_drawn(subsidy, loan)
        failed = look_at_recipient(subsidy, loan, moment="approve", actor=actor, on=on, at=at)
        last = not failed and sign(
            loan,
            "interest",
            subject=subsidy.claim_key,
            amount_fen=subsidy.amount_fen,
            terms="",
            actor=actor,
            on=on,
            at=at,
        )
        if last:
            _grant_interest(subsidy, loan, actor=actor, on=on, at=at)
    if failed:  # the look stays on record: the transaction above has ended
        raise ChecksFailedError(failed)
    return subsidy


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


def pay_interest(
    *, actor: Actor, subsidy_ids: Sequence[int], on: date, at: datetime, purpose: str = ""
) -> PaymentBatch:
    """A draft batch of approved subsidies, each to its borrower's account, looked at once more before the money goes.

    Raises StaleInterestError, SupersededError, AlreadyDrawnError, PayeeNotConfirmedError, ChecksFailedError (no batch is made where one check fails), and what funds'
    `make_batch` raises.
    """
    rows = InterestSubsidy.objects.filter(pk__in=subsidy_ids).order_by("loan_id", "pk")
    claims: list[funds.Claim] = []
    failed: list[Finding] = []
    batch: PaymentBatch | None = None
    with one_act("pay_interest"):
        for row in list(rows):
            loan = locked(row.loan_id)
            require_current(row, loan)
            require_not_drawn(row, loan)
            require_account_confirmed(loan, row.claim_key)
            failed += look_at_recipient(row, loan, moment="payment", actor=actor, on=on, at=at)
            claims.append(interest_claim(row, loan))
        if not failed:
            batch = funds.make_batch(actor=actor, claims=claims, on=on, at=at, purpose=purpose)
    if batch is None:  # the looks stay on record: the transaction above has ended
        raise ChecksFailedError(failed)
    return batch
