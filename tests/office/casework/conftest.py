"""A street in 广陵区, the people who work there, one resident with something found for her, and rules to decide by."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.engine.rules.exclusions import Apart
from jiuye.exchange.bank import PretendBank
from jiuye.office.casework.rules import Clause, Decision, Terms, UnknownPolicyError
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import actor_for
from tests.office.places import VILLAGE, make_divisions

DAY = date(2025, 6, 9)  # a Monday


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _pack(settings, pack_dir):
    settings.PACK = pack_dir


@pytest.fixture
def divisions(db):
    make_divisions()


def make_person(name: str, *, number: str, village: str = VILLAGE, **more) -> Person:
    return Person.objects.create(
        **{
            "name": name,
            "sex": "female",
            "birth_date": date(1978, 3, 5),
            "id_number": number,
            "id_number_index": blind_index(number),
            "phone": "13800000000",
            # Each has an account of their own; that of 张秀兰 ends in 1234.
            "bank_account": f"62220000{number[-8:]}"
            if number != "321002197803050029"
            else "6222000000001234",
            "bank_name": "扬州农商银行",
            "residence_division_id": village,
            "source": "测试登记",
            "registered_on": date(2023, 1, 1),
            **more,
        }
    )


def make_entitlement(
    person: Person | None = None, *, policy_id: str = "flexible-insurance-subsidy", **more
) -> Entitlement:
    return Entitlement.objects.create(
        **{
            "policy_id": policy_id,
            "subject_kind": "person",
            "subject_key": str(person.pk) if person else "",
            "period_start": date(2025, 4, 1),
            "period_until": date(2025, 7, 1),
            "recipient_kind": "person",
            "person": person,
            "division_code": person.residence_division_id if person else VILLAGE,
            "claim": "confirm",
            "verdict": "yes",
            "clause_bits": 7,
            "unknown_bits": 0,
            "amount_fen": 150_000,
            "rule_version": "v1",
            "decided_on": DAY,
            "decided_at": at(DAY),
            **more,
        }
    )


@pytest.fixture
def person(divisions) -> Person:
    return make_person("张秀兰", number="321002197803050029")


@pytest.fixture
def entitlement(person) -> Entitlement:
    return make_entitlement(person)


class SetRules:
    """Rules whose answers a test sets: what is decided today, and what excludes what."""

    def __init__(self) -> None:
        self.answers: dict[int, Decision] = {}
        self.exclusions: dict[str, tuple[Apart, ...]] = {}
        self.effect = "payment"

    def terms(self, policy_id: str) -> Terms:
        if policy_id == "no-such-policy":
            raise UnknownPolicyError(policy_id)
        return Terms(
            policy_id=policy_id,
            name="灵活就业社会保险补贴",
            name_en="Social insurance subsidy for flexible workers",
            fund="employment-subsidy",
            effect=self.effect,
            clauses=(
                Clause(
                    "registered", "已办理灵活就业登记", "就业困难人员灵活就业后，向公共就业服务机构申报就业"
                ),
                Clause("insured", "以灵活就业身份缴费", "缴纳社会保险费的"),
            ),
            exclusions=self.exclusions.get(policy_id, ()),
        )

    def explain(self, entitlement: Entitlement, *, on: date) -> dict:
        return {
            "reason": "符合全部条件",
            "clauses": [
                {
                    "id": "registered",
                    "says": "已办理灵活就业登记",
                    "says_en": "Registered as a flexible worker",
                    "law": "就业困难人员灵活就业后，向公共就业服务机构申报就业",
                    "source": "就业补助资金管理办法 第六条",
                    "verdict": "yes",
                    "values": [{"label": "灵活就业登记", "shown": "是"}],
                    "missing": [],
                }
            ],
            "amount_how": "缴费额的三分之二",
        }

    def decide_again(self, entitlement: Entitlement, *, on: date, at: datetime) -> Decision:
        told = self.explain(entitlement, on=on)
        default = Decision("yes", entitlement.amount_fen, "v1", told)
        return self.answers.get(entitlement.pk, default)


@pytest.fixture
def rules() -> SetRules:
    return SetRules()


def make_officer(name: str, role: str, division: str = "321002", *, username: str = ""):
    account = Account.objects.create_account(
        username=username or name, display_name=name, password="x", kind="officer"
    )
    Post.objects.create(account=account, role=role, division_code=division, start=date(2023, 1, 1))
    return actor_for(account, on=DAY)


@pytest.fixture
def caseworker(divisions):
    return make_officer("王经办", "caseworker", "321002001")


@pytest.fixture
def reviewer(divisions):
    return make_officer("李审核", "reviewer")


@pytest.fixture
def other_reviewer(divisions):
    """Who took no step in the case."""
    return make_officer("汤审核", "reviewer")


@pytest.fixture
def approver(divisions):
    return make_officer("赵审批", "approver")


@pytest.fixture
def owner(person):
    account = Account.objects.create_account(
        username="zhang", display_name="张秀兰", password="x", kind="resident", subject_key=str(person.pk)
    )
    return actor_for(account, on=DAY)


@pytest.fixture
def employer(divisions) -> Employer:
    return Employer.objects.create(
        name="扬州琼花电子有限公司",
        credit_code="91321002MA1ABCDE0X",
        kind="enterprise",
        division_id=VILLAGE,
        bank_account="3205000000009876",
        bank_name="扬州农商银行",
        source="测试登记",
    )


@pytest.fixture
def budget(db, pack_dir):
    """The pack's funds, with a demonstration budget of 10,000 yuan in 2025."""
    definitions, _ = load_funds(pack_dir / "funds.yaml")
    record_funds(funds=definitions.values())
    appropriate_for_demonstration(
        fund="employment-subsidy", year=2025, amount_fen=1_000_000, on=DAY, at=at(DAY)
    )


@pytest.fixture
def cashier(divisions):
    return make_officer("钱出纳", "cashier")


@pytest.fixture
def second_cashier(divisions):
    return make_officer("孙出纳", "cashier")


# In whose county a payment lies that a restore lost is not known before it is cleared up: people of the city do it.
@pytest.fixture
def city_cashier(divisions):
    return make_officer("市出纳", "cashier", "3210")


@pytest.fixture
def second_city_cashier(divisions):
    return make_officer("市复核", "cashier", "3210")


@pytest.fixture
def bank(tmp_path) -> PretendBank:
    return PretendBank(tmp_path / "bank.sqlite3")
