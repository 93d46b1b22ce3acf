"""Claiming money back: with ground and document, in instalments, confirmed by other officers, booked as it comes in, waived only by others.

Confirming a claim and giving up the rest of one take as many different people as the band of the amount says; the rooms above, which read
the bands, hand in how many that are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.ledger import Kind, Transfer
from jiuye.office.funds.models import (
    Recovery,
    RecoveryInstalment,
    RecoveryReceipt,
    RecoverySignature,
    Reservation,
)
from jiuye.office.funds.operations.entering import enter, open_account
from jiuye.office.funds.operations.hands import require_apart
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.funds.signing import Needed, one_signature, sign_in_turn
from jiuye.office.funds.states import RECOVERY_STATES, advance
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within

ENDED = ("recovered", "waived", "dropped")


class NothingPaidError(FundsRefusal):
    """Only what was paid can be claimed back."""

    def __init__(self, claim_key: str) -> None:
        super().__init__(gettext("“%(claim)s”没有付过款，没有可追回的。") % {"claim": claim_key})


class RecoveryOpenError(FundsRefusal):
    """The case is being claimed back already."""

    def __init__(self, claim_key: str) -> None:
        super().__init__(
            gettext("“%(claim)s”已经在追回；请在那一项里登记还款，或核销后再办。") % {"claim": claim_key}
        )


class MoreThanPaidError(FundsRefusal):
    """More is asked back than was paid and has not come back yet."""

    def __init__(self, left_fen: int, asked_fen: int) -> None:
        super().__init__(
            gettext("最多可追回 %(left)s 元（已付减去已追回和已核销的），不能追回 %(asked)s 元；请核对金额。")
            % {"left": yuan_text(left_fen), "asked": yuan_text(asked_fen)}
        )


class GroundMissingError(FundsRefusal):
    """Nobody is asked for money back without a ground in law and a written decision."""

    def __init__(self) -> None:
        super().__init__(gettext("请写明法律依据和事由，以及决定文书的文号。"))


class ScheduleError(FundsRefusal):
    """The instalments do not make up the amount, or their days do not run on."""

    def __init__(self, amount_fen: int, planned_fen: int) -> None:
        super().__init__(
            gettext(
                "分期合计 %(planned)s 元，应为 %(amount)s 元，且各期大于零、日期依次在决定以后；请改分期。"
            )
            % {"planned": yuan_text(planned_fen), "amount": yuan_text(amount_fen)}
        )


class MoreThanOwedError(FundsRefusal):
    """More came in than is owed: the rest is not ours to keep."""

    def __init__(self, left_fen: int, received_fen: int) -> None:
        super().__init__(
            gettext("还欠 %(left)s 元，收到 %(received)s 元；多收的请退回，只登记所欠的。")
            % {"left": yuan_text(left_fen), "received": yuan_text(received_fen)}
        )


class NothingOwedError(FundsRefusal):
    """Money came in on a claim that has ended: it belongs to another claim, or is not ours to keep."""

    def __init__(self, state: str, received_fen: int) -> None:
        super().__init__(
            gettext(
                "这项追回现在是“%(state)s”，没有欠款；收到的 %(received)s 元不能登记在这里。请核对是不是另一项追回的还款；不是的，请退回付款人。"
            )
            % {"state": gettext(RECOVERY_STATES[state]), "received": yuan_text(received_fen)}
        )


class ReferenceUsedError(FundsRefusal):
    """A bank reference books one receipt."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            gettext("银行流水号“%(reference)s”已经登记过，内容不同；请核对流水号。")
            % {"reference": reference}
        )


class ReferenceMissingError(FundsRefusal):
    """A receipt is booked by the bank's reference."""

    def __init__(self) -> None:
        super().__init__(gettext("没有写银行流水号，还款没有登记；请按银行对账单填写。"))


