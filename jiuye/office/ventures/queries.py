"""Loans as they stand: what is outstanding, what is late, what was subsidised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import GreaterThan

from jiuye.office.casework.authorities import MayBeHolder
from jiuye.office.funds.models import PaymentLine
from jiuye.office.funds.queries import ClaimPayment, RecoveryPosition, claim_payments, recoveries_of
from jiuye.office.funds.states import BACK_LINE_STATES
from jiuye.office.messages.queries import told_in, told_lists
from jiuye.office.registry.models import Employer, EmploymentSpell, Person
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.rows import unscoped
from jiuye.office.staff.together import keep_related, together, together_about
from jiuye.office.ventures.answering import ANSWERED_IN, GUARANTEE, put_right, signed_as_it_stands
from jiuye.office.ventures.models import (
    InterestSubsidy,
    Loan,
    LoanDraft,
    LoanEvent,
    LoanExtension,
    LoanInstalment,
    LoanRepayment,
    LoanTopUp,
)
from jiuye.office.ventures.plans import plan_of
from jiuye.office.ventures.reckoning import Book
from jiuye.office.ventures.rules import loan_terms
from jiuye.office.ventures.states import AFTER_COMPENSATION, APPLYING, BORROWERS
from jiuye.office.ventures.takeovers import OPENING

_AFTER_PAYOUT = ("instalments", "extensions", "repayments", "subsidies")
WANTING = ("waiting", "late", "owing")


@dataclass(frozen=True, slots=True)
class LoanPosition:
    """A loan on a day, in fen; `late_days` since the oldest principal that is missing was due."""

    loan: Loan
    outstanding_fen: int
    late_fen: int
    late_since: date | None
    late_days: int
    level: str
    next_due: date | None
    next_fen: int = 0  # what is to be paid back on that day, of what is not late already


def book_of(loan: Loan) -> Book:
    """The loan as arithmetic sees it."""
    assert loan.disbursed_on is not None
    assert loan.disbursed_fen is not None
    plan, instalments = plan_of(loan), loan.instalments.all()
    return Book(
        loan.disbursed_on,
        loan.disbursed_fen,
        sorted((plan[row.pk], row.principal_fen) for row in instalments),
        [(row.paid_on, row.principal_fen) for row in loan.repayments.all()],
        [(row.due_on, row.principal_fen) for row in instalments],
    )


def own_businesses(*, actor: Actor, on: date) -> list[Employer]:
    """The businesses for which an account may apply, by name: those that a resident runs on that day, or the firm itself."""
    if actor.kind == "resident":
        return businesses_of(int(actor.subject_key), on=on)
    return list(Employer.objects.filter(pk=actor.subject_key, closed_on__isnull=True).order_by("pk"))


def kind_for(actor: Actor) -> str:
    """The kind of loan that this account's own application asks for."""
    return next(kind for kind, account in BORROWERS.items() if account == actor.kind)


def businesses_of(person_id: int, *, on: date) -> list[Employer]:
    """The businesses that somebody runs on that day, by name. Whoever asks has been shown the person."""
    running = EmploymentSpell.objects.filter(person_id=person_id, kind="self_employed", start__lte=on)
    keys = running.exclude(until__lte=on).values("employer_id")
    with unscoped("a founder's own businesses, wherever they lie"):
        return list(Employer.objects.filter(pk__in=keys, closed_on__isnull=True).order_by("name", "pk"))


def loans(*, actor: Actor) -> QuerySet[Loan]:
    """The loans that the actor may see, newest first. Raises NotPermittedError."""
    require(actor, "ventures.see")
    return (
        Loan.objects.filter(scope_filter(actor, "ventures.see", "division_code"))
        .select_related("employer", "person")
        .prefetch_related("instalments", "extensions", "repayments")
        .annotate(topped_up=_topped_up())
        .order_by("-pk")
    )


def loans_of_employer(*, actor: Actor, employer_id: int) -> list[Loan]:
    """The loans for one business that the actor may see, newest first: the firm's own and its founder's. What was and is to be paid back comes in one
    query for all of them. Raises NotPermittedError.
    """
    found = loans(actor=actor).filter(employer_id=employer_id).defer("receipt").prefetch_related(None)
    rows = list(found)
    beside = together(
        {
            "instalments": LoanInstalment.objects.filter(loan__in=rows).order_by("due_on", "pk"),
            "extensions": LoanExtension.objects.filter(loan__in=rows).order_by("pk"),
            "repayments": LoanRepayment.objects.filter(loan__in=rows).order_by("paid_on", "pk"),
        }
    )
    for row in rows:
        for name, those in beside.items():
            keep_related(row, name, [one for one in those if one.loan_id == row.pk])
    return rows


