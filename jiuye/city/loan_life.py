"""Guaranteed loans for the demonstration: applications, loans paid back in time or not, and what the fund pays and claims back.

As with the cases (`office_life.py`) nothing is written past the rules: each step is the operation that a person at a desk would take,
on a workday before the city's day. Ceilings, terms and shares are the pack's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, islice

from django.db import transaction
from django.db.models import Count

from jiuye.city.accounts import open_founders_account
from jiuye.city.hands import Hands, morning, workday_from, workdays_before
from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.workdays import add_workdays
from jiuye.office.casework import operations as casework
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import redecide_employers, redecide_people
from jiuye.office.funds import operations as funds
from jiuye.office.registry.models import EmploymentSpell, Person
from jiuye.office.ventures import operations
from jiuye.office.ventures.doubts import doubts_of
from jiuye.office.ventures.models import InterestSubsidy, Loan
from jiuye.office.ventures.operations import proving
from jiuye.office.ventures.proofs import proofs_of
from jiuye.office.ventures.reckoning import quarter_of
from jiuye.office.ventures.registered import guarantee_ceiling_fen
from jiuye.office.ventures.rules import loan_terms, term_months
from jiuye.office.ventures.states import LoanRefusal

Progress = Callable[[str, int], None]
# A larger city has more of the common ones, so that the lists of its desk are longer; not so many that its first start takes longer.
RESIDENTS_A_LOAN = 10_000
MOST_BESIDES = 8
RATE = Decimal("0.0360")  # as places/registers.yaml assumes of a loan: a prime rate of 3.10% and half a point
BANK, BANK_ACCOUNT = "扬州农商银行", "3210880101200000012345"
# Applied for in yuan: the largest that the guarantee fund of the city carries for everybody.
AMOUNTS = (200_000, 150_000, 100_000, 80_000, 50_000, 30_000, 20_000, 10_000, 5_000)
# What a single approver signs: who compensates has not signed the guarantee, and there are three of them.
ONE_SIGNATURE_YUAN = 50_000
INSTALMENT_MONTHS = 3
LEAST_STAFF = 3  # of fewer no ceiling is on file (parameters/startup-loan.yaml)
FIRST_MONTHS = 8  # the oldest was applied for so many months ago
EVERY_REFUSAL = (LoanRefusal, Refusal, funds.FundsRefusal)


@dataclass(frozen=True, slots=True)
class Business:
    """A founder's business that may borrow."""

    employer_id: int
    founder_id: int


