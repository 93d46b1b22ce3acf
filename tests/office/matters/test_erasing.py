"""Forms and papers of what was never handed in, or was taken back, go when their time is over; what is under way or decided stays."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from jiuye.office.casework.papers import keep_paper, read_paper
from jiuye.office.matters import operations
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter, MatterObjection
from jiuye.office.staff.access import access
from jiuye.office.staff.retention import erase_expired, expired
from tests.office.matters.conftest import DAY, at, make_person, officer, resident
from tests.office.matters.test_papers import FORM, PDF, attach, matter  # noqa: F401 (fixture by name)
from tests.office.places import VILLAGE

# Versions of a row bear the database's own time: so late a day is past every term that counts from today.
LATER = datetime.now(tz=UTC) + timedelta(days=500)


def saved(matter: Matter, me) -> Matter:  # noqa: F811
    operations.save(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    attach(matter, me)
    for path in Path(settings.MEDIA_ROOT).rglob("*.sealed"):
        os.utime(path, (at(DAY).timestamp(), at(DAY).timestamp()))
    return matter


def rows_that_still_hold_the_form(matter: Matter) -> int:  # noqa: F811
    versions = Matter.pgh_event_model.objects.filter(pgh_obj_id=matter.pk)
    return sum(bool(version.answers) for version in versions) + bool(Matter.objects.get(pk=matter.pk).answers)


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_nobody_hands_in_is_ended_and_its_form_and_papers_are_gone_from_the_history_too(matter, me):  # noqa: F811  # fmt: skip
    saved(matter, me)
    digest = matter.evidence.exclude(file_digest="").get().file_digest
    assert rows_that_still_hold_the_form(matter) >= 2
    assert erase_expired(at=LATER)["unsubmitted_matters"] == 1
    after = Matter.objects.get(pk=matter.pk)
    assert (after.state, answers_of(after), after.evidence.count()) == ("withdrawn", {}, 0)
    assert rows_that_still_hold_the_form(matter) == 0
    assert list(after.timeline.order_by("pk").values_list("act", "actor_name"))[-2:] == [
        ("withdraw", "系统"),
        ("erase", "系统"),
    ]
    assert not list(Path(settings.MEDIA_ROOT).rglob(f"{digest}*"))
    assert expired(at=LATER)["withdrawn_matters"] == 0  # it was emptied already


@pytest.mark.django_db
def test_a_draft_saved_within_its_time_stays_whenever_it_was_begun(matter, me):  # noqa: F811
    saved(matter, me)
    term = timedelta(days=access().retention["unsubmitted_matters"].days)
    assert expired(at=datetime.now(tz=UTC) + term - timedelta(days=1))["unsubmitted_matters"] == 0


@pytest.mark.django_db
def test_a_matter_handed_in_or_decided_is_never_emptied_by_the_clock(matter, me):  # noqa: F811
    saved(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    erased = erase_expired(at=LATER)
    assert (erased["unsubmitted_matters"], erased["withdrawn_matters"]) == (0, 0)
    assert answers_of(Matter.objects.get(pk=matter.pk))["to_name"] == FORM["to_name"]


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_back_keeps_its_form_for_its_time_and_then_loses_it(matter, me):  # noqa: F811
    saved(matter, me)
    operations.withdraw(actor=me, matter_id=matter.pk, note="不办了", on=DAY, at=at(DAY))
    term = timedelta(days=access().retention["withdrawn_matters"].days)
    assert expired(at=at(DAY) + term)["withdrawn_matters"] == 0
    assert erase_expired(at=at(DAY) + term + timedelta(seconds=1))["withdrawn_matters"] == 1
    assert rows_that_still_hold_the_form(matter) == 0
    assert erase_expired(at=LATER)["withdrawn_matters"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_paper_that_another_matter_rests_on_stays_though_the_one_it_came_with_is_emptied(matter, me, divisions):  # noqa: F811  # fmt: skip
    saved(matter, me)
    other_person = make_person("刘桂兰", number="321002197803050028")
    other = operations.start(
        actor=(her := resident(other_person)),
        item_id="personnel-file-transfer",
        applicant_kind="person",
        applicant_id=other_person.pk,
        on=DAY,
        at=at(DAY),
    )
    attach(other, her)
    operations.hand_in(actor=her, matter_id=other.pk, answers=FORM, on=DAY, at=at(DAY))
    digest = other.evidence.exclude(file_digest="").get().file_digest
    assert erase_expired(at=LATER)["unsubmitted_matters"] == 1
    assert read_paper(digest) == PDF


@pytest.mark.django_db(transaction=True)
def test_a_paper_given_again_in_the_same_hours_is_not_taken_from_under_whoever_gave_it(matter, me):  # noqa: F811
    saved(matter, me)
    digest = keep_paper(PDF)  # somebody has just uploaded the same file; the row is not written yet
    now = datetime.now(tz=UTC)
    path = next(Path(settings.MEDIA_ROOT).rglob(f"{digest}.sealed"))
    os.utime(path, (LATER.timestamp(), LATER.timestamp()))
    assert now < LATER
    assert erase_expired(at=LATER)["unsubmitted_matters"] == 1
    assert read_paper(digest) == PDF


@pytest.mark.django_db
def test_how_to_reach_an_objector_goes_a_year_after_the_answer_and_the_objection_stays(matter, me):  # noqa: F811
    who = officer("r1", "reviewer", VILLAGE)
    objection = MatterObjection.objects.create(
        matter=matter, raised_by_name="邻居", contact="13900000000", text="她已经就业", raised_on=DAY
    )
    assert erase_expired(at=LATER)["objectors_contacts"] == 0  # not settled yet
    MatterObjection.objects.filter(pk=objection.pk).update(
        resolved_on=DAY, resolved_by=who.account_id, upheld=False, resolution="核实没有就业"
    )
    term = timedelta(days=access().retention["objectors_contacts"].days)
    midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    assert expired(at=midnight + term)["objectors_contacts"] == 0
    assert erase_expired(at=midnight + term + timedelta(days=1))["objectors_contacts"] == 1
    after = MatterObjection.objects.get(pk=objection.pk)
    assert (after.contact, after.text, after.raised_by_name) == ("", "她已经就业", "邻居")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM matters_matterobjectionevent WHERE length(contact) > 0")
        assert cursor.fetchone() == (0,)
