"""Looking again each year at what was granted: found by the night, confirmed, or ended with everything that rests on it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.casework.authorities import HolderActsError
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.entitlements.operations import explain_now
from jiuye.office.matters import operations, queries
from jiuye.office.matters.models import Matter, Review
from jiuye.office.matters.operations.reviewing import (
    EndOutOfRangeError,
    ReasonUnknownError,
    SayWhatWasSeenError,
)
from jiuye.office.matters.states import NoteMissingError
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import Employer, Status
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from tests.office.authorities import authority
from tests.office.matters.conftest import DAY, at, officer
from tests.office.matters.test_placing import NOTICE_OVER, YES, begin, hand_in, household, take
from tests.office.places import OTHER_VILLAGE
from tests.portals.refused_forms import losses, walked

__all__ = ["household"]
ITEM = "employment-difficulty-recognition"
DUE = date(2025, 6, 20)
LATER = date(2025, 6, 27)


@pytest.fixture
def granted(person, me, station, street, reviewer, approver) -> Matter:
    """Recognised on 2024-06-20 as a woman over forty who is registered as unemployed."""
    Status.objects.create(
        person=person, kind="registered_unemployed", start=date(2024, 1, 10), source="测试登记"
    )
    matter = hand_in(begin(ITEM, person, me), me, {"category": "older", "true_statement": "yes"})
    take(matter, station, "accept")
    take(matter, street, "check", note="入户核实")
    take(matter, reviewer, "review")
    take(matter, reviewer, "publicise")
    return take(matter, approver, "decide", NOTICE_OVER)


def run(on: date) -> int:
    return operations.open_due_reviews(on=on, at=at(on))


def confirm(review: Review, actor, note: str = "上门看过，仍在找工作", on: date = LATER) -> Review:
    return operations.confirm_review(actor=actor, review_id=review.pk, note=note, on=on, at=at(on))


def end(matter: Matter, actor, **changes) -> Matter:
    said = {"reason": "stable_employment", "note": "已在某公司参保六个月", "ended_from": LATER} | changes
    return operations.end_granted(actor=actor, matter_id=matter.pk, on=LATER, at=at(LATER), **said)


def test_the_night_finds_what_is_due_once_and_tells_the_person(granted, street):
    assert run(date(2025, 6, 19)) == 0
    assert run(DUE) == 1
    assert run(DUE) == 0
    review = Review.objects.get(matter=granted)
    assert (review.due_on, review.outcome) == (DUE, "")
    told = Message.objects.filter(about=f"matter:{granted.pk}").order_by("-pk")[0]
    assert "到了复核的时候" in told.body
    assert [row.pk for row in queries.reviews_due(street)] == [review.pk]
    assert not queries.reviews_due(officer("邗江街道", "caseworker", "321003001")).exists()


def test_the_case_worker_sees_what_to_look_at_and_confirms_for_another_year(granted, street):
    run(DUE)
    review = Review.objects.get(matter=granted)
    view = queries.seen_matter(street, granted.pk, on=LATER)
    assert view.may_review
    assert {now.path: now.value for now in view.looks} == {
        "may_be_recognised_difficult": True, "unemployment_registered": True,
        "employment_kind": "not_employed", "pensioner": False,
    }  # fmt: skip
    with pytest.raises(SayWhatWasSeenError):
        confirm(review, street, note=" ")
    confirm(review, street)
    granted.refresh_from_db()
    assert (granted.state, granted.review_on) == ("granted", date(2026, 6, 27))
    assert Review.objects.get(matter=granted).looked_at["may_be_recognised_difficult"] is True
    assert not queries.reviews_due(street).exists()
    with pytest.raises(AlreadyDoneError):
        confirm(review, street)


def test_a_community_does_not_answer_a_review_that_the_street_makes(granted, station):
    run(DUE)
    with pytest.raises(NotPermittedError):
        confirm(Review.objects.get(matter=granted), station)
    assert not queries.seen_matter(station, granted.pk, on=LATER).may_review


def test_who_may_grant_ends_it_with_a_reason_and_the_policies_see_it_from_that_day(granted, approver, me):
    run(DUE)
    assert explains(granted, DUE).clauses[1].verdict == "no"  # recognised: not to be recognised once more
    ended = end(granted, approver)
    assert (ended.state, ended.review_on) == ("ended", None)
    status = Status.objects.get(person=granted.person, kind="employment_difficulty")
    assert status.until == LATER
    assert Status.objects.get(person=granted.person, kind="registered_unemployed").until is None
    review = Review.objects.get(matter=granted)
    assert (review.outcome, review.reason, review.ended_from) == ("ended", "stable_employment", LATER)
    subsidy = explain_now(
        policy_id="public-welfare-post-placement", subject_kind="person",
        subject_key=str(granted.person_id), on=LATER,
    )  # fmt: skip
    assert subsidy.clauses[0].verdict == "no"
    assert explains(granted, LATER).clauses[1].verdict == "yes"  # may be recognised anew
    told = Message.objects.filter(about=f"matter:{granted.pk}").order_by("-pk")[0]
    assert "已实现稳定就业：已在某公司参保六个月" in told.body
    assert "行政复议" in told.body
    assert {row["id"] for row in queries.own_matter(me, granted.pk, on=LATER).appeals} == {
        "reconsideration", "litigation",
    }  # fmt: skip
    with pytest.raises(AlreadyDoneError):
        end(granted, approver)


def explains(granted: Matter, on: date):
    return explain_now(policy_id=ITEM, subject_kind="person", subject_key=str(granted.person_id), on=on)


def test_an_end_needs_a_reason_of_the_file_words_and_a_day_between_the_grant_and_today(granted, approver):
    with pytest.raises(ReasonUnknownError):
        end(granted, approver, reason="disliked")
    with pytest.raises(NoteMissingError):
        end(granted, approver, note=" ")
    for day in (NOTICE_OVER, date(2025, 6, 28)):
        with pytest.raises(EndOutOfRangeError):
            end(granted, approver, ended_from=day)
    granted.refresh_from_db()
    assert granted.state == "granted"


def test_a_case_worker_does_not_end_what_the_county_granted(granted, street):
    run(DUE)
    with pytest.raises(NotPermittedError):
        end(granted, street)
    assert "end" not in {row.act for row in queries.seen_matter(street, granted.pk, on=LATER).acts}


def test_what_ended_otherwise_is_not_looked_at_again(granted):
    Status.objects.filter(person=granted.person, kind="employment_difficulty").update(until=date(2025, 3, 1))
    assert run(DUE) == 0
    granted.refresh_from_db()
    assert granted.review_on is None


def test_a_household_ends_for_everybody_in_it_wherever_they_live(
    person, me, household, station, street, reviewer, approver
):
    matter = hand_in(begin("zero-job-household-recognition", person, me), me, YES)
    take(matter, station, "accept")
    take(matter, street, "check", note="入户核实")
    take(matter, reviewer, "review")
    take(matter, reviewer, "publicise")
    take(matter, approver, "decide", NOTICE_OVER, note="入户核查没有经营性收入")
    assert household.members.filter(residence_division_id=OTHER_VILLAGE).exists()
    end(matter, approver, reason="member_employed", note="丈夫已就业")
    assert set(Status.objects.filter(kind="zero_job_household").values_list("until", flat=True)) == {LATER}


def test_a_base_that_is_no_longer_one_leaves_the_list(divisions, approver):
    firm = Employer.objects.create(
        name="某公司", credit_code="91321002MA1XABCD1X", kind="enterprise", division_id="321002001001",
        source="测试登记", traineeship_base=True,
    )  # fmt: skip
    matter = Matter.objects.create(
        item_id="traineeship-base-recognition", item_name="就业见习基地认定", item_version="x", way="own",
        applicant_kind="employer", employer=firm, applicant_name=firm.name, division_code="321002001001",
        started_on=DAY,
    )  # fmt: skip
    for state in ("submitted", "accepted", "checked", "publicised"):
        Matter.objects.filter(pk=matter.pk).update(state=state)
    Matter.objects.filter(pk=matter.pk).update(
        state="granted", decided_on=NOTICE_OVER, review_on=date(2025, 6, 20)
    )
    assert run(DUE) == 1
    end(matter, approver, reason="standard_missed", note="岗位不足十个")
    firm.refresh_from_db()
    assert firm.traineeship_base is False


def test_the_database_holds_that_a_review_is_answered_whole_and_one_at_a_time(granted):
    run(DUE)
    review = Review.objects.get(matter=granted)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(matter=granted, due_on=DUE, found_on=DUE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(outcome="confirmed")
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(ended_from=DUE)


def test_a_relative_neither_confirms_nor_ends_what_was_granted_and_the_page_offers_neither(
    granted, person, street, station, approver, settings, tmp_path
):
    settings.MEDIA_ROOT, settings.OFFICE_DATE = tmp_path, LATER.isoformat()
    run(LATER)
    review = Review.objects.get()
    address = f"/desk/matters/{granted.pk}/"
    page = Client()
    page.force_login(Account.objects.get(pk=street.account_id))
    assert "继续有效" in page.get(address).text
    authority(station, person, on=LATER, holder_name=street.name, relation="sibling")
    authority(station, person, on=LATER, holder_name=approver.name, relation="sibling")
    shown = page.get(address).text
    assert "为回避亲属关系" in shown
    assert "</button></p></form>" not in shown.split('id="review"')[1].split("</section>")[0]
    with pytest.raises(HolderActsError):
        confirm(review, street)
    with pytest.raises(HolderActsError):
        end(granted, approver)


def test_nothing_typed_at_the_form_of_a_yearly_review_is_lost(granted, street, settings):
    settings.OFFICE_DATE = LATER.isoformat()
    run(DUE)
    client = Client()
    client.force_login(Account.objects.get(pk=street.account_id))
    found = losses([(client, f"/desk/matters/{granted.pk}/")])
    walked(__file__, {name: lost for name, lost in found.items() if "confirm_review" in name})
