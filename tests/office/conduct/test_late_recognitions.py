"""A recognition that is to be looked at again stands on today's page of whoever may do it, and goes to the office above once it is late."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.config.cli import main
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Escalation
from jiuye.office.matters.models import Matter, Review
from jiuye.office.matters.operations import confirm_review
from jiuye.office.matters.queries import reviews_to_answer
from jiuye.office.messages.queries import inbox
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, VILLAGE, at, officer, street  # noqa: F401 (a fixture by name)

STREET = "321002001"
DUE = date(2025, 6, 20)
LAST = date(2025, 7, 18)  # twenty workdays to look at it
LATE = date(2025, 7, 21)


def nightly(on: date):
    return operations.escalate_late(on=on, at=at(on))


def page(actor, address: str) -> str:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get(address).text


@pytest.fixture
def review(person) -> Review:
    """Recognised a year ago: found by the night on the day of its review."""
    matter = Matter.objects.create(
        item_id="employment-difficulty-recognition", item_name="就业困难人员认定", item_version="x", way="own",
        applicant_kind="person", person=person, applicant_name=person.name, division_code=VILLAGE,
        started_on=DAY, state="granted", decided_on=DAY, review_on=DUE,
    )  # fmt: skip
    return Review.objects.create(matter=matter, due_on=DUE, found_on=DUE)


def test_it_waits_for_whoever_may_look_at_it_again_and_for_nobody_else(review, street, station, reviewer):  # noqa: F811
    assert list(reviews_to_answer(street)) == [review]
    for may_not in (
        station,  # the item has it done at a street
        reviewer,  # and by a case worker
        officer("邗江经办", "caseworker", "321003"),
    ):
        assert not reviews_to_answer(may_not).exists()


def test_todays_page_shows_it_with_its_light_and_opens_it(review, street, station, settings):  # noqa: F811
    settings.OFFICE_DATE = date(2025, 7, 16).isoformat()
    shown = page(street, "/desk/")
    assert "到期复核等我办理" in shown
    assert review.matter.number in shown
    assert "还剩 2 个工作日" in shown
    assert f"/desk/matters/{review.matter_id}/" in shown
    assert review.matter.number not in page(station, "/desk/")
    assert "还剩 2 个工作日" in page(street, "/desk/matters/reviews/")


def test_nothing_goes_up_on_the_last_day_and_late_it_goes_up_once_a_level(review, street, reviewer):  # noqa: F811
    assert nightly(LAST).recognitions == 0
    done = nightly(LATE)
    assert (done.things, done.recognitions, done.rises, nightly(LATE).rises) == (1, 1, 1, 0)
    (row,) = Escalation.objects.all()
    assert (row.due_review, row.role, row.due_on, row.late_workdays) == (review, "caseworker", LAST, 1)
    assert (row.from_division, row.to_division) == (STREET, "321002")
    assert review.matter.timeline.filter(act="escalate").count() == 1
    (below,), (above,) = inbox(street), inbox(reviewer)
    assert review.matter.number in below.body
    assert "广陵区" in below.body
    assert "东关街道有 1 件" in above.body
    assert nightly(date(2025, 9, 15)).rises == 1  # to the city


def test_both_offices_have_it_in_their_lists_until_it_is_looked_at(review, street, reviewer, settings):  # noqa: F811
    nightly(LATE)
    for actor, to_us in ((reviewer, True), (street, False)):
        assert [row.due_review for row in queries.escalated(actor, to_us=to_us)] == [review]
    settings.OFFICE_DATE = LATE.isoformat()
    shown = page(reviewer, "/desk/work/late/")
    assert review.matter.number in shown
    assert "到期复核没有按期办理" in shown
    confirm_review(actor=street, review_id=review.pk, note="上门看过", on=LATE, at=at(LATE))
    assert not queries.escalated(reviewer, to_us=True).exists()
    assert not reviews_to_answer(street).exists()


def test_the_command_says_how_many_were_recognitions(review, capsys, monkeypatch):
    monkeypatch.setattr("jiuye.config.commands.deadlines.installation_ready", lambda: True)
    assert main(["deadlines", "--on", LATE.isoformat()]) == 0
    assert "其中到期复核 1 件" in capsys.readouterr().out
