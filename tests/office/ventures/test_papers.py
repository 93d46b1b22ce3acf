"""An application is proved: by what registers know, by files, or by originals at the counter; and it can be taken back by its borrower."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase

from jiuye.office.casework.answering import PurposeMissingError
from jiuye.office.casework.papers import EvidenceMissingError
from jiuye.office.registry.models import Person
from jiuye.office.staff.access import access
from jiuye.office.staff.models import Account, LookRecord
from jiuye.office.staff.queries import NotPermittedError, actor_for
from jiuye.office.staff.retention import erase_expired, expired
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan, LoanEvidence, LoanRefusalReview
from jiuye.office.ventures.operations import proving
from jiuye.office.ventures.operations.leaving import GuaranteedAlreadyError
from jiuye.office.ventures.proofs import proofs_of
from tests.office.entitlements.conftest import make_person
from tests.office.ventures.conftest import APPLIED, at
from tests.office.ventures.test_taking_over_pages import queries
from tests.papers import pdf
from tests.portals.refused_forms import losses, walked
from tests.portals.test_query_counts import MOST

PDF = pdf("a licence")


def account(person: Person, name: str = "founder") -> Account:
    return Account.objects.create_account(
        username=name, display_name=person.name, password="demo", kind="resident", subject_key=str(person.pk)
    )


@pytest.fixture
def me(street, settings):
    settings.OFFICE_DATE = APPLIED.isoformat()
    return account(street.founder)


@pytest.fixture
def home(me) -> Client:
    client = Client()
    client.force_login(me)
    return client


@pytest.fixture
def loan(street, home) -> Loan:
    page = home.post("/my/loans/apply/", {"employer_id": street.firm.pk, "wanted": "200000"}, follow=True)
    assert "申请已收到" in page.content.decode()
    return Loan.objects.get()


def missing(loan: Loan) -> list[str]:
    return [proof.row.id for proof in proofs_of(loan, on=APPLIED) if not proof.settled]


def upload(home: Client, loan: Loan, evidence: str, content: bytes = PDF) -> str:
    file = SimpleUploadedFile("执照.pdf", content)
    sent = {"evidence": evidence, f"file-{evidence}": file}
    return home.post(f"/my/loans/{loan.pk}/papers/", sent, follow=True).content.decode()


def test_what_a_register_knows_is_not_asked_for_and_what_none_knows_stops_the_guarantee(street, loan):
    proofs = {proof.row.id: proof for proof in proofs_of(loan, on=APPLIED)}
    assert proofs["identity"].known
    assert "licence" in missing(loan)
    with pytest.raises(EvidenceMissingError, match="营业执照"):
        street.guarantee(loan)
    street.show_papers(loan)
    assert street.guarantee(loan).state == "guaranteed"
    # What spared a paper stays on record, whatever the register says later, and once although two signed.
    kept = LoanEvidence.objects.filter(loan=loan, kind="register")
    assert list(kept.values_list("evidence_id", flat=True)) == ["identity"]


def test_the_borrower_uploads_a_paper_and_reads_it_again(loan, home):
    assert "材料已收到" in upload(home, loan, "licence")
    upload(home, loan, "licence")
    assert "licence" not in missing(loan)
    kept = LoanEvidence.objects.get(kind="file")
    shown = home.get(f"/my/loans/papers/{kept.pk}/")
    assert shown.content == PDF
    assert kept.file_name in home.get("/my/loans/").content.decode()


def test_a_file_of_another_kind_and_a_paper_that_nobody_asks_for_are_refused_in_words(loan, home):
    assert "只收 PDF、PNG、JPEG" in upload(home, loan, "licence", b"MZ a program")
    assert "不需要材料" in upload(home, loan, "passport")
    assert not LoanEvidence.objects.exists()


def test_an_officers_look_at_a_paper_needs_a_purpose_and_is_recorded_and_a_stranger_sees_none(
    street, loan, home
):
    upload(home, loan, "licence")
    key = LoanEvidence.objects.get().pk
    with pytest.raises(PurposeMissingError):
        proving.read_file(actor=street.clerk, evidence_id=key, purpose=" ", at=at(APPLIED))
    assert (
        proving.read_file(actor=street.clerk, evidence_id=key, purpose="核对执照", at=at(APPLIED))[2] == PDF
    )
    assert LookRecord.objects.get().purpose == "核对执照"
    stranger = actor_for(account(make_person("别人", "321002198505154999"), "stranger"), on=APPLIED)
    with pytest.raises(NotPermittedError):
        proving.read_file(actor=stranger, evidence_id=key, purpose="", at=at(APPLIED))


def test_the_desk_shows_the_papers_and_takes_an_original(street, loan, home):
    clerk = Client()
    clerk.force_login(Account.objects.get(pk=street.clerk.account_id))
    page = f"/desk/loans/{loan.pk}/"
    assert "营业执照" in clerk.get(page).content.decode()
    walked(__file__, losses([(clerk, page)]))
    assert max(queries(clerk, page), queries(home, "/my/loans/")) <= MOST
    sent = {"evidence": "licence", "said-licence": "营业执照 92321002MA00000001"}
    page = clerk.post(f"/desk/loans/{loan.pk}/original/", sent, follow=True).content.decode()
    assert "核对原件：营业执照 92321002MA00000001" in page


def test_a_borrower_takes_the_application_back_before_it_is_guaranteed(loan, home):
    home.post(f"/my/loans/{loan.pk}/withdraw/", {"note": " "})
    loan.refresh_from_db()
    assert loan.state == "applied"
    assert (
        "已撤回"
        in home.post(f"/my/loans/{loan.pk}/withdraw/", {"note": "另有资金"}, follow=True).content.decode()
    )
    loan.refresh_from_db()
    assert loan.state == "withdrawn"


def test_a_guaranteed_loan_is_not_taken_back_behind_the_banks_back_and_nobody_elses_is(street, me, loan):
    stranger = actor_for(account(make_person("别人", "321002198505154999"), "stranger"), on=APPLIED)
    with pytest.raises(operations.LoanNotFoundError):
        operations.withdraw_own(actor=stranger, loan_id=loan.pk, note="不要了", on=APPLIED, at=at(APPLIED))
    street.show_papers(loan)
    street.guarantee(loan)
    with pytest.raises(GuaranteedAlreadyError, match="联系经办人员"):
        operations.withdraw_own(
            actor=actor_for(me, on=APPLIED), loan_id=loan.pk, note="不要了", on=APPLIED, at=at(APPLIED)
        )


def test_an_application_taken_back_keeps_its_papers_for_their_time_and_then_loses_them(
    loan, home, street, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    upload(home, loan, missing(loan)[0])
    operations.withdraw(actor=street.clerk, loan_id=loan.pk, note="另有资金", on=APPLIED, at=at(APPLIED))
    term = timedelta(days=access().retention["withdrawn_matters"].days)
    assert expired(at=at(APPLIED) + term)["withdrawn_matters"] == 0
    (kept,) = tmp_path.rglob("*.sealed")
    os.utime(kept, (at(APPLIED).timestamp(), at(APPLIED).timestamp()))
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert erase_expired(at=at(APPLIED) + term + timedelta(seconds=1))["withdrawn_matters"] == 1
    assert not loan.evidence.exists()
    assert not kept.exists()
    last = loan.timeline.last()
    assert (last.act, last.actor_name, last.to_state) == ("erase", "系统", "withdrawn")
    assert erase_expired(at=at(APPLIED) + term * 2)["withdrawn_matters"] == 0


def test_how_to_reach_whoever_asked_for_a_review_of_a_loan_goes_a_year_after_it_was_settled(street):
    asked = LoanRefusalReview.objects.create(
        loan=street.apply(), text="已经还清", contact="13900000000", asked_on=APPLIED, asked_by_name="周", refused_on=APPLIED,
    )  # fmt: skip
    late = at(APPLIED) + timedelta(days=access().retention["objectors_contacts"].days + 2)
    assert expired(at=late)["objectors_contacts"] == 0  # not settled yet
    LoanRefusalReview.objects.filter(pk=asked.pk).update(
        decided_on=APPLIED, decided_by=street.clerk.account_id, overturned=False, words="维持"
    )
    assert erase_expired(at=late)["objectors_contacts"] == 1
    asked.refresh_from_db()
    assert (asked.contact, asked.text) == ("", "已经还清")
