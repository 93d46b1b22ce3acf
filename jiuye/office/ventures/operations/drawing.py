"""One truth of what was drawn: the interest that a loan paid is written where the benefits of all policies stand, and looked for there.

Cases write to the same place and look there too, so that a period is paid once, through whichever door it came. The database holds
it (`benefit_paid_once_a_day`).
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext

from jiuye.engine.basis.dates import Interval
from jiuye.office.casework.checks import DRAWN_STATES
from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.recording import record_drawn
from jiuye.office.entitlements.taking_back import take_back_benefit
from jiuye.office.funds.models import PaymentLine
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import INTEREST_KEY, InterestSubsidy, Loan
from jiuye.office.ventures.operations.steps import locked, one_act
from jiuye.office.ventures.states import LoanRefusal
from jiuye.office.ventures.telling import tell_interest_paid, tell_interest_returned


class AlreadyDrawnError(LoanRefusal):
    """The same days were paid for before, or are granted through a case."""

    def __init__(self, what: str) -> None:
        super().__init__(
            gettext("这段时期的贴息已经发放或批准过（%(what)s），不能重复支付；请先核对那一笔。")
            % {"what": what}
        )


def span_of(subsidy: InterestSubsidy, loan: Loan) -> Interval:
    """The days of the quarter on which the loan stood: from its payout (or the day from which it was taken over), up to (not including)
    the day on which it ended.

    Loans of one kind of one business follow each other, so that the spans of two of them share no day.
    """
    ended = loan.compensated_on
    if loan.state == "repaid":
        last = loan.repayments.order_by("-paid_on").first()
        ended = last.paid_on if last is not None else None
    until = subsidy.quarter_until if ended is None else min(subsidy.quarter_until, ended)
    return Interval(max(subsidy.quarter_start, loan.carried_from), until)


def root_key(subsidy: InterestSubsidy) -> str:
    """The key of the payment that this one adds to; its own where it adds to none."""
    return subsidy.claim_key if subsidy.corrects_id is None else f"{INTEREST_KEY}{subsidy.corrects_id}"


@unscoped("what was drawn before is looked for everywhere")
def require_not_drawn(subsidy: InterestSubsidy, loan: Loan) -> None:
    """Return where no benefit and no granted case of the same policy shares a day with this interest. Raises AlreadyDrawnError."""
    span = span_of(subsidy, loan)
    same = {
        "policy_id": subsidy.policy_id,
        "subject_kind": "employer",
        "subject_key": str(loan.employer_id),
    }
    shares = Q(period_start__isnull=True) | Q(period_start__lt=span.end)
    shares &= Q(period_until__isnull=True) | Q(period_until__gt=span.start)
    drawn = (
        Benefit.objects.filter(shares, **same).exclude(case_key=root_key(subsidy)).order_by("paid_on").first()
    )
    if drawn is not None:
        raise AlreadyDrawnError(f"{drawn.paid_on.isoformat()}，{drawn.source}")
    case = Case.objects.filter(shares, state__in=DRAWN_STATES, **same).order_by("pk").first()
    if case is not None:
        raise AlreadyDrawnError(case.number)


@unscoped(
    "a borrower may live in another county than the business, and whoever takes the bank's answers pays for many"
)
def record_paid_interest(*, on: date, at: datetime) -> int:
    """Write the benefit of every quarter that the bank has paid and that is not on record yet; returns how many.

    Each in its own transaction; run again after a crash, it goes on where it stopped.
    """
    recorded = 0
    for key in list(_unrecorded().values_list("pk", flat=True)):
        with one_act("record_paid_interest"):
            loan_id = InterestSubsidy.objects.values_list("loan_id", flat=True).get(pk=key)
            loan = locked(loan_id)
            subsidy = _unrecorded().filter(pk=key).first()
            if subsidy is None:
                continue  # another request took the same answer while this one waited for the loan
            line = PaymentLine.objects.filter(claim_key=subsidy.claim_key, state="paid").order_by("-pk")[0]
            assert line.answered_on is not None  # held by the constraint line_paid_iff_posted
            subsidy.drawn_on = on
            subsidy.save(update_fields=["drawn_on"])
            recorded += 1
            tell_interest_paid(loan, subsidy, line_key=line.line_key, on=on, at=at)
            draw(loan, subsidy, subsidy.amount_fen, paid_on=line.answered_on, on=on, at=at)
    return recorded


def draw(
    loan: Loan, subsidy: InterestSubsidy, amount_fen: int, *, paid_on: date, on: date, at: datetime
) -> None:
    """Write that so much of the quarter's interest stands as drawn, besides what stands already: the same days grow, no second benefit
    stands beside the first. Raises IntegrityError where another policy's door paid the same days meanwhile."""
    same = Benefit.objects.filter(case_key=root_key(subsidy))
    if same.update(amount_fen=F("amount_fen") + amount_fen):
        return
    record_drawn(
        policy_id=subsidy.policy_id,
        subject=("employer", str(loan.employer_id)),
        person_id=loan.person_id,
        employer_id=loan.employer_id if loan.person_id is None else None,
        period=span_of(subsidy, loan),
        amount_fen=amount_fen,
        paid_on=paid_on,
        case_key=root_key(subsidy),
        source=f"创业担保贷款 {loan.number}",
        on=on,
        at=at,
    )


@unscoped(
    "a borrower may live in another county than the business, and whoever takes the bank's answers pays for many"
)
def take_back_returned_interest(*, on: date, at: datetime) -> int:
    """Take from the benefits every quarter that was recorded as paid and that the bank sent back since; returns how many.

    It waits for its corrected account like any returned payment, and is recorded anew when it has been paid again.
    """
    taken = 0
    for key in list(_returned().values_list("pk", flat=True)):
        with one_act("take_back_returned_interest"):
            loan_id = InterestSubsidy.objects.values_list("loan_id", flat=True).get(pk=key)
            loan = locked(loan_id)
            subsidy = _returned().filter(pk=key).first()
            if subsidy is None:
                continue  # another request took the same answer while this one waited for the loan
            subsidy.drawn_on = None
            subsidy.save(update_fields=["drawn_on"])
            line = PaymentLine.objects.filter(
                claim_key=subsidy.claim_key, reversed_by__isnull=False
            ).order_by("-pk")[0]
            tell_interest_returned(
                loan, subsidy, line_key=line.line_key, reason=line.rejection_reason, on=on, at=at
            )
            benefit = Benefit.objects.select_for_update().get(case_key=root_key(subsidy))
            take_back_benefit(
                case_key=benefit.case_key,
                paid_fen=benefit.amount_fen,
                back_fen=subsidy.amount_fen,
                on=on,
                at=at,
            )
            taken += 1
    return taken


def _returned() -> QuerySet[InterestSubsidy]:
    """Quarters on record as paid whose money is not with the borrower any more: no line of theirs is paid, and one was returned."""
    key = Concat(Value(INTEREST_KEY), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    lines = PaymentLine.objects.filter(claim_key=key)
    return InterestSubsidy.objects.filter(
        Exists(lines.filter(reversed_by__isnull=False)),
        ~Exists(lines.filter(state="paid")),
        drawn_on__isnull=False,
    ).order_by("pk")


def _unrecorded() -> QuerySet[InterestSubsidy]:
    """Quarters whose money the bank has paid, and which no benefit records."""
    key = Concat(Value(INTEREST_KEY), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    return InterestSubsidy.objects.filter(
        Exists(PaymentLine.objects.filter(claim_key=key, state="paid")),
        drawn_on__isnull=True,
    ).order_by("pk")
