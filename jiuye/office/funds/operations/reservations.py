"""Budget is reserved when a claim is approved, and given back where it will not be paid."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.ledger import Kind, Transfer
from jiuye.office.funds.documents import holding_document
from jiuye.office.funds.models import Budget, CountyShare, LedgerAccount, PaymentLine, Reservation
from jiuye.office.funds.operations.budgets import GENERAL_LINE, fund_of, recipients_code
from jiuye.office.funds.operations.entering import LedgerRefusalError, enter
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.funds.states import LIVE_LINE_STATES, RESERVATION_STATES, advance
from jiuye.office.registry.places import division_names
from jiuye.office.staff.queries import Actor, require

# What was given up, and what the bank sent back: where the grant stood on, another reservation has held the money since.
HOLDING_NOTHING = ("released", "returned")


class BudgetMissingError(FundsRefusal):
    """The fund has no budget of that year and line: nothing can be promised from it."""

    def __init__(self, fund: str, year: int, line: str) -> None:
        super().__init__(
            gettext(
                "“%(fund)s”没有 %(year)s 年“%(line)s”的预算，不能预留；请先由市就业办按财政文件编制预算，预算审核人员批准后再办。"
            )
            % {"fund": fund, "year": year, "line": line}
        )


class BudgetExceededError(FundsRefusal):
    """The budget does not hold what the claim needs."""

    def __init__(self, budget: Budget, amount_fen: int, available_fen: int) -> None:
        self.available_fen = available_fen
        super().__init__(
            gettext(
                "“%(budget)s”预算可用 %(available)s 元，不够预留 %(wanted)s 元，还差 %(short)s 元；"
                "请由市就业办编制调整预算追加资金，预算审核人员批准后再办。"
            )
            % {
                "budget": budget,
                "available": yuan_text(available_fen),
                "wanted": yuan_text(amount_fen),
                "short": yuan_text(amount_fen - available_fen),
            }
        )


class ShareExceededError(FundsRefusal):
    """The fund has the money; the county's share of it does not."""

    def __init__(self, budget: Budget, county: str, amount_fen: int, left_fen: int) -> None:
        self.available_fen = left_fen
        super().__init__(
            gettext(
                "“%(budget)s”分给%(county)s的份额还剩 %(left)s 元，不够预留 %(wanted)s 元，还差 %(short)s 元；"
                "请由市就业办编制调整预算，重新分配各县（市、区）的份额，预算审核人员批准后再办。"
            )
            % {
                "budget": budget,
                "county": county,
                "left": yuan_text(left_fen),
                "wanted": yuan_text(amount_fen),
                "short": yuan_text(amount_fen - left_fen),
            }
        )


class ReservedOtherwiseError(FundsRefusal):
    """The claim holds a reservation of another amount or fund, or has been paid."""

    def __init__(self, reservation: Reservation) -> None:
        super().__init__(
            gettext(
                "“%(claim)s”在“%(budget)s”里有“%(state)s”的 %(amount)s 元，与这次不同；要改须先释放，已支付的不能改。"
            )
            % {
                "claim": reservation.claim_key,
                "budget": reservation.budget,
                "state": gettext(RESERVATION_STATES[reservation.state]),
                "amount": yuan_text(reservation.amount_fen),
            }
        )


class NothingReservedError(FundsRefusal):
    """The claim holds no reservation."""

    def __init__(self, claim_key: str) -> None:
        super().__init__(gettext("“%(claim)s”没有预留的资金；请先审批。") % {"claim": claim_key})


class ClaimInPaymentError(FundsRefusal):
    """The claim is in a payment batch: what may already be paid is not given back."""

    def __init__(self, claim_key: str, number: str) -> None:
        super().__init__(
            gettext("“%(claim)s”已在付款批次 %(batch)s 里，不能释放；请先作废批次，或等银行答复。")
            % {"claim": claim_key, "batch": number}
        )


