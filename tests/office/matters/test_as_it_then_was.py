"""A matter at any past moment is shown as it then was, and nothing that came later: in the view, and on the desk's page."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pgtrigger
import pytest
from django.test import Client

from jiuye.office.conduct import operations as conduct
from jiuye.office.matters import operations, queries
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.models import Matter, MatterEvent
from jiuye.office.matters.queries import MatterView, as_it_was
from jiuye.office.matters.queries.past import NotHandedInYetError
from jiuye.office.registry.models import Education
from jiuye.office.staff.models import Account
from jiuye.office.staff.retention import erase_expired
from tests.office.matters.conftest import DAY, at, officer
from tests.office.matters.test_objections import object_to, resolve, shown
from tests.office.matters.test_papers import FORM, attach, matter
from tests.office.matters.test_placing import NOTICE_OVER, begin, hand_in, take
from tests.office.matters.test_refusals import ask, decide, refused, registration
from tests.office.matters.test_reviews import confirm, granted, run
from tests.office.places import OTHER_VILLAGE
from tests.papers import pdf

__all__ = ["granted", "matter", "refused", "registration", "shown"]
NOW = date(2027, 3, 1)
DAYS = [DAY + timedelta(days=number) for number in range(40)]
GRADUATE = {"graduated_on": "2023-06-30", "school": "扬州大学", "seeking_work": "yes"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _long_after(settings) -> None:
    settings.OFFICE_DATE = NOW.isoformat()


def then(actor, thing: Matter, day: date, **later: int) -> MatterView:
    """As the acts of that day left it, which are all taken at one hour."""
    found = queries.seen_matter(actor, thing.pk, on=NOW, past=True)
    return as_it_was(found, at(day) + timedelta(**later))


def desk(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def page(actor, thing: Matter, day: date | datetime | None = None) -> str:
    answer = desk(actor).get(f"/desk/matters/{thing.pk}/", {"at": day.isoformat()} if day is not None else {})
    assert answer.status_code == 200
    return answer.text


def files(view: MatterView) -> list[str]:
    return [given.file_name for proof in view.proofs for given in proof.given if given.kind == "file"]


def said(view: MatterView) -> dict[str, str]:
    return {row.question.id: row.text for row in view.answers if row.text}


def test_state_form_papers_and_words_are_those_of_the_moment_and_what_came_later_is_nowhere_on_the_page(
    matter, me, street
):
    attach(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    back, again, out = DAYS[1], DAYS[2], DAYS[3]
    operations.request_correction(
        actor=street, matter_id=matter.pk, corrections={"call": "调档函没有盖章"}, on=back, at=at(back)
    )
    operations.attach(
        actor=me, matter_id=matter.pk, evidence_id="call", file_name="盖了章的.pdf", content=pdf("with a stamp"),
        on=again, at=at(again),
    )  # fmt: skip
    operations.hand_in(
        actor=me, matter_id=matter.pk, answers=FORM | {"to_name": "苏州某公司"}, on=again, at=at(again)
    )
    operations.withdraw(actor=me, matter_id=matter.pk, note="后来不想转了", on=out, at=at(out))

    first, sent_back = then(street, matter, DAY), then(street, matter, back)
    assert (first.matter.state, said(first)["to_name"]) == ("submitted", "南京某公司")
    assert [event.act for event in first.timeline] == ["start", "attach", "submit"]
    assert files(first) == files(sent_back) == ["调档函.pdf"]
    assert (sent_back.matter.state, sent_back.holder) == ("correction_requested", "")
    assert [proof.correction for proof in sent_back.proofs if proof.correction] == ["调档函没有盖章"]
    corrected = then(street, matter, again)
    assert (said(corrected)["to_name"], files(corrected)) == ("苏州某公司", ["调档函.pdf", "盖了章的.pdf"])
    html = page(street, matter, DAY)
    for later in ("后来不想转了", "调档函没有盖章", "盖了章的", "苏州某公司"):
        assert later not in html, later
    for present in ("不是现在的", "南京某公司", "调档函.pdf", "待受理"):
        assert present in html, present
    now = page(street, matter)
    assert "不是现在的" not in now
    assert "后来不想转了" in now


def test_each_step_leads_to_the_matter_as_it_left_it_but_none_to_the_draft(matter, me, street):
    attach(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAYS[1], at=at(DAYS[1]))
    take(matter, street, "accept", DAYS[2])
    client = desk(street)
    links = re.findall(rf'href="(/desk/matters/{matter.pk}/\?at=[^"]+)"', page(street, matter))
    states = [client.get(link.replace("&amp;", "&")).context["matter"].state for link in links]
    assert states == ["submitted", "accepted"]


def test_what_somebody_wrote_at_home_before_handing_it_in_is_shown_to_nobody_at_the_desk(matter, me, street):
    typed = FORM | {"to_address": "先写错的地址"}
    operations.save(actor=me, matter_id=matter.pk, answers=typed, on=DAY, at=at(DAY))
    attach(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAYS[1], at=at(DAYS[1]))
    for moment in (at(DAY) - timedelta(days=1), at(DAY)):
        with pytest.raises(NotHandedInYetError, match=DAYS[1].isoformat()):
            as_it_was(queries.seen_matter(street, matter.pk, on=NOW, past=True), moment)
    html = page(street, matter, DAY)
    assert "那时这件事项还没有提交" in html
    assert "不是现在的" not in html
    assert "先写错的地址" not in html


def test_who_had_it_and_that_it_was_late_is_told_of_then(matter, me, street):
    second = officer("街道二号", "caseworker", "321002001")
    attach(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    this: dict[str, Any] = {"matter_id": matter.pk}
    first, passed, done = DAYS[1], DAYS[2], DAYS[30]
    conduct.take(actor=street, on=first, at=at(first), **this)
    conduct.hand_on(actor=street, to_id=second.account_id, reason="休假", on=passed, at=at(passed), **this)
    take(matter, street, "accept", done)

    def in_hand(day: date) -> str:
        held = then(street, matter, day).in_hand
        return f"{held.name} {held.since}" if held is not None else ""

    assert [in_hand(day) for day in (DAY, first, passed, done)] == [
        "", f"街道经办 {first}", f"街道二号 {passed}", "",
    ]  # fmt: skip
    assert [then(street, matter, day).overdue for day in (passed, DAYS[29], done)] == [False, True, False]
    assert then(street, matter, DAY).holder == "东关街道"
    assert "街道经办，2024年6月12日 起" in page(street, matter, first)


def test_an_objection_stands_as_it_then_stood_and_so_does_the_notice(
    shown, station, other_reviewer, approver
):
    raised = object_to(shown, station, on=DAYS[1])
    resolve(raised, other_reviewer, upheld=False, words="实地看过没有开店", on=DAYS[13])
    take(shown, approver, "decide", DAYS[13])
    before, unanswered, over = (then(other_reviewer, shown, day) for day in (DAY, DAYS[1], DAYS[13]))
    assert (before.objections, [row.taken_down_on for row in before.notices]) == ((), [None])
    assert [(row.text, row.resolved_on, row.resolution) for row in unanswered.objections] == [
        ("她在开小店", None, "")
    ]
    assert (unanswered.matter.state, unanswered.matter.stopped_on) == ("publicised", DAYS[1])
    assert [(row.upheld, row.resolution) for row in over.objections] == [(False, "实地看过没有开店")]
    assert (over.matter.state, [row.taken_down_on for row in over.notices]) == ("granted", [DAYS[8]])
    assert [view.conditions for view in (before, over)] == [None, None]
    assert (bool(before.matter.receipt), bool(over.matter.receipt)) == (False, True)
    assert "没有留存" in page(other_reviewer, shown, DAY)
    assert "她在开小店" not in page(other_reviewer, shown, DAY)
    html = page(other_reviewer, shown, DAYS[1])
    assert "她在开小店" in html
    assert "实地看过没有开店" not in html


def test_a_refusal_and_the_review_of_it_stand_as_they_then_stood_though_it_was_overturned(
    refused, me, reviewer, approver
):
    decide(approver, ask(me, refused), on=DAYS[2])
    told, asked, anew = (then(reviewer, refused, day) for day in (DAY, DAYS[1], DAYS[2]))
    assert (told.matter.state, told.reviews) == ("refused", ())
    assert told.matter.refused_because == "没有开展经营，也没有灵活就业"
    assert told.appeals
    assert [(row.text, row.decided_on, row.words) for row in asked.reviews] == [
        ("我从五月起在送货，有接单记录", None, "")
    ]
    assert (anew.matter.state, [row.overturned for row in anew.reviews]) == ("submitted", [True])
    assert "有接单记录" not in page(reviewer, refused, DAY)
    html = page(reviewer, refused, DAYS[1])
    assert "没有开展经营" in html
    assert "接单记录属实" not in html
    assert "接单记录属实" in page(reviewer, refused)


def test_promised_services_are_those_given_and_closed_by_then_and_owed_by_the_day_that_then_held(
    person, me, station, reviewer
):
    Education.objects.create(
        person=person, level="bachelor", school="扬州大学", full_time=True, graduated_on=date(2023, 6, 30),
        source="学信网",
    )  # fmt: skip
    plan = hand_in(begin("graduate-registration", person, me), me, GRADUATE)
    take(plan, station, "accept")
    take(plan, reviewer, "decide")
    first, other = plan.promised.order_by("pk")[:2]
    closed, opened = DAYS[2], date(2026, 3, 2)
    operations.give_service(
        actor=station, promised_id=first.pk, given_on=DAYS[1], note="谈了打算", on=DAYS[1], at=at(DAYS[1])
    )
    operations.close_service(
        actor=station, promised_id=other.pk, reason="declined", note="来电说不用了", tries=0, on=closed, at=at(closed)
    )  # fmt: skip
    operations.open_service_again(
        actor=station, promised_id=other.pk, note="又想要了", on=opened, at=at(opened)
    )
    was, now = other.due_on, queries.seen_matter(station, plan.pk, on=NOW).promised[1].due_on
    assert was != now

    def services(day: date) -> list[tuple[int, bool, date | None]]:
        rows = then(station, plan, day).promised
        return [(len(row.given.all()), row.closing is not None, row.due_on) for row in rows[:2]]

    assert services(DAY) == [(0, False, first.due_on), (0, False, was)]
    assert services(DAYS[1]) == [(1, False, first.due_on), (0, False, was)]
    assert services(closed) == [(1, False, first.due_on), (0, True, was)]
    assert services(opened) == [(1, False, first.due_on), (0, False, now)]
    html = page(station, plan, DAYS[1])
    assert "谈了打算" in html
    assert "来电说不用了" not in html
    assert "来电说不用了" in page(station, plan, closed)
    assert "又想要了" not in page(station, plan, closed)


def test_a_yearly_review_waits_where_it_then_waited_and_what_was_ended_later_then_still_held(
    granted, street, approver
):
    due, answered, next_due, ended = date(2025, 6, 20), date(2025, 6, 27), date(2026, 6, 29), date(2026, 7, 3)
    run(due)
    confirm(granted.reviews.get(), street, on=answered)
    run(next_due)
    operations.end_granted(
        actor=approver, matter_id=granted.pk, reason="stable_employment", note="已参保半年", ended_from=ended,
        on=ended, at=at(ended),
    )  # fmt: skip
    waiting = {
        day: then(street, granted, day).review for day in (NOTICE_OVER, due, answered, next_due, ended)
    }
    assert [row is not None for row in waiting.values()] == [False, True, False, True, False]
    assert (waiting[due].due_on, waiting[due].outcome, waiting[due].decided_on) == (due, "", None)
    states = [then(street, granted, day).matter.state for day in (next_due, ended)]
    assert states == ["granted", "ended"]
    html = page(street, granted, due)
    assert "那时还没有答复" in html
    assert "上门看过" not in html
    assert "已参保半年" not in page(street, granted, next_due)


def test_from_a_past_page_nothing_is_done(shown, street, reviewer, approver, station):
    object_to(shown, station, on=DAYS[1])
    for who in (street, reviewer, approver):
        own = re.findall(r'<form method="post"[^>]*action="([^"]+)"', page(who, shown, DAYS[1]))
        assert [address for address in own if "/desk/" in address] == []
        view = then(who, shown, DAYS[1])
        assert (view.acts, view.may_object, view.may_resolve, view.may_review) == ((), False, False, False)
    now = re.findall(r'action="(/desk/[^"]+)"', page(reviewer, shown))
    assert any("/acts/" in address or "/take" in address for address in now)


def test_who_may_not_see_the_matter_sees_it_in_the_past_neither(shown, me):
    elsewhere = officer("邗江街道", "caseworker", OTHER_VILLAGE[:9])
    for who in (elsewhere, me):
        for asking in ({}, {"at": DAY.isoformat()}):
            assert desk(who).get(f"/desk/matters/{shown.pk}/", asking).status_code in (403, 404)
    with pytest.raises(MatterNotFoundError):
        queries.seen_matter(elsewhere, shown.pk, on=NOW, past=True)


def test_a_form_that_is_being_put_right_is_shown_as_far_as_it_was_saved_by_then(matter, me, street):
    attach(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    operations.request_correction(
        actor=street, matter_id=matter.pk, corrections={"to_name": "名称不对"}, on=DAY, at=at(DAY)
    )
    sent_back = matter.timeline.order_by("pk").last()
    for number, name in enumerate(("苏州一", "苏州二"), start=1):
        operations.save(actor=me, matter_id=matter.pk, answers=FORM | {"to_name": name}, on=DAY, at=at(DAY))
        written(matter, at(DAY) + timedelta(hours=number), after=sent_back)
    handed_in = FORM | {"to_name": "苏州三"}
    operations.hand_in(actor=me, matter_id=matter.pk, answers=handed_in, on=DAYS[1], at=at(DAYS[1]))

    def name(**later: int) -> str:
        return said(then(street, matter, DAY, **later))["to_name"]

    assert [name(), name(hours=1), name(hours=3), name(days=1)] == [
        "南京某公司",
        "苏州一",
        "苏州二",
        "苏州三",
    ]


def written(matter: Matter, moment: datetime, *, after: MatterEvent) -> None:
    """The last version bears that moment: inside one transaction the database's clock stands still."""
    versions = Matter.pgh_event_model.objects.filter(pgh_obj_id=matter.pk)
    with pgtrigger.ignore("matters.MatterVersion:append_only"):
        versions.filter(pk=versions.order_by("-pgh_id")[0].pk, pgh_id__gt=after.matter_version).update(
            pgh_created_at=moment
        )


def test_what_was_written_before_events_named_their_version_is_found_by_its_state(
    refused, me, reviewer, approver
):
    decide(approver, ask(me, refused), on=DAYS[2])
    with pgtrigger.ignore("matters.MatterEvent:append_only"):
        refused.timeline.update(matter_version=None)
    assert [then(reviewer, refused, day).matter.state for day in (DAY, DAYS[2])] == ["refused", "submitted"]


def test_what_was_erased_is_shown_at_no_past_moment_and_no_proxy_is_told_of_where_there_was_none(
    matter, me, street
):
    attach(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    operations.withdraw(actor=me, matter_id=matter.pk, note="不办了", on=DAYS[1], at=at(DAYS[1]))
    assert "南京某公司" in page(street, matter, DAY)
    erase_expired(at=datetime(2027, 2, 1, tzinfo=UTC))
    view = then(street, matter, DAY)
    assert (view.matter.state, said(view), files(view), view.matter.proxy) == ("submitted", {}, [], "")
    html = page(street, matter, DAY)
    assert "南京某公司" not in html
    assert "代办人及委托证明" not in html
