"""A batch that was lost by a restore, taken over under the number by which the bank paid it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.exchange.bank import Bank
from jiuye.office.casework.access import CaseNotFoundError, require_for
from jiuye.office.casework.lost import CASE_KEY, possible_claims
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.paying import claim_of
from jiuye.office.casework.operations.steps import locked, move, one_act
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.signals import about_to_take_over, lost_payment_assigned
from jiuye.office.casework.states import WrongStateError, transition
from jiuye.office.casework.timeline import record
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.queries import unbooked_payments
from jiuye.office.staff.queries import Actor


class NothingToTakeOverError(Refusal):
    """No open payment of the bank's bears that number."""

    def __init__(self, number: str) -> None:
        super().__init__(gettext("银行批次 %(batch)s 没有待补录的付款；请刷新后再看。") % {"batch": number})


class ClaimNotHereError(Refusal):
    """What the bank paid is not in the backup: there is nothing to book it on."""

    def __init__(self, number: str, claim_key: str) -> None:
        super().__init__(
            gettext(
                "银行批次 %(batch)s 里的“%(claim)s”在恢复的数据里没有，不能补录；请与银行查清付给了谁。银行没有冲回的，不要再办同一笔，重办会付两次；查清以后由两人结案。"
            )
            % {"batch": number, "claim": claim_key}
        )


class NotPossiblyPaidError(Refusal):
    """The claim cannot be what the bank paid."""

    field = "claim"

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "这笔付款不能归入所选的办件：只能归入恢复以后新办、还没有付款、收款账户和金额都与银行所付相同的办件。请刷新后再选。"
            )
        )


def assign_lost_payment(
    *, actor: Actor, unbooked_id: int, claim_key: str, because: str, on: date, at: datetime
) -> None:
    """Say that what the bank paid for a case that no record has is the payment of this one, begun anew; with no claim, that it is not.

    Nothing else pays it from then on: it is approved as any other, and then taken over under the bank's number. Raises CaseNotFoundError,
    NotPossiblyPaidError, and whatever funds' `assign_unbooked` raises.
    """
    with one_act("assign_lost_payment"):
        row = unbooked_payments(actor=actor).filter(pk=unbooked_id).first()
        case: Case | None = None
        if row is not None and claim_key:
            if claim_key.startswith(CASE_KEY):
                case = _case(claim_key, row.batch_number)  # held, so that it is not paid otherwise meanwhile
            if claim_key not in {claim.claim_key for claim in possible_claims([row]).get(row.pk, [])}:
                raise NotPossiblyPaidError
        row = funds.assign_unbooked(
            actor=actor, unbooked_id=unbooked_id, claim_key=claim_key, because=because, on=on, at=at
        )
        if not claim_key:
            return
        details = {"batch": row.batch_number, "line": row.line_key, "reference": row.bank_reference}
        if case is not None:
            record(case, "take_lost_payment", actor=actor, on=on, at=at, note=because, details=details)
        else:
            lost_payment_assigned.send(
                sender=assign_lost_payment, claim_key=claim_key, details=details, note=because,
                actor=actor, on=on, at=at,
            )  # fmt: skip


def take_over_paid_batch(*, actor: Actor, number: str, on: date, at: datetime) -> PaymentBatch:
    """A draft batch of what the bank paid under this number: cases, and what the rooms above know. Another person approves it; sending it
    then asks the bank, which pays nothing again, and its answers are booked. Nobody is checked: the money has left.

    Raises NothingToTakeOverError, ClaimNotHereError, CaseNotFoundError, WrongStateError (a case is not approved as the backup has it; do
    that first), NotPermittedError, what the rooms above raise of theirs, and whatever funds' `make_batch` raises.
    """
    rows = list(unbooked_payments(actor=actor).filter(batch_number=number))
    if not rows:
        raise NothingToTakeOverError(number)
    allowed = transition("put_into_batch")
    with one_act("take_over_paid_batch"):
        keys = [row.claim_key for row in rows]
        cases = [_case(key, number) for key in keys if key.startswith(CASE_KEY)]
        for case in cases:
            require_for(allowed, actor=actor, case=case)
            if case.state not in allowed.sources:
                raise WrongStateError("put_into_batch", case.state)
        others = [key for key in keys if not key.startswith(CASE_KEY)]
        batch = funds.make_batch(
            actor=actor,
            claims=[*(claim_of(case) for case in cases), *_claims_above(others, number, actor)],
            on=on,
            at=at,
            purpose=gettext("补录银行已付"),
            number=number,
        )
        for case in cases:
            move(case, "put_into_batch", actor=actor, on=on, at=at, details={"batch": number}, rejection="")
    return batch


def _case(key: str, number: str) -> Case:
    """The case of a claim's key, held. Raises ClaimNotHereError."""
    serial = key.removeprefix(CASE_KEY)
    try:
        if serial.isdecimal():
            return locked(int(serial))
    except CaseNotFoundError:
        pass  # said with the bank's number, below
    raise ClaimNotHereError(number, key)


def _claims_above(keys: Sequence[str], number: str, actor: Actor) -> list[funds.Claim]:
    """Whom the claims that are no cases pay, as the rooms above say. Raises ClaimNotHereError, and what they raise."""
    answers = about_to_take_over.send(sender=take_over_paid_batch, keys=keys, actor=actor) if keys else []
    claims = [claim for _, answer in answers for claim in answer]
    for key in keys:
        if key not in {claim.claim_key for claim in claims}:
            raise ClaimNotHereError(number, key)
    return claims


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
