"""Whom the claims on loans pay: the borrower a quarter's interest, the bank its compensation."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from jiuye.office.casework.accounts import account_index
from jiuye.office.casework.lost import PossibleClaim, serial_of
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentLine, UnbookedPayment
from jiuye.office.funds.states import LIVE_LINE_STATES
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import (
    COMPENSATION_KEY,
    INTEREST_KEY,
    TOP_UP_KEY,
    InterestSubsidy,
    Loan,
    LoanTopUp,
)
from jiuye.office.ventures.operations.steps import LoanNotFoundError, locked
from jiuye.office.ventures.states import LoanRefusal


class InterestNotApprovedError(LoanRefusal):
    """The bank paid a quarter's interest that the backup has before its approval."""

    def __init__(self, loan: Loan, subsidy: InterestSubsidy) -> None:
        super().__init__(
            gettext(
                "银行付过贷款 %(number)s 自 %(quarter)s 起一个季度的贴息，恢复的数据里这一笔还没有批准；请先批准，再补录。"
            )
            % {"number": loan.number, "quarter": subsidy.quarter_start.isoformat()}
        )


class CompensationNotGrantedError(LoanRefusal):
    """The bank was paid a compensation that the backup has before its approval."""

    def __init__(self, loan: Loan) -> None:
        super().__init__(
            gettext("银行收过贷款 %(number)s 的代偿款，恢复的数据里代偿还没有批准；请先批准代偿，再补录。")
            % {"number": loan.number}
        )


def interest_claim(subsidy: InterestSubsidy, loan: Loan) -> funds.Claim:
    """A quarter's interest, to the founder's account or the firm's."""
    payee = loan.person or loan.employer
    return funds.Claim(
        claim_key=subsidy.claim_key,
        payee_name=payee.name,
        payee_account=payee.bank_account,
        payee_bank=payee.bank_name,
        payee_is_person=loan.person is not None,
    )


def compensation_claim(loan: Loan, claim_key: str = "") -> funds.Claim:
    """The compensation, or what was granted further under that key, to the lending bank's own account."""
    return funds.Claim(
        claim_key=claim_key or loan.compensation_key,
        payee_name=loan.bank,
        payee_account=loan.bank_account,
        payee_bank=loan.bank,
        payee_is_person=False,
    )


def subject_of(claim_key: str) -> tuple[Loan | None, InterestSubsidy | None]:
    """The loan that a claim is about, held, and the quarter where it is about interest, as it stands while the loan is held; neither where the
    claim is no loan's, or is not on record here.
    """
    loan_id, subsidy_id = keys_of(claim_key)
    try:
        loan = locked(loan_id) if loan_id is not None else None
    except LoanNotFoundError:
        loan = None
    if loan is None or subsidy_id is None:
        return loan, None
    # Read once the loan is held: whoever held it before may have changed the quarter.
    return loan, InterestSubsidy.objects.get(pk=subsidy_id)


@unscoped("the founder may live elsewhere; only whether they may be the officer's relative is asked")
def borrower_of(claim_key: str) -> int | None:
    """The founder whose loan a claim is about, without holding it; none where it is a firm's, or no loan's."""
    loan_id, _subsidy_id = keys_of(claim_key)
    return Loan.objects.filter(pk=loan_id).order_by("pk").values_list("person_id", flat=True).first()


def keys_of(claim_key: str) -> tuple[int | None, int | None]:
    """The keys of the loan, and of the quarter where the claim is about interest."""
    if claim_key.startswith(INTEREST_KEY):
        subsidy_id = serial_of(claim_key, INTEREST_KEY)
        of_loan = (
            InterestSubsidy.objects.filter(pk=subsidy_id).order_by("pk").values_list("loan_id", flat=True)
        )
        return of_loan.first(), subsidy_id
    if claim_key.startswith(COMPENSATION_KEY):
        return serial_of(claim_key, COMPENSATION_KEY), None
    if claim_key.startswith(TOP_UP_KEY):
        of_loan = LoanTopUp.objects.filter(pk=serial_of(claim_key, TOP_UP_KEY)).order_by("pk")
        return of_loan.values_list("loan_id", flat=True).first(), None
    return None, None


@unscoped("whoever the bank paid may live anywhere in the city; somebody of the city asks")
def interest_possibly_paid(rows: Sequence[UnbookedPayment]) -> list[tuple[int, PossibleClaim]]:
    """Quarters of interest that lost payments may have been, each with the payment's key: reckoned after what the bank names, of its amount,
    to its account, and in no batch. Nothing where the quarter that the bank names is on record."""
    lost = {
        row.pk: serial_of(row.banks_claim, INTEREST_KEY)
        for row in rows
        if row.banks_claim.startswith(INTEREST_KEY)
    }
    if not lost:
        return []
    recorded = set(InterestSubsidy.objects.filter(pk__in=lost.values()).values_list("pk", flat=True))
    amounts = {row.amount_fen for row in rows if row.pk in lost}
    same = InterestSubsidy.objects.filter(amount_fen__in=amounts, superseded_on__isnull=True)
    waiting = list(same.select_related("loan__person", "loan__employer").order_by("pk"))
    lines = PaymentLine.objects.filter(
        claim_key__in=[subsidy.claim_key for subsidy in waiting], state__in=LIVE_LINE_STATES
    )
    in_batch = set(lines.values_list("claim_key", flat=True))
    return [
        (row.pk, PossibleClaim(subsidy.claim_key, f"{subsidy.loan.number} {subsidy.quarter_start}"))
        for row in rows
        if row.pk in lost and lost[row.pk] not in recorded
        for subsidy in waiting
        if subsidy.pk > lost[row.pk]
        and subsidy.claim_key not in in_batch
        and subsidy.amount_fen == row.amount_fen
        and account_index((subsidy.loan.person or subsidy.loan.employer).bank_account) == row.payee_index
    ]


def claims_to_take_over(keys: Sequence[str]) -> list[funds.Claim]:
    """Of the claims that the bank has paid, those on loans, each with whom it pays; what is not in the backup is left out. Nobody is
    looked at: the money has left.

    Raises InterestNotApprovedError, CompensationNotGrantedError.
    """
    claims = []
    for key in keys:
        loan, subsidy = subject_of(key)
        if loan is None:
            continue
        if subsidy is None:
            if loan.compensated_on is None:
                raise CompensationNotGrantedError(loan)
            claims.append(compensation_claim(loan, key))
        else:
            if subsidy.approved_on is None:
                raise InterestNotApprovedError(loan, subsidy)
            claims.append(interest_claim(subsidy, loan))
    return claims
