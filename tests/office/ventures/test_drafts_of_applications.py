"""An application for a loan keeps itself while it is filled in: one's own is seen by nobody else, the counter's by whoever takes applications
there, and it goes when it is applied for or its time is over."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from jiuye.office.registry.models import Division
from jiuye.office.staff.access import access
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.retention import erase_expired
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan, LoanDraft
from tests.office.ventures.conftest import APPLIED, at
from tests.office.ventures.test_front_door import founder, signed_in  # noqa: F401 (a fixture)
from tests.portals.counting import MOST, queries_of


@pytest.fixture(autouse=True)
def _that_day(settings):
    settings.OFFICE_DATE = APPLIED.isoformat()


@pytest.fixture
def home(street, founder) -> Client:  # noqa: F811
    return signed_in(founder)


def officer(actor) -> Client:
    return signed_in(Account.objects.get(pk=actor.account_id))


def filled_in(street, wanted: str = "123456.78") -> dict[str, str]:
    return {"employer_id": str(street.firm.pk), "wanted": wanted}


def test_what_a_founder_fills_in_is_kept_and_stands_there_after_a_lost_session(street, home, founder):  # noqa: F811
    assert 'hx-post="/my/loans/save/"' in home.get("/my/loans/").text
    assert home.post("/my/loans/save/", filled_in(street)).status_code == 204
    home.logout()
    assert 'value="123456.78"' in signed_in(founder).get("/my/loans/").text
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM ventures_loandraft")
        assert b"123456" not in bytes(cursor.fetchone()[0])  # sealed at rest


def test_a_refused_application_is_kept_and_one_that_is_taken_is_not(street, home):
    home.post("/my/loans/save/", filled_in(street, "500000"))
    home.post("/my/loans/apply/", filled_in(street, "500000"))
    assert LoanDraft.objects.count() == 1
    assert 'value="500000"' in home.get("/my/loans/").text
    home.post("/my/loans/apply/", filled_in(street, "200000"))
    assert Loan.objects.get().wanted_fen == 200_000_00
    assert not LoanDraft.objects.exists()


def test_a_save_that_was_on_its_way_when_the_application_arrived_brings_nothing_back(street, home):
    home.post("/my/loans/apply/", filled_in(street, "200000"))
    assert home.post("/my/loans/save/", filled_in(street, "200000")).status_code == 204
    assert not LoanDraft.objects.exists()


def test_at_the_counter_each_founder_has_a_form_of_their_own_that_keeps_itself(street):
    counter, granting = officer(street.clerk), officer(street.approver)
    page = f"/desk/loans/new/?person={street.founder.pk}"
    save = f"/desk/loans/new/save/?person={street.founder.pk}"
    assert f'hx-post="{save}"' in counter.get(page).text
    assert counter.post(save, filled_in(street)).status_code == 204
    assert 'value="123456.78"' in counter.get(page).text
    assert "开始填写" not in counter.get(page).text
    assert 'value="123456.78"' not in counter.get("/desk/loans/new/").text
    assert granting.post(save, filled_in(street)).status_code == 403  # whoever grants takes no applications
    assert counter.post("/desk/loans/new/save/?person=9999999", filled_in(street)).status_code == 404
    counter.post(page, filled_in(street, "200000"))
    assert Loan.objects.count() == 1
    assert not LoanDraft.objects.exists()


@pytest.fixture
def colleague(street) -> Client:
    """Who takes applications in the street of the business."""
    return signed_in(at_the_counter("街道经办", "321002001"))


@pytest.fixture
def elsewhere(street) -> Client:
    Division.objects.create(code="321003", name="邗江区", kind="county", parent_id="3210")
    return signed_in(at_the_counter("邗江经办", "321003"))


def at_the_counter(name: str, division: str) -> Account:
    account = Account.objects.create_account(
        username=name, display_name=name, password="demo", kind="officer"
    )
    place_in_post(account=account, role="caseworker", division_code=division, start=APPLIED, until=None)
    return account


def draft_page(client: Client) -> str:
    """Where the one draft in the list leads."""
    (address,) = re.findall(r'href="(/desk/loans/new/\?[^"]+)"', client.get("/desk/loans/?view=drafts").text)
    return address


def test_a_colleague_at_the_same_counter_goes_on_with_what_another_began_and_sees_who(street, colleague):
    begun = officer(street.clerk)
    begun.post(f"/desk/loans/new/save/?person={street.founder.pk}", filled_in(street))
    listed = colleague.get("/desk/loans/?view=drafts").text
    assert "扬州秀兰绣品厂" in listed
    assert "张**" in listed
    assert "张秀兰" not in listed
    assert (queries_of(colleague, "/desk/loans/?view=drafts") or 0) <= MOST
    assert "经办" in listed
    page = draft_page(colleague)
    assert page == f"/desk/loans/new/?person={street.founder.pk}"
    shown = colleague.get(page).text
    assert 'value="123456.78"' in shown
    assert "由 经办 开始填写" in shown
    colleague.post(page.replace("new/", "new/save/"), filled_in(street, "150000"))
    assert LoanDraft.objects.get().account_id == street.clerk.account_id
    assert 'value="150000"' in begun.get(page).text
    colleague.post(page, filled_in(street, "200000"))
    assert Loan.objects.get().applied_by.username == "街道经办"
    assert not LoanDraft.objects.exists()
    # What the first officer's page still had on the way brings nothing back.
    begun.post(f"/desk/loans/new/save/?person={street.founder.pk}", filled_in(street))
    assert not LoanDraft.objects.exists()


def test_a_firms_application_is_gone_on_with_from_the_list_beside_what_one_fills_in_oneself(
    street, colleague
):
    begun = officer(street.clerk)
    begun.post("/desk/loans/new/save/", filled_in(street) | {"kind": "enterprise"})
    colleague.post("/desk/loans/new/save/", {"kind": "personal", "wanted": "7777"})
    assert 'value="7777"' in colleague.get("/desk/loans/new/").text
    theirs = LoanDraft.objects.get(account_id=street.clerk.account_id)
    page = f"/desk/loans/new/?draft={theirs.pk}"
    assert f'href="{page}"' in colleague.get("/desk/loans/?view=drafts").text
    assert 'value="123456.78"' in colleague.get(page).text
    colleague.post(f"/desk/loans/new/save/?draft={theirs.pk}", filled_in(street, "150000"))
    assert 'value="150000"' in begun.get("/desk/loans/new/").text
    colleague.post(page, filled_in(street, "200000") | {"kind": "personal"})
    assert Loan.objects.count() == 1
    assert LoanDraft.objects.get().given == {"kind": "personal", "wanted": "7777"}
    late = colleague.post(f"/desk/loans/new/save/?draft={theirs.pk}", {"wanted": "150000"})
    assert "jiuye:toast" in late.headers["HX-Trigger"]
    assert colleague.get(page).status_code == 404


def test_another_counter_and_whoever_takes_no_applications_see_none_of_it(street, elsewhere, home):
    begun = officer(street.clerk)
    begun.post("/desk/loans/new/save/", filled_in(street) | {"kind": "enterprise"})
    home.post("/my/loans/save/", filled_in(street))
    draft = LoanDraft.objects.get(account_id=street.clerk.account_id)
    assert "扬州秀兰绣品厂" not in elsewhere.get("/desk/loans/?view=drafts").text
    assert elsewhere.get(f"/desk/loans/new/?draft={draft.pk}").status_code == 404
    late = elsewhere.post(f"/desk/loans/new/save/?draft={draft.pk}", filled_in(street, "1"))
    assert "jiuye:toast" in late.headers["HX-Trigger"]
    assert draft.given == LoanDraft.objects.get(pk=draft.pk).given
    assert "窗口草稿" not in officer(street.approver).get("/desk/loans/?view=drafts").text
    # What the founder fills in at home is in no officer's list.
    assert draft_page(begun) == f"/desk/loans/new/?draft={draft.pk}"


def test_what_was_kept_for_one_business_is_not_put_under_the_name_of_another(street):
    counter = officer(street.clerk)
    counter.post("/desk/loans/new/save/", filled_in(street) | {"kind": "enterprise"})
    assert 'value="123456.78"' in counter.get("/desk/loans/new/").text
    other = counter.get(f"/desk/loans/new/?employer={street.firm.pk + 1}&kind=enterprise").text
    assert 'value="123456.78"' not in other
    assert f'value="{street.firm.pk + 1}"' in other


def test_a_line_that_is_too_long_is_said_and_what_was_kept_before_stays(street, home):
    home.post("/my/loans/save/", filled_in(street))
    answer = home.post("/my/loans/save/", filled_in(street, "1" * 300))
    assert "jiuye:toast" in answer.headers["HX-Trigger"]
    assert 'value="123456.78"' in home.get("/my/loans/").text


def test_it_goes_by_the_rule_of_drafts(street, home):
    home.post("/my/loans/save/", filled_in(street))
    saved = LoanDraft.objects.get().saved_at
    term = timedelta(days=access().retention["unsubmitted_matters"].days)
    assert saved <= datetime.now(tz=UTC) + timedelta(days=1)
    assert erase_expired(at=saved + term)["unsubmitted_matters"] == 0
    assert erase_expired(at=saved + term + timedelta(seconds=1))["unsubmitted_matters"] == 1
    assert not LoanDraft.objects.exists()


def test_while_one_loan_runs_the_page_says_so_in_the_place_of_the_form(street, home):
    loan = street.apply()
    page = home.get("/my/loans/").text
    assert f"贷款 {loan.number} 办完、还清以后，才能再申请一笔" in page
    assert "想借多少" not in page
    operations.withdraw(actor=street.clerk, loan_id=loan.pk, note="不借了", on=APPLIED, at=at(APPLIED))
    page = home.get("/my/loans/").text
    assert "才能再申请一笔" not in page
    assert "想借多少" in page
