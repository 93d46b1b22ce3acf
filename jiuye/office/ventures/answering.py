"""Who may answer an application for a guaranteed loan: the one step that an office takes before the bank pays out."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiuye.office.casework.procedures import LEVEL_DIGITS
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.staff.roles import PERMISSIONS
from jiuye.office.ventures.models import Loan, LoanEvent
from jiuye.office.ventures.rules import loan_item
from jiuye.office.ventures.signatures import LoanSignature

GUARANTEE = "ventures.guarantee"
GUARANTORS = sorted(role for role, may in PERMISSIONS.items() if GUARANTEE in may)
ANSWERED_IN = "applied"  # the state in which an application waits for its answer


def answered_at(loan: Loan) -> int:
    """At which level of office the loan's item has an application decided, as digits of a division. Raises NoLoanTermsError."""
    item = loan_item(loan.kind)
    step = item.step("decide") if item is not None else None
    return LEVEL_DIGITS[step.level] if step is not None else COUNTY_DIGITS


def put_right(*, loan: Any, account: Any) -> QuerySet[LoanEvent]:
    """That account's answers for the borrower of that loan, where something was to be put right at the counter. Each of the two is a key or
    an `OuterRef`."""
    return LoanEvent.objects.filter(loan_id=loan, act="correct", actor_id=account)


def signed_as_it_stands(*, loan: Any, account: Any) -> QuerySet[LoanSignature]:
    """That account's signature under the guarantee of that loan, of the last round. Each of the two is a key or an `OuterRef`.

    A signature from before something was put right is under another application (`operations.lending.guarantee`).
    """
    later = LoanSignature.objects.filter(loan=OuterRef("loan"), act="guarantee", round__gt=OuterRef("round"))
    found = LoanSignature.objects.filter(~Exists(later), loan_id=loan, signed_by_id=account, act="guarantee")
    return found.filter(
        Q(terms="corrected", loan__corrected_before=True) | Q(terms="", loan__corrected_before=False)
    )


def may_not_answer(loan: Loan) -> Q:
    """Of accounts: who took the application, put it right for its borrower, or has signed it as it stands."""
    helped = put_right(loan=loan.pk, account=OuterRef("pk"))
    signed = signed_as_it_stands(loan=loan.pk, account=OuterRef("pk"))
    return Q(pk=loan.applied_by_id) | Q(Exists(helped)) | Q(Exists(signed))