def counter_drafts(actor: Actor) -> QuerySet[LoanDraft]:
    """Applications begun at the counter of the actor's places and not handed in, the one saved last first, with who began them. What somebody
    fills in at home is theirs alone; nothing for whoever takes no applications.
    """
    here = scope_filter(actor, "ventures.record", "division_code")
    found = LoanDraft.objects.filter(here).exclude(division_code="").select_related("account")
    return found.order_by("-saved_at", "-pk")


def named_in(drafts: Iterable[LoanDraft]) -> tuple[dict[int, Employer], dict[int, Person]]:
    """The businesses and the founders that these drafts are about, by key; without those that the actor's row scope keeps back."""
    rows = list(drafts)
    firms = {int(key) for row in rows if (key := row.given.get("employer_id", "")).isdecimal()}
    founders = {int(row.about.removeprefix("person:")) for row in rows if row.about}
    return Employer.objects.in_bulk(firms), Person.objects.in_bulk(founders)


def applications_to_answer(actor: Actor) -> QuerySet[Loan]:
    """The applications that wait for this actor's guarantee, the earliest promise first: not those that they took or put right for the
    borrower, nor those that they have signed as they stand."""
    this = {"loan": OuterRef("pk"), "account": actor.account_id}
    theirs = (
        Q(applied_by_id=actor.account_id) | Exists(put_right(**this)) | Exists(signed_as_it_stands(**this))
    )
    found = Loan.objects.filter(scope_filter(actor, GUARANTEE, "division_code"), state=ANSWERED_IN)
    return (
        found.exclude(theirs)
        .select_related("employer", "person")
        .defer("receipt")
        .order_by(F("promised_on").asc(nulls_last=True), "pk")
    )


def one_loan(*, actor: Actor, loan_id: int) -> Loan | None:
    """The loan with everything that its page tells of it, and whether the officer may be a relative of its borrower; None where the actor
    sees none. Raises NotPermittedError."""
    found = loans(actor=actor).prefetch_related(None)
    loan = (
        found.annotate(may_be_holder=MayBeHolder(actor.account_id, person="person_id"))
        .filter(pk=loan_id)
        .first()
    )
    if loan is None:
        return None
    _keep_beside(loan)
    if loan.disbursed_on is None:
        # Before it is paid out nothing is due, paid back or subsidised, and none of it is asked for.
        for name in ("instalments", "repayments", "subsidies"):
            keep_related(loan, name, [])
        return loan
    repaid = Prefetch("repayments", LoanRepayment.every.order_by("paid_on", "pk"), to_attr="entered")
    prefetch_related_objects([loan], "instalments", repaid, Prefetch("subsidies", _quarters()))
    # Those that stand are among all that were entered, and are not asked for a second time.
    keep_related(loan, "repayments", [row for row in loan.entered if row.undone_on is None])
    return loan


def _keep_beside(loan: Loan) -> None:
    """What happened to the loan, what was compensated further, what was put off and what was told about it (`told`), kept at it: in one query."""
    found = together_about("beside_loan", (), _beside, about=[loan.pk])
    for row in (*found["timeline"], *found["top_ups"], *found["extensions"]):
        row.loan = loan
    keep_related(loan, "timeline", found["timeline"])
    keep_related(loan, "top_ups", found["top_ups"])
    keep_related(loan, "extensions", found["extensions"])
    loan.told = told_in(found)


def _beside(one: int) -> dict[str, QuerySet[Any]]:
    about = Concat(Value("loan:"), Cast(Value(one), CharField()))
    return {
        "timeline": LoanEvent.objects.filter(loan_id=one).order_by("pk"),
        "top_ups": LoanTopUp.objects.filter(loan_id=one).order_by("pk"),
        "extensions": LoanExtension.objects.filter(loan_id=one).order_by("pk"),
        **told_lists(about),
    }


def _quarters() -> QuerySet[InterestSubsidy]:
    return InterestSubsidy.objects.select_related("approved_by", "reckoned_by").order_by(
        "quarter_start", "pk"
    )


