"""Each event of a matter names the version that it left behind: for every act that a matter can have, in whatever order an act saves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from jiuye.office.casework.models import Authority
from jiuye.office.conduct import operations as conduct
from jiuye.office.matters import operations
from jiuye.office.matters.models import Matter, MatterEvent
from jiuye.office.matters.states import ACT_NAMES
from jiuye.office.registry.models import Education, Status
from jiuye.office.staff.retention import erase_expired
from tests.office.authorities import authority
from tests.office.matters.conftest import DAY, at, officer
from tests.office.matters.test_placing import begin, hand_in
from tests.office.places import VILLAGE

FORM = {"category": "older", "true_statement": "yes"}
GRADUATE = {"graduated_on": "2023-06-30", "school": "扬州大学", "seeking_work": "yes"}
FLEXIBLE = {"kind": "flexible", "began_on": "2024-06-01", "work": "送货", "true_statement": "yes"}
UNTOLD = {"save"}  # keeping a form that is being filled in is no row of the timeline
pytestmark = pytest.mark.django_db


def values_of(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in Matter._meta.concrete_fields}


def version(event: MatterEvent) -> Any:
    return Matter.pgh_event_model.objects.get(pgh_obj_id=event.matter_id, pgh_id=event.matter_version)


class Walk:
    """Acts one after the other, each on a day of its own; after each, what its event names is held to the matter as it now stands."""

    def __init__(self, matter: Matter) -> None:
        self.key, self.day = matter.pk, DAY
        self.hold()

    @property
    def matter(self) -> Matter:
        return Matter.objects.get(pk=self.key)

    def act(self, do: Callable[..., Any], *, later: int = 1, **more: Any) -> Any:
        self.day += timedelta(days=later)
        done = do(on=self.day, at=at(self.day), **more)
        self.hold()
        return done

    def step(self, actor, act: str, note: str = "", later: int = 1) -> None:
        self.act(operations.take, actor=actor, matter_id=self.key, act=act, note=note, later=later)

    def hold(self) -> None:
        last = self.matter.timeline.order_by("-pk")[0]
        assert values_of(version(last)) == values_of(self.matter), last.act


def test_for_every_act_the_version_that_its_event_names_is_the_matter_as_the_act_left_it(
    person, me, station, street, reviewer, other_reviewer, approver
):
    second = officer("社区二号", "caseworker", VILLAGE)
    Status.objects.create(
        person=person, kind="registered_unemployed", start=date(2024, 1, 10), source="测试登记"
    )
    given = authority(street, person, on=DAY)
    recognised(person, given, station, second, street, reviewer, other_reviewer, approver)
    refused_and_taken_back(person, me, reviewer, approver)
    promised(person, me, station, reviewer)
    events = list(MatterEvent.objects.order_by("pk"))
    assert {event.act for event in events} == set(ACT_NAMES) - UNTOLD
    assert {event.act: version(event).state == event.to_state for event in events} == dict.fromkeys(
        {event.act for event in events}, True
    )


def recognised(person, given: Authority, station, second, street, reviewer, other_reviewer, approver) -> None:
    """From the counter, by the daughter, put right, objected to, granted, looked at again and ended."""
    walk = Walk(begin("employment-difficulty-recognition", person, street, way="on_behalf"))
    this: dict[str, Any] = {"matter_id": walk.key}
    walk.act(operations.change_speaker, actor=street, authority_id=given.pk, **this)
    walk.act(operations.show_original, actor=street, evidence_id="identity", said="身份证原件", **this)
    walk.act(operations.hand_in, actor=street, answers=FORM, **this)
    walk.act(conduct.take, actor=station, **this)
    walk.act(conduct.hand_on, actor=station, to_id=second.account_id, reason="下周休假", **this)
    walk.act(conduct.put_back, actor=second, reason="外出走访", **this)
    walk.act(operations.request_correction, actor=station, corrections={"category": "请核对"}, **this)
    operations.save(actor=street, answers=FORM, on=walk.day, at=at(walk.day), **this)
    walk.act(operations.hand_in, actor=street, answers=FORM | {"category": "unemployed_one_year"}, **this)
    walk.act(conduct.escalate_late, later=30)
    walk.step(station, "accept")
    walk.step(street, "check", "入户核实")
    walk.step(reviewer, "review")
    walk.step(reviewer, "publicise")
    raised = walk.act(
        operations.object_to, actor=station, raised_by_name="", contact="东关街1号", text="在开店", **this
    )
    settled = {"upheld": False, "resolution": "实地看过", "answer": "已核实"}
    walk.act(operations.resolve_objection, actor=other_reviewer, objection_id=raised.pk, **settled)
    walk.act(operations.note_objector_answered, actor=other_reviewer, objection_id=raised.pk, how="寄了信")
    walk.step(approver, "decide", "材料齐全", later=14)
    walk.act(operations.open_due_reviews, later=400)
    review = walk.matter.reviews.get()
    walk.act(operations.confirm_review, actor=street, review_id=review.pk, note="上门看过")
    walk.act(
        operations.end_granted, actor=approver, reason="stable_employment", note="已就业",
        ended_from=walk.day, **this,
    )  # fmt: skip


def refused_and_taken_back(person, me, reviewer, approver) -> None:
    """Refused twice: upheld once, overturned once; then taken back, and emptied when its time is over."""
    for overturned in (False, True):
        walk = Walk(hand_in(begin("employment-registration", person, me), me, FLEXIBLE))
        this: dict[str, Any] = {"matter_id": walk.key}
        walk.act(operations.refuse, actor=reviewer, clause_id="works-for-themselves", note="没有经营", **this)
        asked = walk.act(operations.ask_review, actor=me, text="有接单记录", **this)
        walk.act(
            operations.decide_review,
            actor=approver,
            review_id=asked.pk,
            overturned=overturned,
            words="看过记录",
        )
    walk.act(operations.withdraw, actor=me, note="不办了", **this)
    erase_expired(at=at(date(2031, 1, 1)))
    walk.hold()


def promised(person, me, station, reviewer) -> None:
    """A graduate's plan of services: one given, one closed and opened again."""
    Education.objects.create(
        person=person, level="bachelor", school="扬州大学", full_time=True, graduated_on=date(2023, 6, 30),
        source="学信网",
    )  # fmt: skip
    walk = Walk(hand_in(begin("graduate-registration", person, me), me, GRADUATE))
    walk.step(station, "accept")
    walk.step(reviewer, "decide")
    first, other = walk.matter.promised.order_by("pk")[:2]
    walk.act(operations.give_service, actor=station, promised_id=first.pk, given_on=walk.day, note="谈了一次")
    walk.act(
        operations.close_service,
        actor=station,
        promised_id=other.pk,
        reason="declined",
        note="不要了",
        tries=0,
    )
    walk.act(operations.open_service_again, actor=station, promised_id=other.pk, note="又要了")
