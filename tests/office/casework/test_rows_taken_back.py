"""A case that rests on a delivered row which is taken back is stopped by its checks: before it is approved, and before it is paid."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import CaseCheck
from jiuye.office.casework.packrules import PackRules
from jiuye.office.entitlements.delivering import deliver_file, withdraw_delivery
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from tests.office.casework.conftest import DAY, at, make_officer
from tests.office.casework.journey import approve, publicised_case
from tests.office.packs import FEW, pack_with

POLICY = "skill-upgrade-subsidy"
NOTICE_OVER = date(2025, 6, 17)
CONTRIBUTIONS = "身份证号,统一社会信用代码,缴费方,起缴月份,缴费基数,基本养老,基本医疗,失业"
CERTIFICATES = (
    "身份证号,证书种类,证书编号,职业（工种）,等级,职业类别,紧缺职业（工种）,已享受培训补贴,发证日期"
)


@pytest.fixture
def delivered(settings, pack_dir, tmp_path, person, employer):
    """A year of insurance and, in a delivery of its own, the certificate that the subsidy is for; both by number."""
    settings.PACK = pack_with(FEW, of=pack_dir, under=tmp_path)
    clerk = make_officer("高文", "caseworker", "3210")

    def act(kind: str, register: str, head: str, line: str) -> int:
        return deliver_file(
            actor=clerk, register=register, entity=kind, file_name="明细.csv", content=f"{head}\n{line}".encode(),
            as_of=date(2025, 6, 1), source="市社保中心", on=DAY, at=at(DAY),
        ).pk  # fmt: skip

    paid = f"{person.id_number},{employer.credit_code},单位缴纳,2024-01,5000,800,400,25"
    act("contribution", "insurance", CONTRIBUTIONS, paid)
    line = f"{person.id_number},职业技能等级证书,Y32-1,车工,三级（高级工）,A类（生产制造）,否,否,2025-03-01"
    number = act("certificate", "skill_assessments", CERTIFICATES, line)
    return clerk, number


@pytest.fixture
def case(delivered, owner, caseworker, reviewer, pack_dir):
    """Found in the delivered rows, confirmed by her, and past its public notice."""
    definitions, _ = load_funds(pack_dir / "funds.yaml")
    record_funds(funds=definitions.values())
    for fund in definitions:
        appropriate_for_demonstration(fund=fund, year=2025, amount_fen=1_000_000, on=DAY, at=at(DAY))
    found = Entitlement.objects.get(policy_id=POLICY, subject_kind="certificate")
    assert found.verdict == "yes"
    begun = operations.confirm_own(
        actor=owner, entitlement_id=found.pk, rules=PackRules(), on=DAY, at=at(DAY)
    )
    return publicised_case(begun, caseworker, reviewer)


def take_back(delivered) -> None:
    clerk, number = delivered
    withdraw_delivery(actor=clerk, number=number, on=NOTICE_OVER, at=at(NOTICE_OVER))


def test_it_is_approved_and_paid_while_the_row_stands(case, approver, cashier):
    assert approve(case, approver, PackRules()).state == "approved"
    made = operations.put_into_batch(
        actor=cashier, case_ids=[case.pk], rules=PackRules(), on=NOTICE_OVER, at=at(NOTICE_OVER)
    )
    assert made.left_out == []


def test_it_is_not_approved_once_the_row_was_taken_back(case, delivered, approver):
    take_back(delivered)
    with pytest.raises(ChecksFailedError) as stopped:
        approve(case, approver, PackRules())
    assert [failed.finding for failed in stopped.value.failed] == ["no_longer_entitled"]
    case.refresh_from_db()
    assert case.state == "publicised"


def test_it_is_not_paid_once_the_row_was_taken_back(case, delivered, approver, cashier):
    approve(case, approver, PackRules())
    take_back(delivered)
    with pytest.raises(ChecksFailedError):
        operations.put_into_batch(
            actor=cashier, case_ids=[case.pk], rules=PackRules(), on=NOTICE_OVER, at=at(NOTICE_OVER)
        )
    case.refresh_from_db()
    assert case.state == "approved"
    last = CaseCheck.objects.filter(moment="payment", outcome="failed").order_by("pk").last()
    assert last.finding == "no_longer_entitled"
