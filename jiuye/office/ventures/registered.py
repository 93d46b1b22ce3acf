"""Running loans that only the imported register knows: which they are, and what the register says of each.

The register's name and the names of its facts are those that the pack binds the loan's facts to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext

from jiuye.office.entitlements.facts.registers import RegisterBinding, register_binding, register_facts
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.funds.models import Budget
from jiuye.office.registry.models import RegisterRecord
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.ventures.models import Loan, LoanTakeover
from jiuye.office.ventures.rules import founder_of, loan_terms
from jiuye.office.ventures.states import LoanRefusal

# The pack's facts of an employer's loan, by what they mean here.
KIND, ISSUED, BALANCE, RATE = (
    "startup_loan",
    "startup_loan_issued_on",
    "startup_loan_balance",
    "startup_loan_rate",
)
OVERDUE, EXTENDED = "startup_loan_overdue", "startup_loan_extended"
DRAWN = "startup_loans_drawn"  # of the founder
RUNNING = ("disbursed", "compensated")


class NoLoanRegisterError(LoanRefusal):
    """The pack binds the loan's facts to no register."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "规则包没有把贷款信息绑定到任何登记簿；请由政策专员在 facts/ 里补上，并运行 jiuye check。"
            )
        )


@dataclass(frozen=True, slots=True)
class Registered:
    """What the register says of one loan; None where it is silent. Money is fen."""

    kind: str
    issued_on: date | None
    balance_fen: int | None
    rate: Decimal | None
    overdue: bool
    extended: bool


def loan_binding(fact: str, entity: str = "employer") -> RegisterBinding:
    """Which register holds that fact, and under which name there. Raises NoLoanRegisterError."""
    known = rulebook().pack.vocabulary.entities[entity].facts.get(fact)
    found = register_binding(known.binding) if known is not None and known.binding else None
    if found is None:
        raise NoLoanRegisterError
    return found


def registered_of(record: RegisterRecord) -> Registered:
    """The record's words. A value of another shape than it should have is not known."""
    return read_loan(said_of(record))


def said_of(record: RegisterRecord) -> dict[str, Any]:
    """What a record of the loans' register says, by the pack's own names of the facts."""
    known = register_facts(rulebook().pack).get((record.register, "employer"), {})
    return {known[name].name: value for name, value in record.facts.items() if name in known}


def read_loan(said: Mapping[str, Any]) -> Registered:
    """The pack's facts of a loan as they stand in a register: money in yuan, a day as text."""
    balance, rate = _number(said.get(BALANCE)), _number(said.get(RATE))
    try:
        issued = date.fromisoformat(str(said.get(ISSUED)))
    except ValueError:
        issued = None
    return Registered(
        kind=str(said.get(KIND) or ""),
        issued_on=issued,
        balance_fen=None if balance is None else int(balance * 100),
        rate=rate,
        overdue=said.get(OVERDUE) is True,
        extended=said.get(EXTENDED) is True,
    )


def _number(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def known_in_book(kind: Any, issued: Any) -> Q:
    """Loans of a business that are the register's: one of that kind that runs, or that was paid out on that very day."""
    paid_out = Q(kind=kind, disbursed_on__isnull=False) & ~Q(state="taken_back")
    return paid_out & (Q(state__in=RUNNING) | Q(issued_text=issued))


def with_issued_text(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """The day of the payout as registers write it, to compare by."""
    return loans.annotate(issued_text=Cast("disbursed_on", TextField()))


def registered_loans(*, actor: Actor, on: date) -> QuerySet[RegisterRecord]:
    """The records of running loans that the book does not have, by business. Raises NotPermittedError, NoLoanRegisterError.

    Each row carries `said_kind` and `waiting`: the key of the proposal to take it over, where there is one.
    """
    require(actor, "ventures.see")
    kind, issued = loan_binding(KIND), loan_binding(ISSUED)
    in_book = with_issued_text(Loan.objects.filter(employer=OuterRef("employer"))).filter(
        known_in_book(OuterRef("said_kind"), OuterRef("said_issued"))
    )
    waiting = LoanTakeover.objects.filter(
        employer=OuterRef("employer"), kind=OuterRef("said_kind"), state="proposed"
    )
    return (
        current_records(on)
        .filter(register=kind.register, employer__isnull=False)
        .filter(scope_filter(actor, "ventures.see", "employer__division__code"))
        .annotate(
            said_kind=KT(f"facts__{kind.fact}"),
            said_issued=Coalesce(KT(f"facts__{issued.fact}"), Cast("start", TextField())),
            waiting=Subquery(waiting.values("pk")[:1]),
        )
        .filter(~Exists(in_book), said_kind__in=list(loan_terms().kinds))
        .select_related("employer", "delivery")
        .order_by("employer_id", "pk")
    )


def takeovers(*, actor: Actor) -> QuerySet[LoanTakeover]:
    """What was proposed to be taken over in the actor's places, newest first. Raises NotPermittedError."""
    require(actor, "ventures.see")
    return (
        LoanTakeover.objects.filter(scope_filter(actor, "ventures.see", "division_code"))
        .select_related("employer", "person", "loan", "proposed_by", "decided_by")
        .order_by("-pk")
    )


def last_tried(record: RegisterRecord) -> LoanTakeover | None:
    """What was entered of this loan before and not taken over, so that it need not be typed again."""
    ended = LoanTakeover.objects.filter(employer_id=record.employer_id, state__in=["dropped", "undone"])
    return ended.filter(kind=registered_of(record).kind).order_by("-pk").first()


def current_records(on: date) -> QuerySet[RegisterRecord]:
    """What registers say on that day."""
    return RegisterRecord.objects.filter(Q(until__isnull=True) | Q(until__gt=on), start__lte=on)


def drawn_by_register(person_id: int, *, on: date) -> int | None:
    """How many loans the register says the founder has had, the present one included; None where it is silent."""
    binding = loan_binding(DRAWN, "person")
    found = current_records(on).filter(register=binding.register, person_id=person_id).order_by("pk").first()
    value = _number(found.facts.get(binding.fact)) if found is not None else None
    return None if value is None else int(value)


@dataclass(frozen=True, slots=True)
class Paid:
    """Interest that stands in the benefits' history already: how much, up to (not including) which day."""

    amount_fen: int
    until: date | None


def paid_before(*, employer_id: int, kind: str, disbursed_on: date) -> Paid:
    """What the imported history says was subsidised of a loan that was paid out on that day."""
    rows = Benefit.objects.filter(
        policy_id=loan_terms().kinds[kind].interest,
        subject_kind="employer",
        subject_key=str(employer_id),
        period_until__gt=disbursed_on,
    ).order_by("period_until")
    found = list(rows.values_list("amount_fen", "period_until"))
    return Paid(sum(fen for fen, _ in found), found[-1][1] if found else None)


def founder_on_record(employer_id: int, kind: str, on: date) -> int | None:
    """Whose personal loan it is; None for a firm's, and where nobody is on record."""
    return founder_of(employer_id, on) if kind == "personal" else None


def guarantee_ceiling_fen(year: int) -> int:
    """The most that the guarantee fund may answer for, read without holding its accounts: for a page to show."""
    terms = loan_terms()
    budgets = Budget.objects.filter(fund__code=terms.guarantee_fund, year__lte=year).select_related("account")
    capital = sum({row.account_id: row.account.available_fen for row in budgets}.values())
    return capital * terms.guarantee_multiple
