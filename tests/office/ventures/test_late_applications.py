"""An application for a guarantee stands on today's page of whoever may answer it, and goes to the office above once it is late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiuye.config.cli import main
from jiuye.office.conduct import operations as conduct
from jiuye.office.conduct import queries
from jiuye.office.conduct.models import Escalation
from jiuye.office.messages.queries import inbox
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, actor_for
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.queries import applications_to_answer
from tests.office.ventures.conftest import APPLIED, at

PROMISED = date(2024, 4, 3)  # ten workdays after it was asked for
LATE = date(2024, 4, 7)  # the Sunday that is worked for the holiday of the fourth to the sixth


def nightly(on: date):
    return conduct.escalate_late(on=on, at=at(on))


def officer(name: str, role: str, division: str) -> Actor:
    account = Account.objects.create_account(
        username=name, display_name=name, password="demo", kind="officer"
    )
    Post.objects.create(account=account, role=role, division_code=division, start=date(2023, 1, 1))
    return actor_for(account, on=APPLIED)


def page(actor: Actor, address: str) -> str:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get(address).text


@pytest.fixture
def county(street) -> Actor:
    return officer("区审批", "approver", "321002")


@pytest.fixture
def loan(street, county) -> Loan:
    return street.apply()


def test_it_waits_for_whoever_may_guarantee_it_and_for_nobody_else(loan, county, street):
    assert loan.promised_on == PROMISED
    for may in (county, street.approver):
        assert list(applications_to_answer(may)) == [loan]
    for may_not in (street.clerk, street.maker, officer("邗江审批", "approver", "321003")):
        assert not applications_to_answer(may_not).exists()


def test_what_somebody_signed_waits_for_the_next_one_only(street, county):
    loan = street.apply(wanted_fen=30_000_000)
    operations.guarantee(actor=county, loan_id=loan.pk, amount_fen=30_000_000, on=APPLIED, at=at(APPLIED))
    loan.refresh_from_db()
    assert loan.state == "applied"
    assert not applications_to_answer(county).exists()
    assert applications_to_answer(street.approver).exists()


def test_todays_page_shows_it_with_its_light_and_opens_it(loan, county, street, settings):
    settings.OFFICE_DATE = date(2024, 4, 1).isoformat()
    shown = page(county, "/desk/")
    assert "贷款申请等我审核" in shown
    assert loan.number in shown
    assert "还剩 2 个工作日" in shown
    assert f"/desk/loans/{loan.pk}/" in shown
    assert loan.number not in page(street.clerk, "/desk/")


def test_nothing_goes_up_on_the_promised_day_and_late_it_goes_up_once(loan, county):
    city = officer("市就业办", "city_office", "3210")
    assert nightly(PROMISED).loans == 0
    done = nightly(LATE)
    assert (done.things, done.loans, done.rises, nightly(LATE).rises) == (1, 1, 1, 0)
    (row,) = Escalation.objects.all()
    assert (row.loan, row.role, row.due_on) == (loan, "approver", PROMISED)
    assert (row.from_division, row.to_division) == ("321002", "3210")
    assert loan.timeline.filter(act="escalate").count() == 1
    (below,), (above,) = inbox(county), inbox(city)
    assert loan.number in below.body
    assert "扬州市" in below.body
    assert "广陵区有 1 件" in above.body


def test_both_offices_have_it_in_their_lists_until_it_is_answered(loan, county, street, settings):
    nightly(LATE)
    for actor, to_us in ((street.approver, True), (county, False)):
        assert [row.thing for row in queries.escalated(actor, to_us=to_us)] == [loan]
    settings.OFFICE_DATE = LATE.isoformat()
    shown = page(street.approver, "/desk/work/late/")
    assert loan.number in shown
    assert "贷款申请没有按期答复" in shown
    operations.refuse(
        actor=county,
        loan_id=loan.pk,
        clause_id="credit",
        note="查无此事",
        against="征信报告原件",
        on=LATE,
        at=at(LATE),
    )
    assert not queries.escalated(street.approver, to_us=True).exists()


def test_while_it_is_with_its_borrower_nothing_is_late(loan, county):
    operations.request_correction(
        actor=county, loan_id=loan.pk, corrections={"wanted": "写少一点"}, on=APPLIED, at=at(APPLIED)
    )
    assert nightly(LATE + timedelta(days=30)).loans == 0
    assert not applications_to_answer(county).exists()


def test_the_command_says_how_many_were_applications(loan, capsys, monkeypatch):
    monkeypatch.setattr("jiuye.config.commands.deadlines.installation_ready", lambda: True)
    assert main(["deadlines", "--on", LATE.isoformat()]) == 0
    assert "其中贷款申请 1 件" in capsys.readouterr().out


def test_todays_page_still_asks_little_with_every_list_on_it(loan, county, settings):
    settings.OFFICE_DATE = LATE.isoformat()
    nightly(LATE)
    client = Client()
    client.force_login(Account.objects.get(pk=county.account_id))
    client.get("/desk/")
    with CaptureQueriesContext(connection) as asked:
        shown = client.get("/desk/").text
    assert loan.number in shown
    # Reviews of refusals, of three kinds in one list, and what is due to be looked at again may stand there besides.
    assert sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) for query in asked) <= 15 - 2
