"""Claiming money back that was paid: proposed by one officer, confirmed by another, told by a letter, and undone in the history as money returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext

from jiuye.engine.basis.dates import months_from
from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.authorities import HolderActsError, require_no_relative, why_not_theirs
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.collecting import record_paid
from jiuye.office.casework.operations.looking_back import claimed_back
from jiuye.office.casework.operations.steps import locked, locked_entitlement, one_act
from jiuye.office.casework.procedures import signatures_needed, usual_signatures
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.signals import about_to_decide, about_to_waive, claim_moved
from jiuye.office.casework.states import STATE_LABELS
from jiuye.office.casework.telling import tell_claim_withdrawn, tell_claimed_back
from jiuye.office.casework.timeline import record
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.taking_back import take_back_benefit
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import Recovery, RecoveryReceipt
from jiuye.office.funds.signing import Needed
from jiuye.office.staff.queries import Actor, require

CASE = "case:"


class NotPaidError(Refusal):
    """Only a paid case is claimed back; one that is not paid is refused, or its approval taken back."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("这件办件现在是“%(state)s”，没有付过款，没有可追回的；没有付款的请撤销批准或不予支付。")
            % {"state": gettext(STATE_LABELS[state])}
        )


class DrawnSinceError(Refusal):
    """Since everything came back the same period was paid again: it does not stand twice."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "这笔退款登记以后，同一时期的待遇又发放过，不能撤销登记；请先核对后来发放的那一笔，需要追回的先追回。"
            )
        )


def propose_claim_back(
    *,
    actor: Actor,
    case_id: int,
    amount_fen: int,
    ground: str,
    document: str,
    schedule: Sequence[funds.Due],
    on: date,
    at: datetime,
) -> Recovery:
    """Propose that whoever received a case's money pays it back. Nothing is owed, and nobody told, until another officer confirms.

    Raises CaseNotFoundError, NotPermittedError, NotPaidError, and what funds' `claim_back` raises.
    """
    with one_act("propose_claim_back"):
        case = locked(case_id)
        require(actor, "funds.recover", case.division_code)
        require_no_relative(case.person_id, actor)
        if case.state != "paid":
            raise NotPaidError(case.state)
        recovery = funds.claim_back(
            actor=actor,
            claim_key=case.claim_key,
            amount_fen=amount_fen,
            ground=ground,
            document=document,
            debtor_name=case.payee_name,
            debtor_is_person=case.recipient_kind == "person",
            schedule=schedule,
            on=on,
            at=at,
        )
        _note(case, recovery, "propose_claim_back", actor=actor, on=on, at=at, note=recovery.ground)
        claimed_back(case, actor=actor, ground=recovery.ground, on=on)
    return recovery


def confirm_claim_back(*, actor: Actor, recovery_id: int, on: date, at: datetime) -> Recovery:
    """Another officer signs; the last signature of the band confirms: the timeline says so, and whoever owes is told with ground, amount,
    instalments and appeals. Of what is no case the rooms above are told (`signals.claim_moved`).

    Raises CaseNotFoundError, NotPermittedError, and what funds' `confirm_claim_back` raises.
    """
    with one_act("confirm_claim_back"):
        case = _case_or_none(recovery_id)
        _ask_relative(recovery_id, case, actor)
        require(actor, "casework.approve", _place_of(recovery_id, case))
        recovery = funds.confirm_claim_back(
            actor=actor, recovery_id=recovery_id, on=on, at=at, needed=_needed(case)
        )
        if case is None:
            if recovery.state == "open":
                _tell_above(recovery, "confirm_claim_back", actor=actor, on=on, at=at, note=recovery.ground)
            return recovery
        if recovery.state == "proposed":
            _note_signature(case, recovery, "sign_claim_back", actor=actor, on=on, at=at)
            return recovery
        _note(case, recovery, "confirm_claim_back", actor=actor, on=on, at=at, note=recovery.ground)
        tell_claimed_back(case, recovery, on=on, at=at)
    return recovery


def drop_claim_back(*, actor: Actor, recovery_id: int, reason: str, on: date, at: datetime) -> Recovery:
    """A second officer finds nothing to claim. A claim that was confirmed is withdrawn so, by the signatures of its band, and whoever was
    told to pay is told that nothing is owed. Raises CaseNotFoundError, NotPermittedError, and what funds' `drop_claim_back` raises.
    """
    with one_act("drop_claim_back"):
        case = _case_or_none(recovery_id)
        _ask_relative(recovery_id, case, actor)
        require(actor, "casework.approve", _place_of(recovery_id, case))
        was_told = Recovery.objects.filter(pk=recovery_id, state="open").exists()
        act = "withdraw_claim_back" if was_told else "drop_claim_back"
        if case is None and was_told:
            _ask_above(recovery_id, actor)
        recovery = funds.drop_claim_back(
            actor=actor,
            recovery_id=recovery_id,
            reason=reason,
            on=on,
            at=at,
            needed=_needed(case),
        )
        if case is None:
            if recovery.state == "dropped":
                _tell_above(recovery, act, actor=actor, on=on, at=at, note=recovery.dropped_because)
            return recovery
        if recovery.state == "open":
            _note_signature(case, recovery, "sign_claim_back", actor=actor, on=on, at=at)
            return recovery
        _note(case, recovery, act, actor=actor, on=on, at=at, note=recovery.dropped_because)
        if was_told:
            tell_claim_withdrawn(case, recovery, on=on, at=at)
    return recovery


def receive_back(
    *, actor: Actor, recovery_id: int, amount_fen: int, bank_reference: str, on: date, at: datetime
) -> RecoveryReceipt:
    """Book money that came back. The benefit shrinks with it: what is paid back counts as drawn no more.

    Raises what funds' `receive_back` raises.
    """
    with one_act("receive_back"):
        case = _case_or_none(recovery_id)
        known = RecoveryReceipt.objects.filter(bank_reference=bank_reference.strip()).exists()
        receipt = funds.receive_back(
            actor=actor,
            recovery_id=recovery_id,
            amount_fen=amount_fen,
            bank_reference=bank_reference,
            on=on,
            at=at,
        )
        if case is not None and not known:
            details = {"recovery": recovery_id, "amount_fen": amount_fen}
            record(case, "receive_back", actor=actor, on=on, at=at, details=details)
            _take_back(case, on, at)
        elif not known:
            _tell_above(receipt.recovery, "receive_back", actor=actor, on=on, at=at, amount_fen=amount_fen)
    return receipt


def undo_receipt(
    *, actor: Actor, recovery_id: int, receipt_id: int, reason: str, on: date, at: datetime
) -> RecoveryReceipt:
    """Take back a receipt that was entered wrongly. The benefit is again what it was: what has not come back counts as drawn.

    Raises CaseNotFoundError, DrawnSinceError, and what funds' `undo_receipt` raises.
    """
    with one_act("undo_receipt"):
        case = _case_or_none(recovery_id)
        receipt = funds.undo_receipt(
            actor=actor, recovery_id=recovery_id, receipt_id=receipt_id, reason=reason, on=on, at=at
        )
        note, amount_fen = receipt.undone_because, receipt.amount_fen
        if case is None:
            recovery = Recovery.objects.get(pk=recovery_id)
            _tell_above(recovery, "undo_receipt", actor=actor, on=on, at=at, note=note, amount_fen=amount_fen)
            return receipt
        details = {"recovery": recovery_id, "amount_fen": amount_fen}
        record(case, "undo_receipt", actor=actor, on=on, at=at, note=note, details=details)
        _draw_again(case, on, at)
        _take_back(case, on, at)
    return receipt


def waive_back(*, actor: Actor, recovery_id: int, reason: str, on: date, at: datetime) -> Recovery:
    """Sign that the rest of a claim is given up; the last signature of the band gives it up. Raises what funds' `waive` raises."""
    with one_act("waive_back"):
        case = _case_or_none(recovery_id)
        _ask_relative(recovery_id, case, actor)
        if case is None:
            _ask_above(recovery_id, actor)
        recovery = funds.waive(
            actor=actor,
            recovery_id=recovery_id,
            reason=reason,
            on=on,
            at=at,
            needed=_needed(case),
        )
        if case is not None and recovery.state == "open":
            _note_signature(case, recovery, "sign_waiver", actor=actor, on=on, at=at)
        elif case is not None:
            _note(case, recovery, "waive_back", actor=actor, on=on, at=at, note=recovery.waived_because)
        elif recovery.state == "waived":
            _tell_above(recovery, "waive_back", actor=actor, on=on, at=at, note=recovery.waived_because)
    return recovery


