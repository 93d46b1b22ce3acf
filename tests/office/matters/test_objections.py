"""Objections to a matter's public notice: from the page or the counter, pausing the matter; and the proof of what was shown."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from jiuye.office.casework.limiting import TooManyObjectionsError
from jiuye.office.casework.models import NoticeProof
from jiuye.office.casework.notices import is_sound
from jiuye.office.casework.objections import (
    HadAHandError,
    NotPublicisedError,
    ObjectionOpenError,
)
from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.conduct.operations.escalating import escalate_late
from jiuye.office.matters import operations, queries
from jiuye.office.matters.models import Matter, MatterObjection
from jiuye.office.matters.notices import notices_named
from jiuye.office.registry.models import Status
from jiuye.office.staff.access import access
from jiuye.office.staff.queries import NotPermittedError
from tests.office.matters.conftest import DAY, at, officer
from tests.office.matters.test_placing import NOTICE_OVER, begin, hand_in, take

SECOND = date(2024, 6, 12)
ANSWERED = date(2024, 6, 24)


@pytest.fixture
def shown(person, me, station, street, reviewer) -> Matter:
    """In public notice from 2024-06-11 to 2024-06-18, then three workdays to decide."""
    Status.objects.create(
        person=person, kind="registered_unemployed", start=date(2024, 1, 10), source="测试登记"
    )
    matter = hand_in(
        begin("employment-difficulty-recognition", person, me),
        me,
        {"category": "older", "true_statement": "yes"},
    )
    take(matter, station, "accept")
    take(matter, street, "check", note="入户核实")
    take(matter, reviewer, "review")
    return take(matter, reviewer, "publicise")


def object_to(
    matter: Matter, actor, text: str = "她在开小店", on: date = SECOND, name: str = ""
) -> MatterObjection:
    return operations.object_to(
        actor=actor, matter_id=matter.pk, raised_by_name=name, contact="", text=text, on=on, at=at(on)
    )


def resolve(objection: MatterObjection, actor, *, upheld: bool, words: str = "实地看过", on: date = ANSWERED):
    return operations.resolve_objection(
        actor=actor, objection_id=objection.pk, upheld=upheld, resolution=words, on=on, at=at(on)
    )


def test_an_objection_stops_the_clocks_and_the_grant_until_it_is_answered(
    shown, station, other_reviewer, approver
):
    due, promised = shown.due_on, shown.promised_on
    objection = object_to(shown, station)
    shown.refresh_from_db()
    assert (shown.stopped_on, shown.step_workdays_left) == (SECOND, 7)
    with pytest.raises(ObjectionOpenError, match="还没有处理"):
        take(shown, approver, "decide", NOTICE_OVER)
    resolve(objection, other_reviewer, upheld=False)
    shown.refresh_from_db()
    assert shown.stopped_on is None
    assert (shown.due_on - due).days == 12  # eight workdays stood still
    assert shown.promised_on > promised
    granted = take(shown, approver, "decide", ANSWERED)
    assert granted.state == "granted"


def test_what_stands_still_is_not_passed_up_as_late(shown, station, other_reviewer):
    objection = object_to(shown, station)
    late = date(2024, 7, 15)
    assert escalate_late(on=late, at=at(late)).things == 0
    resolve(objection, other_reviewer, upheld=False, on=date(2024, 6, 24))
    assert escalate_late(on=late, at=at(late)).things == 1


def test_one_that_is_upheld_keeps_the_matter_from_being_granted(shown, station, other_reviewer, approver):
    resolve(object_to(shown, station), other_reviewer, upheld=True)
    with pytest.raises(ObjectionOpenError, match="异议成立"):
        take(shown, approver, "decide", ANSWERED, note="证据")
    refused = operations.refuse(
        actor=approver,
        matter_id=shown.pk,
        clause_id="category",
        note="正在经营小店",
        on=ANSWERED,
        at=at(ANSWERED),
    )
    assert refused.state == "refused"


def test_a_refused_matter_that_is_taken_up_again_is_granted_only_once_the_objection_is_answered(
    shown, station, street, reviewer, other_reviewer, approver, me
):
    objection = object_to(shown, station)
    operations.refuse(
        actor=reviewer, matter_id=shown.pk, clause_id="category", note="在开小店", on=SECOND, at=at(SECOND)
    )
    asked = operations.ask_review(actor=me, matter_id=shown.pk, text="没有开店", on=SECOND, at=at(SECOND))
    operations.decide_review(
        actor=approver, review_id=asked.pk, overturned=True, words="没有营业执照", on=SECOND, at=at(SECOND)
    )
    for who, act in ((station, "accept"), (street, "check"), (reviewer, "review"), (reviewer, "publicise")):
        take(shown, who, act, SECOND, note="入户核实")
    shown.refresh_from_db()
    decider = officer("林审批", "approver", "321002")
    with pytest.raises(ObjectionOpenError, match="还没有处理"):
        take(shown, decider, "decide", ANSWERED)
    granted = {"state": "granted", "decided_on": ANSWERED, "decided_by": decider.account_id}
    with pytest.raises(IntegrityError, match="有公示异议还没有处理"), transaction.atomic():
        Matter.objects.filter(pk=shown.pk).update(**granted)
    resolve(objection, other_reviewer, upheld=False)
    assert take(shown, decider, "decide", ANSWERED).state == "granted"


def test_the_second_objection_keeps_the_clock_standing_when_the_first_is_answered(
    shown, station, other_reviewer
):
    first, second = object_to(shown, station), object_to(shown, station, "她不住在这里")
    resolve(first, other_reviewer, upheld=False)
    shown.refresh_from_db()
    assert shown.stopped_on == SECOND
    resolve(second, other_reviewer, upheld=False)
    shown.refresh_from_db()
    assert shown.stopped_on is None


def test_it_is_decided_by_somebody_at_the_county_who_took_no_step_in_the_matter(
    shown, station, street, reviewer, other_reviewer
):
    objection = object_to(shown, station)
    with pytest.raises(NotPermittedError):
        resolve(objection, street, upheld=False)
    with pytest.raises(HadAHandError, match="区另一审核（审核人员）"):
        resolve(objection, reviewer, upheld=False)
    Matter.objects.filter(pk=shown.pk).update(accepted_by_id=other_reviewer.account_id)
    with pytest.raises(HadAHandError, match="本县（市、区）和市里都没有"):
        resolve(objection, other_reviewer, upheld=False)
    above = officer("市审核", "reviewer", "3210")
    with pytest.raises(HadAHandError, match="市审核（审核人员）"):
        resolve(objection, other_reviewer, upheld=False)
    with pytest.raises(WordsMissingError):
        resolve(objection, above, upheld=False, words=" ")
    with pytest.raises(IntegrityError, match="没有经办过的人员"), transaction.atomic():
        MatterObjection.objects.update(
            resolved_on=ANSWERED, resolved_by=reviewer.account_id, upheld=False, resolution="绕过"
        )


def test_what_is_no_objection_is_refused_in_words(shown, station):
    with pytest.raises(WordsMissingError):
        object_to(shown, station, " ")
    object_to(shown, station)
    with pytest.raises(AlreadyDoneError):
        object_to(shown, station)
    with pytest.raises(NotPublicisedError):
        object_to(shown, station, "晚了", on=date(2024, 6, 19))
    with pytest.raises(NotPermittedError):
        object_to(shown, officer("外区", "caseworker", "321003001"), "外区")


def test_the_page_takes_no_more_than_so_many_open_ones(shown):
    MatterObjection.objects.bulk_create(
        MatterObjection(matter=shown, text=f"第{number}条", raised_on=SECOND)
        for number in range(access().open_objections_of_notice)
    )
    with pytest.raises(TooManyObjectionsError):
        operations.object_in_public(
            matter_id=shown.pk,
            raised_by_name="",
            contact="",
            text="又一条",
            address="203.0.113.9",
            on=SECOND,
            at=at(SECOND),
        )


def test_anybody_objects_on_the_public_page_and_the_desk_sees_it(shown, settings, other_reviewer):
    settings.OFFICE_DATE = SECOND.isoformat()
    client = Client()
    page = client.get("/notice/").content.decode()
    address = f"/notice/{shown.number}/object/"
    assert address in page
    form = client.get(address).content.decode()
    assert "张**" in form
    assert "张秀兰" not in form
    assert client.post(address, {"text": ""}).status_code == 422
    assert client.post(address, {"text": "她在开小店", "contact": "13900000000"}).status_code == 302
    view = queries.seen_matter(other_reviewer, shown.pk, on=SECOND)
    (objection,) = view.objections
    assert (objection.text, objection.contact, objection.recorded_by) == ("她在开小店", "13900000000", None)
    assert view.may_resolve
    assert "decide" not in {row.act for row in view.acts}
    settings.OFFICE_DATE = "2024-06-19"
    assert client.get(address).status_code == 404


def test_what_was_shown_is_kept_with_its_digest_and_closed_when_it_is_over(
    shown, station, other_reviewer, approver
):
    proof = NoticeProof.objects.get(about=f"matter:{shown.pk}")
    assert (proof.first_day, proof.until, proof.taken_down_on) == (DAY, date(2024, 6, 19), None)
    assert proof.shown["applicant"] == "张**"
    assert is_sound(proof)
    (named,) = notices_named()
    assert (named.about, named.at, named.digest) == (proof.about, proof.put_up_at, proof.digest)
    resolve(object_to(shown, station), other_reviewer, upheld=False)
    take(shown, approver, "decide", ANSWERED)
    proof.refresh_from_db()
    assert (proof.taken_down_on, proof.objections) == (date(2024, 6, 19), 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        NoticeProof.objects.filter(pk=proof.pk).update(shown={"applicant": "李**"})
    with pytest.raises(DatabaseError), transaction.atomic():
        NoticeProof.objects.filter(pk=proof.pk).delete()


def test_a_notice_that_is_taken_down_before_its_time_says_when(shown, me):
    operations.withdraw(actor=me, matter_id=shown.pk, note="不办了", on=SECOND, at=at(SECOND))
    assert NoticeProof.objects.get(about=f"matter:{shown.pk}").taken_down_on == SECOND
