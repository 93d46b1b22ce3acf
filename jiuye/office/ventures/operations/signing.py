"""One, two, three signatures: what a loan costs the treasury or the fund takes as many people as a case of that amount (claims.yaml)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.engine.services import needed_signatures
from jiuye.office.casework.procedures import procedures
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import Loan, LoanSignature
from jiuye.office.ventures.operations.steps import record
from jiuye.office.ventures.states import LoanRefusal


class AlreadySignedError(LoanRefusal):
    """The band asks for several signatures, each of another person."""

    def __init__(self, signed: int, needed: int) -> None:
        super().__init__(
            gettext("您已经签批过；共需 %(needed)d 人签批，已签 %(signed)d 人，请由其他审批人员签批。")
            % {"needed": needed, "signed": signed}
        )


def sign(
    loan: Loan,
    act: str,
    *,
    subject: str,
    amount_fen: int,
    terms: str,
    actor: Actor,
    on: date,
    at: datetime,
) -> bool:
    """One more signature of the actor; True where it is the last that the amount's band takes, and the act may go on.

    A signature under other terms (another amount, another fund) begins anew, as does one after the act was taken back. The caller
    holds the loan locked. Raises AlreadySignedError.
    """
    rows = list(LoanSignature.objects.filter(subject=subject).order_by("pk"))
    number = rows[-1].round if rows else 0
    current = [row for row in rows if row.round == number]
    complete = bool(current) and len(current) >= current[-1].needed
    if complete or not current or (current[0].amount_fen, current[0].terms) != (amount_fen, terms):
        number, current = number + 1, []
    if any(row.signed_by_id == actor.account_id for row in current):
        raise AlreadySignedError(len(current), current[-1].needed)
    ordinal = len(current) + 1
    # Where the bands were lowered meanwhile, this signature is the last.
    needed = max(needed_signatures(procedures().bands, amount_fen), ordinal)
    LoanSignature.objects.create(
        loan=loan,
        act=act,
        subject=subject,
        round=number,
        ordinal=ordinal,
        needed=needed,
        amount_fen=amount_fen,
        terms=terms,
        signed_by_id=actor.account_id,
        signed_by_name=actor.name,
        on_date=on,
        at=at,
    )
    if ordinal < needed:
        details = {"of": act, "amount_fen": amount_fen, "signature": ordinal, "needed": needed}
        record(loan, "sign", loan.state, actor=actor, on=on, at=at, details=details)
    return ordinal >= needed
