"""The fund's compensation to the bank, paid through funds, and what the borrower owes for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.funds import operations as funds
from jiuye.office.funds.chain import receipt_digest
from jiuye.office.funds.models import PaymentBatch, Recovery
from jiuye.office.funds.operations.recovering import received_fen, settled_fen
from jiuye.office.funds.queries import claim_payments
from jiuye.office.funds.states import BACK_LINE_STATES
from jiuye.office.registry.places import county_of
from jiuye.office.staff.queries import Actor, require
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations.claims import compensation_claim
from jiuye.office.ventures.operations.examining import require_account_confirmed
from jiuye.office.ventures.operations.lending import (
    AmountOutOfRangeError,
    outstanding_fen,
    year_that_holds,
)
from jiuye.office.ventures.operations.signing import sign
from jiuye.office.ventures.operations.steps import locked, move, one_act
from jiuye.office.ventures.queries import book_of, compensation_keys
from jiuye.office.ventures.rules import (
    loan_terms,
)
from jiuye.office.ventures.states import LoanRefusal, WrongLoanStateError


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


class GuarantorError(LoanRefusal):
    """Who committed the fund does not decide that it pays (不相容岗位分离)."""

    def __init__(self) -> None:
        super().__init__(
            gettext("这笔贷款的担保（或接手）是您签批的，不能再由您批准代偿；请由另一位审批人员办理。")
        )


class CompensationPaidError(LoanRefusal):
    """The bank has the money."""

    def __init__(self) -> None:
        super().__init__(gettext("代偿款已经付给银行，不能撤销代偿；请向借款人追偿。"))


class BankAccountMissingError(LoanRefusal):
    """The bank's own account was not recorded."""

    def __init__(self) -> None:
        super().__init__(gettext("没有登记经办银行的收款账号，不能代偿；请先补登。"))


def compensate(
    *, actor: Actor, loan_id: int, fund: str, amount_fen: int, note: str, on: date, at: datetime
) -> Loan:
    """Sign the bank's compensation out of the guarantee or the risk-compensation fund, by others than who guaranteed; the last signature
    of the amount's band grants it, and the money is reserved.

    Raises NotPermittedError, WrongLoanStateError, NoteMissingError, FundNotForThisError, NotLateEnoughError,
    AmountOutOfRangeError, BankAccountMissingError, GuarantorError, AlreadySignedError, and what funds' `reserve` raises.
    """
    with one_act("compensate"):
        loan = locked(loan_id)
        require(actor, "ventures.guarantee", loan.division_code)
        require_no_relative(loan.person_id, actor)
        if loan.state != "disbursed":
            raise WrongLoanStateError("compensate", loan.state)
        late_days = require_late_enough(book_of(loan).late_since(on), fund, on)
        require_compensable(loan, actor, amount_fen, outstanding_fen(loan))
        key = loan.compensation_key
        if not sign(
            loan, "compensate", subject=key, amount_fen=amount_fen, terms=fund, actor=actor, on=on, at=at
        ):
            return loan
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
        reserve_for_the_bank(loan, key, actor=actor, fund=fund, amount_fen=amount_fen, on=on, at=at)
    return loan


def reserve_for_the_bank(
    loan: Loan, claim_key: str, *, actor: Actor, fund: str, amount_fen: int, on: date, at: datetime
) -> None:
    """Reserve what the fund is to pay the bank for the loan under that key. Raises what funds' `reserve` raises."""
    funds.reserve(
        actor=actor,
        fund=fund,
        claim_key=claim_key,
        amount_fen=amount_fen,
        on=on,
        at=at,
        clause=f"{loan.receipt.get('policy', '')}@{loan.receipt.get('receipt', {}).get('rule_version', '')}",
        receipt=receipt_digest(loan.receipt),
        county=county_of(loan.division_code),
        year=year_that_holds(fund, amount_fen, year=on.year),
    )


def require_late_enough(since: date | None, fund: str, on: date) -> int:
    """Since how many days it is late, where that fund compensates then. Raises FundNotForThisError, NotLateEnoughError."""
    terms = loan_terms()
    if fund not in terms.compensation_funds:
        raise FundNotForThisError(fund)
    late_days = (on - since).days if since is not None else 0
    if late_days < terms.compensation_after_days:
        raise NotLateEnoughError(late_days, terms.compensation_after_days)
    return late_days


def require_compensable(loan: Loan, actor: Actor, amount_fen: int, left_fen: int) -> None:
    """Return where no more is compensated than the bank is owed, its account is known, and the actor did not guarantee. Raises
    AmountOutOfRangeError, BankAccountMissingError, GuarantorError."""
    if not 0 < amount_fen <= left_fen:
        raise AmountOutOfRangeError(gettext("代偿金额"), amount_fen, left_fen)
    if not loan.bank_account:
        raise BankAccountMissingError
    guarantors = set(
        loan.signatures.filter(act="guarantee").order_by("pk").values_list("signed_by_id", flat=True)
    )
    if actor.account_id in {*guarantors, loan.guaranteed_by_id}:
        raise GuarantorError