class ReasonMissingError(FundsRefusal):
    """A waiver, or a claim dropped, without a reason."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or gettext("核销必须写明理由。"))


@dataclass(frozen=True, slots=True)
class Due:
    """One instalment as it is planned."""

    on: date
    amount_fen: int


def equal_instalments(amount_fen: int, days: Sequence[date]) -> list[Due]:
    """The amount over these days in equal fen; what does not divide is in the first instalment, so that nothing is lost."""
    each = amount_fen // len(days)
    first = amount_fen - each * (len(days) - 1)
    return [Due(day, first if position == 0 else each) for position, day in enumerate(days)]


@transaction.atomic
def claim_back(
    *,
    actor: Actor,
    claim_key: str,
    amount_fen: int,
    ground: str,
    document: str,
    debtor_name: str,
    debtor_is_person: bool,
    schedule: Sequence[Due],
    on: date,
    at: datetime,
) -> Recovery:
    """Propose a claim for money back; another officer confirms it (`confirm_claim_back`) before anything is owed. Nothing is booked yet:
    money moves when it comes in. What was given up of an earlier claim is not claimed again.

    Raises NotPermittedError, GroundMissingError, NothingPaidError, RecoveryOpenError, MoreThanPaidError, ScheduleError.
    """
    require(actor, "funds.recover")
    if not (ground.strip() and document.strip() and debtor_name.strip()):
        raise GroundMissingError
    paid = (
        Reservation.objects.select_for_update(of=["self"])
        .filter(claim_key=claim_key, state="spent")
        .order_by("pk")
        .first()
    )
    if paid is None:
        raise NothingPaidError(claim_key)
    earlier = Recovery.objects.filter(claim_key=claim_key)
    if earlier.filter(state__in=["proposed", "open"]).exists():
        raise RecoveryOpenError(claim_key)
    left = paid.amount_fen - settled_fen(claim_key)
    if not 0 < amount_fen <= left:
        raise MoreThanPaidError(left, amount_fen)
    _check_schedule(schedule, amount_fen, on)
    with pghistory.context(operation="funds.claim_back", at=at.isoformat()):
        recovery = Recovery.objects.create(
            claim_key=claim_key,
            paid=paid,
            amount_fen=amount_fen,
            ground=within(ground, LONG, "法律依据和事由", "ground"),
            document=document.strip(),
            debtor_name=debtor_name.strip(),
            debtor_is_person=debtor_is_person,
            state="proposed",
            opened_on=on,
            opened_by_id=actor.account_id,
        )
        RecoveryInstalment.objects.bulk_create(
            RecoveryInstalment(recovery=recovery, number=number, due_on=due.on, amount_fen=due.amount_fen)
            for number, due in enumerate(schedule, start=1)
        )
    return recovery


@transaction.atomic
def confirm_claim_back(
    *, actor: Actor, recovery_id: int, on: date, at: datetime, needed: Needed = one_signature
) -> Recovery:
    """Another officer signs what was proposed; the last signature of the amount's band confirms it, and from then on it is owed.

    Neither who proposed it nor who had a hand in the payment signs. Raises NotPermittedError, SameProposerError, WrongFundsStateError,
    AlreadySignedError, and ScheduleError where the first instalment would be due already.
    """
    require(actor, "casework.approve")
    recovery = Recovery.objects.select_for_update(of=["self"]).get(pk=recovery_id)
    state = advance("recovery", recovery.state, "confirm")
    require_apart(recovery, actor, "confirm")
    schedule = [Due(row.due_on, row.amount_fen) for row in recovery.instalments.order_by("number")]
    _check_schedule(schedule, recovery.amount_fen, on)
    if not sign(recovery, "confirm", recovery.amount_fen, needed, actor=actor, on=on, at=at):
        return recovery
    recovery.state, recovery.decided_on, recovery.decided_by_id = state, on, actor.account_id
    with pghistory.context(operation="funds.confirm_claim_back", at=at.isoformat()):
        recovery.save(update_fields=["state", "decided_on", "decided_by"])
    return recovery


@transaction.atomic
def receive_back(
    *, actor: Actor, recovery_id: int, amount_fen: int, bank_reference: str, on: date, at: datetime
) -> RecoveryReceipt:
    """Book money that came back: from the recipients' account to what the fund has recovered, or into the capital of a fund that
    revolves, where the payment was drawn from. A reference counts once.

    Raises NotPermittedError, ReferenceMissingError, ReferenceUsedError, NothingOwedError, WrongFundsStateError, MoreThanOwedError,
    LedgerRefusalError.
    """
    require(actor, "funds.recover")
    recovery = (
        Recovery.objects.select_for_update(of=["self"])
        .select_related("paid__held_by__credit", "paid__budget__fund", "paid__budget__account")
        .get(pk=recovery_id)
    )
    reference = bank_reference.strip()
    if not reference:
        raise ReferenceMissingError
    known = RecoveryReceipt.objects.filter(bank_reference=reference).order_by("pk").first()
    if known is not None:
        if (known.recovery_id, known.amount_fen) == (recovery.pk, amount_fen):
            return known
        raise ReferenceUsedError(reference)
    if recovery.state in ENDED:
        raise NothingOwedError(recovery.state, amount_fen)
    state = advance("recovery", recovery.state, "receive_all")
    left = recovery.amount_fen - received_fen(recovery)
    if amount_fen > left:
        raise MoreThanOwedError(left, amount_fen)
    held, fund = recovery.paid.held_by, recovery.paid.budget.fund
    account = (
        recovery.paid.budget.account
        if fund.recovered_to_capital
        else open_account(code=f"recovered:{fund.code}", kind="recovered")
    )
    # The same reference again, after an entry of it was taken back, is another entry.
    before = RecoveryReceipt.every.filter(recovery=recovery, bank_reference=reference).count()
    with pghistory.context(operation="funds.receive_back"):
        entry = enter(
            Transfer(
                key=f"recover:{recovery.pk}:{reference}" + (f"#{before + 1}" if before else ""),
                kind=Kind.SINGLE,
                debit=held.credit.code,
                credit=account.code,
                amount_fen=amount_fen,
                on=on,
                subject=recovery.claim_key,
                document=f"{recovery.document} {reference}"[:200],
                clause=held.clause,
                receipt=held.receipt,
            ),
            recorded_by=actor.account_id,
            at=at,
        )
        receipt = RecoveryReceipt.objects.create(
            recovery=recovery,
            amount_fen=amount_fen,
            received_on=on,
            bank_reference=reference,
            posted=entry,
            recorded_by_id=actor.account_id,
        )
        if amount_fen == left:
            recovery.state = state
            recovery.save(update_fields=["state"])
    return receipt


@transaction.atomic
def waive(
    *,
    actor: Actor,
    recovery_id: int,
    reason: str,
    on: date,
    at: datetime,
    needed: Needed = one_signature,
) -> Recovery:
    """Sign that the rest of a claim is given up, with the reason; the last signature of the band of what is still owed gives it up.

    Money that comes in between two signatures is another amount, and is signed anew. Raises NotPermittedError, SameOfficerError (also for
    whoever granted what was paid, or signed that it is owed), ReasonMissingError, WrongFundsStateError, AlreadySignedError.
    """
    require(actor, "funds.waive")
    recovery = (
        Recovery.objects.select_for_update(of=["self"]).select_related("paid__held_by").get(pk=recovery_id)
    )
    require_apart(recovery, actor, "waive")
    if not reason.strip():
        raise ReasonMissingError
    state = advance("recovery", recovery.state, "waive")
    words = within(reason, LONG, "核销理由", "reason")
    left = recovery.amount_fen - received_fen(recovery)
    if not sign(recovery, "waive", left, needed, actor=actor, on=on, at=at, words=words):
        return recovery
    recovery.state = state
    recovery.waived_on = on
    recovery.waived_by_id = actor.account_id
    recovery.waived_because = words
    with pghistory.context(operation="funds.waive", at=at.isoformat()):
        recovery.save(update_fields=["state", "waived_on", "waived_by", "waived_because"])
    return recovery


def sign(
    recovery: Recovery,
    act: str,
    amount_fen: int,
    needed: Needed,
    *,
    actor: Actor,
    on: date,
    at: datetime,
    words: str = "",
) -> bool:
    """One more signature under an act on the claim, which is held; True where it is the last."""
    return sign_in_turn(
        RecoverySignature,
        subject=f"recovery-{act}:{recovery.pk}",
        amount_fen=amount_fen,
        needed=needed,
        actor=actor,
        on=on,
        at=at,
        recovery=recovery,
        act=act,
        words=words,
    ).is_last


def settled_fen(claim_key: str) -> int:
    """What of a payment has come back, or was given up: it is not claimed again. What was given up of a payment that the bank sent back
    since binds no later one."""
    stands = {"recovery__claim_key": claim_key, "recovery__paid__state": "spent"}
    came = RecoveryReceipt.objects.filter(**stands).aggregate(total=Sum("amount_fen"))
    waived = RecoverySignature.objects.filter(
        **stands, recovery__state="waived", act="waive", ordinal=F("needed")
    ).aggregate(total=Sum("amount_fen"))
    return (came["total"] or 0) + (waived["total"] or 0)


def received_fen(recovery: Recovery) -> int:
    """What has come back of this claim."""
    return recovery.receipts.aggregate(total=Sum("amount_fen"))["total"] or 0


def _check_schedule(schedule: Sequence[Due], amount_fen: int, on: date) -> None:
    planned = sum(due.amount_fen for due in schedule)
    days = [due.on for due in schedule]
    sound = bool(days) and days == sorted(set(days)) and days[0] > on
    if not sound or planned != amount_fen or any(due.amount_fen <= 0 for due in schedule):
        raise ScheduleError(amount_fen, planned)
