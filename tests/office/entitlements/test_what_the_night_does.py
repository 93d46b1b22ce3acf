"""What `jiuye nightly` does besides deciding: it begins what is paid without applying, and erases what is past its time."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.config.cli import main
from jiuye.engine.basis.workdays import CalendarNotPublishedError
from jiuye.engine.rules.sweep import SweepError
from jiuye.office.casework import operations
from jiuye.office.casework.operations.confirming import AutomaticRun
from jiuye.office.staff import retention
from tests.office.entitlements.conftest import ON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def columns(settings, tmp_path):
    settings.COLUMNS_FOLDER = tmp_path / "columns"


def test_it_begins_what_is_paid_without_applying_and_says_what_was_kept_back(
    flexible_worker,
    monkeypatch,
    capsys,
):
    asked = []
    monkeypatch.setattr(
        operations, "confirm_all_automatic", lambda **given: asked.append(given) or AutomaticRun(3, 1)
    )
    assert main(["nightly", "--on", ON.isoformat()]) == 0
    assert (asked[0]["actor"], asked[0]["on"]) == (None, ON)
    assert "已建立办件 3 件，核验未通过而保留 1 件" in capsys.readouterr().out


def test_where_the_calendar_has_ended_it_says_so_and_still_does_the_rest_of_the_night(
    flexible_worker,
    monkeypatch,
    capsys,
):
    def ended(**given):
        raise CalendarNotPublishedError(date(2031, 1, 1))

    erased = []
    monkeypatch.setattr(operations, "confirm_all_automatic", ended)
    monkeypatch.setattr(retention, "erase_expired", lambda *, at: erased.append(at) or {"looks": 2})
    assert main(["nightly", "--on", ON.isoformat(), "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert "2031" in said.err
    assert "2 records past their time were erased" in said.out
    assert erased


def test_a_sweep_that_fails_ends_nothing_else_and_is_said_at_the_end(flexible_worker, monkeypatch, capsys):
    done = []

    def broken(**given):
        raise SweepError("判定不了", "it cannot be decided")

    def mistaken(**given):
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("jiuye.office.entitlements.operations.run_sweep", broken)
    monkeypatch.setattr(
        "jiuye.office.matters.operations.open_due_reviews", lambda **_: done.append("reviews") or 1
    )
    monkeypatch.setattr(operations, "confirm_all_automatic", mistaken)
    monkeypatch.setattr(retention, "erase_expired", lambda *, at: done.append("erasure") or {"looks": 2})
    monkeypatch.setattr("jiuye.config.commands.nightly.pass_up", lambda *_, **__: done.append("late") or 0)
    assert main(["nightly", "--on", ON.isoformat()]) == 1
    said = capsys.readouterr()
    assert done == ["reviews", "erasure", "late"]
    assert "列入到期复核 1 件" in said.out
    assert "判定不了" in said.err
    assert "a mistake of ours" in said.err
    assert said.err.rstrip().splitlines()[-1].startswith("这一夜没有做完的：全量判定、建立免申即享办件；")
