"""An application for a loan keeps itself while it is filled in: nobody else sees it, it goes when it is applied for or its time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from jiuye.office.staff.access import access
from jiuye.office.staff.models import Account
from jiuye.office.staff.retention import erase_expired
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan, LoanDraft
from tests.office.ventures.conftest import APPLIED, at
from tests.office.ventures.test_front_door import founder, signed_in  # noqa: F401 (a fixture)


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


def test_at_the_counter_each_founder_has_a_form_that_only_its_officer_finds_again(street):
    counter, colleague = officer(street.clerk), officer(street.approver)
    page = f"/desk/loans/new/?person={street.founder.pk}"
    save = f"/desk/loans/new/save/?person={street.founder.pk}"
    assert f'hx-post="{save}"' in counter.get(page).text
    assert counter.post(save, filled_in(street)).status_code == 204
    assert 'value="123456.78"' in counter.get(page).text
    assert 'value="123456.78"' not in counter.get("/desk/loans/new/").text
    assert colleague.post(save, filled_in(street)).status_code == 403  # whoever grants takes no applications
    assert counter.post("/desk/loans/new/save/?person=9999999", filled_in(street)).status_code == 404
    counter.post(page, filled_in(street, "200000"))
    assert Loan.objects.count() == 1
    assert not LoanDraft.objects.exists()


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
