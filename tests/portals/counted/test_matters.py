"""The pages of a matter from its form to its end, of its rating, and of a life event."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

from datetime import date
from itertools import count

import pytest
from django.urls import reverse

from jiuye.office.conduct import operations as conduct
from jiuye.office.conduct.models import Rating
from jiuye.office.matters import operations
from jiuye.office.matters.models import Evidence, Matter
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import Education
from tests.office.matters.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    approver,
    at,
    divisions,
    me,
    officer,
    person,
    reviewer,
    station,
    street,
)
from tests.office.matters.test_placing import (  # noqa: F401 (the fixtures are used by name)
    NOTICE_OVER,
    YES,
    begin,
    hand_in,
    household,
    take,
)
from tests.portals.counting import Walk, client_of

pytestmark = pytest.mark.django_db
PAGES = frozenset(
    {
        "desk:matter",
        "desk:matter_letter",
        "desk:fill_matter",
        "desk:rating",
        "resident:matter",
        "resident:paper",
        "resident:life_event",
        "resident:life_event_done",
    }
)


def test_the_pages_of_a_matter_hold_to_fifteen_in_every_state(
    person,
    me,
    household,
    station,
    street,
    reviewer,
    approver,
    settings,
):
    settings.OFFICE_DATE = DAY.isoformat()
    walk, mine = Walk(), {"applicant": client_of(me)}
    other = officer("区审核二", "reviewer", "321002")
    desk = {one.name: client_of(one) for one in (station, street, reviewer, approver, other)}
    desk["auditor"] = client_of(officer("审计", "auditor", "3210"))

    stage = count()

    def look(matter: Matter) -> None:
        number = next(stage)
        for who, client in desk.items():
            walk.open({f"{who} ({matter.state}, {number})": client}, "desk:matter", matter.pk)
        walk.open({f"applicant ({matter.state}, {number})": mine["applicant"]}, "resident:matter", matter.pk)

    def look_back(matter: Matter, *days: date) -> None:
        for day in days:
            walk.open({"approver (then)": desk[approver.name]}, "desk:matter", matter.pk, asking=f"?at={day}")

    matter = begin("zero-job-household-recognition", person, me)
    look(matter)
    matter = hand_in(matter, me, YES)
    look(matter)
    for who, act, note in (
        (station, "accept", ""),
        (street, "check", "到家里看了，无人就业。"),
        (reviewer, "review", ""),
        (reviewer, "publicise", ""),
    ):
        desk[who.name].post(reverse("desk:take_matter", args=[matter.pk]))
        look(matter)
        take(matter, who, act, note=note)
        matter.refresh_from_db()
        look(matter)
    raised = operations.object_to(
        actor=street,
        matter_id=matter.pk,
        raised_by_name="",
        contact="",
        text="他们家有人上班。",
        on=DAY,
        at=at(DAY),
    )
    look(matter)
    operations.resolve_objection(
        actor=approver,
        objection_id=raised.pk,
        upheld=False,
        resolution="查过登记，没有人就业。",
        on=DAY,
        at=at(DAY),
    )
    look(matter)
    take(matter, approver, "decide", NOTICE_OVER, note="按入户核实，没有经营性或投资性收入。")
    matter.refresh_from_db()
    look(matter)
    on = date(2025, 6, 20)
    operations.open_due_reviews(on=on, at=at(on))
    settings.OFFICE_DATE = on.isoformat()
    look(matter)
    conduct.rate(actor=me, matter_id=matter.pk, level="very_unsatisfied", words="等了很久", on=on, at=at(on))
    look(matter)
    walk.open(desk, "desk:rating", Rating.objects.get().pk)
    operations.end_granted(
        actor=approver,
        matter_id=matter.pk,
        reason="member_employed",
        note="有人就业",
        ended_from=on,
        on=on,
        at=at(on),
    )
    matter.refresh_from_db()
    look(matter)
    look_back(matter, DAY, NOTICE_OVER, on)
    ended = Message.objects.get(occasion="matter_ended")
    walk.open(desk, "desk:matter_letter", matter.pk, ended.pk)
    walk.hold(frozenset({"desk:matter", "desk:matter_letter", "resident:matter", "desk:rating"}))


def test_the_page_of_a_matter_that_promised_services_holds_to_fifteen(
    person,
    me,
    station,
    street,
    reviewer,
    settings,
):
    settings.OFFICE_DATE = DAY.isoformat()
    Education.objects.create(
        person=person,
        level="bachelor",
        school="扬州大学",
        full_time=True,
        graduated_on=date(2023, 6, 30),
        source="学信网",
    )
    matter = begin("graduate-registration", person, me)
    hand_in(matter, me, {"graduated_on": "2023-06-30", "school": "扬州大学", "seeking_work": "yes"})
    take(matter, station, "accept")
    take(matter, reviewer, "decide")
    walk = Walk()
    for asking in ("", f"?at={DAY}"):
        walk.open(
            {one.name: client_of(one) for one in (station, street, reviewer)},
            "desk:matter",
            matter.pk,
            asking=asking,
        )
    walk.open({"applicant": client_of(me)}, "resident:matter", matter.pk)
    walk.hold(frozenset({"desk:matter", "resident:matter"}))


def test_a_form_at_the_counter_a_paper_and_the_pages_of_life_events_hold_to_fifteen(
    person,
    me,
    street,
    settings,
):
    settings.OFFICE_DATE = DAY.isoformat()
    drafts = [
        operations.start(
            actor=street,
            item_id=item,
            applicant_kind="person",
            applicant_id=person.pk,
            way="on_behalf",
            on=DAY,
            at=at(DAY),
        )
        for item in ("public-welfare-post-placement", "employment-difficulty-recognition")
    ]
    walk, mine = Walk(), {"applicant": client_of(me)}
    for draft in drafts:
        walk.open({street.name: client_of(street)}, "desk:fill_matter", draft.pk)
    moved = begin("personnel-file-transfer", person, me)
    hand_in(moved, me, {"to_name": "南京某公司", "to_address": "南京市", "why": "employed"}, ("call",))
    walk.open(mine, "resident:paper", Evidence.objects.filter(kind="file")[0].pk)
    for event in ("lost_job", "graduated", "left_the_service", "working_for_myself"):
        walk.open(mine, "resident:life_event", event_id=event)
    sent = mine["applicant"].post(
        "/my/services/events/graduated/",
        {
            "item": ["unemployment-registration"],
            "graduate-registration.seeking_work": "yes",
            "unemployment-registration.reason": "never_worked",
            "unemployment-registration.able_to_work": "yes",
        },
    )
    walk.open(mine, "resident:life_event_done", event_id="graduated", asking=f"?{sent.url.partition('?')[2]}")
    walk.hold(PAGES - {"desk:matter", "desk:matter_letter", "resident:matter", "desk:rating"})
