"""What a long command shows: each step with its seconds, its detail on a terminal, and a mark where it broke off."""

from __future__ import annotations

import io
import time

import pytest

from jiuye.config import console
from jiuye.config.console import step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_step_that_ends_is_one_line_with_its_seconds_in_a_log_file() -> None:
    log = io.StringIO()
    with step("建表", log) as current:
        current.say("1/2")  # quick: a log file is spared the detail
    assert log.getvalue().startswith("  ✓ 建表（0.")
    assert len(log.getvalue().splitlines()) == 1


def test_a_step_that_breaks_off_is_marked_and_the_error_goes_on() -> None:
    log = io.StringIO()
    with pytest.raises(KeyboardInterrupt), step("建表", log):
        raise KeyboardInterrupt
    assert "✗ 建表" in log.getvalue()


def test_a_terminal_sees_what_the_step_is_at_and_keeps_only_the_last_line() -> None:
    screen = Terminal()
    with step("建城市", screen) as current:
        current.say("居民 50,000")
        time.sleep(0.7)
    shown = screen.getvalue()
    assert "居民 50,000" in shown
    assert shown.rsplit("\r\x1b[2K", 1)[1].startswith("  ✓ 建城市")


def test_a_log_file_hears_of_a_long_step_at_most_once_in_five_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log, clock = io.StringIO(), [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: clock[0])
    with step("建城市", log) as current:
        for second in range(12):
            clock[0] = float(second)
            current.say(f"第 {second} 个")
    lines = log.getvalue().splitlines()
    assert [line for line in lines if "第 6 个" in line]
    assert len(lines) == 2
