"""One, two, three signatures: what a loan costs the treasury or the fund takes as many people as a case of that amount (claims.yaml)."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.office.casework.procedures import usual_signatures
from jiuye.office.funds.signing import AlreadySignedError as AlreadySignedError
from jiuye.office.funds.signing import sign_in_turn
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import Loan, LoanSignature
from jiuye.office.ventures.operations.steps import record


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
    signed = sign_in_turn(
        LoanSignature,
        subject=subject,
        amount_fen=amount_fen,
        terms=terms,
        needed=usual_signatures,
        actor=actor,
        on=on,
        at=at,
        loan=loan,
        act=act,
    )
    if not signed.is_last:
        details = {"of": act, "amount_fen": amount_fen, "signature": signed.ordinal, "needed": signed.needed}
        record(loan, "sign", loan.state, actor=actor, on=on, at=at, details=details)
    return signed.is_last
