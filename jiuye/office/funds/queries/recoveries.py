"""What is owed back, what has come in, and what is late."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Q, QuerySet, When

from jiuye.office.funds.models import Recovery, RecoveryInstalment, RecoveryReceipt, RecoverySignature
from jiuye.office.funds.signing import current_round
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.together import keep_related, together


@dataclass(frozen=True, slots=True)
class RecoveryPosition:
    """A claim for money back as it stands on a day, in fen. `late_fen` was due before that day and has not come."""

    recovery: Recovery
    received_fen: int
    owed_fen: int
    late_fen: int
    late_since: date | None
    next_due: date | None

    @property
    def level(self) -> str:
        """bad where something is late, good where nothing is owed any more, watch otherwise."""
        if self.recovery.state != "open":
            return {"recovered": "good", "proposed": "watch"}.get(self.recovery.state, "none")
        return "bad" if self.late_fen else "watch"


def recoveries(*, actor: Actor) -> QuerySet[Recovery]:
    """Every claim for money back, the open ones first, the oldest first; `position_of` each. Raises NotPermittedError."""
    require(actor, "funds.see")
    return (
        Recovery.objects.select_related("paid__budget__fund", "opened_by", "waived_by", "decided_by")
        .prefetch_related("instalments", "receipts")
        .annotate(over=Case(When(state__in=["proposed", "open"], then=0), default=1))
        .order_by("over", "opened_on", "pk")
    )


def owed_back(*, actor: Actor, on: date) -> tuple[int, int]:
    """What is owed on all open claims, and what of it is late, in fen. Raises NotPermittedError."""
    found = [position_of(row, on=on) for row in recoveries(actor=actor).filter(state="open")]
    return sum(each.owed_fen for each in found), sum(each.late_fen for each in found)


def recovery_of(*, actor: Actor, recovery_id: int, on: date) -> RecoveryPosition:
    """One claim. Raises NotPermittedError, Recovery.DoesNotExist."""
    require(actor, "funds.see")
    row = Recovery.objects.select_related(
        "paid__budget__fund", "paid__held_by", "opened_by", "waived_by", "decided_by"
    ).get(pk=recovery_id)
    return position_of(row, on=on)


def recoveries_of(*claim_keys: str, on: date) -> list[RecoveryPosition]:
    """What is claimed back of these payments, the oldest claim first; for a page that has checked whose they are."""
    rows = Recovery.objects.filter(claim_key__in=claim_keys)
    people = Q(pk__in=rows.values("opened_by")) | Q(pk__in=rows.values("decided_by"))
    found = together(
        {
            "recoveries": rows.order_by("pk"),
            "instalments": RecoveryInstalment.objects.filter(recovery__in=rows).order_by("number"),
            "receipts": RecoveryReceipt.objects.filter(recovery__in=rows).order_by("pk"),
            "people": Account.objects.filter(people).only("display_name").order_by("pk"),
        }
    )
    people_by = {row.pk: row for row in found["people"]}
    for row in found["recoveries"]:
        row.opened_by, row.decided_by = people_by[row.opened_by_id], people_by.get(row.decided_by_id)
        for name in ("instalments", "receipts"):
            keep_related(row, name, [one for one in found[name] if one.recovery_id == row.pk])
    return [position_of(row, on=on) for row in found["recoveries"]]


def position_of(recovery: Recovery, *, on: date) -> RecoveryPosition:
    """The claim as it stands on that day; what comes in pays the oldest instalment first."""
    return _position(recovery, recovery.state, sum(row.amount_fen for row in recovery.receipts.all()), on)


def position_then(
    recovery: Recovery, *, received_fen: int, decided: bool, withdrawn: bool, waived: bool, on: date
) -> RecoveryPosition:
    """The claim as it stood at a past moment of that day, by which so much had come in, and it had been decided, withdrawn or waived, or
    not yet."""
    then = copy(recovery)
    if not waived:
        then.waived_on, then.waived_by, then.waived_because = None, None, ""
    if not decided:
        then.decided_on, then.decided_by, then.dropped_because = None, None, ""
        then.state = "proposed"
    elif (recovery.state == "waived" and not waived) or (
        recovery.state == "recovered" and received_fen < recovery.amount_fen
    ):
        then.state = "open"
    elif recovery.state == "dropped" and not withdrawn and _was_confirmed(recovery):
        # Who confirmed it the signatures say; the claim itself names who withdrew it since.
        then.state, then.dropped_because = "open", ""
        then.decided_on, then.decided_by = None, None
    elif recovery.state == "open" and received_fen == recovery.amount_fen:
        then.state = "recovered"  # by a receipt that was taken back since
    return _position(then, then.state, received_fen, on)


def _was_confirmed(recovery: Recovery) -> bool:
    """Whether a claim that was dropped had been confirmed before, so that it was withdrawn."""
    return recovery.signatures.filter(act="withdraw").exists()


def _position(recovery: Recovery, state: str, received: int, on: date) -> RecoveryPosition:
    due = reached = 0
    late_since = next_due = None
    for instalment in recovery.instalments.all():
        reached += instalment.amount_fen
        if instalment.due_on < on:
            due = reached
            if late_since is None and reached > received:
                late_since = instalment.due_on
        elif next_due is None and reached > received:
            next_due = instalment.due_on
    is_open = state == "open"
    return RecoveryPosition(
        recovery=recovery,
        received_fen=received,
        owed_fen=recovery.amount_fen - received if is_open else 0,
        late_fen=max(0, due - received) if is_open else 0,
        late_since=late_since if is_open else None,
        next_due=next_due if is_open else None,
    )


def signatures_of(*, actor: Actor, recovery: Recovery) -> list[RecoverySignature]:
    """Everybody who signed the confirmation or the waiver, in order. Raises NotPermittedError."""
    require(actor, "funds.see")
    return list(recovery.signatures.order_by("pk"))


def awaited_round(
    signatures: list[RecoverySignature], recovery: Recovery, owed_fen: int
) -> list[RecoverySignature]:
    """The signatures under what waits for more of them: the confirmation of a proposed claim, the waiver or the withdrawal of an open one
    (the one that was signed last)."""
    act = "confirm" if recovery.state == "proposed" else "waive"
    if act == "waive" and signatures and signatures[-1].act == "withdraw":
        act = "withdraw"
    amount = owed_fen if act == "waive" else recovery.amount_fen
    return current_round([row for row in signatures if row.act == act], amount)


def recovery_parts(
    *, actor: Actor, recovery: Recovery
) -> tuple[list[RecoveryInstalment], list[RecoveryReceipt]]:
    """The instalments and what has come in, each in order. Raises NotPermittedError."""
    require(actor, "funds.see")
    return (
        list(recovery.instalments.order_by("number")),
        receipts_of(actor=actor, recovery_id=recovery.pk),
    )


def receipts_of(*, actor: Actor, recovery_id: int) -> list[RecoveryReceipt]:
    """Every receipt that was entered, in order, with those that were taken back. Raises NotPermittedError."""
    require(actor, "funds.see")
    found = RecoveryReceipt.every.filter(recovery_id=recovery_id).select_related("recorded_by")
    return list(found.order_by("pk"))
