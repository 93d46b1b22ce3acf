"""What the bank says it paid beside what stands here, batch on file or not: asked after a restore, before anything is paid again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext, gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.exchange.bank import LineResult, Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.office.funds.models import PaymentBatch, PaymentLine, claim_of_line
from jiuye.office.funds.queries.payments import ClaimPayment, claim_payments
from jiuye.office.funds.queries.reconciling import DIFFERENCES, differences_of
from jiuye.office.funds.states import LINE_STATES

_WITHOUT_A_LINE = {"reserved": gettext_lazy("已预留、没有付款"), "released": gettext_lazy("预留已释放")}


def compare_with_bank(answer: Answer, *, today: date) -> Iterator[str]:
    """A sentence for each thing that a return file says and the records do not. Books nothing: for the command line."""
    batch = PaymentBatch.objects.filter(number=answer.batch_key).order_by("pk").first()
    paid = [line for line in answer.lines if line.outcome is Outcome.PAID]
    if batch is None or batch.sent_on is None:
        yield from _unknown(answer.batch_key, paid)
        waiting = sum(line.outcome is Outcome.WAITING for line in answer.lines)
        if waiting:
            # Taken over now, what the bank pays later would be no line of ours, and could only be closed.
            yield gettext(
                "批次 %(batch)s 这里没有，银行还有 %(lines)d 笔没有办完：请等银行全部办完，再要一次回盘文件对照，在那以前不要补录这个批次。"
            ) % {"batch": answer.batch_key, "lines": waiting}
        return
    for difference in differences_of(batch, answer.lines, today=today):
        yield gettext("批次 %(batch)s 的付款“%(line)s”：%(what)s。") % {
            "batch": batch.number,
            "line": difference.line_key,
            "what": DIFFERENCES[difference.kind],
        }
    open_keys = set(
        PaymentLine.objects.filter(batch=batch, state="sent")
        .order_by("pk")
        .values_list("line_key", flat=True)
    )
    unread = [
        line for line in answer.lines if line.line_key in open_keys and line.outcome is not Outcome.WAITING
    ]
    if unread:
        yield gettext(
            "批次 %(batch)s 有 %(lines)d 笔银行已答复、这里还没有入账；请到“付款”页读入这个回盘文件。"
        ) % {
            "batch": batch.number,
            "lines": len(unread),
        }


def _unknown(number: str, paid: list[LineResult]) -> Iterator[str]:
    """Each payment of a batch that is not on file, or was not sent as far as we know, with where its claim stands here."""
    claims = {line.line_key: claim_of_line(line.line_key) for line in paid}
    here = claim_payments(claims.values())
    for line in paid:
        claim = claims[line.line_key]
        yield gettext(
            "银行按批次 %(batch)s 付了“%(line)s” %(amount)s 元（流水号 %(reference)s，%(day)s），这里“%(claim)s”%(state)s；"
            "查清以前它不能列入别的批次。"
        ) % {
            "batch": number,
            "line": line.line_key,
            "amount": yuan_text(line.amount_fen),
            "reference": line.reference or "—",
            "day": line.on or "—",
            "claim": claim,
            "state": _words(here.get(claim)),
        }


def _words(payment: ClaimPayment | None) -> str:
    if payment is None:
        return gettext("没有预留过资金")
    words = _WITHOUT_A_LINE.get(payment.state) or gettext(LINE_STATES[payment.state])
    return gettext("现在是“%(state)s”") % {"state": words}
