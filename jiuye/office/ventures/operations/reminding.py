"""What borrowers are told without an act of anybody: an instalment is due soon, one was missed, the fund has paid the bank for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from jiuye.office.funds.models import PaymentLine
from jiuye.office.messages.models import Message
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import COMPENSATION_KEY, TOP_UP_KEY, Loan, LoanTopUp
from jiuye.office.ventures.operations.steps import locked, one_act
from jiuye.office.ventures.queries import book_of
from jiuye.office.ventures.rules import NoLoanTermsError, loan_terms
from jiuye.office.ventures.telling import tell_compensated, tell_due_soon, tell_late, tell_topped_up


@unscoped("borrowers are reminded everywhere, once a night")
def remind_borrowers(*, on: date, at: datetime) -> int:
    """Tell of every instalment that is due within the pack's days, and of every one that was missed, once each; returns how many
    were told. Each loan in its own transaction; run again, it tells nothing twice.

    Raises MessagesUnreadableError.
    """
    try:
        soon = on + timedelta(days=loan_terms().due_soon_days)
    except NoLoanTermsError:
        return 0
    told = 0
    open_loans = Loan.objects.filter(state="disbursed", instalments__due_on__lte=soon)
    for key in list(open_loans.order_by("pk").values_list("pk", flat=True).distinct()):
        with one_act("remind_borrowers"):
            loan = locked(key)
            if loan.state != "disbursed":
                continue  # it ended while this one waited for the loan
            book = book_of(loan)
            since = book.late_since(on)
            if since is not None:
                told += tell_late(loan, since, book.late_fen(on), on=on, at=at)
            repaid, reached = sum(fen for _, fen in book.repaid), 0
            for due, fen in sorted(book.due):
                reached += fen
                if on <= due <= soon and reached > repaid:
                    told += tell_due_soon(loan, due, min(fen, reached - repaid), on=on, at=at)
    return told


@unscoped("whoever takes the bank's answers pays for many")
def tell_compensations_paid(*, on: date, at: datetime) -> int:
    """Tell each borrower for whom the fund has paid the bank, once; returns how many were told. Raises MessagesUnreadableError."""
    pk = Cast(OuterRef("pk"), CharField())
    claim = Concat(Value(COMPENSATION_KEY), pk, output_field=CharField())
    key = Concat(Value("loan:"), pk, Value(":compensated"), output_field=CharField())
    waiting = Loan.objects.filter(
        Exists(PaymentLine.objects.filter(claim_key=claim, state="paid")),
        ~Exists(Message.objects.filter(key=key)),
        state="compensated",
    )
    told = _tell_top_ups_paid(on=on, at=at)
    for loan_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
        with one_act("tell_compensations_paid"):
            loan = locked(loan_id)
            if loan.state == "compensated":
                told += tell_compensated(loan, on=on, at=at)
    return told


def _tell_top_ups_paid(*, on: date, at: datetime) -> int:
    """The same of what the fund has paid the bank further."""
    pk, loan = Cast(OuterRef("pk"), CharField()), Cast(OuterRef("loan_id"), CharField())
    claim = Concat(Value(TOP_UP_KEY), pk, output_field=CharField())
    key = Concat(Value("loan:"), loan, Value(":compensated:"), pk, output_field=CharField())
    waiting = LoanTopUp.objects.filter(
        Exists(PaymentLine.objects.filter(claim_key=claim, state="paid")),
        ~Exists(Message.objects.filter(key=key)),
    )
    told = 0
    for top_up in list(waiting.order_by("pk")):
        with one_act("tell_compensations_paid"):
            told += tell_topped_up(locked(top_up.loan_id), top_up, on=on, at=at)
    return told