def wanting(view: str, *, on: date) -> Q:
    """The loans that want something of somebody on that day: `waiting` for an answer, the borrower or the bank; `late` with principal;
    `owing` the bank besides what the fund has paid it. Raises KeyError.
    """
    due = _principal(_due_before(on))
    repaid_by_then = _principal(LoanRepayment.objects.filter(paid_on__lte=on))
    left = F("disbursed_fen") - F("compensated_fen") - _topped_up()
    return {
        "waiting": Q(state__in=(*APPLYING, "guaranteed")),
        "late": Q(state="disbursed") & GreaterThan(due, repaid_by_then),
        "owing": Q(state__in=AFTER_COMPENSATION) & GreaterThan(left, _principal(LoanRepayment.objects.all())),
    }[view]


def wanting_counted(*, actor: Actor, on: date) -> dict[str, int]:
    """How many loans each of these views holds, asked at once. Raises NotPermittedError."""
    views = {view: Count("pk", filter=wanting(view, on=on)) for view in WANTING}
    return loans(actor=actor).order_by().aggregate(**views)


def _due_before(on: date) -> QuerySet[LoanInstalment]:
    """The instalments that were due before that day: each on the day of its last extension, where it has one (`plans.plan_of`)."""
    granted = LoanExtension.objects.filter(instalment=OuterRef("pk"), state="granted").order_by("-pk")
    falls_due = Coalesce(Subquery(granted.values("until")[:1]), F("due_on"))
    return LoanInstalment.objects.annotate(falls_due=falls_due).filter(falls_due__lt=on)


def _principal(rows: QuerySet[Any], column: str = "principal_fen") -> Coalesce:
    """The sum of those of a loan's instalments, repayments or further compensations, nought where there are none."""
    found = rows.filter(loan=OuterRef("pk")).order_by().values("loan").annotate(fen=Sum(column))
    return Coalesce(Subquery(found.values("fen")), Value(0))


def _topped_up() -> Coalesce:
    """What was compensated further of a loan."""
    return _principal(LoanTopUp.objects.all(), "amount_fen")


def own_loans(*, actor: Actor) -> list[Loan]:
    """A founder's or a firm's own loans, newest first. Raises NotPermittedError."""
    require(actor, "own.see")
    own = {"person_id": actor.subject_key} if actor.kind == "resident" else {"employer_id": actor.subject_key}
    found = (
        Loan.objects.filter(**own)
        .exclude(state="taken_back")
        .select_related("employer", "person")
        .prefetch_related("timeline")
        .annotate(topped_up=_topped_up())
        .order_by("-pk")
    )
    with unscoped("a founder's own loans name the business, wherever it lies"):
        rows = list(found)
        # Before it is paid out nothing is due, put off, paid back or subsidised, and none of it is asked for.
        prefetch_related_objects([row for row in rows if row.disbursed_on is not None], *_AFTER_PAYOUT)
    for row in rows:
        if row.disbursed_on is None:
            for name in _AFTER_PAYOUT:
                keep_related(row, name, [])
    return rows


def repayments_entered(loan: Loan) -> list[LoanRepayment]:
    """Every repayment that was entered, in order, with those that were taken back; none is asked for before the loan was paid out."""
    if loan.disbursed_on is None:
        return []
    known: list[LoanRepayment] | None = getattr(loan, "entered", None)
    return (
        known if known is not None else list(LoanRepayment.every.filter(loan=loan).order_by("paid_on", "pk"))
    )


def undoable_repayments(loan: Loan) -> list[LoanRepayment]:
    """The repayments that may be taken back, the newest first: not what came back before the loan was taken over."""
    found = [row for row in loan.repayments.all() if not row.bank_reference.startswith(OPENING)]
    return sorted(found, key=lambda row: row.pk, reverse=True)


def position(loan: Loan, *, on: date) -> LoanPosition:
    """How the loan stands on that day; only one that is being paid back can be late, and after a compensation the rest is owed."""
    if loan.disbursed_fen is not None and loan.state in AFTER_COMPENSATION:
        repaid = sum(row.principal_fen for row in loan.repayments.all())
        compensated = (loan.compensated_fen or 0) + topped_up_fen(loan)
        return LoanPosition(loan, loan.disbursed_fen - repaid - compensated, 0, None, 0, "", None)
    if loan.disbursed_on is None or loan.state != "disbursed":
        return LoanPosition(loan, 0, 0, None, 0, "", None)
    book = book_of(loan)
    since = book.late_since(on)
    late_days = (on - since).days if since is not None else 0
    level = "good" if not late_days else ("bad" if late_days > loan_terms().late_after_days else "watch")
    repaid = sum(fen for _, fen in book.repaid)
    reached, next_due, next_fen = 0, None, 0
    for day, fen in book.due:
        reached += fen
        if day >= on and reached > repaid:
            next_due, next_fen = day, min(fen, reached - repaid)
            break
    late_fen = book.late_fen(on)
    return LoanPosition(loan, book.balance_fen(on), late_fen, since, late_days, level, next_due, next_fen)


