"""The treasury's part of the interest, quarter by quarter, and the fund's compensation to the bank: both paid through funds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext

from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.findings import Finding
from jiuye.office.funds import operations as funds
from jiuye.office.funds.chain import receipt_digest
from jiuye.office.funds.models import PaymentBatch, Recovery
from jiuye.office.funds.queries import position_of
from jiuye.office.registry.places import county_of
from jiuye.office.staff.queries import Actor, require
from jiuye.office.ventures.models import InterestSubsidy, Loan
from jiuye.office.ventures.operations.drawing import require_not_drawn
from jiuye.office.ventures.operations.examining import look_at_recipient, require_account_confirmed
from jiuye.office.ventures.operations.lending import AmountOutOfRangeError, outstanding_fen
from jiuye.office.ventures.operations.steps import locked, move, one_act, record
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


class NotLateEnoughError(LoanRefusal):
    """The bank asks for compensation only after so many days."""

    def __init__(self, late_days: int, needed: int) -> None:
        super().__init__(
            gettext("逾期 %(late)d 天，满 %(needed)d 天才能代偿；请先催收。")
            % {"late": late_days, "needed": needed}
        )


class FundNotForThisError(LoanRefusal):
    """Only the pack's funds compensate."""

    def __init__(self, fund: str) -> None:
        super().__init__(gettext("资金“%(fund)s”不能用于代偿；请选担保基金或风险补偿基金。") % {"fund": fund})


class BankAccountMissingError(LoanRefusal):
    """The bank's own account was not recorded."""

    def __init__(self) -> None:
        super().__init__(gettext("没有登记经办银行的收款账号，不能代偿；请先补登。"))


def reckon_interest(
    *, actor: Actor, loan_id: int, quarter_start: date, on: date, at: datetime
) -> InterestSubsidy:
    """Reckon one quarter's subsidy: the policy decides on its last subsidised day. The same quarter again changes nothing.

    Raises NotPermittedError, WrongLoanStateError, QuarterNotOverError, NothingToSubsidiseError, ShareUnknownError,
    NotSubsidisedError, OtherFormulaError.
    """
    with one_act("reckon_interest"):
        loan = locked(loan_id)
        require(actor, "ventures.record", loan.division_code)
        if loan.disbursed_on is None:
            raise WrongLoanStateError("repay_all", loan.state)
        start, until = quarter_of(quarter_start)
        if on < until:
            raise QuarterNotOverError(until)
        known = InterestSubsidy.objects.filter(loan=loan, quarter_start=start).order_by("pk").first()
        if known is not None:
            return known
        decision, balance_days, days = _decided(loan, start, until)
        assert loan.rate is not None
        amount = subsidy_fen(balance_days, loan.rate, decision.share, loan_terms().days_a_year)
        if amount <= 0:
            raise NothingToSubsidiseError(0)
        policy = decision.explanation.policy
        subsidy = InterestSubsidy.objects.create(
            loan=loan,
            quarter_start=start,
            quarter_until=until,
            balance_days=balance_days,
            days=days,
            rate=loan.rate,
            share=decision.share,
            amount_fen=amount,
            policy_id=policy.id,
            rule_version=policy.version,
            receipt=decision.explanation.as_dict(),
            reckoned_on=on,
            reckoned_by_id=actor.account_id,
        )
        record(
            loan,
            "reckon_interest",
            loan.state,
            actor=actor,
            on=on,
            at=at,
            details={"quarter": start.isoformat(), "amount_fen": amount},
        )
    return subsidy


