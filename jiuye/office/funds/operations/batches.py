"""Payment batches on paper: made by one person, approved by another, discarded, corrected. The bank comes in `sending`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pghistory
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.exchange.bank import Instruction, UnfitInstructionError
from jiuye.office.funds.chain import batch_digest, line_digest
from jiuye.office.funds.models import (
    Fund,
    PaymentBatch,
    PaymentLine,
    Reservation,
    Restore,
    UnbookedPayment,
)
from jiuye.office.funds.operations.reservations import NothingReservedError
from jiuye.office.funds.queries.altering import alterations_of
from jiuye.office.funds.queries.payments import is_taken_over
from jiuye.office.funds.queries.unbooked import barring, open_unbooked
from jiuye.office.funds.refusals import FundsRefusal, in_language
from jiuye.office.funds.scoping import place_of, require_over
from jiuye.office.funds.states import BACK_LINE_STATES, LIVE_LINE_STATES, advance
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import NAME, within


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom to pay for a claim. The amount and the fund are those reserved when it was approved."""

    claim_key: str
    payee_name: str
    payee_account: str
    payee_bank: str = ""
    payee_is_person: bool = True


class EmptyBatchError(FundsRefusal):
    """A batch without claims."""

    def __init__(self) -> None:
        super().__init__(gettext("没有选中要付款的办件；请至少选一件。"))


class ClaimNamedTwiceError(FundsRefusal):
    """The same claim stands twice in the list."""

    def __init__(self, claim_key: str) -> None:
        super().__init__(gettext("“%(claim)s”在清单里出现两次；一件办件只付一次。") % {"claim": claim_key})


class MixedFundsError(FundsRefusal):
    """A batch is paid from one fund's account."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            gettext("选中的办件出自不同的资金（%(funds)s）；请按资金分开列批次。")
            % {"funds": "、".join(names)}
        )


class AlreadyPaidError(FundsRefusal):
    """The claim has been paid."""

    def __init__(self, claim_key: str) -> None:
        super().__init__(gettext("“%(claim)s”已经付过款，不能再付。") % {"claim": claim_key})


class ClaimInBatchError(FundsRefusal):
    """The claim is in a batch that is not settled."""

    def __init__(self, claim_key: str, number: str) -> None:
        self.claim_key, self.number = claim_key, number
        super().__init__(
            gettext("“%(claim)s”已列入付款批次 %(batch)s，不能再列一次；请到该批次办理。")
            % {"claim": claim_key, "batch": number}
        )


class PayeeIncompleteError(FundsRefusal):
    """A claim without a payee or an account."""

    def __init__(self, claim_keys: Sequence[str]) -> None:
        self.claim_keys = tuple(claim_keys)
        super().__init__(
            gettext("收款户名或账号不全：%(claims)s；请补全后再列批次。") % {"claims": "、".join(claim_keys)}
        )


class PayeeUnfitError(FundsRefusal):
    """A name, account or bank that no bank's file can carry."""

    def __init__(self, error: UnfitInstructionError) -> None:
        super().__init__(in_language(zh=error.zh, en=error.en))


class NotRejectedError(FundsRefusal):
    """Only what the bank has rejected is corrected and sent again."""

    def __init__(self, claim_key: str) -> None:
        super().__init__(gettext("“%(claim)s”没有被银行退回的付款，不用更正重发。") % {"claim": claim_key})


class BatchAlteredError(FundsRefusal):
    """The batch is not what was made, reserved or approved: somebody wrote around the software. Nothing is sent."""

    def __init__(self, number: str, sentence: str) -> None:
        super().__init__(
            gettext("%(what)s批次 %(batch)s 没有发送；请保留现场，交审计人员核查，查清后作废，另列批次。")
            % {"what": sentence, "batch": number}
        )


class SamePersonError(FundsRefusal):
    """Whoever made the batch does not approve it (不相容岗位分离)."""

    def __init__(self) -> None:
        super().__init__(gettext("付款批次的复核人不能是制单人；请由另一位资金支付人员复核。"))


