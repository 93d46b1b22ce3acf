"""The night of an office day: done once whoever begins it, gone on with where it was killed, made up for after a stop, and told of where it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as day_time
from functools import partial
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, connections

from jiuye.config.cli import main
from jiuye.config.commands import _shared, nightly
from jiuye.config.commands.run import works
from jiuye.engine.basis.workdays import CalendarNotPublishedError
from jiuye.engine.rules.sweep import SweepError
from jiuye.office.messages.content import MessagesUnreadableError
from jiuye.office.messages.models import Message
from jiuye.office.nights import operations
from jiuye.office.nights.models import Night
from jiuye.office.nights.queries import owed
from jiuye.office.nights.states import STEPS
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.portals.common.actors import CHINA
from tests.office.places import make_divisions

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2025, 4, 15)
TWO = datetime(2025, 4, 15, 2, tzinfo=CHINA)
ROOT = Path(__file__).resolve().parents[3]


class Clock:
    at = TWO

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings) -> Clock:
    settings.OFFICE_DATE = ""  # the clock alone says which day it is, whatever a city played before has fixed
    one = Clock()
    monkeypatch.setattr(_shared, "this_moment", one)
    return one


class Steps(dict[str, Callable[[], object]]):
    """What each step does, in the place of the real ones; `done` lists those that noted themselves, in their order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        super().__init__({key: partial(self.done.append, key) for key in STEPS})


@pytest.fixture(autouse=True)
def steps(monkeypatch) -> Steps:
    acts = Steps()
    monkeypatch.setattr(nightly, "_steps", lambda *_, **__: acts)
    return acts


@pytest.fixture
def administrators() -> dict[str, Account]:
    make_divisions()
    found = {}
    for name, place in (("市管理员", "3210"), ("市管理员二", "3210"), ("区管理员", "321002")):
        account = Account.objects.create(username=f"a{len(found)}", display_name=name, kind="officer")
        place_in_post(
            account=account, role="administrator", division_code=place, start=date(2024, 1, 1), until=None
        )
        found[name] = account
    return found


def waits() -> bool:
    """Whether the server would begin the night now."""
    return nightly.beside(day_time(2)).waits()


def test_the_night_of_a_day_is_done_once_from_its_hour_on(steps, clock):
    clock.at = TWO - timedelta(minutes=1)
    assert not waits()
    clock.at = TWO
    assert waits()
    assert main(["nightly", "--owed"]) == 0
    assert steps.done == list(STEPS)
    clock.at = TWO + timedelta(hours=20)
    assert not waits()
    assert main(["nightly", "--owed"]) == 0  # of a second server, say, that looked just before
    assert steps.done == list(STEPS)
    (night,) = Night.objects.all()
    assert (night.on_date, night.state, night.tries, night.failed) == (DAY, "done", 1, {})


def test_the_database_holds_one_night_a_day_and_none_that_ended_without_saying_how():
    Night.objects.create(on_date=DAY, begun_at=TWO)
    with pytest.raises(IntegrityError, match="night_once_a_day"):
        Night.objects.create(on_date=DAY, begun_at=TWO)
    with pytest.raises(IntegrityError, match="night_ended_whole"):
        Night.objects.filter(on_date=DAY).update(state="failed", ended_at=TWO)
    with pytest.raises(IntegrityError, match="night_ended_whole"):
        Night.objects.filter(on_date=DAY).update(state="done")


def test_of_two_servers_at_once_one_does_it_and_the_other_says_so(steps, capsys):
    seen = []

    def meanwhile() -> None:
        def other() -> None:
            seen.append((owed(on=DAY, at=TWO), main(["nightly", "--owed"]), main(["nightly"])))
            connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)

    steps["decide"] = meanwhile
    assert main(["nightly", "--owed"]) == 0
    assert seen == [(False, 0, 0)]
    assert capsys.readouterr().out.count("另一个进程正在做夜间工作") == 2
    assert steps.done == [step for step in STEPS if step != "decide"]
    assert Night.objects.get().tries == 1


KILLED = """
import sys, time
from pathlib import Path
from jiuye.config.cli import main
from jiuye.config.commands import nightly
from jiuye.office.nights.states import STEPS

def decide():
    Path(sys.argv[1]).touch()
    time.sleep(120)

nightly._steps = lambda *_, **__: {step: decide if step == "decide" else (lambda: None) for step in STEPS}
main(["nightly", "--owed"])
"""


def test_a_night_that_was_killed_goes_on_behind_what_it_had_done(steps, tmp_path):
    reached = tmp_path / "deciding"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(reached)],
        env=_this_database(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        _eventually(reached.exists)
        assert not owed(on=DAY, at=TWO)
        process.send_signal(signal.SIGKILL)
        process.wait()
        _eventually(lambda: owed(on=DAY, at=TWO))  # the database notices a moment later
    finally:
        process.kill()
        process.wait()
    assert main(["nightly", "--owed"]) == 0
    assert steps.done == ["decide", "reviews", "automatic", "look_back", "remind", "erase", "deadlines"]
    night = Night.objects.get()
    assert (night.state, night.tries) == ("done", 2)
    assert sorted(night.done) == sorted(STEPS)


def _this_database() -> dict[str, str]:
    at = connection.settings_dict
    url = f"host='{at['HOST']}' port='{at['PORT']}' user='{at['USER']}' password='{at['PASSWORD']}' dbname='{at['NAME']}'"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "jiuye.config.settings_test",
        "JIUYE_DATE": DAY.isoformat(),
    }


