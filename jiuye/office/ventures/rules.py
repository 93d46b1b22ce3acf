"""What the policies say of a loan: who may borrow how much, and which part of a day's interest the treasury pays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.values import plain_value
from jiuye.engine.services import Item, load_items
from jiuye.engine.services.loans import FILE_NAME, LoanTerms, load_loan_terms
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.rules import Clause
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.models import EmploymentSpell
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan, LoanTakeover
from jiuye.office.ventures.states import LoanRefusal

RATE_SCALE = 6  # decimals of the fact `startup_loan_rate`


class NoLoanTermsError(LoanRefusal):
    """The pack says nothing, or nothing sound, of guaranteed loans."""

    def __init__(self) -> None:
        super().__init__(
            gettext("规则包里没有可用的 startup-loans.yaml；请由政策专员补上，并运行 jiuye check。")
        )


class ShareUnknownError(LoanRefusal):
    """The share of the interest is on no document for that day: nothing is paid on a guess."""

    def __init__(self, day: date, reason: str) -> None:
        super().__init__(
            gettext("%(day)s 的贴息比例不能确定：%(reason)s。没有依据不付款；请由政策专员补录文件后再核算。")
            % {"day": day.isoformat(), "reason": reason}
        )


@dataclass(frozen=True, slots=True)
class InterestDecision:
    """The policy's word on one day of a loan, and the share that it pays."""

    explanation: Explanation
    share: Decimal
    fund: str


def loan_terms() -> LoanTerms:
    """The pack's terms. Raises NoLoanTermsError."""
    path = Path(settings.PACK) / FILE_NAME
    if not path.exists():
        raise NoLoanTermsError
    terms, problems = load_loan_terms(path, problems=Problems())
    if problems.errors:
        raise NoLoanTermsError
    return terms


def clauses_for(loan: Loan) -> tuple[Clause, ...]:
    """The conditions that a refusal or a request for correction of this loan may name: those of the policy that says who may borrow."""
    return rules().terms(loan_terms().kinds[loan.kind].policy).clauses


def kind_of_item(item_id: str) -> str | None:
    """The kind of loan that this service item asks for; None where it is no loan's. Raises NoLoanTermsError."""
    return next((kind.id for kind in loan_terms().kinds.values() if kind.item == item_id), None)


def loan_policies() -> frozenset[str]:
    """The policies that say who may borrow: their yes is no money, but opens the application. None without terms in the pack."""
    try:
        return frozenset(kind.policy for kind in loan_terms().kinds.values())
    except NoLoanTermsError:
        return frozenset()


def loan_item(kind: str) -> Item | None:
    """The service item by which a kind of loan is asked for; None where its file has mistakes. Raises NoLoanTermsError."""
    name, folder = loan_terms().kinds[kind].item, Path(settings.PACK)
    changed = folder.joinpath("services", f"{name}.yaml")
    return _items(folder, changed.stat().st_mtime_ns if changed.exists() else 0).get(name)


@lru_cache(maxsize=4)
def _items(folder: Path, changed: int) -> dict[str, Item]:
    return {row.id: row for row in load_items(folder)[0].items.values() if row.carried_by == "loan"}


def founder_of(employer_id: int, on: date) -> int | None:
    """The person who runs the business, as the facts of that day name them; None where nobody is on record."""
    spells = EmploymentSpell.objects.filter(employer_id=employer_id, kind="self_employed", start__lte=on)
    spells = spells.exclude(until__lte=on).order_by("start", "pk")
    with unscoped("a founder may live in another county than the business"):
        return spells.values_list("person_id", flat=True).first()


def eligibility(
    *, kind: str, employer_id: int, wanted_fen: int, on: date, person_id: int | None = None
) -> Explanation:
    """May this business borrow that much? Decided on the day's facts with the amount that is asked for, and with what the office's
    own book knows of the founder's earlier loans."""
    policy = loan_terms().kinds[kind].policy
    founder = {"startup_loans_drawn": loans_drawn(person_id)} if person_id is not None else {}
    return _explained(policy, employer_id, on, {"startup_loan_wanted": wanted_fen}, at_least=founder)


