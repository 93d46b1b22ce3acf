"""What was sent to the bank beside what the bank says: where the two differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiuye.exchange.bank.records import LineResult, Outcome
from jiuye.office.funds.models import PaymentBatch, PaymentLine, Recovery, Restore, ReturnFile
from jiuye.office.funds.queries.unbooked import beside_the_taken_over
from jiuye.office.funds.scoping import require_over
from jiuye.office.funds.states import BACK_LINE_STATES
from jiuye.office.staff.queries import Actor

DIFFERENCES: dict[str, Any] = {
    "stranger": _("银行答复了批次里没有的付款"),
    "amount": _("金额与发送的不同"),
    "contradicts": _("与先前的答复相反"),
    "returned": _("到账后又被退回"),
    "claimed_back": _("到账后又被退回，而这笔钱正在追回或已追回"),
    "no_reference": _("已付而没有银行流水号"),
    "waiting": _("银行还在处理"),
    "unanswered": _("回盘里没有这一笔"),
    "reference": _("流水号与已入账的不同"),
    "reference_twice": _("银行流水号已用在另一笔付款上"),
    "too_early": _("答复日期早于发送日期"),
    "too_late": _("答复日期在今天以后"),
}
# What is not yet answered only waits, and what came back is booked.
HARMLESS = ("waiting", "unanswered", "returned")
# These lines wait until somebody has decided, and hold up no other; anything else holds the whole file back.
HELD_BACK = ("claimed_back",)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line on which the two sides do not say the same. Amounts in fen; None where a side has no such line."""

    kind: str
    line_key: str
    sent_fen: int | None
    answered_fen: int | None
    ours: str  # the state of our line, empty where there is none
    theirs: str  # paid, rejected, waiting, or empty

    @property
    def blocks(self) -> bool:
        """True where nothing of the file may be booked."""
        return self.kind not in (*HARMLESS, *HELD_BACK)

    @property
    def held_back(self) -> bool:
        """True where this line is not booked and the others are."""
        return self.kind in HELD_BACK


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A batch beside all that the bank has said of it, in fen and lines."""

    batch: PaymentBatch
    files: tuple[ReturnFile, ...]
    differences: tuple[Difference, ...]
    sent: int
    sent_fen: int
    paid: int
    paid_fen: int
    rejected: int
    rejected_fen: int
    open: int
    open_fen: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """What no answer of the bank to a batch can overstep: its days, and the references that other payments bear."""

    first: date
    last: date
    borne_by: dict[str, str]  # bank reference → the one line key that may bear it

    def fault(self, line: PaymentLine, answer: LineResult) -> str:
        """The kind of difference of an answer that would be booked; nothing where it is within the bounds."""
        if answer.outcome is Outcome.PAID and self.borne_by[answer.reference] != line.line_key:
            return "reference_twice"
        if answer.on is None or answer.outcome is Outcome.WAITING:
            return ""
        before = line.answered_on if line.state == "paid" and line.answered_on else self.first
        return "too_early" if answer.on < before else "too_late" if answer.on > self.last else ""


def bounds_of(batch: PaymentBatch, answers: Sequence[LineResult], *, today: date) -> Bounds:
    """The bounds of that day. After a restore an answer may be as old as the backup: the bank then did it before we sent it again."""
    first = batch.sent_on or date.min
    restore = Restore.objects.order_by("-restored_at").first()
    if restore is not None:
        first = min(first, restore.backup_made_at.date())
    paid = [answer for answer in answers if answer.outcome is Outcome.PAID]
    booked = PaymentLine.objects.filter(
        bank_reference__in={answer.reference for answer in paid}, posted__isnull=False
    )
    borne_by = dict(booked.order_by("pk").values_list("bank_reference", "line_key"))
    for answer in paid:
        borne_by.setdefault(answer.reference, answer.line_key)
    return Bounds(first, max(today, batch.sent_on or today), borne_by)


def differences_of(
    batch: PaymentBatch, answers: Sequence[LineResult], *, today: date
) -> Iterator[Difference]:
    """Where these answers, read on that day, differ from the batch as it was sent and from what was booked before."""
    bounds = bounds_of(batch, answers, today=today)
    lines = {line.line_key: line for line in batch.lines.defer("payee_account").order_by("pk")}
    answered, beside = set(), beside_the_taken_over(batch.number, lines, answers)
    for answer in answers:
        if answer.line_key in beside:
            continue
        answered.add(answer.line_key)
        line = lines.get(answer.line_key)
        kind = _kind(line, answer)
        if kind == "returned" and line is not None and claimed_back([line.claim_key]):
            kind = "claimed_back"
        if kind in ("", "returned") and line is not None:
            kind = bounds.fault(line, answer) or kind
        if kind:
            yield Difference(
                kind,
                answer.line_key,
                line.amount_fen if line else None,
                answer.amount_fen,
                line.state if line else "",
                answer.outcome.value,
            )
    for key, line in lines.items():
        if key not in answered and line.state != "discarded":
            yield Difference("unanswered", key, line.amount_fen, None, line.state, "")


def reconciliation(*, actor: Actor, batch: PaymentBatch) -> Reconciliation:
    """The batch beside its latest return file. Raises NotPermittedError, also where only some of its lines lie in the actor's place."""
    require_over(actor, "funds.see", batch)
    files = tuple(batch.return_files.select_related("read_by").order_by("-pk"))
    lines = list(batch.lines.defer("payee_account").order_by("pk"))

    def total(*states: str) -> tuple[int, int]:
        found = [line.amount_fen for line in lines if line.state in states]
        return len(found), sum(found)

    paid, rejected, waiting = (
        total("paid"),
        total("rejected", "returned", "reissued"),
        total("pending", "sent"),
    )
    return Reconciliation(
        batch=batch,
        files=files,
        differences=tuple(differences_of(batch, _answers(files[0]), today=files[0].read_on)) if files else (),
        sent=len(lines),
        sent_fen=sum(line.amount_fen for line in lines),
        paid=paid[0],
        paid_fen=paid[1],
        rejected=rejected[0],
        rejected_fen=rejected[1],
        open=waiting[0],
        open_fen=waiting[1],
    )


