"""Registration as unemployed: started, handed in, decided, and what follows in the registry by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from jiuye.office.casework.authorities import HolderActsError
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.matters import operations, queries
from jiuye.office.matters.access import NotForYouError
from jiuye.office.matters.forms import FormRefusedError, answers_of
from jiuye.office.matters.models import Matter, MatterEvent
from jiuye.office.matters.operations.deciding import (
    ClauseMissingError,
    CorrectedBeforeError,
    FieldsMissingError,
    NotMetError,
    SamePersonError,
    UntoldError,
)
from jiuye.office.matters.operations.starting import ProxyMissingError
from jiuye.office.matters.states import WrongStateError
from jiuye.office.registry.models import EmploymentSpell, Status
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import NotPermittedError, actor_for
from tests.office.authorities import authority
from tests.office.matters.conftest import DAY, at, officer
from tests.office.places import OTHER_VILLAGE as ELSEWHERE
from tests.papers import pdf

ITEM = "unemployment-registration"
FORM = {"reason": "contract_ended", "left_on": "2024-06-01", "able_to_work": "yes", "seeking_work": "yes"}


def begin(person, actor, **more) -> Matter:
    return operations.start(
        actor=actor, item_id=ITEM, applicant_kind="person", applicant_id=person.pk, on=DAY, at=at(DAY), **more
    )


def hand_in(person, actor, **changes) -> Matter:
    matter = begin(person, actor)
    return operations.hand_in(actor=actor, matter_id=matter.pk, answers=FORM | changes, on=DAY, at=at(DAY))


def take(matter: Matter, actor, act: str, on: date = DAY, **more) -> Matter:
    return operations.take(actor=actor, matter_id=matter.pk, act=act, on=on, at=at(on), **more)


@pytest.fixture
def job(person) -> EmploymentSpell:
    return EmploymentSpell.objects.create(
        person=person, kind="flexible", start=date(2023, 5, 1), source="测试登记"
    )


def test_a_resident_registers_and_the_registry_knows_it_at_once(person, me, job, station, reviewer):
    matter = hand_in(person, me)
    assert (matter.state, matter.awaits, matter.awaits_role, matter.awaits_digits) == (
        "submitted", "accept", "caseworker", 12,
    )  # fmt: skip
    assert matter.due_on == date(2024, 6, 12)
    assert matter.promised_on == date(2024, 6, 14)
    take(matter, station, "accept")
    decided = take(matter, reviewer, "decide")
    assert decided.state == "granted"
    assert decided.receipt["verdict"] == "yes"  # on what is true now that the job is over
    job.refresh_from_db()
    assert job.until == date(2024, 6, 1)
    status = Status.objects.get(person=person, kind="registered_unemployed")
    assert (status.start, status.document) == (DAY, matter.number)


def test_the_registers_prove_who_somebody_is_so_that_no_paper_is_asked_for(person, me):
    matter = hand_in(person, me)
    (proof,) = matter.evidence.all()
    assert (proof.evidence_id, proof.kind, proof.said) == ("identity", "register", "公安人口信息")


def test_a_form_that_is_refused_keeps_what_was_filled_in(person, me):
    matter = begin(person, me)
    with pytest.raises(FormRefusedError) as refused:
        operations.hand_in(
            actor=me,
            matter_id=matter.pk,
            answers={"reason": "resigned", "seeking_work": "no"},
            on=DAY,
            at=at(DAY),
        )
    assert set(refused.value.fields) == {"left_on", "able_to_work", "seeking_work"}
    assert answers_of(Matter.objects.get(pk=matter.pk)) == {"reason": "resigned", "seeking_work": "no"}


def test_a_date_after_today_is_refused_in_words(person, me):
    with pytest.raises(FormRefusedError, match="不能晚于今天"):
        hand_in(person, me, left_on=(DAY + timedelta(days=1)).isoformat())


def test_a_field_that_the_answers_leave_out_is_not_asked(person, me):
    matter = begin(person, me)
    answers = {"reason": "never_worked", "able_to_work": "yes", "seeking_work": "yes"}
    assert (
        operations.hand_in(actor=me, matter_id=matter.pk, answers=answers, on=DAY, at=at(DAY)).state
        == "submitted"
    )


def test_a_second_start_finds_the_first_draft_and_a_second_posting_says_so(person, me):
    matter = hand_in(person, me)
    assert begin(person, me).pk == matter.pk
    with pytest.raises(AlreadyDoneError):
        operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    assert matter.timeline.filter(act="submit").count() == 1


def test_nobody_starts_a_matter_for_somebody_else(person, me, divisions):
    from tests.office.matters.conftest import make_person, resident

    other = resident(make_person("别人", number="321002198001010020", birth_date=date(1980, 1, 1)))
    with pytest.raises(NotForYouError):
        begin(person, other)


def test_a_relative_acts_by_an_authority_on_record_and_not_without(person, street):
    with pytest.raises(ProxyMissingError, match="请先在居民页面登记授权"):
        begin(person, street, way="relative")
    given = authority(street, person, on=DAY)
    matter = begin(person, street, way="relative", authority_id=given.pk)
    assert (matter.way, matter.authority) == ("relative", given)
    assert matter.timeline.get().details["holder"] == "张**"


def test_a_relative_on_record_begins_nothing_for_the_resident_as_a_plain_officer_and_accepts_nothing(
    person, street, me
):
    daughter = officer("张小兰", "caseworker", "321002001")
    authority(street, person, on=DAY)
    with pytest.raises(HolderActsError, match="窗口没有别人的，由上一级窗口办理"):
        begin(person, daughter, way="on_behalf")
    matter = hand_in(person, me)
    with pytest.raises(HolderActsError):
        take(matter, daughter, "accept")
    with pytest.raises(IntegrityError, match="受理人不能是"), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(accepted_by_id=daughter.account_id)


def test_a_station_elsewhere_may_not_accept(person, me, divisions):
    matter = hand_in(person, me)
    with pytest.raises(NotPermittedError):
        take(matter, officer("外区协理员", "caseworker", ELSEWHERE), "accept")


def test_who_accepted_does_not_decide(person, me, station):
    matter = take(hand_in(person, me), station, "accept")
    both = officer("一人两岗", "reviewer", "321002")
    Matter.objects.filter(pk=matter.pk).update(accepted_by_id=both.account_id)
    with pytest.raises(SamePersonError):
        take(matter, both, "decide", note="材料齐全")


def test_who_accepted_it_once_does_not_decide_it_after_it_went_back_and_another_accepted_it(
    person, me, station, reviewer
):
    both = officer("一人两岗", "reviewer", "321002")
    Post.objects.create(
        account_id=both.account_id, role="caseworker", division_code="321002", start=date(2023, 1, 1)
    )
    both = actor_for(Account.objects.get(pk=both.account_id), on=DAY)
    matter = take(hand_in(person, me), both, "accept")
    operations.request_correction(
        actor=both, matter_id=matter.pk, corrections={"left_on": "与合同不一致"}, on=DAY, at=at(DAY)
    )
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    take(matter, station, "accept")
    assert "decide" not in {row.act for row in queries.seen_matter(both, matter.pk, on=DAY).acts}
    with pytest.raises(SamePersonError):
        take(matter, both, "decide", note="材料齐全")
    with pytest.raises(SamePersonError):
        operations.refuse(
            actor=both, matter_id=matter.pk, clause_id="without-work", note="正在上班", on=DAY, at=at(DAY)
        )
    with pytest.raises(IntegrityError, match="决定人不能是受理过这件的人"), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(decided_by_id=both.account_id)
    assert "decide" in {row.act for row in queries.seen_matter(reviewer, matter.pk, on=DAY).acts}


def test_a_step_out_of_turn_says_what_comes_next(person, me, reviewer):
    matter = hand_in(person, me)
    with pytest.raises(WrongStateError, match="下一步是“受理”"):
        take(matter, reviewer, "decide")


def test_conditions_that_do_not_hold_by_the_records_need_a_ground_in_words(person, me, station, reviewer):
    Status.objects.create(
        person=person, kind="registered_unemployed", start=date(2024, 1, 1), source="测试登记"
    )
    matter = take(hand_in(person, me, reason="never_worked"), station, "accept")
    with pytest.raises(NotMetError):
        take(matter, reviewer, "decide")


def test_conditions_of_which_the_records_do_not_tell_need_a_ground_in_words_as_well(
    person, me, station, reviewer
):
    person.birth_date = None
    person.save(update_fields=["birth_date"])
    matter = begin(person, me)
    operations.attach(
        actor=me, matter_id=matter.pk, evidence_id="identity", file_name="证.pdf", content=pdf("identity"),
        on=DAY, at=at(DAY),
    )  # fmt: skip
    take(hand_in(person, me, reason="never_worked"), station, "accept")
    with pytest.raises(UntoldError, match="出生日期"):
        take(matter, reviewer, "decide")
    matter.refresh_from_db()
    assert matter.state == "accepted"
    granted = take(matter, reviewer, "decide", note="户口簿原件载明1978年3月5日出生")
    assert (granted.state, granted.receipt["verdict"]) == ("granted", "unknown")


def test_a_correction_names_its_fields_and_is_asked_for_once(person, me, station):
    matter = hand_in(person, me)
    with pytest.raises(FieldsMissingError):
        operations.request_correction(
            actor=station, matter_id=matter.pk, corrections={"nothing": "x"}, on=DAY, at=at(DAY)
        )
    back = operations.request_correction(
        actor=station,
        matter_id=matter.pk,
        corrections={"left_on": "与合同上的日期不一致"},
        on=DAY,
        at=at(DAY),
    )
    assert (back.state, back.awaits) == ("correction_requested", "")
    again = operations.hand_in(
        actor=me, matter_id=matter.pk, answers=FORM | {"left_on": "2024-05-31"}, on=DAY, at=at(DAY)
    )
    assert (again.state, again.awaits, again.corrections) == ("submitted", "accept", {})
    with pytest.raises(CorrectedBeforeError):
        operations.request_correction(
            actor=station, matter_id=matter.pk, corrections={"reason": "写错"}, on=DAY, at=at(DAY)
        )


def test_a_refusal_names_the_condition_and_opens_the_ways_of_appeal(person, me, station, reviewer):
    matter = take(hand_in(person, me), station, "accept")
    with pytest.raises(ClauseMissingError):
        operations.refuse(actor=reviewer, matter_id=matter.pk, note="正在上班", on=DAY, at=at(DAY))
    refused = operations.refuse(
        actor=reviewer, matter_id=matter.pk, clause_id="without-work", note="正在上班", on=DAY, at=at(DAY)
    )
    assert (refused.state, refused.refused_law) == ("refused", "处于失业（无业）状态")
    appeals = refused.timeline.get(act="refuse").details["appeals"]
    assert {row["id"] for row in appeals} == {"reconsideration", "litigation"}


def test_the_desk_sees_what_waits_for_its_level_and_nobody_elses(person, me, station, street, reviewer):
    matter = hand_in(person, me)
    elsewhere = officer("外区经办", "caseworker", "321003001")
    assert [row.pk for row in queries.todays_matters(station, on=DAY)] == [matter.pk]
    assert [row.pk for row in queries.todays_matters(street, on=DAY)] == [matter.pk]
    assert not queries.todays_matters(reviewer, on=DAY).exists()
    assert not queries.todays_matters(elsewhere, on=DAY).exists()
    take(matter, station, "accept")
    assert [row.pk for row in queries.todays_matters(reviewer, on=DAY)] == [matter.pk]


def test_what_happened_cannot_be_edited_or_removed(person, me):
    matter = hand_in(person, me)
    with pytest.raises(DatabaseError), transaction.atomic():
        MatterEvent.objects.filter(matter=matter).update(note="改")
    with pytest.raises(DatabaseError), transaction.atomic():
        MatterEvent.objects.filter(matter=matter).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(state="granted", decided_on=DAY)
