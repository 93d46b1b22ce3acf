"""The office's clocks stand still while a matter is with its applicant, and run on for the workdays that were left."""

from __future__ import annotations

from datetime import date

from jiuye.office.matters import operations
from tests.office.matters.conftest import DAY, at
from tests.office.matters.test_registering import FORM, hand_in, take

CORRECTION = {"left_on": "与合同上的日期不一致"}
A_WEEK_LATER = date(2024, 6, 18)  # 2024-06-11 is a Tuesday; no holiday lies between


def send_back(matter, actor, on: date):
    return operations.request_correction(
        actor=actor, matter_id=matter.pk, corrections=CORRECTION, on=on, at=at(on)
    )


def put_right(matter, actor, on: date):
    return operations.hand_in(actor=actor, matter_id=matter.pk, answers=FORM, on=on, at=at(on))


def test_a_week_with_the_applicant_costs_the_office_none_of_its_workdays(person, me, station):
    matter = hand_in(person, me)  # one workday to accept, three promised
    wednesday = date(2024, 6, 12)
    back = send_back(matter, station, wednesday)
    assert (back.stopped_on, back.step_workdays_left, back.promised_workdays_left) == (wednesday, 0, 2)
    again = put_right(matter, me, A_WEEK_LATER)
    assert again.due_on == A_WEEK_LATER
    assert again.promised_on == date(2024, 6, 20)
    assert again.stopped_on is None
    assert again.promised_workdays_left is None


def test_a_promise_that_was_late_already_gains_no_days_by_a_correction(person, me, station):
    matter = hand_in(person, me)
    late = date(2024, 6, 17)
    assert send_back(matter, station, late).promised_workdays_left == 0
    assert put_right(matter, me, A_WEEK_LATER).promised_on == A_WEEK_LATER


def test_a_matter_that_was_accepted_begins_its_first_step_anew_and_keeps_what_is_left_of_the_promise(
    person, me, station, reviewer
):
    matter = take(hand_in(person, me), station, "accept")
    back = send_back(matter, reviewer, DAY)
    assert (back.step_workdays_left, back.promised_workdays_left) == (None, 3)
    again = put_right(matter, me, A_WEEK_LATER)
    assert again.due_on == date(2024, 6, 19)
    assert again.promised_on == date(2024, 6, 21)
