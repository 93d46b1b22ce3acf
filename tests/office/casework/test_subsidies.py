"""A subsidy's own file: a new one carries a case without code, registers spare papers, and nothing is accepted unproved."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from jiuye.engine.rules.pack import load_pack
from jiuye.engine.services import load_subsidies
from jiuye.office.casework import operations
from jiuye.office.casework.answering import PurposeMissingError
from jiuye.office.casework.models import CaseEvidence
from jiuye.office.casework.operations.evidencing import PapersClosedError, UnknownPaperError
from jiuye.office.casework.papers import EvidenceMissingError, FileRefusedError
from jiuye.office.casework.procedures import ProceduresUnreadableError, procedure_of
from jiuye.office.casework.proofs import proofs_of
from jiuye.office.casework.queries import todays_work
from jiuye.office.funds import operations as funds
from jiuye.office.staff.models import LookRecord
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at, make_officer
from tests.papers import pdf

PDF = pdf("lease")
# A policy that no file of the pack pays; its terms are those of the tests' rules.
NEW_FILE = """
pays: flexible-insurance-subsidy
name: 新设的补贴
name_en: A new subsidy
says: 只为这一测试而设。
says_en: Made for this test.
for: person
source: notice
promised_workdays: 12
promised_basis: design
sources:
  notice: {document: 测试用的通知, clause: 第三条, confidence: KNOWN}
evidence:
  - {id: identity, name: 居民身份证, name_en: identity card, known_by: [birth_date, sex], source: notice}
  - {id: lease, name: 租赁合同, name_en: lease, source: notice}
signatures:
  - {up_to: 1000, signatures: 1, basis: document, source: notice}
  - {signatures: 2, basis: document, source: notice}
steps:
  - {act: accept, by: caseworker, level: street, workdays: 1, basis: design}
  - {act: review, by: reviewer, level: county, workdays: 2, basis: design}
  - {act: publicise, by: reviewer, level: county, workdays: 1, basis: design}
  - {act: approve, by: approver, level: county, workdays: 1, basis: design}
  - {act: put_into_batch, by: cashier, level: county, workdays: 1, basis: design}
  - {act: record_paid, by: bank, level: city, workdays: 1, basis: design}