class PaidByBankError(FundsRefusal):
    """The bank has paid the claim in a batch that is not on record here; paid again, it would be paid twice."""

    def __init__(self, known: UnbookedPayment) -> None:
        super().__init__(
            gettext(
                "银行按批次 %(batch)s 付过“%(claim)s” %(amount)s 元，这里还没有入账；"
                "请到“付款 → 银行已付未入账”补录，或由两人查清后结案，再办理。"
            )
            % {
                "batch": known.batch_number,
                "claim": known.claim_key,
                "amount": yuan_text(known.amount_fen),
            }
        )


class TakenOverError(FundsRefusal):
    """What the bank has paid is not discarded: it could never be taken over again."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext(
                "批次 %(batch)s 是按银行批次号补录的，银行已经付过，不能作废；请复核、发送并取回结果，银行不会再付一次。"
            )
            % {"batch": number}
        )


class NotTheBanksBatchError(FundsRefusal):
    """Under the bank's number exactly that is taken over which the bank paid under it."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext(
                "按银行批次号 %(batch)s 补录的办件和金额必须与银行付过的逐笔相同，现在不同；没有补录。"
                "请与银行逐笔核对，相同的补录，不同的由两人查清后结案。"
            )
            % {"batch": number}
        )


@transaction.atomic
def make_batch(
    *,
    actor: Actor,
    claims: Sequence[Claim],
    on: date,
    at: datetime,
    purpose: str = "",
    number: str = "",
) -> PaymentBatch:
    """A draft batch that pays these claims, all from one fund; a claim that the bank rejected before is issued anew.

    With `number` it is a batch that was lost by a restore and that the bank has paid under that number: it must pay exactly what the
    bank says, and asking the bank then brings what it did.

    Raises NotPermittedError, EmptyBatchError, ClaimNamedTwiceError, PayeeIncompleteError, NothingReservedError,
    AlreadyPaidError, ClaimInBatchError, MixedFundsError, PayeeUnfitError (a name no bank's file can carry), TooLongError,
    PaidByBankError, NotTheBanksBatchError.
    """
    require(actor, "funds.batch")  # anywhere; where the claims lie is asked when they are known
    purpose = within(purpose, NAME, "摘要", "purpose")
    _check_claims(claims)
    held = _held_reservations([claim.claim_key for claim in claims])
    funds = sorted({reservation.budget.fund_id for reservation in held.values()})
    if len(funds) > 1:
        raise MixedFundsError(
            list(Fund.objects.filter(pk__in=funds).order_by("code").values_list("name", flat=True))
        )
    place = place_of(actor, (reservation.county_code for reservation in held.values()))
    attempts, latest = _earlier_lines([claim.claim_key for claim in claims])
    lost = _lost_lines(number, held)
    with pghistory.context(operation="funds.make_batch"):
        batch = PaymentBatch.objects.create(
            number=number or _next_number(funds[0], on),
            fund_id=funds[0],
            division_code=place,
            purpose=purpose,
            made_by_id=actor.account_id,
            made_on=on,
            made_at=at,
        )
        rejected = [line for line in latest.values() if line.state in BACK_LINE_STATES]
        for line in rejected:
            line.state = advance("line", line.state, "reissue")
        PaymentLine.objects.bulk_update(rejected, ["state"])
        lines = []
        for claim in sorted(claims, key=lambda claim: claim.claim_key):
            line = PaymentLine(
                batch=batch,
                reservation=held[claim.claim_key],
                claim_key=claim.claim_key,
                line_key=lost.get(
                    claim.claim_key, f"{claim.claim_key}#{attempts.get(claim.claim_key, 0) + 1}"
                ),
                amount_fen=held[claim.claim_key].amount_fen,
                payee_name=claim.payee_name.strip(),
                payee_account=claim.payee_account.strip(),
                payee_account_index=blind_index(claim.payee_account),
                payee_bank=claim.payee_bank.strip(),
                payee_is_person=claim.payee_is_person,
                replaces=latest.get(claim.claim_key),
            )
            line.digest = line_digest(line, batch.number)
            instruction_of(line, purpose)
            lines.append(line)
        PaymentLine.objects.bulk_create(lines)
    return batch


