"""好差评: one mark for an ended matter, and an answer to a low one by somebody who had no hand in it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Rating
from jiuye.office.conduct.operations import (
    NoAnswerOwedError,
    NothingToRateError,
    RatedBeforeError,
    TookPartError,
)
from jiuye.office.staff.queries import NotPermittedError
from tests.office.matters.conftest import DAY, at, make_person, officer, resident
from tests.office.matters.test_registering import hand_in, take


@pytest.fixture
def ended(person, me, station, reviewer):
    matter = hand_in(person, me)
    take(matter, station, "accept")
    return take(matter, reviewer, "decide")


def rate(actor, matter, level="very_unsatisfied", words="等了三次才受理") -> Rating:
    return operations.rate(actor=actor, matter_id=matter.pk, level=level, words=words, on=DAY, at=at(DAY))


def answer(actor, rating, words="已核实并改正"):
    return operations.answer(actor=actor, rating_id=rating.pk, words=words, on=DAY, at=at(DAY))


def test_a_low_mark_is_owed_an_answer_within_five_workdays_of_the_calendar(ended, me):
    rating = rate(me, ended)
    assert rating.answer_due == date(2024, 6, 18)  # 12, 13, 14, 17, 18 June
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM conduct_rating")
        assert "受理".encode() not in bytes(cursor.fetchone()[0])
    assert Rating.objects.get().words == "等了三次才受理"


def test_a_good_mark_needs_no_words_and_no_answer(ended, me):
    rating = rate(me, ended, level="satisfied", words="")
    assert rating.answer_due is None
    with pytest.raises(NoAnswerOwedError):
        answer(officer("区审核二", "reviewer", "321002"), rating)


def test_a_matter_is_marked_once_and_a_low_mark_says_why(ended, me):
    with pytest.raises(WordsMissingError):
        rate(me, ended, words=" ")
    rate(me, ended)
    with pytest.raises(RatedBeforeError):
        rate(me, ended, level="satisfied")


def test_what_has_not_ended_and_what_is_somebody_elses_is_not_marked(ended, me):
    other = make_person("李桂英", number="321002197803050045")
    them = resident(other)
    with pytest.raises(NothingToRateError):
        rate(them, ended)
    with pytest.raises(NothingToRateError):
        rate(them, hand_in(other, them))


def test_whoever_had_a_hand_in_the_matter_does_not_answer_for_it(ended, me, station, reviewer):
    rating = rate(me, ended)
    with pytest.raises(TookPartError):
        answer(reviewer, rating)
    with pytest.raises(NotPermittedError):
        answer(station, rating)
    with pytest.raises(NotPermittedError):
        answer(officer("邗江审核", "reviewer", "321003"), rating)
    given = answer(officer("区审核二", "reviewer", "321002"), rating)
    assert given.answered_by_name == "区审核二"
    with pytest.raises(NoAnswerOwedError):
        answer(officer("区审核三", "reviewer", "321002"), rating)


def test_a_mark_and_its_answer_are_kept_as_they_were_given(ended, me):
    rating = rate(me, ended)
    given = answer(officer("区审核二", "reviewer", "321002"), rating)
    for row in (rating, given):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(on_date=DAY + timedelta(days=1))


def test_the_countys_figures_count_what_is_late_until_it_is_answered(ended, me, reviewer):
    rating = rate(me, ended)
    (due,) = queries.marks_by_county(reviewer, on=date(2024, 6, 18))
    (late,) = queries.marks_by_county(reviewer, on=date(2024, 6, 19))
    assert (due.unanswered, due.late, late.late, late.levels["very_unsatisfied"]) == (1, 0, 1, 1)
    assert queries.marks_by_county(officer("邗江审核", "reviewer", "321003"), on=DAY) == []
    assert list(queries.unanswered(reviewer)) == [rating]
    answer(officer("区审核二", "reviewer", "321002"), rating)
    (after,) = queries.marks_by_county(reviewer, on=date(2024, 6, 19))
    assert (after.unanswered, after.late) == (0, 0)
    assert not queries.unanswered(reviewer).exists()