publicity: {workdays: 3, basis: document, source: notice}
"""


@pytest.fixture
def new_subsidy(settings, pack_dir, tmp_path):
    """The pack with one more file."""
    folder = tmp_path / "pack"
    shutil.copytree(pack_dir, folder)
    (folder / "services" / "subsidies" / "flexible-insurance-subsidy.yaml").write_text(NEW_FILE)
    settings.PACK = folder
    settings.MEDIA_ROOT = tmp_path / "media"
    return folder


@pytest.fixture
def case(new_subsidy, owner, entitlement, rules):
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


def upload(actor, case, *, content=PDF, evidence="lease", name="合同.pdf", on=DAY):
    return operations.attach(
        actor=actor,
        case_id=case.pk,
        evidence_id=evidence,
        file_name=name,
        content=content,
        on=on,
        at=at(on),
    )


def test_a_new_subsidy_is_a_new_file_and_carries_a_case_to_the_money(
    case, owner, caseworker, reviewer, approver, rules, budget, cashier, second_cashier, bank
):
    assert [(proof.row.id, proof.registers, proof.settled) for proof in proofs_of(case, on=DAY)] == [
        ("identity", ("公安人口信息",), True),
        ("lease", (), False),
    ]
    with pytest.raises(EvidenceMissingError, match="还缺材料：租赁合同"):
        operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
    upload(owner, case)
    assert case in todays_work(caseworker, on=DAY)
    operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
    assert CaseEvidence.objects.get(kind="register").said == "公安人口信息"
    operations.review(actor=reviewer, case_id=case.pk, on=DAY, at=at(DAY))
    case = operations.publicise(actor=reviewer, case_id=case.pk, on=DAY, at=at(DAY))
    assert case.publicity_until == date(2025, 6, 13)  # three workdays, not the five of claims.yaml
    friday = date(2025, 6, 13)
    second = make_officer("钱审批", "approver")
    for who in (approver, second):
        case = operations.approve(actor=who, case_id=case.pk, rules=rules, on=friday, at=at(friday))
    assert case.state == "approved"
    made = operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, on=friday, at=at(friday))
    batch = funds.approve_batch(actor=second_cashier, batch=made.batch, on=friday, at=at(friday))
    batch = funds.send_batch(actor=second_cashier, batch=batch, bank=bank, on=friday, at=at(friday))
    operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, on=friday, at=at(friday))
    case.refresh_from_db()
    assert (case.state, case.paid_on) == ("paid", friday)


def test_the_same_file_twice_is_kept_once_and_what_runs_by_itself_is_refused(case, owner):
    assert upload(owner, case).pk == upload(owner, case).pk
    with pytest.raises(FileRefusedError, match="自动运行"):
        upload(owner, case, content=b"%PDF-1.4 /JavaScript")
    with pytest.raises(UnknownPaperError, match="不需要材料"):
        upload(owner, case, evidence="photo")


def test_nobody_else_uploads_for_the_applicant_but_the_counter_may(case, caseworker, reviewer):
    stranger = make_officer("孙经办", "caseworker", "321003")
    with pytest.raises(NotPermittedError):
        upload(stranger, case)
    assert upload(caseworker, case).given_by_name == "王经办"


def test_an_original_seen_at_the_counter_settles_the_point(case, caseworker):
    with pytest.raises(FileRefusedError, match="核对了什么原件"):
        operations.show_original(
            actor=caseworker, case_id=case.pk, evidence_id="lease", said=" ", on=DAY, at=at(DAY)
        )
    operations.show_original(
        actor=caseworker, case_id=case.pk, evidence_id="lease", said="租赁合同原件", on=DAY, at=at(DAY)
    )
    assert operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY)).state == "accepted"


def test_a_paper_is_read_by_its_owner_freely_and_by_an_officer_on_record(case, owner, caseworker):
    kept = upload(owner, case)
    assert operations.read_file(actor=owner, evidence_id=kept.pk, purpose="", at=at(DAY))[2] == PDF
    assert LookRecord.objects.count() == 0
    with pytest.raises(PurposeMissingError):
        operations.read_file(actor=caseworker, evidence_id=kept.pk, purpose="", at=at(DAY))
    operations.read_file(actor=caseworker, evidence_id=kept.pk, purpose="受理核对", at=at(DAY))
    assert LookRecord.objects.get().purpose == "受理核对"


def test_after_the_review_no_paper_is_taken_any_more(case, owner, caseworker, reviewer):
    upload(owner, case)
    operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
    operations.review(actor=reviewer, case_id=case.pk, on=DAY, at=at(DAY))
    operations.publicise(actor=reviewer, case_id=case.pk, on=DAY, at=at(DAY))
    with pytest.raises(PapersClosedError, match="退回补正"):
        upload(owner, case, content=pdf("another"))


def test_a_broken_file_stops_its_own_cases_and_no_others(new_subsidy, case, entitlement):
    path = new_subsidy / "services" / "subsidies" / "flexible-insurance-subsidy.yaml"
    path.write_text(NEW_FILE.replace("level: street", "level: stret"))
    with pytest.raises(ProceduresUnreadableError, match="stret"):
        procedure_of(case)
    entitlement.policy_id = "maternity-insurance-subsidy"
    assert procedure_of(entitlement).publicity_workdays == 5


def test_every_policy_that_pays_has_its_file_and_every_file_is_sound(pack_dir):
    pack, _ = load_pack(pack_dir)
    found, problems = load_subsidies(pack_dir, pack=pack)
    assert [problem.render() for problem in problems] == []
    assert set(found) == {policy.id for policy in pack.policies.values() if policy.effect == "payment"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("known_by: [birth_date, sex]", "known_by: [birth_dat]"), "unknown-fact"),
        (("known_by: [birth_date, sex]", "known_by: [seeking_work]"), "known-by-nobody"),
        (("for: person", "for: employer"), "another-recipient"),
        (("up_to: 1000, signatures: 1", "up_to: 1000, signatures: 3"), "bands-out-of-order"),
        (("promised_workdays: 12", "promised_workdays: 5"), "promise-too-short"),
        (("pays: flexible-employment-insurance-subsidy", "pays: startup-tax"), "unknown-policy"),
        (
            (
                "publicity: {workdays: 3, basis: document, source: notice}",
                "publicity: {workdays: 3, basis: document}",
            ),
            "missing-source",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(tmp_path, pack_dir, change, code):
    pack, _ = load_pack(pack_dir)
    folder = tmp_path / "services" / "subsidies"
    folder.mkdir(parents=True)
    text = NEW_FILE.replace("pays: flexible-insurance", "pays: flexible-employment-insurance")
    assert change[0] in text
    (folder / "flexible-employment-insurance-subsidy.yaml").write_text(text.replace(*change))
    found, problems = load_subsidies(tmp_path, pack=pack)
    assert found == {}
    assert code in {problem.code for problem in problems}
