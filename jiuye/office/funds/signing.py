"""One more signature under a decision about money: the same arithmetic for loans and for money claimed back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiuye.office.funds.models import SignatureInTurn
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.staff.queries import Actor

Needed = Callable[[int], int]  # how many sign an amount of fen


def one_signature(amount_fen: int) -> int:
    """Where nobody says otherwise one person signs."""
    return 1


class AlreadySignedError(FundsRefusal):
    """The band asks for several signatures, each of another person."""

    def __init__(self, signed: int, needed: int) -> None:
        super().__init__(
            gettext("您已经签批过；共需 %(needed)d 人签批，已签 %(signed)d 人，请由其他审批人员签批。")
            % {"needed": needed, "signed": signed}
        )


@dataclass(frozen=True, slots=True)
class Signed:
    """Which signature it was, and of how many."""

    ordinal: int
    needed: int

    @property
    def is_last(self) -> bool:
        """Whether the act may go on."""
        return self.ordinal >= self.needed


def current_round(rows: list[Any], amount_fen: int, terms: str = "") -> list[Any]:
    """The signatures that count for that amount and those terms, of all those under one subject, the oldest first.

    A signature under other terms begins anew, as does one after the act was completed (and taken back).
    """
    current = [row for row in rows if row.round == rows[-1].round] if rows else []
    complete = bool(current) and len(current) >= current[-1].needed
    if complete or not current or (current[0].amount_fen, current[0].terms) != (amount_fen, terms):
        return []
    return current


def sign_in_turn(
    model: type[SignatureInTurn],
    *,
    subject: str,
    amount_fen: int,
    terms: str = "",
    needed: Needed,
    actor: Actor,
    on: date,
    at: datetime,
    **more: Any,
) -> Signed:
    """Write one more signature of the actor. The caller holds what is decided locked. Raises AlreadySignedError."""
    rows = list(model._default_manager.filter(subject=subject).order_by("pk"))
    current = current_round(rows, amount_fen, terms)
    if any(row.signed_by_id == actor.account_id for row in current):
        raise AlreadySignedError(len(current), current[-1].needed)
    last_round = rows[-1].round if rows else 0
    ordinal = len(current) + 1
    # Where the bands were lowered meanwhile, this signature is the last.
    signed = Signed(ordinal, max(needed(amount_fen), ordinal))
    model._default_manager.create(
        subject=subject,
        round=last_round if current else last_round + 1,
        ordinal=signed.ordinal,
        needed=signed.needed,
        amount_fen=amount_fen,
        terms=terms,
        signed_by_id=actor.account_id,
        signed_by_name=actor.name,
        on_date=on,
        at=at,
        **more,
    )
    return signed
