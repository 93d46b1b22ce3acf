"""A batch that was lost by a restore, taken over under the number by which the bank paid it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.exchange.bank import Bank
from jiuye.office.casework.access import require_for
from jiuye.office.casework.operations.paying import claim_of
from jiuye.office.casework.operations.steps import locked, move, one_act
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import WrongStateError, transition
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.queries import unbooked_payments
from jiuye.office.staff.queries import Actor


class NothingToTakeOverError(Refusal):
    """No open payment of the bank's bears that number."""

    def __init__(self, number: str) -> None:
        super().__init__(gettext("银行批次 %(batch)s 没有待补录的付款；请刷新后再看。") % {"batch": number})


class NotOfCasesError(Refusal):
    """What is paid for a loan is not taken over here."""

    def __init__(self, number: str, claim_key: str) -> None:
        super().__init__(
            gettext(
                "银行批次 %(batch)s 里有贷款的付款“%(claim)s”，不能在这里补录。只有银行已经冲回的才由两人结案、再在贷款里重新办理；没有冲回就结案，会付两次。"
            )
            % {"batch": number, "claim": claim_key}
        )


def take_over_paid_batch(*, actor: Actor, number: str, on: date, at: datetime) -> PaymentBatch:
    """A draft batch of the cases that the bank paid under this number. Another person approves it; sending it then asks the bank, which
    pays nothing again, and its answers are booked. Nobody is checked: the money has left.

    Raises NothingToTakeOverError, NotOfCasesError, CaseNotFoundError, WrongStateError (a case is not approved as the backup has it; do
    that first), NotPermittedError, and whatever funds' `make_batch` raises.
    """
    rows = list(unbooked_payments(actor=actor).filter(batch_number=number))
    if not rows:
        raise NothingToTakeOverError(number)
    for row in rows:
        if not row.claim_key.startswith("case:"):
            raise NotOfCasesError(number, row.claim_key)
    allowed = transition("put_into_batch")
    with one_act("take_over_paid_batch"):
        cases = [locked(int(row.claim_key.removeprefix("case:"))) for row in rows]
        for case in cases:
            require_for(allowed, actor=actor, case=case)
            if case.state not in allowed.sources:
                raise WrongStateError("put_into_batch", case.state)
        batch = funds.make_batch(
            actor=actor,
            claims=[claim_of(case) for case in cases],
            on=on,
            at=at,
            purpose=gettext("补录银行已付"),
            number=number,
        )
        for case in cases:
            move(case, "put_into_batch", actor=actor, on=on, at=at, details={"batch": number}, rejection="")
    return batch


def ask_of_taken_over(
    *, actor: Actor, batch: PaymentBatch, bank: Bank, on: date, at: datetime
) -> PaymentBatch:
    """Hand the batch to the bank under the number that it knows: it does nothing again, and what it did is fetched as of any batch. Where
    its copy differs in what is not money (the day, the purpose), that it did all of it is enough. Raises whatever funds' `give_up_batch`
    raises.
    """
    try:
        return funds.send_batch(actor=actor, batch=batch, bank=bank, on=on, at=at)
    except funds.BankTroubleError:
        return funds.give_up_batch(
            actor=actor, batch=batch, bank=bank, reason=gettext("补录银行已付"), on=on, at=at
        )
