"""What the bank paid and is not on record here: written down, and closed by two people where it is not taken over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.exchange.bank import Instruction, Submission
from jiuye.exchange.bank.file_format import Answer
from jiuye.office.funds.models import PaymentLine, UnbookedPayment, claim_of_line
from jiuye.office.funds.queries.unbooked import open_unbooked, unbooked_lines
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.funds.states import LIVE_LINE_STATES
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.queries import Actor, NotPermittedError, require
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.staff.row_rules import CITY_DIGITS


class UnbookedReasonError(FundsRefusal):
    """A payment of the bank's is not closed without words."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__(gettext("请写明与银行怎样查清这笔付款的，例如银行已经冲回、凭证号是什么。"))


class UnbookedClosedError(FundsRefusal):
    """It was taken over or closed meanwhile, or never stood there."""

    def __init__(self) -> None:
        super().__init__(gettext("这笔付款已经补录或者已经结案；请刷新后再看。"))


class UnbookedTakenOverError(FundsRefusal):
    """It is being taken over: it is booked, and not closed as settled otherwise."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext("银行批次 %(batch)s 正在补录，不能结案；请复核、发送并取回那个批次的结果。")
            % {"batch": number}
        )


class SameCloserError(FundsRefusal):
    """Who asks for it does not close it (不相容岗位分离)."""

    def __init__(self) -> None:
        super().__init__(gettext("银行已付未入账的结案人不能是提请人；请由另一位资金支付人员确认。"))


class ClosingNotProposedError(FundsRefusal):
    """The second person confirms what a first one wrote."""

    def __init__(self) -> None:
        super().__init__(gettext("还没有人写明这笔付款是怎样查清的；请先提请结案。"))


class AssignmentReasonError(FundsRefusal):
    """A payment of the bank's is not said to be another claim's without words."""

    field = "because"

    def __init__(self) -> None:
        super().__init__(gettext("请写明怎样查清这笔款就是这件办件的，例如本人的银行流水、原申请表。"))


@transaction.atomic
def record_unbooked(answer: Answer, *, at: datetime, order: Submission | None = None) -> int:
    """Write down what the file says is paid and is not on record; from then on no other batch pays those claims. Returns how many are
    new: the same file again adds nothing. For the command line, where the files are read after a restore.

    `order` is the batch's payment file, which says whom each line pays; it may come later, with the same return file.
    """
    to = _recipients(answer, order)
    rows = [
        UnbookedPayment(
            batch_number=answer.batch_key,
            line_key=line.line_key,
            claim_key=claim_of_line(line.line_key),
            amount_fen=line.amount_fen,
            bank_reference=line.reference,
            paid_on=line.on,
            found_at=at,
            **_payee(to.get(line.line_key)),
        )
        for line in unbooked_lines(answer)
    ]
    before = UnbookedPayment.objects.count()
    with pghistory.context(operation="funds.record_unbooked", at=at.isoformat()):
        UnbookedPayment.objects.bulk_create(rows, ignore_conflicts=True)
        unknown = UnbookedPayment.objects.filter(
            batch_number=answer.batch_key, payee_index__isnull=True, closed_on__isnull=True
        )
        for row in unknown.filter(line_key__in=list(to)).order_by("pk"):
            for field, value in _payee(to[row.line_key]).items():
                setattr(row, field, value)
            row.save(update_fields=["payee_index", "payee_ends_in"])
    return UnbookedPayment.objects.count() - before


def _recipients(answer: Answer, order: Submission | None) -> dict[str, Instruction]:
    """Whom the bank was told to pay, by line; only where its answer is of the same amount, else the file is of something else."""
    if order is None or order.batch_key != answer.batch_key:
        return {}
    amounts = {line.line_key: line.amount_fen for line in answer.lines}
    return {line.line_key: line for line in order.lines if amounts.get(line.line_key) == line.amount_fen}


def _payee(line: Instruction | None) -> dict[str, Any]:
    """What is kept of a recipient: what their account is found by, and its last digits."""
    if line is None:
        return {}
    account = line.payee_account.strip()
    return {"payee_index": blind_index(account), "payee_ends_in": account[-4:]}


def assign_unbooked(
    *, actor: Actor, unbooked_id: int, claim_key: str, because: str, on: date, at: datetime
) -> UnbookedPayment:
    """Say that the payment is that of a claim here, whose own key the bank never heard; with no claim, that it is what the bank named after
    all. Nothing else pays the claim from then on, and it is booked by taking over. Whether it can be that claim the room above has asked.

    Raises NotPermittedError, UnbookedClosedError, UnbookedTakenOverError, AssignmentReasonError, TooLongError.
    """
    with (
        transaction.atomic(),
        pghistory.context(operation="funds.assign_unbooked", on=on.isoformat(), at=at.isoformat()),
    ):
        row = _open(actor, unbooked_id)
        if claim_key and not because.strip():
            raise AssignmentReasonError
        row.claim_key = claim_key or row.banks_claim
        row.assigned_by_id = actor.account_id if claim_key else None
        row.assigned_because = within(because, LONG, "归入办件的理由", "because") if claim_key else ""
        row.save(update_fields=["claim_key", "assigned_by", "assigned_because"])
    return row


@transaction.atomic
def propose_closing(
    *, actor: Actor, unbooked_id: int, reason: str, on: date, at: datetime
) -> UnbookedPayment:
    """Write how it was settled with the bank; another person confirms it. Written anew, the newer words stand.

    Raises NotPermittedError, UnbookedClosedError, UnbookedReasonError, TooLongError.
    """
    row = _open(actor, unbooked_id)
    if not reason.strip():
        raise UnbookedReasonError
    row.closing_proposed_by_id = actor.account_id
    row.closing_because = within(reason, LONG, "结案理由", "reason")
    with pghistory.context(operation="funds.propose_closing_unbooked", on=on.isoformat(), at=at.isoformat()):
        row.save(update_fields=["closing_proposed_by", "closing_because"])
    return row


@transaction.atomic
def close_unbooked(*, actor: Actor, unbooked_id: int, on: date, at: datetime) -> UnbookedPayment:
    """The second person confirms; the claim may be paid again. Raises NotPermittedError, UnbookedClosedError, ClosingNotProposedError,
    SameCloserError.
    """
    row = _open(actor, unbooked_id)
    if row.closing_proposed_by_id is None:
        raise ClosingNotProposedError
    if row.closing_proposed_by_id == actor.account_id:
        raise SameCloserError
    row.closed_by_id, row.closed_on = actor.account_id, on
    with pghistory.context(operation="funds.close_unbooked", at=at.isoformat()):
        row.save(update_fields=["closed_by", "closed_on"])
    return row


def _open(actor: Actor, unbooked_id: int) -> UnbookedPayment:
    """The row, held, where it is open. It is the city's: in whose county it lies is not known before it is cleared up."""
    require(actor, "funds.pay")
    if not any(len(scope) <= CITY_DIGITS for scope in actor.scopes("funds.pay")):
        raise NotPermittedError("funds.pay", "")
    row = open_unbooked().select_for_update(of=("self",)).filter(pk=unbooked_id).first()
    if row is None:
        raise UnbookedClosedError
    if PaymentLine.objects.filter(
        line_key=row.line_key, batch__number=row.batch_number, state__in=LIVE_LINE_STATES
    ).exists():
        raise UnbookedTakenOverError(row.batch_number)
    return row