def undo_compensation(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> Loan:
    """Take a compensation back while the bank has not been paid: the money is released, the loan is being paid back as before.

    Raises NotPermittedError, WrongLoanStateError, NoteMissingError, CompensationPaidError, and what funds' `release` raises (it is in
    a payment batch: discard that first).
    """
    with one_act("undo_compensation"):
        loan = locked(loan_id)
        require_no_relative(loan.person_id, actor)
        details = {"fund": loan.compensation_fund, "amount_fen": loan.compensated_fen or 0}
        move(
            loan,
            "undo_compensation",
            actor=actor,
            on=on,
            at=at,
            note=note,
            details=details,
            compensated_fen=None,
            compensated_on=None,
            compensation_fund="",
        )
        found = claim_payments([loan.compensation_key]).get(loan.compensation_key)
        if found is not None and found.state == "paid":
            raise CompensationPaidError
        funds.release(actor=actor, claim_key=loan.compensation_key, on=on, at=at)
    return loan


def pay_compensation(*, actor: Actor, loan_id: int, on: date, at: datetime) -> PaymentBatch:
    """A draft batch that pays the bank what was granted first of what it has not been paid. Raises PayeeNotConfirmedError, and what funds'
    `make_batch` raises."""
    with one_act("pay_compensation"):
        loan = locked(loan_id)
        keys = compensation_keys(loan)
        paid = claim_payments(keys)
        waiting = [key for key in keys if key in paid and paid[key].state in ("reserved", *BACK_LINE_STATES)]
        key = waiting[0] if waiting else keys[-1]
        require_account_confirmed(loan, key)
        claims, purpose = [compensation_claim(loan, key)], gettext("创业担保贷款代偿")
        return funds.make_batch(actor=actor, claims=claims, on=on, at=at, purpose=purpose)


def recover_from_borrower(
    *, actor: Actor, loan_id: int, document: str, schedule: Sequence[funds.Due], on: date, at: datetime
) -> Recovery:
    """After the bank was paid: propose that the compensation is claimed back from the borrower, in instalments; another officer confirms.

    Raises NotPermittedError, WrongLoanStateError, and what funds' `claim_back` raises (nothing was paid yet, the schedule does not fit).
    """
    with one_act("recover_from_borrower"):
        loan = locked(loan_id)
        require(actor, "funds.recover", loan.division_code)
        if loan.state != "compensated" or loan.compensated_fen is None:
            raise WrongLoanStateError("recover_all", loan.state)
        claim_key, amount_fen = _next_to_claim(loan)
        return funds.claim_back(
            actor=actor,
            claim_key=claim_key,
            amount_fen=amount_fen,
            ground=gettext("担保人代偿后向借款人追偿（民法典第七百条），贷款 %(number)s")
            % {"number": loan.number},
            document=document,
            debtor_name=loan.borrower_name,
            debtor_is_person=loan.person is not None,
            schedule=schedule,
            on=on,
            at=at,
        )


def claimable_fen(loan: Loan) -> int:
    """What of the compensation that is claimed next neither came back nor was given up: it may be claimed from the borrower."""
    return _next_to_claim(loan)[1]


def _next_to_claim(loan: Loan) -> tuple[str, int]:
    """The compensation that is claimed from the borrower next, the first one first, and what of it is still to be claimed: one that the bank
    has been paid and that nothing is claimed of. Where there is none, the last one, whose refusal then says why."""
    granted = _granted(loan)
    running = Recovery.objects.filter(claim_key__in=granted, state__in=["proposed", "open"]).order_by("pk")
    claimed = set(running.values_list("claim_key", flat=True))
    paid = claim_payments(granted)
    left = {key: fen - settled_fen(key) for key, fen in granted.items()}
    for key, fen in left.items():
        if fen > 0 and key not in claimed and key in paid and paid[key].state == "paid":
            return key, fen
    return list(left.items())[-1]


def _granted(loan: Loan) -> dict[str, int]:
    """What the fund was let compensate of the loan, in fen by the key under which it is paid, the first compensation first."""
    first = {loan.compensation_key: loan.compensated_fen or 0}
    return first | {row.claim_key: row.amount_fen for row in loan.top_ups.all()}


def close_recovered(*, actor: Actor, loan_id: int, on: date, at: datetime) -> Loan:
    """The claim-back is over: the loan ends as recovered, or as written off where any of it was given up.

    Raises NotPermittedError, WrongLoanStateError, StillOwedError.
    """
    with one_act("close_recovered"):
        loan = locked(loan_id)
        granted = _granted(loan)
        # Of a claim that has ended a receipt may have been taken back since: what neither came nor was given up is owed.
        owed_fen = sum(fen - settled_fen(key) for key, fen in granted.items())
        if owed_fen:
            raise StillOwedError(owed_fen)
        # Of several claims, one after the other, one may have been given up in part.
        claims = list(Recovery.objects.filter(claim_key__in=granted).order_by("pk"))
        given_up = any(row.state == "waived" for row in claims)
        details = {"amount_fen": sum(received_fen(row) for row in claims)}
        move(loan, "write_off" if given_up else "recover_all", actor=actor, on=on, at=at, details=details)
    return loan


class StillOwedError(LoanRefusal):
    """The borrower still owes part of the compensation."""

    def __init__(self, owed_fen: int) -> None:
        super().__init__(
            gettext("借款人还欠代偿款 %(owed)s 元，没有追偿完毕。") % {"owed": yuan_text(owed_fen)}
        )
