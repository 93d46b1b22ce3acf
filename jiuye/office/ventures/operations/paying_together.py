"""Several claims on loans of one fund in one batch: quarters of interest and compensations, each looked at as it is alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.findings import Finding
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import InterestSubsidy
from jiuye.office.ventures.operations.claims import compensation_claim, keys_of, subject_of
from jiuye.office.ventures.operations.examining import require_account_confirmed
from jiuye.office.ventures.operations.interest import claim_of_interest
from jiuye.office.ventures.operations.steps import LoanNotFoundError, one_act
from jiuye.office.ventures.states import LoanRefusal


class NothingTickedError(LoanRefusal):
    """A batch of nothing."""

    def __init__(self) -> None:
        super().__init__(gettext("没有选中要付款的贴息或代偿；请至少选一笔。"))


def pay_claims(
    *, actor: Actor, claim_keys: Sequence[str], on: date, at: datetime, purpose: str = ""
) -> PaymentBatch:
    """A draft batch of these claims on loans. Where one of them may not be paid, no batch is made and it is said which.

    Raises NothingTickedError, LoanNotFoundError, StaleInterestError, SupersededError, AlreadyDrawnError, PayeeNotConfirmedError, ChecksFailedError,
    and what funds' `make_batch` raises (claims of two funds).
    """
    if not claim_keys:
        raise NothingTickedError
    claims: list[funds.Claim] = []
    failed: list[Finding] = []
    batch: PaymentBatch | None = None
    with one_act("pay_claims"):
        for key in _in_order(claim_keys):
            loan, subsidy = subject_of(key)
            if loan is None:
                raise LoanNotFoundError
            if subsidy is None:
                require_account_confirmed(loan, key)
                claims.append(compensation_claim(loan, key))
            else:
                claim, wrong = claim_of_interest(subsidy, loan, actor=actor, on=on, at=at)
                claims.append(claim)
                failed += wrong
        if not failed:
            batch = funds.make_batch(actor=actor, claims=claims, on=on, at=at, purpose=purpose)
    if batch is None:  # the looks stay on record: the transaction above has ended
        raise ChecksFailedError(failed)
    return batch


def pay_interest(
    *, actor: Actor, subsidy_ids: Sequence[int], on: date, at: datetime, purpose: str = ""
) -> PaymentBatch:
    """The same of quarters of interest, by their keys. Raises what `pay_claims` raises."""
    rows = InterestSubsidy.objects.filter(pk__in=subsidy_ids).order_by("pk")
    keys = [row.claim_key for row in rows]
    return pay_claims(actor=actor, claim_keys=keys, on=on, at=at, purpose=purpose)


def _in_order(claim_keys: Sequence[str]) -> list[str]:
    """The keys by their loans, as every act on several loans holds them: two never wait for each other."""
    return sorted(set(claim_keys), key=lambda key: (keys_of(key)[0] or 0, key))