def _note_signature(
    case: Case, recovery: Recovery, act: str, *, actor: Actor, on: date, at: datetime
) -> None:
    """A signature that decides nothing yet: which one it was, and of how many."""
    last = recovery.signatures.order_by("-pk")[0]
    details = {"amount_fen": last.amount_fen, "signature": last.ordinal, "needed": last.needed}
    record(case, act, actor=actor, on=on, at=at, note=last.words, details=details)


def _take_back(case: Case, on: date, at: datetime) -> None:
    back = RecoveryReceipt.objects.filter(recovery__claim_key=case.claim_key).aggregate(Sum("amount_fen"))
    take_back_benefit(
        case_key=case.claim_key,
        paid_fen=case.amount_fen,
        back_fen=back["amount_fen__sum"] or 0,
        months=months_from(case.period_start, case.period_until),
        on=on,
        at=at,
    )


def _draw_again(case: Case, on: date, at: datetime) -> None:
    """The benefit as it was when the case was paid, where all of it had come back. Raises DrawnSinceError."""
    if Benefit.objects.filter(case_key=case.claim_key).exists():
        return
    assert case.paid_on is not None  # only a paid case is claimed back
    try:
        with transaction.atomic():
            record_paid(case, locked_entitlement(case.entitlement_id), paid_on=case.paid_on, on=on, at=at)
    except IntegrityError as error:
        raise DrawnSinceError from error


