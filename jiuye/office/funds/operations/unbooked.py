"""What the bank paid and is not on record here: written down, and closed by two people where it is not taken over."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.exchange.bank.file_format import Answer
from jiuye.office.funds.models import PaymentLine, UnbookedPayment
from jiuye.office.funds.queries.unbooked import open_unbooked, unbooked_lines
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.funds.states import LIVE_LINE_STATES
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


@transaction.atomic
def record_unbooked(answer: Answer, *, at: datetime) -> int:
    """Write down what the file says is paid and is not on record; from then on no other batch pays those claims. Returns how many are
    new: the same file again adds nothing. For the command line, where the files are read after a restore.
    """
    rows = [
        UnbookedPayment(
            batch_number=answer.batch_key,
            line_key=line.line_key,
            claim_key=line.line_key.rpartition("#")[0] or line.line_key,
            amount_fen=line.amount_fen,
            bank_reference=line.reference,
            paid_on=line.on,
            found_at=at,
        )
        for line in unbooked_lines(answer)
    ]
    before = UnbookedPayment.objects.count()
    with pghistory.context(operation="funds.record_unbooked", at=at.isoformat()):
        UnbookedPayment.objects.bulk_create(rows, ignore_conflicts=True)
    return UnbookedPayment.objects.count() - before


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