def topped_up_fen(loan: Loan) -> int:
    """What was compensated further and stands: as it was read with the loan in a list of them, else asked now."""
    known = getattr(loan, "topped_up", None)
    return int(known) if known is not None else sum(row.amount_fen for row in loan.top_ups.all())


def compensation_keys(loan: Loan) -> list[str]:
    """Under which keys the fund pays the bank for the loan: the compensation's, and those of what was granted further."""
    further = loan.top_ups.all() if loan.state in AFTER_COMPENSATION else ()
    return [loan.compensation_key, *(row.claim_key for row in further)]


def claims_on(loans: Iterable[Loan], *, on: date, told: bool = False) -> dict[int, list[RecoveryPosition]]:
    """What is claimed back of the loans' compensation and interest, the oldest first, by the loan's key; with `told` only what the borrower
    was told of. For a page that has checked whose they are."""
    loan_of: dict[str, int] = {}
    for loan in loans:
        of_interest = [row.claim_key for row in loan.subsidies.all()]
        of_the_fund = compensation_keys(loan) if loan.state in AFTER_COMPENSATION else []
        loan_of |= dict.fromkeys([*of_interest, *of_the_fund], loan.pk)
    found: dict[int, list[RecoveryPosition]] = {}
    for row in recoveries_of(*loan_of, on=on) if loan_of else ():
        if not told or row.recovery.state not in ("proposed", "dropped"):
            found.setdefault(loan_of[row.recovery.claim_key], []).append(row)
    return found


def unpaid_compensations(loan: Loan) -> list[str]:
    """Those of the compensation's keys that the bank has not been paid under, nor is about to be."""
    keys, paid = compensation_keys(loan), _payments(loan)
    waiting = ("reserved", *BACK_LINE_STATES)
    return [key for key in keys if key not in paid or paid[key].state in waiting]


def top_ups_of(loan: Loan) -> list[tuple[LoanTopUp, ClaimPayment | None]]:
    """What was compensated further and stands, in order, each with where its money is."""
    rows = list(loan.top_ups.all()) if topped_up_fen(loan) else []
    paid = _payments(loan) if rows else {}
    return [(row, paid.get(row.claim_key)) for row in rows]


def _payments(loan: Loan) -> dict[str, ClaimPayment]:
    """Where the money of each of the loan's claims is, by key: asked once for a page of it."""
    known: dict[str, ClaimPayment] | None = getattr(loan, "payments_asked", None)
    if known is None:
        keys = [*compensation_keys(loan), *(row.claim_key for row in loan.subsidies.all())]
        known = loan.payments_asked = claim_payments(keys)
    return known


def returned_payments(loan: Loan) -> list[PaymentLine]:
    """The last payment of each of the loan's claims that the bank sent back, and whose account nobody has looked at since."""
    keys = [*compensation_keys(loan), *(row.claim_key for row in loan.subsidies.all())]
    last: dict[str, PaymentLine] = {}
    for line in PaymentLine.objects.filter(claim_key__in=keys).defer("payee_account").order_by("pk"):
        last[line.claim_key] = line
    returned = [line for line in last.values() if line.state in BACK_LINE_STATES]
    if not returned:
        return []
    looked_at = {
        key
        for details in loan.timeline.filter(act="confirm_payee")
        .order_by("pk")
        .values_list("details", flat=True)
        for key in details["lines"]
    }
    return [line for line in returned if line.line_key not in looked_at]


def subsidies_of(loan: Loan) -> list[tuple[InterestSubsidy, ClaimPayment | None]]:
    """The quarters that were reckoned, oldest first, each with where its money is; none is asked for before the loan was paid out."""
    if loan.disbursed_on is None:
        return []
    rows = list(loan.subsidies.all())
    paid = _payments(loan) if rows else {}
    return [(row, paid.get(row.claim_key)) for row in rows]
