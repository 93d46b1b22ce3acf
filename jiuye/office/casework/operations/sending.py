"""The last look before money leaves: between the making of a batch and its sending days may pass, and people die and accounts change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.exchange.bank import Bank
from jiuye.office.casework.checks import run_checks, sentence
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.models import CaseCheck
from jiuye.office.casework.operations.steps import locked, locked_entitlement, one_act
from jiuye.office.casework.operations.taking_over import ask_of_taken_over
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.signals import about_to_send
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.queries import paid_by_bank
from jiuye.office.funds.scoping import require_over
from jiuye.office.policies.book import one_book
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Stopped:
    """A line that may not be paid any more: what it is called, and the checks that failed."""

    name: str
    failed: Sequence[CaseCheck | Finding]


class BatchNoLongerPayableError(Refusal):
    """Since the batch was made, something changed about whoever it pays: nothing of it was sent."""

    def __init__(self, stopped: Sequence[Stopped]) -> None:
        self.stopped = stopped
        said = "；".join(
            f"{row.name}：{' '.join(sentence(check) for check in row.failed)}" for row in stopped[:MOST_NAMED]
        )
        super().__init__(
            gettext(
                "列入批次以后情况有变，%(number)d 笔核验未通过，整批没有发送：%(said)s 请作废本批次，其余的重新列入批次。"
            )
            % {"number": len(stopped), "said": said}
        )


@unscoped("a batch goes to the bank whole, whoever its lines pay")
def send_batch(
    *, actor: Actor, batch: PaymentBatch, bank: Bank, rules: Rules, on: date, at: datetime
) -> PaymentBatch:
    """Look once more at everyone the approved batch pays, then hand it to the bank. What was looked at stays on record.

    A batch that began to go is not looked at again: the bank may have it; nor is one that the bank paid already and that is taken over.
    Raises BatchNoLongerPayableError, and whatever funds'
    `send_batch` raises.
    """
    require_over(actor, "funds.pay", batch)
    if paid_by_bank(batch.number):
        return ask_of_taken_over(actor=actor, batch=batch, bank=bank, on=on, at=at)
    if PaymentBatch.objects.get(pk=batch.pk).state == "approved":
        stopped = _looked_at_again(batch, actor=actor, rules=rules, on=on, at=at)
        if stopped:
            raise BatchNoLongerPayableError(stopped)
    return funds.send_batch(actor=actor, batch=batch, bank=bank, on=on, at=at)


def _looked_at_again(
    batch: PaymentBatch, *, actor: Actor, rules: Rules, on: date, at: datetime
) -> list[Stopped]:
    """The cases among its lines, each in a transaction of its own, and what the rooms above say of theirs."""
    keys = list(batch.lines.filter(state="pending").order_by("pk").values_list("claim_key", flat=True))
    stopped = []
    with one_book():
        for key in keys:
            if not key.startswith("case:"):
                continue
            with one_act("check_before_sending"):
                case = locked(int(key.removeprefix("case:")))
                entitlement = locked_entitlement(case.entitlement_id)
                _, failed = run_checks(
                    entitlement=entitlement, case=case, rules=rules, moment="payment", on=on, at=at
                )
            if failed:
                stopped.append(Stopped(case.number, failed))
    others = [key for key in keys if not key.startswith("case:")]
    if others:
        for _, answer in about_to_send.send(sender=send_batch, keys=others, actor=actor, on=on, at=at):
            stopped += [Stopped(name, failed) for name, failed in answer]
    return stopped
