"""A review of a refusal stands in the list of whoever may decide it, and goes to the office above once it is late."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.config.cli import main
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Escalation
from jiuye.office.matters.models import MatterRefusalReview
from jiuye.office.messages.queries import inbox
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import at, officer
from tests.office.matters.test_refusals import ask, decide, refuse, refused, registration  # noqa: F401

DUE, LATE, LATER = (
    date(2024, 6, 26),
    date(2024, 6, 27),
    date(2024, 7, 4),
)  # ten workdays to decide; one and six late


def nightly(on: date):
    return operations.escalate_late(on=on, at=at(on))


@pytest.fixture
def asked(refused, me) -> MatterRefusalReview:  # noqa: F811
    return ask(me, refused)


def test_a_review_stands_in_the_list_of_whoever_may_decide_it_and_of_nobody_else(asked, reviewer, approver):
    city = officer("市审批", "approver", "3210")
    for may in (approver, city):
        assert queries.reviews_at_hand(may) == [asked]
    for may_not in (
        reviewer,  # refused it
        officer("街道审批", "approver", "321002001"),  # the pack has it decided at a county
        officer("邗江审批", "approver", "321003"),
        officer("区经办", "caseworker", "321002"),
    ):
        assert queries.reviews_at_hand(may_not) == []


def test_whoever_refused_it_does_not_find_it_among_theirs(registration, me, approver):  # noqa: F811
    ask(me, refuse(registration, approver, "works-for-themselves"))
    assert queries.reviews_at_hand(approver) == []
    assert len(queries.reviews_at_hand(officer("另一审批", "approver", "321002"))) == 1


def test_once_decided_it_leaves_the_list(asked, approver):
    decide(approver, asked, overturned=False)
    assert queries.reviews_at_hand(approver) == []


def test_todays_page_shows_it_with_its_light_and_opens_where_it_is_answered(asked, approver, settings):
    settings.OFFICE_DATE = date(2024, 6, 24).isoformat()
    client = Client()
    client.force_login(Account.objects.get(pk=approver.account_id))
    page = client.get("/desk/").text
    assert "等我复核" in page
    assert asked.matter.number in page
    assert "还剩 2 个工作日" in page
    assert f"/desk/matters/{asked.matter_id}/#reviews" in page
    assert asked.text not in page  # the words are read where they are answered


def test_nothing_goes_up_on_the_last_day_and_a_late_review_goes_up_once(asked):
    assert nightly(DUE).reviews == 0
    done = nightly(LATE)
    assert (done.things, done.reviews, done.rises, nightly(LATE).rises) == (1, 1, 1, 0)
    (row,) = Escalation.objects.all()
    assert (row.matter_review, row.role, row.from_division, row.to_division) == (
        asked,
        "approver",
        "321002",
        "3210",
    )
    assert asked.matter.timeline.filter(act="escalate").count() == 1
    assert nightly(LATER).rises == 0  # above the city there is no office


def test_both_offices_are_told_once_and_have_it_in_their_lists_until_it_is_decided(asked, approver, reviewer):
    city = officer("市就业办", "city_office", "3210")
    nightly(LATE)
    nightly(LATER)
    (below,), (above,) = inbox(approver), inbox(city)
    assert asked.matter.number in below.body
    assert "扬州市" in below.body
    assert "广陵区有 1 件" in above.body
    assert not inbox(reviewer).exists()  # refused it
    for actor, to_us in ((city, True), (approver, False)):
        assert [row.matter_review for row in queries.escalated(actor, to_us=to_us)] == [asked]
    decide(approver, asked, on=LATE)
    assert not queries.escalated(city, to_us=True).exists()


def test_where_nobody_at_the_county_may_decide_it_the_city_is_told(registration, me, approver):  # noqa: F811
    asked = ask(me, refuse(registration, approver, "works-for-themselves"))
    city = officer("市审批", "approver", "3210")
    nightly(LATE)
    assert not inbox(approver).exists()
    assert {message.occasion for message in inbox(city)} == {"review_late", "review_late_up"}
    assert queries.reviews_at_hand(city) == [asked]


def test_the_page_of_what_is_late_names_the_review(asked, approver, settings):
    settings.OFFICE_DATE = LATE.isoformat()
    nightly(LATE)
    client = Client()
    client.force_login(Account.objects.get(pk=officer("市就业办", "city_office", "3210").account_id))
    page = client.get("/desk/work/late/").text
    assert asked.matter.number in page
    assert "不予办理的复核没有按期办理" in page
    assert "待复核" in page


def test_what_goes_up_is_about_exactly_one_thing(asked):
    nightly(LATE)
    row = Escalation.objects.values().get()
    del row["id"]
    for wrong in ({"matter_id": asked.matter_id}, {"matter_review_id": None}):
        with pytest.raises(IntegrityError, match="escalation_of_one_thing"), transaction.atomic():
            Escalation.objects.create(**row | wrong)
    with pytest.raises(IntegrityError, match="escalated_once"), transaction.atomic():
        Escalation.objects.create(**row)


def test_the_command_says_how_many_were_reviews(asked, capsys, monkeypatch):
    monkeypatch.setattr("jiuye.config.commands.deadlines.installation_ready", lambda: True)
    assert main(["deadlines", "--on", LATE.isoformat()]) == 0
    assert "其中复核 1 件" in capsys.readouterr().out