def play_loans(*, on: date, progress: Progress = lambda what, count: None) -> dict[str, int]:
    """Play the loans; how many of each tale. Nothing where there is a loan already, or nobody in the county who may borrow."""
    if Loan.objects.exists():
        return {}
    lender = Lender(on)
    besides = min(MOST_BESIDES, Person.objects.count() // RESIDENTS_A_LOAN)
    tales = [*TALES, *islice(cycle(TALES[:COMMON]), besides)]
    told: dict[str, int] = {}
    businesses = iter(lender.businesses())
    wanted_fen = _wanted_fen(guarantee_ceiling_fen(on.year), loans=len(tales))
    for name, tell in tales:
        progress(name, told.get(name, 0) + 1)
        if _told(lender, tell, businesses, wanted_fen):
            told[name] = told.get(name, 0) + 1
    lender.pay_interest()
    founder = Loan.objects.filter(state="disbursed").order_by("pk").first()
    if founder is not None:
        assert founder.person is not None  # every loan here is a founder's
        open_founders_account(founder.person.pk, founder.person.name)
    operations.remind_borrowers(on=on, at=morning(on))
    _decide_again(on)
    return told


def _decide_again(on: date) -> None:
    """Whoever was paid was decided on the day of the payment; today's facts are what their pages show."""
    loans = Loan.objects.filter(subsidies__drawn_on__isnull=False).order_by("pk").distinct()
    people, employers = (
        zip(*loans.values_list("person_id", "employer_id"), strict=True) if loans else ((), ())
    )
    with transaction.atomic():
        redecide_people(person_ids=people, on=on, at=morning(on))
        redecide_employers(employer_ids=employers, on=on, at=morning(on))


def _told(lender: Lender, tell: Tale, waiting: Iterator[Business], wanted_fen: int) -> bool:
    """Whether the tale came to its end, with the first business that could apply on its day."""
    for business in waiting:
        try:
            tell(lender, business, wanted_fen)
        except operations.NotEligibleError:
            continue
        except EVERY_REFUSAL:
            return False  # what the rules keep back stays where it stopped
        return True
    return False


def _wanted_fen(ceiling_fen: int, *, loans: int) -> int:
    """What each applies for: the largest of the round amounts of which the fund carries so many and keeps some of its own."""
    share_fen = ceiling_fen * 4 // 5 // loans
    return next((yuan * 100 for yuan in AMOUNTS if yuan * 100 <= share_fen), AMOUNTS[-1] * 100)


class Lender(Hands):
    """The office, and the bank behind it, with the loans of one county."""

    def __init__(self, on: date) -> None:
        super().__init__()
        self.on = on
        self.contracts = 0
        self.granted: dict[date, list[int]] = {}  # approved interest by the day on which it is paid

    def businesses(self) -> list[Business]:
        """Whose founder may borrow, and who employ as many since before the first loan as a ceiling is on file for."""
        policy = loan_terms().kinds["personal"].policy
        found = Entitlement.objects.filter(
            policy_id=policy, verdict="yes", division_code__startswith=self.county
        ).exclude(person=None)
        founders = {
            int(key): person for key, person in found.order_by("pk").values_list("subject_key", "person_id")
        }
        staff = (
            EmploymentSpell.objects.filter(
                employer_id__in=founders,
                kind="employee",
                start__lte=add_months(self.on, -FIRST_MONTHS),
                until=None,
            )
            .values("employer_id")
            .annotate(people=Count("pk"))
            .order_by("employer_id")
        )
        return [
            Business(row["employer_id"], founders[row["employer_id"]])
            for row in staff
            if row["people"] >= LEAST_STAFF
        ]

    # The steps of a loan.

    def apply(self, business: Business, wanted_fen: int, day: date) -> Loan:
        """Taken at the counter, with what no register knows."""
        clerk, at = self.actor("caseworker", day), morning(day)
        loan = operations.apply_for(
            actor=clerk,
            kind="personal",
            employer_id=business.employer_id,
            wanted_fen=wanted_fen,
            on=day,
            at=at,
        )
        for proof in proofs_of(loan, on=day):
            if not proof.settled:
                proving.show_original(
                    actor=clerk, loan_id=loan.pk, evidence_id=proof.row.id, said="演示：窗口核对原件", on=day, at=at
                )  # fmt: skip
        return loan

    def guarantee(self, loan: Loan, day: date) -> Loan:
        """Signed by as many as the amount takes, after what the register says of another loan was looked into."""
        if doubts_of(loan, on=day):
            operations.settle_doubt(
                actor=self.actor("caseworker", day), loan_id=loan.pk, note="演示：放款银行来函，那一笔已还清", on=day,
                at=morning(day),
            )  # fmt: skip
        for name in ("approver", "approver2", "approver3"):
            if loan.state == "applied":
                loan = operations.guarantee(
                    actor=self.actor(name, day), loan_id=loan.pk, amount_fen=loan.wanted_fen, on=day, at=morning(day)
                )  # fmt: skip
        return loan

    def lend(self, business: Business, wanted_fen: int, months_ago: int) -> Loan:
        """Applied for, guaranteed and paid out, that many months ago; due in equal parts each quarter of the policy's term."""
        day = workday_from(add_months(self.on, -months_ago))
        loan = self.guarantee(self.apply(business, wanted_fen, day), add_workdays(day, 3))
        day = add_workdays(day, 8)
        self.contracts += 1
        loan.disbursed_on = day
        months = term_months(loan=loan, day=day) or INSTALMENT_MONTHS
        due = [add_months(day, number) for number in range(INSTALMENT_MONTHS, months + 1, INSTALMENT_MONTHS)]
        return operations.disburse(
            actor=self.actor("caseworker", day),
            loan_id=loan.pk,
            bank=BANK,
            bank_account=BANK_ACCOUNT,
            contract=f"演示借字〔{day.year}〕{self.contracts:03}号",
            amount_fen=loan.wanted_fen,
            rate=RATE,
            plan=[(part.on, part.amount_fen) for part in funds.equal_instalments(loan.wanted_fen, due)],
            on=day,
            at=morning(day),
        )

    def repay(self, loan: Loan, fen: int, day: date, reference: str) -> None:
        """The bank says that it came."""
        seen = workday_from(day)
        operations.repay(
            actor=self.actor("caseworker", seen),
            loan_id=loan.pk,
            principal_fen=fen,
            bank_reference=f"演示{loan.number}-{reference}",
            paid_on=day,
            on=seen,
            at=morning(seen),
        )

    def repay_in_time(self, loan: Loan) -> None:
        """Every instalment that was due so far, on its day."""
        for number, part in enumerate(
            loan.instalments.filter(due_on__lt=self.on).order_by("due_on"), start=1
        ):
            self.repay(loan, part.principal_fen, part.due_on, str(number))

    def reckon(self, loan: Loan, start: date, *, approve: bool = True, pay: bool = True) -> InterestSubsidy:
        """A quarter's interest: reckoned on the first workday after it, approved three later, paid with the others of that day."""
        day = workday_from(quarter_of(start)[1])
        subsidy = operations.reckon_interest(
            actor=self.actor("caseworker", day), loan_id=loan.pk, quarter_start=start, on=day, at=morning(day)
        )
        if approve:
            day = add_workdays(day, 3)
            operations.approve_interest(
                actor=self.actor("approver", day), subsidy_id=subsidy.pk, on=day, at=morning(day)
            )
            if pay:
                self.granted.setdefault(add_workdays(day, 3), []).append(subsidy.pk)
        return subsidy

    def pay_interest(self) -> None:
        """One batch for each day of payment. What a check stops stays approved, waiting to be paid."""
        for day, subsidies in sorted(self.granted.items()):
            try:
                batch = operations.pay_interest(
                    actor=self.actor("cashier", day), subsidy_ids=subsidies, on=day, at=morning(day), purpose="演示贴息"
                )  # fmt: skip
                self.settle(batch, day)
            except EVERY_REFUSAL:
                continue

    def compensate(self, loan: Loan, day: date) -> Loan:
        """The risk-compensation fund pays the bank what is outstanding; approved by somebody who did not guarantee."""
        fund = loan_terms().compensation_funds[-1]
        loan = operations.compensate(
            actor=self.actor("approver2", day),
            loan_id=loan.pk,
            fund=fund,
            amount_fen=operations.outstanding_fen(loan),
            note="演示：逾期满规定天数，经催收没有归还，银行申请代偿",
            on=day,
            at=morning(day),
        )
        day = add_workdays(day, 2)
        batch = operations.pay_compensation(
            actor=self.actor("cashier", day), loan_id=loan.pk, on=day, at=morning(day)
        )
        self.settle(batch, day)
        return loan


# ------------------------------------------------------------------------------------------ what becomes of them


def in_time(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Paid back in time since the spring: the first quarter's interest paid, the second one approved."""
    loan = lender.lend(business, wanted_fen, FIRST_MONTHS)
    assert loan.disbursed_on is not None
    lender.repay_in_time(loan)
    first = quarter_of(loan.disbursed_on)
    lender.reckon(loan, first[0])
    if quarter_of(first[1])[1] <= lender.on:
        lender.reckon(loan, first[1], pay=False)


def reckoned(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Paid back in time; a quarter's interest is reckoned and waits for an approver."""
    loan = lender.lend(business, wanted_fen, 4)
    assert loan.disbursed_on is not None
    lender.repay_in_time(loan)
    lender.reckon(loan, quarter_of(loan.disbursed_on)[0], approve=False)


def waiting(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Applied for three workdays ago."""
    lender.apply(business, wanted_fen, workdays_before(lender.on, 3))


def waiting_late(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Applied for so long ago that the promised day is over."""
    lender.apply(business, wanted_fen, workdays_before(lender.on, 14))


def late(lender: Lender, business: Business, wanted_fen: int) -> None:
    """The first instalment was missed, for longer than the pack turns the light to red, not yet for as long as it lets the fund pay."""
    lender.lend(business, wanted_fen, 6)


def compensated(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Nothing ever came back: the fund paid the bank, and claims it from the founder in six instalments, the first of which came."""
    loan = lender.lend(business, min(wanted_fen, ONE_SIGNATURE_YUAN * 100), FIRST_MONTHS)
    missed = loan.instalments.order_by("due_on")[0].due_on
    day = workday_from(missed + timedelta(days=loan_terms().compensation_after_days + 1))
    loan = lender.compensate(loan, day)
    day = add_workdays(day, 4)
    at, fen = morning(day), loan.compensated_fen or 0
    claim = operations.recover_from_borrower(
        actor=lender.actor("cashier", day),
        loan_id=loan.pk,
        document=f"演示追偿〔{day.year}〕{loan.pk}号",
        schedule=funds.equal_instalments(fen, [add_months(day, number) for number in range(1, 7)]),
        on=day,
        at=at,
    )
    # Neither who proposed it nor who granted the payment: the third approver.
    claim = casework.confirm_claim_back(
        actor=lender.actor("approver3", day), recovery_id=claim.pk, on=day, at=at
    )
    first = claim.instalments.order_by("number")[0]
    came = workday_from(first.due_on)
    if came <= lender.on:
        casework.receive_back(
            actor=lender.actor("cashier", came),
            recovery_id=claim.pk,
            amount_fen=first.amount_fen,
            bank_reference=f"演示{loan.number}-追偿1",
            on=came,
            at=morning(came),
        )


def guaranteed(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Guaranteed four workdays ago; the bank has not paid out."""
    loan = lender.apply(business, wanted_fen, workdays_before(lender.on, 9))
    lender.guarantee(loan, workdays_before(lender.on, 4))


def refused(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Refused, and the founder has asked that another officer look at it again."""
    loan = lender.apply(business, wanted_fen, workdays_before(lender.on, 16))
    day = workdays_before(lender.on, 9)
    operations.refuse(
        actor=lender.actor("approver", day),
        loan_id=loan.pk,
        clause_id=operations.clauses_for(loan)[-2].id,
        note="演示：个人征信报告上有一笔没有结清的网络贷款",
        against="演示：窗口核对的个人征信报告原件，登记簿上一次报送以后才有这笔贷款",
        on=day,
        at=morning(day),
    )
    day = workdays_before(lender.on, 2)
    operations.ask_review(
        actor=lender.actor("caseworker", day),
        loan_id=loan.pk,
        text="演示：那笔网络贷款已在申请以前结清，附结清证明",
        on=day,
        at=morning(day),
    )


def repaid(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Paid back in time, and all of it before the term was over."""
    loan = lender.lend(business, wanted_fen, 7)
    lender.repay_in_time(loan)
    day = workdays_before(lender.on, 12)
    lender.repay(loan, operations.outstanding_fen(loan), day, "结清")


def sent_back(lender: Lender, business: Business, wanted_fen: int) -> None:
    """Sent back for two points."""
    loan = lender.apply(business, wanted_fen, workdays_before(lender.on, 6))
    day = workdays_before(lender.on, 2)
    operations.request_correction(
        actor=lender.actor("caseworker", day),
        loan_id=loan.pk,
        corrections={"wanted": "演示：请按购买设备的合同核对金额", "paper:credit": "演示：征信报告已超过一个月，请重新打印"},
        on=day,
        at=morning(day),
    )  # fmt: skip


Tale = Callable[[Lender, Business, int], None]
# In a county with too few founders the first ones are told.
TALES: tuple[tuple[str, Tale], ...] = (
    ("in_time", in_time),
    ("waiting", waiting),
    ("late", late),
    ("reckoned", reckoned),
    ("guaranteed", guaranteed),
    ("compensated", compensated),
    ("waiting_late", waiting_late),
    ("refused", refused),
    ("sent_back", sent_back),
    ("repaid", repaid),
)
COMMON = 5  # of these a larger city has more