def reissue(
    *, actor: Actor, corrections: Sequence[Claim], on: date, at: datetime, purpose: str = ""
) -> PaymentBatch:
    """A draft batch that pays rejected claims again, with the payee corrected.

    Raises NotRejectedError for a claim whose last payment was not rejected, and whatever `make_batch` raises.
    """
    with transaction.atomic():
        keys = [claim.claim_key for claim in corrections]
        rows = PaymentLine.objects.filter(claim_key__in=keys).order_by("pk")
        last_state = dict(rows.values_list("claim_key", "state"))
        for key in keys:
            if last_state.get(key) not in BACK_LINE_STATES:
                raise NotRejectedError(key)
        return make_batch(actor=actor, claims=corrections, on=on, at=at, purpose=purpose)


@transaction.atomic
def approve_batch(*, actor: Actor, batch: PaymentBatch, on: date, at: datetime) -> PaymentBatch:
    """A second person confirms the batch as it stands. Its lines cannot be changed any more, only discarded with it: what was
    approved is signed, and nothing else is sent.

    Approving one's own approval again changes nothing. Raises NotPermittedError, SamePersonError, WrongFundsStateError,
    BatchAlteredError, PaidByBankError.
    """
    locked = lock_batch(batch)
    require_over(actor, "funds.pay", locked)
    if locked.made_by_id == actor.account_id:
        raise SamePersonError
    if locked.state == "approved" and locked.approved_by_id == actor.account_id:
        return locked
    state = advance("batch", locked.state, "approve")
    lines = list(lines_to_pay(locked))
    require_unaltered(locked, lines)
    require_not_paid([line.claim_key for line in lines], number=locked.number)
    locked.state = state
    locked.approved_by_id = actor.account_id
    locked.approved_on = on
    locked.approved_digest = batch_digest(locked, [line.digest for line in lines])
    with pghistory.context(operation="funds.approve_batch", at=at.isoformat()):
        locked.save(update_fields=["state", "approved_by", "approved_on", "approved_digest"])
    return locked


@transaction.atomic
def discard_batch(*, actor: Actor, batch: PaymentBatch, on: date, at: datetime) -> PaymentBatch:
    """Give up a batch that has not gone to the bank. Its claims keep their reservations and may be put into another.

    Raises NotPermittedError, WrongFundsStateError (it is being sent, or has been), TakenOverError.
    """
    locked = lock_batch(batch)
    require_over(actor, "funds.batch", locked)
    if is_taken_over(locked):
        raise TakenOverError(locked.number)
    locked.state = advance("batch", locked.state, "discard")
    with pghistory.context(operation="funds.discard_batch", on=on.isoformat(), at=at.isoformat()):
        locked.save(update_fields=["state"])
        locked.lines.filter(state="pending").update(state=advance("line", "pending", "discard"))
    return locked


def lock_batch(batch: PaymentBatch) -> PaymentBatch:
    """The batch as it stands now, locked until the transaction ends."""
    return PaymentBatch.objects.select_for_update(of=["self"]).select_related("fund").get(pk=batch.pk)


def lines_to_pay(batch: PaymentBatch) -> QuerySet[PaymentLine]:
    """The batch's lines in the order in which they go to the bank, each with its reservation and the entry that holds it."""
    return batch.lines.select_related("reservation__held_by").order_by("pk")


def require_unaltered(batch: PaymentBatch, lines: Sequence[PaymentLine]) -> None:
    """Return where the batch is what was made and approved. Raises BatchAlteredError with the first thing that is not."""
    for sentence in alterations_of(batch, lines):
        raise BatchAlteredError(batch.number, sentence)


