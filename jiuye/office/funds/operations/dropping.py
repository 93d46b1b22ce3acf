"""A claim for money back that does not stand: not confirmed, or withdrawn after it was, before anything came in."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.funds.models import Recovery
from jiuye.office.funds.operations.hands import require_apart
from jiuye.office.funds.operations.recovering import (
    ReasonMissingError,
    received_fen,
    sign,
)
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.funds.signing import Needed, one_signature
from jiuye.office.funds.states import advance
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within


class ReceivedAlreadyError(FundsRefusal):
    """Where something came back the claim stood: the rest is given up, not the decision withdrawn."""

    def __init__(self, received_fen: int) -> None:
        super().__init__(
            gettext(
                "这项追回已有 %(received)s 元到账，不能撤回决定；登记错了的请先撤销登记，不再追的余额请核销。"
            )
            % {"received": yuan_text(received_fen)}
        )


@transaction.atomic
def drop_claim_back(
    *,
    actor: Actor,
    recovery_id: int,
    reason: str,
    on: date,
    at: datetime,
    needed: Needed = one_signature,
) -> Recovery:
    """A second officer finds that nothing is to be claimed. A claim that was confirmed is withdrawn by as many signatures as confirmed it,
    while nothing has come in; the payment may then be claimed anew, or come back by the bank.

    Raises NotPermittedError, SameProposerError, SameOfficerError (of a confirmed claim: whoever granted the payment, or signed that it is owed),
    WrongFundsStateError, ReasonMissingError, TooLongError, ReceivedAlreadyError, AlreadySignedError.
    """
    require(actor, "casework.approve")
    recovery = (
        Recovery.objects.select_for_update(of=["self"]).select_related("paid__held_by").get(pk=recovery_id)
    )
    act = "withdraw" if recovery.state == "open" else "drop"
    state = advance("recovery", recovery.state, act)
    # Withdrawing ends what is owed, as giving it up does: not by whoever granted the payment or confirmed that it is owed.
    require_apart(recovery, actor, act)
    if not reason.strip():
        raise ReasonMissingError(gettext("不予追回必须写明理由。"))
    words = within(reason, LONG, "不予追回的理由", "reason")
    if act == "withdraw":
        came_fen = received_fen(recovery)
        if came_fen:
            raise ReceivedAlreadyError(came_fen)
        if not sign(recovery, act, recovery.amount_fen, needed, actor=actor, on=on, at=at, words=words):
            return recovery
    recovery.state, recovery.decided_on, recovery.decided_by_id = state, on, actor.account_id
    recovery.dropped_because = words
    with pghistory.context(operation="funds.drop_claim_back", at=at.isoformat()):
        recovery.save(update_fields=["state", "decided_on", "decided_by", "dropped_because"])
    return recovery
