"""What the bank answered, carried to the cases that it pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.looking_back import sent_back
from jiuye.office.casework.operations.steps import hold_in_order, locked, locked_entitlement, move, one_act
from jiuye.office.casework.signals import results_taken
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.recording import decided_together, record_benefit
from jiuye.office.entitlements.taking_back import take_back_benefit
from jiuye.office.funds.models import PaymentBatch, PaymentLine

# Lines of which the bank has said all, or which never went there.
_ANSWERED = ("paid", "rejected", "returned", "discarded")
CASES_A_TRANSACTION = 20  # what was drawn is decided upon together; more would hold their rows for too long


@dataclass(frozen=True, slots=True)
class Collected:
    """How many cases took the bank's answer: paid, sent back (at once, or after they had been paid), or out of a discarded batch."""

    paid: int
    rejected: int
    returned: int


def collect_payment_results(
    *, on: date, at: datetime, batch: PaymentBatch | None = None, in_one: bool = False
) -> Collected:
    """Bring every case in payment to where its money is. Run again, it finds nothing left to do.

    A few cases a transaction, so that a crash in the middle loses nothing; where one of them cannot be booked, or somebody works on it,
    each in its own, so that it keeps nobody else back. Then the rooms above are told, which have claims of their own in the batch
    (`signals.results_taken`). At the end the first failure is raised, where there was one. With `in_one` all is done in the transaction of
    the caller, who then holds every case from the beginning: a few at a time would be held in no order.
    """
    lines: QuerySet[PaymentLine] = PaymentLine.objects.filter(state__in=_ANSWERED)
    if batch is not None:
        lines = lines.filter(batch=batch)
    keys = lines.filter(claim_key__startswith="case:").order_by("pk").values_list("claim_key", flat=True)
    waiting = {
        f"case:{pk}"
        for pk in Case.objects.filter(state="in_payment").order_by("pk").values_list("pk", flat=True)
    }
    # What was recorded as paid and came back since.
    back = lines.filter(state="returned").order_by("pk").values_list("claim_key", flat=True)
    ids = [int(key.removeprefix("case:")) for key in back if key.startswith("case:")]
    paid = Case.objects.filter(pk__in=ids, state="paid").order_by("pk").values_list("pk", flat=True)
    waiting |= {f"case:{pk}" for pk in paid}
    chosen = [int(key.removeprefix("case:")) for key in dict.fromkeys(keys) if key in waiting]
    if in_one:
        hold_in_order(chosen)
    taken: list[str] = []
    failures: list[DatabaseError] = []
    for start in range(0, len(chosen), CASES_A_TRANSACTION):
        taken += _collect_some(chosen[start : start + CASES_A_TRANSACTION], failures, on=on, at=at)
    results_taken.send(sender=collect_payment_results, on=on, at=at)
    if failures:
        raise failures[0]
    back_again = taken.count("rejected") + taken.count("returned")
    return Collected(taken.count("paid"), back_again, taken.count("discarded"))


def _collect_some(
    case_ids: Sequence[int], failures: list[DatabaseError], *, on: date, at: datetime
) -> list[str]:
    """The states of the lines whose answers these cases took, all together or, where that fails, each by itself; failures are added."""
    try:
        with transaction.atomic(), decided_together(on=on, at=at):
            hold_in_order(case_ids)
            return [_collect_one(case_id, on=on, at=at) for case_id in case_ids]
    except DatabaseError:
        taken = []
        for case_id in case_ids:
            try:
                taken.append(_collect_one(case_id, on=on, at=at))
            except DatabaseError as failure:
                failures.append(failure)
        return taken


def _collect_one(case_id: int, *, on: date, at: datetime) -> str:
    """Take the answer of a case's last line; returns the line's state, or nothing where the bank has not answered."""
    with one_act("collect_payment_result"):
        case = locked(case_id)
        line = (
            PaymentLine.objects.filter(claim_key=case.claim_key)
            .select_related("batch")
            .order_by("-pk")
            .first()
        )
        if line is None:
            raise CaseNotFoundError
        came_back = case.state == "paid" and line.state == "returned"
        if not came_back and (case.state != "in_payment" or line.state not in _ANSWERED):
            return ""
        details = {"batch": line.batch.number, "line": line.line_key}
        if line.state == "paid":
            assert line.answered_on is not None  # held by the constraint line_paid_iff_posted
            entitlement = locked_entitlement(case.entitlement_id)
            move(
                case,
                "record_paid",
                actor=None,
                on=on,
                at=at,
                details=details | {"reference": line.bank_reference},
                paid_on=line.answered_on,
            )
            record_paid(case, entitlement, paid_on=line.answered_on, on=on, at=at)
        elif came_back:
            locked_entitlement(case.entitlement_id)
            move(
                case,
                "record_returned",
                actor=None,
                on=on,
                at=at,
                note=line.rejection_reason,
                details=details | {"code": line.rejection_code, "reference": line.bank_reference},
                rejection=line.rejection_reason,
                paid_on=None,
            )
            sent_back(case, on=on)
            # The money never reached them: nothing was drawn, until it is paid again.
            take_back_benefit(
                case_key=case.claim_key,
                paid_fen=case.amount_fen,
                back_fen=case.amount_fen,
                on=on,
                at=at,
            )
        elif line.state in ("rejected", "returned"):
            move(
                case,
                "record_rejected",
                actor=None,
                on=on,
                at=at,
                note=line.rejection_reason,
                details=details | {"code": line.rejection_code},
                rejection=line.rejection_reason,
            )
        else:
            move(case, "leave_batch", actor=None, on=on, at=at, details=details)
        return line.state


def record_paid(case: Case, entitlement: Entitlement, *, paid_on: date, on: date, at: datetime) -> None:
    """Write that the whole of the case stands as drawn. Raises IntegrityError where the same period was paid by another door."""
    record_benefit(
        entitlement=entitlement,
        amount_fen=case.amount_fen,
        paid_on=paid_on,
        case_key=case.claim_key,
        source="本系统发放",
        on=on,
        at=at,
    )