def instruction_of(line: PaymentLine, purpose: str) -> Instruction:
    """The line as the bank gets it. Raises PayeeUnfitError."""
    try:
        return Instruction(
            line_key=line.line_key,
            payee_name=line.payee_name,
            payee_account=line.payee_account,
            payee_bank=line.payee_bank,
            amount_fen=line.amount_fen,
            purpose=purpose,
        )
    except UnfitInstructionError as error:
        raise PayeeUnfitError(error) from error


def _check_claims(claims: Sequence[Claim]) -> None:
    if not claims:
        raise EmptyBatchError
    seen: set[str] = set()
    for claim in claims:
        if claim.claim_key in seen:
            raise ClaimNamedTwiceError(claim.claim_key)
        seen.add(claim.claim_key)
    incomplete = [
        claim.claim_key for claim in claims if not (claim.payee_name.strip() and claim.payee_account.strip())
    ]
    if incomplete:
        raise PayeeIncompleteError(incomplete)


def _held_reservations(claim_keys: Sequence[str]) -> dict[str, Reservation]:
    """The held reservation of each claim, locked: nobody batches or releases the same claims meanwhile."""
    rows = (
        Reservation.objects.select_for_update(of=["self"])
        .filter(claim_key__in=claim_keys, state__in=["held", "spent"])
        .select_related("budget")
        .order_by("claim_key", "pk")
    )
    found = {row.claim_key: row for row in rows}
    for claim_key in claim_keys:
        if claim_key not in found:
            raise NothingReservedError(claim_key)
        if found[claim_key].state == "spent":
            raise AlreadyPaidError(claim_key)
    return found


def require_not_paid(claim_keys: Iterable[str], *, number: str = "") -> None:
    """Return where the bank has paid none of the claims in a batch that is not on record, other than the one of that number. Raises
    PaidByBankError."""
    for known in barring(claim_keys, number=number).values():
        raise PaidByBankError(known)


def _lost_lines(number: str, held: dict[str, Reservation]) -> dict[str, str]:
    """The bank's line keys by claim, where a lost batch is taken over. Raises PaidByBankError where it is not and the bank paid a claim,
    NotTheBanksBatchError where something else than what the bank paid would be taken over.
    """
    require_not_paid(held, number=number)
    if not number:
        return {}
    paid = {row.claim_key: row for row in open_unbooked().filter(batch_number=number)}
    if {key: row.amount_fen for key, row in held.items()} != {
        key: row.amount_fen for key, row in paid.items()
    } or PaymentBatch.objects.filter(number=number).exists():
        raise NotTheBanksBatchError(number)
    return {key: row.line_key for key, row in paid.items()}


def _earlier_lines(claim_keys: Sequence[str]) -> tuple[dict[str, int], dict[str, PaymentLine]]:
    """How many lines each claim has had, and the latest of them. Raises ClaimInBatchError where that one is live."""
    attempts: dict[str, int] = {}
    latest: dict[str, PaymentLine] = {}
    lines = (
        PaymentLine.objects.select_for_update(of=["self"])
        .filter(claim_key__in=claim_keys)
        .select_related("batch")
        .order_by("pk")
    )
    for line in lines:
        attempts[line.claim_key] = attempts.get(line.claim_key, 0) + 1
        latest[line.claim_key] = line
    for line in latest.values():
        if line.state in LIVE_LINE_STATES:
            raise ClaimInBatchError(line.claim_key, line.batch.number)
    return attempts, latest


def _next_number(fund_id: int, on: date) -> str:
    """`employment-subsidy-20240305-01`: fund, day, serial of the day. The fund's lock keeps serials apart.

    After a restore `employment-subsidy-20240305-r240305101500-01`: with its moment (UTC), since the bank knows numbers that we forgot.
    """
    fund = Fund.objects.select_for_update().get(pk=fund_id)
    restore = Restore.objects.order_by("-restored_at").first()
    since = f"r{restore.restored_at.astimezone(UTC):%y%m%d%H%M%S}-" if restore is not None else ""
    prefix = f"{fund.code}-{on:%Y%m%d}-{since}"
    return f"{prefix}{PaymentBatch.objects.filter(number__startswith=prefix).count() + 1:02}"
