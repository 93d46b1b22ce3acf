"""Who left the service is served by name as graduates are: from the registration to the last of the promised services."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiuye.office.conduct.operations import escalate_late
from jiuye.office.matters import operations
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter, PromisedService
from jiuye.office.matters.operations import give_service
from jiuye.office.matters.queries.services import owed as still_owed
from jiuye.office.registry.models import Status
from tests.office.matters.conftest import DAY, at

FORM = {"veteran": "yes", "discharged_on": "2024-03-01", "seeking_work": "yes", "wish": "汽车修理"}
# As the file promises them, each as often as the plan wants it.
PROMISED = {"adaptation": 1, "guidance": 1, "recommendation": 3, "course": 1}


def registered(person, me, street, reviewer, **changes) -> Matter:
    Status.objects.create(person=person, kind="veteran", start=date(2024, 3, 1), source="测试登记")
    matter = operations.start(
        actor=me,
        item_id="veteran-service",
        applicant_kind="person",
        applicant_id=person.pk,
        on=DAY,
        at=at(DAY),
    )
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM | changes, on=DAY, at=at(DAY))
    operations.take(actor=street, matter_id=matter.pk, act="accept", on=DAY, at=at(DAY))
    return operations.take(actor=reviewer, matter_id=matter.pk, act="decide", on=DAY, at=at(DAY))


def owed(matter: Matter) -> dict[str, int]:
    """What is owed still, and how often it was given."""
    return {row.milestone_id: row.given.count() for row in still_owed().filter(matter=matter)}


def test_a_veteran_is_served_by_name_until_each_promised_service_was_given(
    person, me, street, station, reviewer
):
    matter = registered(person, me, street, reviewer)
    assert matter.state == "granted"
    promised = PromisedService.objects.filter(matter=matter)
    assert {row.milestone_id: row.times for row in promised} == PROMISED
    assert owed(matter) == dict.fromkeys(PROMISED, 0)
    on = DAY
    for milestone, times in PROMISED.items():
        for time in range(times):
            assert milestone in owed(matter)
            on += timedelta(days=1)
            give_service(
                actor=station, promised_id=promised.get(milestone_id=milestone).pk, given_on=on,
                note=f"第{time + 1}次", on=on, at=at(on),
            )  # fmt: skip
        assert milestone not in owed(matter)
    assert owed(matter) == {}


def test_no_document_says_by_when_so_that_no_service_of_a_veteran_is_ever_late(person, me, street, reviewer):
    matter = registered(person, me, street, reviewer)
    assert set(PromisedService.objects.values_list("due_on", flat=True)) == {None}
    years_later = date(2029, 6, 11)
    escalate_late(on=years_later, at=at(years_later))
    assert len(owed(matter)) == len(PROMISED)
    assert not [row for row in matter.timeline.all() if row.act == "escalate"]


def test_a_veteran_who_wants_no_work_is_registered_and_owed_nothing(person, me, street, reviewer):
    matter = registered(person, me, street, reviewer, seeking_work="no")
    assert (matter.state, owed(matter)) == ("granted", {})


@pytest.mark.parametrize("common", ["guidance", "recommendation"])
def test_guidance_and_recommendations_are_owed_as_often_as_to_graduates(db, common):
    def times(item: str) -> int:
        plans = (row for row in service_items().items[item].follows if row.do == "plan")
        return next(one.times for plan in plans for one in plan.milestones if one.id == common)

    assert times("veteran-service") == times("graduate-registration")