def booked_outcome(line: PaymentLine) -> Outcome | None:
    """What the bank last said of the line, as it was booked; None where it has said nothing yet."""
    if line.state in (*BACK_LINE_STATES, "reissued"):
        return Outcome.REJECTED
    return Outcome.PAID if line.state == "paid" else None


def claimed_back(claim_keys: Iterable[str]) -> set[str]:
    """Those of the claims whose payment is being claimed back, or of which something came back that way already."""
    found = Recovery.objects.filter(claim_key__in=list(claim_keys))
    came = Q(receipts__isnull=False, receipts__undone_on__isnull=True)
    found = found.filter(Q(state__in=["proposed", "open"]) | came)
    return set(found.order_by("pk").values_list("claim_key", flat=True))


def _kind(line: PaymentLine | None, answer: LineResult) -> str:
    if line is None:
        return "stranger"
    if line.amount_fen != answer.amount_fen:
        return "amount"
    booked = booked_outcome(line)
    if line.state == "paid" and answer.outcome is Outcome.REJECTED:
        return "returned"
    if booked is not None and answer.outcome is not booked:
        return "contradicts"
    if answer.outcome is Outcome.PAID and not answer.reference:
        return "no_reference"
    if line.state == "paid" and line.bank_reference != answer.reference:
        return "reference"
    return "waiting" if answer.outcome is Outcome.WAITING else ""


def _answers(file: ReturnFile) -> list[LineResult]:
    return [
        LineResult(
            line_key=row["line_key"],
            outcome=Outcome(row["outcome"]),
            amount_fen=row["amount_fen"],
            reference=row["reference"],
            code=row["code"],
            reason=row["reason"],
            on=date.fromisoformat(row["on"]) if row["on"] else None,
        )
        for row in file.answers
    ]
