"""Who has an application for a loan in hand, through the addresses that people open: its page, the lists, today's page, what is late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiuye.office.conduct import operations
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import Loan
from tests.office.ventures.conftest import APPLIED, at
from tests.office.ventures.test_late_applications import LATE, nightly, officer
from tests.office.ventures.test_loans_in_hand import away, charge, sign
from tests.office.ventures.test_papers import account
from tests.portals.counting import MOST, queries_of
from tests.portals.refused_forms import losses, walked


@pytest.fixture(autouse=True)
def _today(settings):
    settings.OFFICE_DATE = APPLIED.isoformat()


@pytest.fixture
def loan(street) -> Loan:
    return street.apply()


def as_(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def section(page: str, mark: str) -> str:
    """The part of the page that begins with that mark and ends with its section."""
    return page.split(mark)[1].split("</section>")[0]


def test_an_officer_takes_an_application_and_hands_it_on_and_the_colleague_reads_why(street, loan):
    first, second = as_(street.approver), as_(street.second)
    page = first.get(f"/desk/loans/{loan.pk}/").text
    assert "待认领" in section(page, 'id="charge-title"')
    assert loan.number in first.get("/desk/loans/?whose=nobody").text
    taken = first.post(f"/desk/work/loans/{loan.pk}/take/", follow=True).text
    assert "已由您承办" in taken
    assert "认领承办" in taken.split("办理过程")[1]
    assert loan.number in first.get("/desk/loans/?whose=mine").text
    assert loan.number not in first.get("/desk/loans/?whose=nobody").text
    given = {"to": street.second.account_id, "reason": "下周培训"}
    said = first.post(f"/desk/work/loans/{loan.pk}/hand-on/", given, follow=True).text
    assert "已转交审批二承办" in said
    assert "<b>审批二</b>" in section(said, 'id="charge-title"')
    assert "下周培训" in second.get("/desk/work/inbox/").text
    assert loan.number in second.get("/desk/loans/?whose=mine").text


def test_an_officer_gives_it_back_and_its_page_says_who_and_why(street, loan):
    charge(street.approver, loan)
    url, given = f"/desk/work/loans/{loan.pk}/put-back/", {"reason": "要连续外出走访"}
    assert as_(street.clerk).post(url, given).status_code == 403
    assert "退回待认领" not in as_(street.clerk).get(f"/desk/loans/{loan.pk}/").text
    said = as_(street.approver).post(url, given, follow=True).text
    assert "已退回“待认领”" in said
    assert "要连续外出走访" in said
    assert loan.number in as_(street.approver).get("/desk/loans/?whose=nobody").text


def test_the_borrower_reads_nothing_of_why_it_changed_hands(street, loan):
    charge(street.approver, loan)
    operations.hand_on(
        actor=street.approver, loan_id=loan.pk, to_id=street.second.account_id, reason="家里有事", on=APPLIED,
        at=at(APPLIED),
    )  # fmt: skip
    home = Client()
    home.force_login(account(street.founder))
    page = home.get("/my/loans/").text
    assert loan.number in page
    assert "家里有事" not in page


def test_an_application_of_another_county_is_neither_taken_nor_seen(street, loan):
    other = as_(officer("邗江审批", "approver", "321003"))
    assert other.post(f"/desk/work/loans/{loan.pk}/take/", follow=True).status_code == 404
    assert loan.number not in other.get("/desk/loans/?whose=nobody").text


def test_who_only_records_loans_is_shown_who_has_it_and_no_list_of_their_own(street, loan):
    charge(street.approver, loan)
    clerk = as_(street.clerk)
    listed = clerk.get(
        "/desk/loans/?whose=mine"
    ).text  # the whole list: what is in nobody's hand here is nobody's to take
    assert loan.number in listed
    assert "审批" in listed.split(loan.number)[1].split("</tr>")[0]
    assert 'href="?whose=mine"' not in listed
    assert 'href="?whose=mine"' in as_(street.second).get("/desk/loans/").text
    page = section(clerk.get(f"/desk/loans/{loan.pk}/").text, 'id="charge-title"')
    assert ("<b>审批</b>" in page, "<form" in page) == (True, False)


def test_a_loan_that_is_answered_shows_nobody_and_offers_nothing(street, loan):
    charge(street.second, loan)
    sign(street.approver, loan)
    sign(street.second, loan)
    page = as_(street.third).get(f"/desk/loans/{loan.pk}/").text
    assert 'id="charge-title"' not in page
    row = as_(street.third).get("/desk/loans/").text.split(loan.number)[1].split("</tr>")[0]
    assert "待认领" not in row


def test_todays_page_shows_whose_each_application_is_and_cuts_them_as_it_cuts_cases(street, loan):
    charge(street.approver, loan)
    first, second = as_(street.approver), as_(street.second)
    assert loan.number in section(first.get("/desk/?whose=mine").text, 'id="loans"')
    everybodys = section(second.get("/desk/").text, 'id="loans"')
    assert "审批" in everybodys.split(loan.number)[1].split("</tr>")[0]
    for whose, empty in (("mine", "您手里没有要办的"), ("nobody", "没有待认领的")):
        shown = section(second.get(f"/desk/?whose={whose}").text, 'id="loans"')
        assert loan.number not in shown
        assert empty in shown


def test_the_list_of_what_is_late_names_who_has_it_and_who_stands_in(street, loan, settings):
    office = as_(officer("市就业办", "city_office", "3210"))
    charge(officer("区审批", "approver", "321002"), loan)
    settings.OFFICE_DATE = LATE.isoformat()
    nightly(LATE)
    row = office.get("/desk/work/late/").text.split(loan.number)[1].split("</tr>")[0]
    assert "区审批" in row
    charge(street.approver, loan, reason="区审批病了", on=LATE)
    away(street.approver, street.second, on=LATE)
    row = office.get("/desk/work/late/").text.split(loan.number)[1].split("</tr>")[0]
    assert "外出，由审批二代办" in row


def test_who_goes_away_leaves_it_to_the_substitute(street, loan):
    charge(street.approver, loan)
    given = {
        "substitute": street.second.account_id,
        "start": APPLIED.isoformat(),
        "until": (APPLIED + timedelta(days=7)).isoformat(),
    }
    assert "已登记外出" in as_(street.approver).post("/desk/work/away/declare/", given, follow=True).text
    assert "外出，由审批二代办" in as_(street.second).get("/desk/loans/?whose=mine").text


def test_the_lists_ask_as_little_of_many_as_of_one(street, loan, settings):
    nightly(LATE)
    settings.OFFICE_DATE = LATE.isoformat()
    charge(street.approver, loan, on=LATE)
    away(street.approver, street.second, on=LATE)
    client = as_(street.second)
    for address in (
        "/desk/loans/",
        "/desk/loans/?whose=mine",
        f"/desk/loans/{loan.pk}/",
        "/desk/work/late/?view=all",
    ):
        assert 0 < (queries_of(client, address) or 0) <= MOST, address
    client.get("/desk/work/late/?view=all")
    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/work/late/?view=all")
    assert sum('"conduct_charge"' in one["sql"] for one in asked) == 1


def test_nothing_typed_is_lost_where_it_is_not_handed_on_or_given_back(street, loan):
    charge(street.approver, loan)
    found = losses([(as_(street.approver), f"/desk/loans/{loan.pk}/")])
    walked(__file__, {name: lost for name, lost in found.items() if "_loan" in name})
