"""Payment files for a bank that takes tables, and its return files: held to what was sent, line by line, before anything is booked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from jiuye.exchange.bank.file_format import Answer, DamagedFileError
from jiuye.exchange.bank.tables import order_table, read_answer_table
from jiuye.office.funds.models import PaymentBatch, ReturnFile
from jiuye.office.funds.operations.sending import Settlement, settle_by_file, submission_of
from jiuye.office.funds.queries.reconciling import Difference, differences_of
from jiuye.office.funds.refusals import FundsRefusal, in_language
from jiuye.office.funds.scoping import require_over
from jiuye.office.funds.signals import file_handed_out
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped


class ReturnFileRefusedError(FundsRefusal):
    """The file does not hold together: a changed byte, a doubled line, a wrong total. Nothing of it is used."""

    def __init__(self, error: DamagedFileError) -> None:
        super().__init__(in_language(zh=error.zh, en=error.en))


class BatchNotOnFileError(FundsRefusal):
    """The file answers a batch that was never made here."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext("回盘文件回答的是批次“%(batch)s”，这里没有这个批次；请核对是不是别家的文件。")
            % {"batch": number}
        )


class NotSentYetError(FundsRefusal):
    """A payment file is made of a batch that has been approved and given to the bank."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext("批次 %(batch)s 还没有发送银行，不能下载代发文件；请先复核并发送。") % {"batch": number}
        )


@dataclass(frozen=True, slots=True)
class ReturnRead:
    """A return file as read: booked with what it brought, or held back with what differs. `again`: it was read before."""

    file: ReturnFile
    settlement: Settlement
    differences: tuple[Difference, ...]
    again: bool


@unscoped("a batch goes to the bank and comes back whole, whoever its lines pay")
def payment_file(*, actor: Actor, batch: PaymentBatch, kind: str, at: datetime) -> bytes:
    """The batch as the bank's web page takes it, csv or xlsx, signed. The look at its accounts is recorded first.

    Raises NotPermittedError, NotSentYetError, PayeeTamperedError, BatchAlteredError.
    """
    current = PaymentBatch.objects.select_related("fund").get(pk=batch.pk)
    require_over(actor, "funds.pay", current)
    if current.sent_on is None:
        raise NotSentYetError(current.number)
    record_look(
        actor=actor,
        subject_kind="payment_batch",
        subject_key=current.number,
        field="payee_account",
        purpose="下载代发文件",
        at=at,
        showing=_paid_by(current),
    )
    return order_table(submission_of(current), settings.BANK_KEY, kind)


def _paid_by(batch: PaymentBatch) -> list[tuple[str, str]]:
    """Whom the batch pays, as far as the rooms above know."""
    keys = list(batch.lines.order_by("pk").values_list("claim_key", flat=True))
    answers = file_handed_out.send(sender=PaymentBatch, keys=keys)
    return [who for _, found in answers for who in found]


@unscoped("a batch goes to the bank and comes back whole, whoever its lines pay")
def read_return_file(*, actor: Actor, name: str, content: bytes, on: date, at: datetime) -> ReturnRead:
    """Read a return file, hold it to what was sent, and book it where all agrees. The same file again changes nothing.

    A file in which anything differs is kept with its answers and not booked at all: the page says what differs. Where the bank sends
    back what it had paid, the payment is taken back, unless the money is being claimed back from who received it: that line differs and
    waits, and holds up no other, for the bank makes no second file of the same answers. Read again once the claim is settled, it is booked.
    Raises NotPermittedError, ReturnFileRefusedError, BatchNotOnFileError, WrongFundsStateError (the batch was not sent).
    """
    require(actor, "funds.pay")
    try:
        answer = read_answer_table(content, settings.BANK_KEY)
    except DamagedFileError as error:
        raise ReturnFileRefusedError(error) from error
    batch = PaymentBatch.objects.filter(number=answer.batch_key).order_by("pk").first()
    if batch is None:
        raise BatchNotOnFileError(answer.batch_key)
    require_over(actor, "funds.pay", batch)
    digest = hashlib.sha256(content).hexdigest()
    known = ReturnFile.objects.filter(content_digest=digest).order_by("pk").first()
    differences = tuple(differences_of(batch, answer.lines, today=on))
    held_back = {each.line_key for each in differences if each.held_back}
    answers = [line for line in answer.lines if line.line_key not in held_back]
    booked = bool(answers) and not any(each.blocks for each in differences)
    settlement = Settlement(0, 0, 0)
    if booked:
        settlement = settle_by_file(actor=actor, batch=batch, answers=answers, on=on, at=at)
    if known is None:
        known, again = _kept(actor, batch, name, digest, answer, booked, on, at)
    else:
        again = True
    return ReturnRead(known, settlement, differences, again)


def _kept(
    actor: Actor,
    batch: PaymentBatch,
    name: str,
    digest: str,
    answer: Answer,
    booked: bool,
    on: date,
    at: datetime,
) -> tuple[ReturnFile, bool]:
    """The file on record; True where another process put it there meanwhile."""
    try:
        with transaction.atomic():
            return ReturnFile.objects.create(
                batch=batch,
                name=name[-120:],
                content_digest=digest,
                reference=answer.reference,
                line_count=len(answer.lines),
                paid_fen=answer.paid_fen,
                answers=[
                    {
                        "line_key": line.line_key,
                        "outcome": line.outcome.value,
                        "amount_fen": line.amount_fen,
                        "reference": line.reference,
                        "code": line.code,
                        "reason": line.reason,
                        "on": line.on.isoformat() if line.on else None,
                    }
                    for line in answer.lines
                ],
                booked=booked,
                read_on=on,
                read_at=at,
                read_by_id=actor.account_id,
            ), False
    except IntegrityError:
        return ReturnFile.objects.get(content_digest=digest), True
