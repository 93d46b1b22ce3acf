"""A subsidy whose standard is on no document cannot be paid; once the year's standard is published with its document, it is."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.packrules import PackRules
from jiuye.office.casework.proofs import proofs_of
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import run_sweep
from jiuye.office.entitlements.publishing import publish_and_apply
from jiuye.office.funds import operations as funds
from jiuye.office.funds.operations import appropriate_for_demonstration
from jiuye.office.policies import book
from jiuye.office.policies import operations as policies
from jiuye.office.registry.models import (
    ContributionSpell,
    EmploymentSpell,
    RegisterDelivery,
    RegisterRecord,
    Status,
)
from jiuye.office.skills.models import TrainingEnrolment
from tests.office.casework.conftest import DAY, at, make_officer, make_person
from tests.office.casework.journey import approve, publicised_case
from tests.office.packs import pack_with

FILE = "policies/startup-grant.yaml"
LATER = date(2025, 6, 25)  # after the seven workdays of publicity of what is applied for
UNSET = "      2023-03-14: {unset: 2023年指南写明标准由人社会同财政按年度预算编制、报市政府批准，当年的标准没有查到文件}\n"
# What an officer would write on the day on which the yearly standard is approved. The number and the document are this test's.
SET = "      2025-01-01: {value: 3000, source: budget-2025}\n"
SOURCE = "sources:\n  budget-2025: {document: 测试用的2025年创业补贴标准, number: 测发〔2025〕1号, date: 2025-01-01, confidence: FOUND}\n"


@pytest.fixture
def pack(settings, pack_dir, tmp_path, monkeypatch):
    """The pack with this policy alone, in a folder of the test's own."""
    settings.PACK = pack_with({"startup-grant"}, of=pack_dir, under=tmp_path)
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(book, "_books", {})
    return settings.PACK


@pytest.fixture
def business(employer, person):
    """张秀兰 was out of work, passed the course, opened her first business a year ago and employs one other."""
    opened = date(2024, 6, 1)
    employer.kind, employer.industry, employer.founded_on = "individual_business", "f", opened
    employer.save()
    person.hukou_kind, person.phone = "urban", "13800000000"
    person.save()
    Status.objects.create(
        person=person, kind="registered_unemployed", start=date(2024, 1, 8), until=opened, source="测试登记"
    )
    TrainingEnrolment.objects.create(
        person=person, kind="startup", course_name="创办企业", start=date(2024, 3, 4),
        finished_on=date(2024, 3, 15), certificate_kind="completion", source="测试登记",
    )  # fmt: skip
    EmploymentSpell.objects.create(
        person=person, employer=employer, kind="self_employed", start=opened, source="测试登记"
    )
    worker = make_person("周小满", number="321002199001010047")
    EmploymentSpell.objects.create(
        person=worker, employer=employer, kind="employee", start=date(2024, 7, 1), source="测试登记"
    )
    ContributionSpell.objects.create(
        person=worker, employer=employer, payer="employer", start=date(2024, 7, 1), base_fen=500_000,
        pension_fen=80_000, medical_fen=40_000, source="测试登记",
    )  # fmt: skip
    delivery = RegisterDelivery.objects.create(
        register="tax", entity="employer", as_of=DAY, source="市税务局", imported_at=at(DAY)
    )
    RegisterRecord.objects.create(
        register="tax", employer=employer, start=date(2024, 7, 1), facts={"taxes_declared": True}, source="市税务局",
        delivery=delivery, imported_at=at(DAY),
    )  # fmt: skip
    return employer


def found(business) -> Entitlement:
    return Entitlement.objects.get(policy_id="startup-grant", subject_key=str(business.pk))


def with_the_years_standard(pack) -> str:
    text = (pack / FILE).read_text(encoding="utf-8")
    assert (text.count(UNSET), text.count("sources:\n")) == (1, 1)
    return text.replace(UNSET, UNSET + SET).replace("sources:\n", SOURCE)


def test_once_the_years_standard_is_published_with_its_document_the_grant_is_paid(
    pack, business, owner, caseworker, reviewer, budget, cashier, second_cashier, bank
):
    run_sweep(actor=None, on=DAY, at=at(DAY))
    before = found(business)
    assert (before.verdict, before.amount_fen) == ("unknown", None)
    with pytest.raises(ChecksFailedError, match="不能判定"):
        operations.confirm_own(actor=owner, entitlement_id=before.pk, rules=PackRules(), on=DAY, at=at(DAY))
    writer = make_officer("江雪", "policy_officer", "3210")
    publisher = make_officer("梅正清", "policy_reviewer", "3210")
    draft = policies.start_draft(actor=writer, title="2025年一次性创业补贴标准", paths=[FILE], at=at(DAY))
    policies.save_draft(
        actor=writer, draft_id=draft.pk, path=FILE, text=with_the_years_standard(pack), at=at(DAY)
    )
    policies.submit_draft(actor=writer, draft_id=draft.pk, at=at(DAY))
    policies.approve_draft(actor=publisher, draft_id=draft.pk, at=at(DAY))
    publish_and_apply(actor=publisher, draft_id=draft.pk, effective_on=DAY, on=DAY, at=at(DAY))

    granted = found(business)
    assert (granted.verdict, granted.amount_fen) == ("yes", 300_000)
    rules = PackRules()
    appropriate_for_demonstration(fund="city-employment", year=2025, amount_fen=1_000_000, on=DAY, at=at(DAY))
    case = operations.confirm_own(actor=owner, entitlement_id=granted.pk, rules=rules, on=DAY, at=at(DAY))
    for proof in proofs_of(case, on=DAY):
        if not proof.settled:
            operations.show_original(
                actor=caseworker, case_id=case.pk, evidence_id=proof.row.id, said="原件无误", on=DAY, at=at(DAY)
            )  # fmt: skip
    case = publicised_case(case, caseworker, reviewer)
    approve(case, make_officer("市审批", "approver", "3210"), rules, on=LATER)
    made = operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, on=LATER, at=at(LATER))
    batch = funds.approve_batch(actor=second_cashier, batch=made.batch, on=LATER, at=at(LATER))
    batch = funds.send_batch(actor=second_cashier, batch=batch, bank=bank, on=LATER, at=at(LATER))
    operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, on=LATER, at=at(LATER))
    case.refresh_from_db()
    assert (case.state, case.amount_fen) == ("paid", 300_000)
    assert "测试用的2025年创业补贴标准" in str(rules.explain(granted, on=LATER))