def loans_drawn(person_id: int) -> int:
    """How many personal loans of this book were paid out to a founder, whatever became of them.

    The register (创业担保贷款台账) is reported monthly and lists these loans too, beside those that other offices guaranteed, so that the
    two are not added: the larger holds. A loan taken over from the register brings along how many the founder had before it.
    """
    with unscoped("a founder's loans for businesses in every county"):
        own = Loan.objects.filter(kind="personal", person_id=person_id, disbursed_on__isnull=False)
        earlier = LoanTakeover.objects.filter(person_id=person_id, state="confirmed")
        return own.exclude(state="taken_back").count() + sum(earlier.values_list("earlier_loans", flat=True))


def term_months(*, loan: Loan, day: date) -> int | None:
    """How many months of a loan are subsidised, as the policy of that day says; None where it says nothing."""
    policy = rulebook().pack.policy(loan_terms().kinds[loan.kind].interest)
    entry = policy.parameters["loan_months"].lookup(day, ())
    return int(entry.value) if entry is not None and entry.value is not None else None


def interest_fund(policy_id: str) -> str:
    """The fund that the policy draws on."""
    return rulebook().pack.policy(policy_id).fund


def interest_decision(*, loan: Loan, day: date, balance_fen: int) -> InterestDecision:
    """Whether that day's interest is subsidised, and by which share. Raises ShareUnknownError."""
    assert loan.rate is not None
    assert loan.disbursed_on is not None
    policy_id = loan_terms().kinds[loan.kind].interest
    policy = rulebook().pack.policy(policy_id)
    parameter = policy.parameters["share"]
    entry = parameter.lookup(day, ())
    if entry is None or entry.value is None:
        raise ShareUnknownError(day, entry.unset if entry is not None else gettext("没有查到文件"))
    facts: dict[str, Any] = {
        "startup_loan": loan.kind,
        "startup_loan_balance": balance_fen,
        "startup_loan_issued_on": loan.disbursed_on,
        "startup_loan_rate": int(loan.rate.scaleb(RATE_SCALE)),
        "startup_loan_overdue": False,
    }
    facts |= _of_old_system(loan, day)
    explanation = _explained(policy_id, loan.employer_id, day, facts)
    share = plain_value(entry.value, parameter.type)
    return InterestDecision(explanation, Decimal(str(share)), policy.fund)


def _of_old_system(loan: Loan, day: date) -> dict[str, Any]:
    """Whether the loan was extended: one of our own never is. Of a loan taken over only the register knows; before it began to speak of
    the loan, what it said when the loan was entered holds."""
    if loan.taken_over_from is None:
        return {"startup_loan_extended": False}
    takeover = loan.takeover
    if day >= takeover.register_start:
        return {}
    said = {name: takeover.register_says.get(name) for name in ("startup_loan_extended", "startup_loan_lpr")}
    return {
        name: value if isinstance(value, bool) else int(Decimal(value).scaleb(RATE_SCALE))
        for name, value in said.items()
        if value is not None
    }


def _explained(
    policy_id: str,
    employer_id: int,
    on: date,
    known: dict[str, Any],
    at_least: dict[str, int] | None = None,
) -> Explanation:
    """The policy on the register's facts, with what the loan's own book knows better put in their place.

    `at_least` are facts of the founder that the book knows from below: a register that says more holds, one that says nothing does not
    become known by it, unless the book says more than nothing.
    """
    book = rulebook()
    with unscoped("the policy is decided on the founder and the staff, wherever they live"):
        row = book.reader(on).rows("employer", [employer_id])[employer_id]
    row.values.update(known)
    founder = row.ones.get("founder")
    for name, least in (at_least or {}).items():
        if founder is not None and least > (founder.values.get(name) or 0):
            founder.values[name] = least
    return book.explainer.explain(book.pack.policy(policy_id), row, on)