def _case_or_none(recovery_id: int) -> Case | None:
    """The case that a claim is about, held; None where it is about a loan. Raises CaseNotFoundError where there is no such claim."""
    key = Recovery.objects.filter(pk=recovery_id).order_by("pk").values_list("claim_key", flat=True).first()
    if key is None:
        raise CaseNotFoundError
    serial = key.removeprefix(CASE)
    found = Case.objects.filter(pk=int(serial)).exists() if key != serial and serial.isdecimal() else False
    return locked(int(serial)) if found else None


def _place_of(recovery_id: int, case: Case | None) -> str:
    """Where the claim is decided: the case's division, else the county whose money was paid."""
    if case is not None:
        return case.division_code
    return Recovery.objects.values_list("paid__county_code", flat=True).get(pk=recovery_id)


def _needed(case: Case | None) -> Needed:
    """How many sign an amount: by the case's own bands, else by the usual ones."""
    return partial(signatures_needed, case) if case is not None else usual_signatures


def _ask_above(recovery_id: int, actor: Actor) -> None:
    """Of what is no case the rooms above say whether this actor may end what is owed; they raise where not."""
    key = Recovery.objects.values_list("claim_key", flat=True).get(pk=recovery_id)
    about_to_waive.send(sender=_ask_above, claim_key=key, actor=actor)


def _ask_relative(recovery_id: int, case: Case | None, actor: Actor) -> None:
    """Nobody decides what a relative owes. Raises HolderActsError."""
    if case is not None:
        require_no_relative(case.person_id, actor)
        return
    key = Recovery.objects.values_list("claim_key", flat=True).get(pk=recovery_id)
    about_to_decide.send(sender=_ask_relative, claim_key=key, actor=actor)


def why_claim_not_theirs(*, actor: Actor, claim_key: str) -> str:
    """In words, for a page, why this actor, who may be a relative, decides nothing about a claim; empty where they may."""
    serial = claim_key.removeprefix(CASE)
    if serial != claim_key and serial.isdecimal():
        person_id = Case.objects.filter(pk=int(serial)).values_list("person_id", flat=True).first()
        return why_not_theirs(person_id, actor)
    try:
        about_to_decide.send(sender=_ask_relative, claim_key=claim_key, actor=actor)
    except HolderActsError as error:
        return str(error)
    return ""


def _tell_above(
    recovery: Recovery,
    act: str,
    *,
    actor: Actor,
    on: date,
    at: datetime,
    note: str = "",
    amount_fen: int = 0,
) -> None:
    claim_moved.send(
        sender=_tell_above,
        recovery=recovery,
        act=act,
        amount_fen=amount_fen,
        note=note,
        actor=actor,
        on=on,
        at=at,
    )


def _note(
    case: Case, recovery: Recovery, act: str, *, actor: Actor, on: date, at: datetime, note: str
) -> None:
    details = {
        "recovery": recovery.pk,
        "amount": yuan_text(recovery.amount_fen),
        "document": recovery.document,
    }
    record(case, act, actor=actor, on=on, at=at, note=note, details=details)