@transaction.atomic
def reserve(
    *,
    actor: Actor,
    fund: str,
    claim_key: str,
    amount_fen: int,
    on: date,
    at: datetime,
    line: str = GENERAL_LINE,
    clause: str = "",
    receipt: str = "",
    county: str = "",
    year: int | None = None,
) -> Reservation:
    """Hold `amount_fen` of the fund's budget of the year of `on` for the claim. The same request again changes nothing.

    `year`: of another year's budget, for a fund whose capital stands and does not lapse with its year.
    `clause` is the policy with the version of its rules, `receipt` the digest of the decision: both stay on the entry. `county` is the
    county whose share is drawn on, where the year's budget was approved by counties.

    Raises NotPermittedError, UnknownFundError, BudgetMissingError, BudgetExceededError, ShareExceededError, ReservedOtherwiseError,
    LedgerRefusalError (for example an amount that is not above zero).
    """
    require(actor, "casework.approve")
    recorded_fund = fund_of(fund)
    budget = (
        Budget.objects.filter(fund=recorded_fund, year=year or on.year, line=line)
        .select_related("account", "fund")
        .order_by("pk")
        .first()
    )
    if budget is None:
        raise BudgetMissingError(recorded_fund.name, year or on.year, line)
    # The account's lock comes first: two requests for one claim then see each other's reservation.
    account = LedgerAccount.objects.select_for_update().get(pk=budget.account_id)
    earlier = list(
        Reservation.objects.filter(claim_key=claim_key).select_related("budget__fund").order_by("pk")
    )
    for reservation in earlier:
        if reservation.state in HOLDING_NOTHING:
            continue
        if (reservation.budget_id, reservation.amount_fen, reservation.state) == (
            budget.pk,
            amount_fen,
            "held",
        ):
            return reservation
        raise ReservedOtherwiseError(reservation)
    _require_share(budget, county, amount_fen)
    transfer = Transfer(
        key=f"reserve:{claim_key}#{len(earlier) + 1}",
        kind=Kind.PENDING,
        debit=account.code,
        credit=recipients_code(recorded_fund.code),
        amount_fen=amount_fen,
        on=on,
        subject=claim_key,
        document=holding_document(county),
        clause=clause,
        receipt=receipt,
    )
    with pghistory.context(operation="funds.reserve"):
        try:
            entry = enter(transfer, recorded_by=actor.account_id, at=at)
        except LedgerRefusalError as error:
            if error.refusal.code == "exceeds-available":
                raise BudgetExceededError(budget, amount_fen, account.available_fen) from error
            raise
        return Reservation.objects.create(
            claim_key=claim_key,
            budget=budget,
            county_code=county,
            amount_fen=amount_fen,
            reserved_on=on,
            held_by=entry,
        )


def _require_share(budget: Budget, county: str, amount_fen: int) -> None:
    """Where the budget was shared out, the county's own share must hold the amount: a county without one has nothing."""
    shares = {share.county_code: share for share in CountyShare.objects.filter(budget=budget).order_by("pk")}
    if not shares or not county:
        return
    left_fen = shares[county].left_fen if county in shares else 0
    if left_fen < amount_fen:
        name = division_names({county}).get(county, county)
        raise ShareExceededError(budget, name, amount_fen, left_fen)


@transaction.atomic
def release(*, actor: Actor, claim_key: str, on: date, at: datetime) -> Reservation:
    """Give a claim's reservation back to its budget. Releasing what has been released changes nothing.

    Raises NotPermittedError, NothingReservedError, ClaimInPaymentError, WrongFundsStateError (it has been paid).
    """
    require(actor, "casework.approve")
    return _release(actor, claim_key, on, at)


@transaction.atomic
def release_withdrawn(*, actor: Actor, claim_key: str, on: date, at: datetime) -> Reservation:
    """The same where whoever would receive gives the claim up; the caller has found that it is theirs to give up.

    Raises NothingReservedError, ClaimInPaymentError, WrongFundsStateError (it has been paid).
    """
    return _release(actor, claim_key, on, at)


def _release(actor: Actor, claim_key: str, on: date, at: datetime) -> Reservation:
    reservation = (
        Reservation.objects.select_for_update(of=["self"])
        .filter(claim_key=claim_key)
        .select_related("held_by__debit", "held_by__credit")
        .order_by("-pk")
        .first()
    )
    if reservation is None:
        raise NothingReservedError(claim_key)
    if reservation.state == "released":
        return reservation
    state = advance("reservation", reservation.state, "release")
    live = (
        PaymentLine.objects.filter(claim_key=claim_key, state__in=LIVE_LINE_STATES)
        .select_related("batch")
        .order_by("pk")
        .first()
    )
    if live is not None:
        raise ClaimInPaymentError(claim_key, live.batch.number)
    held = reservation.held_by
    transfer = Transfer(
        key=f"void:{held.key}",
        kind=Kind.VOID,
        debit=held.debit.code,
        credit=held.credit.code,
        amount_fen=held.amount_fen,
        on=on,
        pending_key=held.key,
        subject=claim_key,
        clause=held.clause,
        receipt=held.receipt,
    )
    with pghistory.context(operation="funds.release"):
        reservation.finished_by = enter(transfer, recorded_by=actor.account_id, at=at)
        reservation.finished_on = on
        reservation.state = state
        reservation.save(update_fields=["finished_by", "finished_on", "state"])
    return reservation
