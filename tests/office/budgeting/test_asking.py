"""A budget is asked for in a page and drawn up beside it: once, by one process, begun again where one died, and what went wrong is said."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from jiuye.office.budgeting import operations, queries
from jiuye.office.budgeting.models import BudgetVersion, Drawing
from jiuye.office.budgeting.operations import asking
from jiuye.office.staff.asked import MOST_TRIES
from jiuye.office.staff.models import Post
from jiuye.office.staff.queries import NotPermittedError
from tests.office.budgeting.conftest import AT, ON

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=3)


def asked(bureau, note: str = "") -> Drawing:
    return operations.ask(actor=bureau.drawer, year=2026, note=note, on=ON, at=AT)


def drawn() -> list[Drawing]:
    return operations.DRAWINGS.carry_out(clock=lambda: LATER)


def test_asked_twice_it_is_drawn_up_once_as_who_asked_first_wanted_it(bureau, flexible_worker):
    first = asked(bureau, "初稿")
    assert asked(bureau, "又一次").pk == first.pk
    (done,) = drawn()
    version = BudgetVersion.objects.get()
    assert (done.pk, done.state, done.version_id, done.ended_at) == (first.pk, "done", version.pk, LATER)
    assert (version.note, version.drawn_by_id, version.facts_on) == ("初稿", bureau.drawer.account_id, ON)
    assert drawn() == []
    assert queries.last_drawing(actor=bureau.drawer, year=2026) is None
    assert asked(bureau).pk != first.pk  # another version is another drawing


def test_a_second_drawing_of_a_year_is_refused_by_the_database_itself(bureau):
    first = asked(bureau)
    with pytest.raises(IntegrityError, match="one_drawing_of_a_year"), transaction.atomic():
        Drawing.objects.create(year=2026, asked_by_id=first.asked_by_id, asked_on=ON, asked_at=AT)


def test_what_a_killed_server_left_under_way_is_begun_again(bureau, flexible_worker):
    left = asked(bureau)
    assert asking.DRAWINGS.begun(
        left.pk, AT
    )  # and then the process was killed: its lock is free, its state is not
    left.refresh_from_db()
    assert (left.state, left.tries) == ("drawing", 1)
    (done,) = drawn()
    assert (done.state, done.tries) == ("done", 2)
    assert BudgetVersion.objects.count() == 1


def test_after_three_beginnings_it_is_given_up_with_a_sentence(bureau, flexible_worker):
    left = asked(bureau)
    for _ in range(MOST_TRIES):
        assert asking.DRAWINGS.begun(left.pk, AT)
    assert drawn() == []
    left.refresh_from_db()
    assert left.state == "failed"
    assert "3 次都中途停止" in left.error
    assert queries.last_drawing(actor=bureau.decider, year=2026) == left
    assert asked(bureau).pk != left.pk


def test_while_one_process_draws_another_leaves_it_alone(bureau, flexible_worker):
    assert not operations.DRAWINGS.waits()
    left = asked(bureau)
    assert operations.DRAWINGS.waits()
    settings = connection.get_connection_params()
    there = {
        key: settings[key] for key in ("dbname", "user", "password", "host", "port") if settings.get(key)
    }
    with psycopg.connect(**there) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [asking.DRAWINGS.lock_class, left.pk])
        assert not operations.DRAWINGS.waits()  # no process is started for nothing
        assert drawn() == []
        # Given back by hand: a session that ends lets its locks go a moment after its client has gone on.
        other.execute("SELECT pg_advisory_unlock(%s, %s)", [asking.DRAWINGS.lock_class, left.pk])
        assert [one.state for one in drawn()] == ["done"]


def test_what_went_wrong_is_one_sentence_on_the_record(bureau, town):
    nobody = asked(bureau)  # the town has no resident on record
    (failed,) = drawn()
    assert (failed.pk, failed.state) == (nobody.pk, "failed")
    assert "先导入实名数据" in failed.error


def test_an_officer_who_has_lost_the_post_meanwhile_draws_nothing_up(bureau, flexible_worker):
    asked(bureau)
    Post.objects.filter(account_id=bureau.drawer.account_id).update(until=ON)
    (failed,) = drawn()
    assert failed.state == "failed"
    assert not BudgetVersion.objects.exists()


def test_only_next_year_is_asked_for_and_only_by_the_city_office(bureau):
    with pytest.raises(operations.NotNextYearError):
        operations.ask(actor=bureau.drawer, year=2027, on=ON, at=AT)
    with pytest.raises(NotPermittedError):
        operations.ask(actor=bureau.decider, year=2026, on=ON, at=AT)