def _eventually(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_ends_its_process_each_time_is_given_up_after_three_tries_and_told(
    steps, administrators, capsys
):
    def ended() -> None:
        raise SystemExit(137)

    steps["decide"] = ended
    for _ in range(3):
        assert waits()
        with pytest.raises(SystemExit):
            main(["nightly", "--owed"])
    assert main(["nightly", "--owed"]) == 0
    assert not waits()
    night = Night.objects.get()
    assert (night.state, night.tries, list(night.failed)) == ("failed", 3, ["decide"])
    assert steps.done == ["seal", "calendars", "publications"]
    told = Message.objects.filter(occasion="night_failed").order_by("pk")
    assert [one.account for one in told] == [administrators["市管理员"], administrators["市管理员二"]]
    assert "做到这一步时进程中断，已经试过 3 次" in told[0].body


def test_after_days_without_a_server_that_days_night_is_done_and_those_between_are_not_made_up_for(
    steps, clock
):
    assert main(["nightly", "--owed"]) == 0
    clock.at = TWO + timedelta(days=3, hours=7)  # begun again on the morning of the fourth day
    assert waits()
    assert main(["nightly", "--owed"]) == 0
    assert not waits()
    assert [night.on_date for night in Night.objects.order_by("pk")] == [DAY, date(2025, 4, 18)]


def test_on_a_fixed_office_date_the_night_is_done_once_whatever_the_clock_says(steps, clock, settings):
    settings.OFFICE_DATE = "2024-06-18"
    for days in range(3):
        clock.at = TWO + timedelta(days=days)
        assert waits() == (days == 0)
        assert main(["nightly", "--owed"]) == 0
    assert Night.objects.get().on_date == date(2024, 6, 18)
    assert steps.done == list(STEPS)


def test_a_step_that_fails_is_told_to_the_citys_administrators_in_words_and_only_it_is_tried_again(
    steps, clock, administrators
):
    def broken() -> None:
        raise SweepError("判定不了：内存不够。", "It cannot be decided: out of memory.")

    def ended() -> None:
        raise CalendarNotPublishedError(date(2031, 1, 1))

    whole = steps["decide"], steps["automatic"]
    steps["decide"], steps["automatic"] = broken, ended
    assert main(["nightly", "--owed"]) == 1
    assert steps.done == [
        "seal",
        "calendars",
        "publications",
        "reviews",
        "look_back",
        "remind",
        "erase",
        "deadlines",
    ]
    told = list(Message.objects.filter(occasion="night_failed").order_by("pk"))
    assert [one.account for one in told] == [administrators["市管理员"], administrators["市管理员二"]]
    assert told[0].title == "夜间工作有 2 步没有做完（2025年4月15日）"
    assert "没有做完的：全量判定、建立免申即享办件。第一步的原因：判定不了：内存不够。" in told[0].body
    assert "It cannot be decided: out of memory." in told[0].body_en
    assert "2031" in Night.objects.get().failed["automatic"][0]

    clock.at = TWO + timedelta(minutes=59)
    assert not waits()
    clock.at = TWO + timedelta(hours=1)
    assert waits()
    steps["decide"], steps["automatic"] = whole[0], ended
    assert main(["nightly", "--owed"]) == 1
    assert steps.done[8:] == ["decide"]
    assert Message.objects.filter(occasion="night_failed").count() == 4  # other steps than before
    clock.at = TWO + timedelta(hours=2)
    assert main(["nightly", "--owed"]) == 1
    assert Message.objects.filter(occasion="night_failed").count() == 4
    clock.at = TWO + timedelta(hours=9)
    assert not waits()  # three times are enough for one day
    steps["automatic"] = whole[1]
    assert main(["nightly"]) == 0  # by hand everything is done anew
    assert Night.objects.get().state == "done"
    assert not waits()


def test_a_mistake_of_ours_is_told_by_its_kind_and_what_it_says_stays_in_the_log(
    steps, administrators, capsys
):
    def mistaken() -> None:
        raise RuntimeError("张秀兰")

    steps["erase"] = mistaken
    assert main(["nightly", "--owed"]) == 1
    assert "张秀兰" in capsys.readouterr().err
    body = Message.objects.filter(occasion="night_failed").order_by("pk")[0].body
    assert "程序出错（RuntimeError）" in body
    assert "张秀兰" not in body


def test_where_nobody_can_be_told_the_night_is_on_record_as_failed_all_the_same(
    steps, administrators, capsys, monkeypatch
):
    def unreadable(**_: object) -> None:
        raise MessagesUnreadableError("第一处")

    def broken() -> None:
        raise SweepError("判定不了", "it cannot be decided")

    monkeypatch.setattr(operations, "write", unreadable)
    steps["decide"] = broken
    assert main(["nightly", "--owed"]) == 1
    assert "消息模板有错误" in capsys.readouterr().err
    assert Night.objects.get().failed == {"decide": ["判定不了", "it cannot be decided"]}


def test_turned_off_the_server_leaves_the_night_to_the_systems_timer():
    assert [work.name for work in works(day_time(2))][-1] == "nightly"
    assert "nightly" not in [work.name for work in works(None)]