def _decided(loan: Loan, start: date, until: date) -> tuple[InterestDecision, int, int]:
    """The policy's word on the quarter, and its balance × days. Days after the policy's term are left out."""
    assert loan.disbursed_on is not None
    months = term_months(loan=loan, day=start)
    if months is None:
        raise NotSubsidisedError(gettext("期限没有依据"))
    # The day on which the term is full still counts (民法典第二百零二条).
    end = min(until, add_months(loan.disbursed_on, months) + timedelta(days=1))
    accrual = accrue(book_of(loan), start, end)
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
    """Another officer approves what was reckoned; its money is reserved. Approving again changes nothing.

    Raises NotPermittedError, SameOfficerError, AlreadyDrawnError, ChecksFailedError, and what funds' `reserve` raises.
    """
    with one_act("approve_interest"):
        subsidy = InterestSubsidy.objects.select_for_update(of=["self"]).get(pk=subsidy_id)
        loan = locked(subsidy.loan_id)
        require(actor, "ventures.guarantee", loan.division_code)
        if subsidy.reckoned_by_id == actor.account_id:
            raise SameOfficerError
        if subsidy.approved_on is not None:
            return subsidy
        require_not_drawn(subsidy, loan)
        failed = look_at_recipient(subsidy, loan, moment="approve", actor=actor, on=on, at=at)
        if not failed:
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

    Raises AlreadyDrawnError, PayeeNotConfirmedError, ChecksFailedError (no batch is made where one check fails), and what funds'
    `make_batch` raises.
    """
    rows = InterestSubsidy.objects.filter(pk__in=subsidy_ids).order_by("loan_id", "pk")
    claims: list[funds.Claim] = []
    failed: list[Finding] = []
    batch: PaymentBatch | None = None
    with one_act("pay_interest"):
        for row in list(rows):
            loan = locked(row.loan_id)
            require_not_drawn(row, loan)
            require_account_confirmed(loan, row.claim_key)
            failed += look_at_recipient(row, loan, moment="payment", actor=actor, on=on, at=at)
            payee = loan.person or loan.employer
            claims.append(
                funds.Claim(
                    claim_key=row.claim_key,
                    payee_name=payee.name,
                    payee_account=payee.bank_account,
                    payee_bank=payee.bank_name,
                    payee_is_person=loan.person is not None,
                )
            )
        if not failed:
            batch = funds.make_batch(actor=actor, claims=claims, on=on, at=at, purpose=purpose)
    if batch is None:  # the looks stay on record: the transaction above has ended
        raise ChecksFailedError(failed)
    return batch


def compensate(
    *, actor: Actor, loan_id: int, fund: str, amount_fen: int, note: str, on: date, at: datetime
) -> Loan:
    """Grant the bank compensation out of the guarantee or the risk-compensation fund; the money is reserved.

    Raises NotPermittedError, WrongLoanStateError, NoteMissingError, FundNotForThisError, NotLateEnoughError,
    AmountOutOfRangeError, BankAccountMissingError, and what funds' `reserve` raises.
    """
    with one_act("compensate"):
        loan = locked(loan_id)
        require(actor, "ventures.guarantee", loan.division_code)
        if loan.state != "disbursed":
            raise WrongLoanStateError("compensate", loan.state)
        terms = loan_terms()
        if fund not in terms.compensation_funds:
            raise FundNotForThisError(fund)
        since = book_of(loan).late_since(on)
        late_days = (on - since).days if since is not None else 0
        if late_days < terms.compensation_after_days:
            raise NotLateEnoughError(late_days, terms.compensation_after_days)
        left = outstanding_fen(loan)
        if not 0 < amount_fen <= left:
            raise AmountOutOfRangeError(gettext("代偿金额"), amount_fen, left)
        if not loan.bank_account:
            raise BankAccountMissingError
        move(
            loan,
            "compensate",
            actor=actor,
            on=on,
            at=at,
            note=note,
            details={"fund": fund, "amount_fen": amount_fen, "late_days": late_days},
            compensated_fen=amount_fen,
            compensated_on=on,
            compensation_fund=fund,
        )
        funds.reserve(
            actor=actor,
            fund=fund,
            claim_key=loan.compensation_key,
            amount_fen=amount_fen,
            on=on,
            at=at,
            clause=f"{loan.receipt.get('policy', '')}@{loan.receipt.get('receipt', {}).get('rule_version', '')}",
            receipt=receipt_digest(loan.receipt),
            county=county_of(loan.division_code),
        )
    return loan


def pay_compensation(*, actor: Actor, loan_id: int, on: date, at: datetime) -> PaymentBatch:
    """A draft batch that pays the bank. Raises PayeeNotConfirmedError, and what funds' `make_batch` raises."""
    with one_act("pay_compensation"):
        loan = locked(loan_id)
        require_account_confirmed(loan, loan.compensation_key)
        claim = funds.Claim(
            claim_key=loan.compensation_key,
            payee_name=loan.bank,
            payee_account=loan.bank_account,
            payee_bank=loan.bank,
            payee_is_person=False,
        )
        purpose = gettext("创业担保贷款代偿")
        return funds.make_batch(actor=actor, claims=[claim], on=on, at=at, purpose=purpose)


def recover_from_borrower(
    *, actor: Actor, loan_id: int, document: str, schedule: Sequence[funds.Due], on: date, at: datetime
) -> Recovery:
    """After the bank was paid: claim the compensation back from the borrower, in instalments.

    Raises WrongLoanStateError, and what funds' `claim_back` raises (nothing was paid yet, the schedule does not fit).
    """
    with one_act("recover_from_borrower"):
        loan = locked(loan_id)
        if loan.state != "compensated" or loan.compensated_fen is None:
            raise WrongLoanStateError("recover_all", loan.state)
        return funds.claim_back(
            actor=actor,
            claim_key=loan.compensation_key,
            amount_fen=loan.compensated_fen,
            ground=gettext("担保人代偿后向借款人追偿（民法典第七百条），贷款 %(number)s")
            % {"number": loan.number},
            document=document,
            debtor_name=loan.borrower_name,
            debtor_is_person=loan.person is not None,
            schedule=schedule,
            on=on,
            at=at,
        )


def close_recovered(*, actor: Actor, loan_id: int, on: date, at: datetime) -> Loan:
    """Everything came back from the borrower: the loan ends. Raises NotPermittedError, WrongLoanStateError,
    AmountOutOfRangeError where something is still owed."""
    with one_act("close_recovered"):
        loan = locked(loan_id)
        recovery = Recovery.objects.filter(claim_key=loan.compensation_key).order_by("-pk").first()
        if recovery is None or recovery.state == "open":
            owed = position_of(recovery, on=on).owed_fen if recovery else loan.compensated_fen or 0
            raise StillOwedError(owed)
        move(loan, "recover_all", actor=actor, on=on, at=at)
    return loan


class StillOwedError(LoanRefusal):
    """The borrower still owes part of the compensation."""

    def __init__(self, owed_fen: int) -> None:
        super().__init__(
            gettext("借款人还欠代偿款 %(owed)s 元，没有追偿完毕。") % {"owed": yuan_text(owed_fen)}
        )
