"""A founder with three people employed, the funds behind her loan, and the officers that it passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.exchange.bank import PretendBank
from jiuye.office.entitlements.models import Answer
from jiuye.office.funds.operations import appropriate, approve_batch, record_funds, send_batch, settle_batch
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.queries import Actor, actor_for
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan, LoanEvent
from jiuye.office.ventures.operations import proving
from jiuye.office.ventures.proofs import proofs_of
from tests.office.entitlements.conftest import employ, make_person, town  # noqa: F401 (the fixture is used by name)

PACK = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"
APPLIED, PAID_OUT = date(2024, 3, 20), date(2024, 4, 10)
RATE = Decimal("0.0435")


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


@dataclass
class Street:
    """Everybody whom a loan meets."""

    founder: Person
    firm: Employer
    clerk: Actor
    approver: Actor
    second: Actor
    third: Actor
    fourth: Actor
    planner: Actor
    maker: Actor
    checker: Actor
    bank: PretendBank

    def apply(self, wanted_fen: int = 20_000_000, on: date = APPLIED) -> Loan:
        loan = operations.apply_for(
            actor=self.clerk,
            kind="personal",
            employer_id=self.firm.pk,
            wanted_fen=wanted_fen,
            on=on,
            at=at(on),
        )
        self.show_papers(loan, on)
        return loan

    def show_papers(self, loan: Loan, on: date = APPLIED) -> None:
        """What no register knows of her is shown at the counter."""
        for proof in proofs_of(loan, on=on):
            if not proof.settled:
                proving.show_original(
                    actor=self.clerk, loan_id=loan.pk, evidence_id=proof.row.id, said="原件无误", on=on, at=at(on)
                )  # fmt: skip

    def guarantee(self, loan: Loan, fen: int = 20_000_000, on: date = APPLIED) -> Loan:
        """Signed by as many as the amount takes."""
        for who in (self.approver, self.second):
            loan = operations.guarantee(actor=who, loan_id=loan.pk, amount_fen=fen, on=on, at=at(on))
            if loan.state == "guaranteed":
                break
        return loan

    def compensate(self, loan: Loan, fen: int, on: date, fund: str = "startup-guarantee") -> Loan:
        """Signed by two who did not guarantee."""
        for who in (self.third, self.fourth):
            loan = operations.compensate(
                actor=who, loan_id=loan.pk, fund=fund, amount_fen=fen, note="逾期满90天", on=on, at=at(on)
            )
            if loan.state == "compensated":
                break
        return loan

    def pay_out(self, loan: Loan, fen: int = 20_000_000, plan=None) -> Loan:
        return operations.disburse(
            actor=self.clerk, loan_id=loan.pk, bank="扬州农商银行", bank_account="3210880101200000012345",
            contract="借字2024-001", amount_fen=fen, rate=RATE,
            plan=plan or [(date(2025, 4, 10), fen // 2), (date(2026, 4, 10), fen - fen // 2)],
            on=PAID_OUT, at=at(PAID_OUT),
        )  # fmt: skip

    def lend(self, **more) -> Loan:
        return self.pay_out(self.guarantee(self.apply()), **more)

    def repay(self, loan: Loan, fen: int, reference: str, day: date):
        return operations.repay(
            actor=self.clerk, loan_id=loan.pk, principal_fen=fen, bank_reference=reference, paid_on=day, on=day,
            at=at(day),
        )  # fmt: skip

    def reckon(self, loan: Loan, quarter: date, on: date):
        return operations.reckon_interest(
            actor=self.clerk, loan_id=loan.pk, quarter_start=quarter, on=on, at=at(on)
        )

    def approve(self, subsidy, on: date):
        return operations.approve_interest(actor=self.approver, subsidy_id=subsidy.pk, on=on, at=at(on))

    def settle(self, batch, on: date) -> None:
        """The second cashier approves, the bank answers."""
        batch = approve_batch(actor=self.checker, batch=batch, on=on, at=at(on))
        batch = send_batch(actor=self.checker, batch=batch, bank=self.bank, on=on, at=at(on))
        settle_batch(actor=self.checker, batch=batch, bank=self.bank, on=on, at=at(on))


def officer(name: str, role: str) -> Actor:
    account = Account.objects.create_account(
        username=name, display_name=name, password="demo", kind="officer"
    )
    place_in_post(
        account=account, role=role, division_code="3210", start=date(2023, 1, 1), until=None, department=""
    )
    return actor_for(account, on=APPLIED)


def furnish(village, tmp_path) -> Street:
    funds, _ = load_funds(PACK / "funds.yaml")
    record_funds(funds=funds.values())
    founder = make_person(
        "张秀兰", "321002198505154321", birth_date=date(1985, 5, 15), bank_account="6222021108000000017",
        bank_name="农业银行扬州分行", hukou_kind="rural",
    )  # fmt: skip
    firm = Employer.objects.create(
        name="扬州秀兰绣品厂", credit_code="92321002MA00000001", kind="individual_business", size="micro",
        division=village, source="测试",
    )  # fmt: skip
    employ(founder, firm, date(2023, 6, 1), kind="self_employed")
    for number in range(3):
        employ(make_person(f"工人{number}", f"32100219900101{number:04d}"), firm, date(2023, 7, 1))
    clerk = officer("经办", "caseworker")
    answers = {
        ("person", founder.pk): {
            "startup_loans_drawn": "0", "credit_sound": "true", "other_loans": "false", "receives_pension": "false",
        },
        ("employer", firm.pk): {"startup_partners": "1"},
    }  # fmt: skip
    for (entity, key), facts in answers.items():
        for fact, value in facts.items():
            Answer.objects.create(
                entity=entity, subject_key=str(key), fact=fact, value=value, answered_by_id=clerk.account_id,
                answered_at=at(APPLIED),
            )  # fmt: skip
    street = Street(
        founder=founder,
        firm=firm,
        clerk=clerk,
        approver=officer("审批", "approver"),
        second=officer("审批二", "approver"),
        third=officer("审批三", "approver"),
        fourth=officer("审批四", "approver"),
        planner=officer("规划", "city_office"),
        maker=officer("制单", "cashier"),
        checker=officer("复核", "cashier"),
        bank=PretendBank(tmp_path / "bank.sqlite3"),
    )
    for fund in ("startup-guarantee", "inclusive-finance", "startup-risk-compensation"):
        for year in (2024, 2025):
            appropriate(
                actor=street.planner, fund=fund, year=year, amount_fen=30_000_000, document=f"扬财金〔{year}〕1号",
                on=date(2024, 1, 2), at=at(date(2024, 1, 2)),
            )  # fmt: skip
    return street


@pytest.fixture(autouse=True)
def _pack(settings):
    settings.PACK = PACK


def versions_wrongly_named() -> list[str]:
    """Events of loans that do not name the version which they left behind, and loans that were saved after their last event."""
    kept = {row.pgh_id: row for row in Loan.pgh_event_model.objects.order_by("pgh_id")}
    newest = {row.pgh_obj_id: row.pgh_id for row in kept.values()}
    faults, last = [], {}
    for event in LoanEvent.objects.order_by("pk"):
        version = kept.get(event.loan_version)
        if version is None or (version.pgh_obj_id, version.state) != (event.loan_id, event.to_state):
            faults.append(f"{event} names {version and version.state}")
        last[event.loan_id] = event
    return faults + [f"saved after {one}" for key, one in last.items() if one.loan_version != newest[key]]


@pytest.fixture
def street(town, tmp_path) -> Iterator[Street]:  # noqa: F811 (a fixture by name)
    """Whatever was done to a loan, each act names the version of the loan that it left behind."""
    yield furnish(town, tmp_path)
    assert versions_wrongly_named() == []
