"""Deadlines that reach into a year whose holidays nobody has published: there from the first day, and set right, once, when they are known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from jiuye.engine.basis import workdays
from jiuye.office.casework import calendar
from jiuye.office.casework.calendar import workdays_later
from jiuye.office.casework.models import ProvisionalYear
from jiuye.office.conduct import operations as conduct
from jiuye.office.conduct.deadlines import light
from jiuye.office.conduct.operations import calendars, settle_calendars, still_provisional
from jiuye.office.matters import operations
from jiuye.office.matters.models import Matter
from tests.office.conduct.test_ratings import ended  # noqa: F401 (fixture by name)
from tests.office.matters.test_papers import FORM, attach

pytestmark = pytest.mark.django_db
NIGHT = datetime(2025, 1, 5, 18, tzinfo=UTC)
# 国办发明电〔2024〕12号: 1 January 2025 a holiday; 28 January to 4 February the Spring Festival, 26 January and 8 February workdays.
BEFORE = date(2024, 12, 20)


@pytest.fixture
def unpublished(monkeypatch):
    """2025 is not on file, as in the autumn of 2024; calling it publishes the calendar."""
    out = {"known": False}
    known = workdays.is_on_file

    def is_on_file(year: int) -> bool:
        return known(year) and (year != 2025 or out["known"])

    for module in (calendar, calendars, workdays):
        monkeypatch.setattr(module, "is_on_file", is_on_file)
    monkeypatch.setattr(calendar, "LAST_CERTAIN_YEAR", 2024)

    def publish() -> None:
        out["known"] = True

    return publish


def handed_in(me) -> Matter:
    matter = operations.start(
        actor=me, item_id="personnel-file-transfer", applicant_kind="person", applicant_id=int(me.subject_key),
        on=BEFORE, at=NIGHT,
    )  # fmt: skip
    attach(matter, me)
    return operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=BEFORE, at=NIGHT)


def test_a_deadline_into_an_unpublished_year_is_counted_by_expected_workdays_and_has_a_light(unpublished):
    day = workdays_later(BEFORE, 10)  # seven until the 31st; then 2, 3 and 6 January
    assert day == date(2025, 1, 6)
    assert light(day, date(2025, 1, 2)).workdays == 2
    assert [row.year for row in ProvisionalYear.objects.all()] == [2025]
    assert still_provisional() == [2025]
    assert settle_calendars(at=NIGHT) == {}


def test_when_the_calendar_is_out_open_deadlines_move_to_the_same_workday_and_never_again(unpublished, me):  # fmt: skip
    matter = handed_in(me)
    after_festival = workdays_later(date(2025, 1, 24), 5)
    assert after_festival == date(2025, 1, 31)  # the festival's first days stand in it
    Matter.objects.filter(pk=matter.pk).update(due_on=after_festival, promised_on=date(2025, 2, 10))
    unpublished()
    assert (
        workdays_later(date(2025, 1, 24), 5) == after_festival
    )  # one way of counting until all are set right
    assert settle_calendars(at=NIGHT) == {2025: 2}
    matter.refresh_from_db()
    # The fifth workday after 24 January: the Sunday 26, Monday 27, and after the festival 5, 6 and 7 February.
    assert matter.due_on == workdays.add_workdays(date(2025, 1, 24), 5) == date(2025, 2, 7)
    assert matter.promised_on == workdays.add_workdays(date(2024, 12, 31), 28)
    assert workdays_later(date(2025, 1, 24), 5) == workdays.add_workdays(date(2025, 1, 24), 5)
    assert settle_calendars(at=NIGHT + timedelta(days=1)) == {}
    assert Matter.objects.get(pk=matter.pk).due_on == matter.due_on


def test_the_answer_to_a_low_mark_is_due_by_the_true_calendar_too(unpublished, ended, me):  # noqa: F811
    rating = conduct.rate(
        actor=me,
        matter_id=ended.pk,
        level="very_unsatisfied",
        words="等了三次",
        on=date(2025, 1, 24),
        at=NIGHT,
    )
    assert rating.answer_due == date(2025, 1, 31)
    unpublished()
    assert settle_calendars(at=NIGHT) == {2025: 1}
    rating.refresh_from_db()
    assert (rating.answer_due, rating.words) == (date(2025, 2, 7), "等了三次")


def test_what_has_ended_keeps_the_deadline_it_had(unpublished, me):
    matter = handed_in(me)
    operations.withdraw(actor=me, matter_id=matter.pk, note="不办了", on=BEFORE, at=NIGHT)
    workdays_later(BEFORE, 30)
    Matter.objects.filter(pk=matter.pk).update(promised_on=date(2025, 2, 10))
    unpublished()
    assert settle_calendars(at=NIGHT) == {2025: 0}
    assert Matter.objects.get(pk=matter.pk).promised_on == date(2025, 2, 10)


def test_a_year_on_file_from_the_beginning_is_never_provisional(me):
    assert handed_in(me).promised_on is not None
    assert not ProvisionalYear.objects.exists()
