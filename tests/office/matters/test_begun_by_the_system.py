"""A graduate who is registered as unemployed finds the real-name registration begun by the system, filled in, and only has to send it."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.office.matters import operations
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter, PromisedService
from jiuye.office.registry.models import Education, Status
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, at

NEXT = "graduate-registration"
FORM = {"reason": "never_worked", "able_to_work": "yes", "seeking_work": "yes"}


@pytest.fixture
def graduate(person):
    Education.objects.create(
        person=person,
        level="bachelor",
        full_time=True,
        school="扬州大学",
        graduated_on=date(2023, 6, 30),
        source="学信网",
    )
    return person


def registered(person, me, station, reviewer) -> Matter:
    """As unemployed, to the end."""
    matter = operations.start(
        actor=me, item_id="unemployment-registration", applicant_kind="person", applicant_id=person.pk, on=DAY,
        at=at(DAY),
    )  # fmt: skip
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    operations.take(actor=station, matter_id=matter.pk, act="accept", on=DAY, at=at(DAY))
    return operations.take(actor=reviewer, matter_id=matter.pk, act="decide", on=DAY, at=at(DAY))


def test_a_graduate_without_a_job_sends_what_the_system_began_and_is_owed_the_131_service(
    graduate, me, station, reviewer, settings
):
    settings.OFFICE_DATE = DAY.isoformat()
    first = registered(graduate, me, station, reviewer)
    begun = Matter.objects.get(item_id=NEXT)
    assert (begun.state, begun.way) == ("draft", "system")
    assert begun.number in first.timeline.get(act="follow").note
    filled_in = answers_of(begun)
    assert filled_in == {"graduated_on": "2023-06-30", "school": "扬州大学", "seeking_work": "yes"}
    mine = Client()
    mine.force_login(Account.objects.get(pk=me.account_id))
    assert "离校未就业高校毕业生实名登记" in mine.get("/my/services/").text
    assert 'value="扬州大学"' in mine.get(f"/my/services/matters/{begun.pk}/").text
    mine.post(f"/my/services/matters/{begun.pk}/submit/", filled_in)
    operations.take(actor=station, matter_id=begun.pk, act="accept", on=DAY, at=at(DAY))
    granted = operations.take(actor=reviewer, matter_id=begun.pk, act="decide", on=DAY, at=at(DAY))
    assert granted.state == "granted"
    assert Status.objects.filter(person=graduate, kind="unemployed_graduate").exists()
    owed = dict(PromisedService.objects.values_list("milestone_id", "times"))
    assert owed == {"guidance": 1, "recommendation": 3, "course": 1}


def test_for_whoever_did_not_graduate_of_late_nothing_is_begun(person, me, station, reviewer):
    Education.objects.create(
        person=person, level="bachelor", full_time=True, graduated_on=date(2015, 6, 30), source="学信网"
    )
    assert registered(person, me, station, reviewer).state == "granted"
    assert not Matter.objects.filter(item_id=NEXT).exists()


def test_nothing_is_begun_for_a_graduate_who_is_on_the_register_or_has_begun_it(
    graduate, me, station, reviewer
):
    Status.objects.create(
        person=graduate, kind="unemployed_graduate", start=date(2023, 9, 1), source="测试登记"
    )
    registered(graduate, me, station, reviewer)
    assert not Matter.objects.filter(item_id=NEXT).exists()


def test_what_the_graduate_has_begun_stays_the_only_one(graduate, me, station, reviewer):
    mine = operations.start(
        actor=me, item_id=NEXT, applicant_kind="person", applicant_id=graduate.pk, on=DAY, at=at(DAY)
    )
    registered(graduate, me, station, reviewer)
    assert Matter.objects.get(item_id=NEXT) == mine
