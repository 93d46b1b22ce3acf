"""Who has had a hand in a claim for money back, or in the payment that it is about, and therefore takes no part in an act on it (不相容岗位分离).

One question, asked by the operations and by the page that offers their forms.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext

from jiuye.office.funds.models import PaymentBatch, Recovery
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.staff.queries import Actor


class SameProposerError(FundsRefusal):
    """Two pairs of eyes are two people: who proposed a claim does not confirm it, nor does who paid what is claimed back."""

    def __init__(self, *, paid: bool = False) -> None:
        super().__init__(
            gettext("这笔钱是您经手付的，追回要由没有经手付款的审批人员确认。")
            if paid
            else gettext("这项追回是您提出的，不能由您本人确认；请由另一位审批人员确认。")
        )


class SameOfficerError(FundsRefusal):
    """Who claims back or confirmed the claim does not give it up, nor does who granted the payment cover it up (不相容岗位分离)."""

    def __init__(self, *, granted: bool = False, confirmed: bool = False) -> None:
        super().__init__(
            gettext(
                "这项追回是您确认的，欠款不能由您核销，决定也不能由您撤回；请由没有参与确认的另一位审批人员办理，本地没有的由上一级的审批人员办理。"
            )
            if confirmed
            else gettext(
                "这笔钱是您批准支付的，欠款不能由您核销，追回决定也不能由您撤回；请由没有批准它的另一位审批人员办理。"
            )
            if granted
            else gettext("核销人不能是经办追回的人；请由另一位有权的人核销。")
        )


def why_not_theirs(recovery: Recovery, actor: Actor, act: str) -> FundsRefusal | None:
    """Why somebody else does this to the claim (`confirm`, `drop` before it is confirmed, `withdraw` after it, `waive`), or None.

    A second person looks at what was proposed: neither who proposed it nor who paid. What ends an open claim is not done either by whoever
    granted the payment or had a signature under the claim; the first signature binds as the last one does.
    """
    mine = recovery.opened_by_id == actor.account_id
    if act == "waive":
        if mine:
            return SameOfficerError()
    elif mine:
        return SameProposerError()
    elif _paid_by(recovery, actor):
        return SameProposerError(paid=True)
    if act in ("confirm", "drop"):
        return None
    if recovery.paid.held_by.recorded_by_id == actor.account_id:
        return SameOfficerError(granted=True)
    if actor.account_id in _confirmed_by(recovery):
        return SameOfficerError(confirmed=True)
    return None


def require_apart(recovery: Recovery, actor: Actor, act: str) -> None:
    """Return where nothing keeps the actor from it. Raises SameProposerError, SameOfficerError."""
    if (refusal := why_not_theirs(recovery, actor, act)) is not None:
        raise refusal


def _paid_by(recovery: Recovery, actor: Actor) -> bool:
    batches = PaymentBatch.objects.filter(lines__claim_key=recovery.claim_key, lines__state="paid")
    return batches.filter(Q(made_by_id=actor.account_id) | Q(approved_by_id=actor.account_id)).exists()


def _confirmed_by(recovery: Recovery) -> set[int]:
    """The accounts of those who confirmed an open claim: every signature, and of one that is older than signatures who decided it."""
    signed = recovery.signatures.filter(act="confirm").order_by("pk").values_list("signed_by_id", flat=True)
    decided = (
        {recovery.decided_by_id} if recovery.state == "open" and recovery.decided_by_id is not None else set()
    )
    return {*signed, *decided}
