"""What computes for minutes runs in a process of its own beside `jiuye run`: begun where something waits, and ended with the server."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jiuye.config.commands._beside import NICE, BesideInAProcess


@pytest.fixture
def program(tmp_path, monkeypatch) -> Callable[[str], None]:
    """What runs in the place of `python -m jiuye.config.cli`: lines of a shell."""

    def stands_for(lines: str) -> None:
        script = tmp_path / "program.sh"
        script.write_text(f"#!/bin/sh\ncd {tmp_path}\n{lines}\n")
        script.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(script))

    return stands_for


def beside(waits: Callable[[], bool] = lambda: True) -> BesideInAProcess:
    return BesideInAProcess("budgets", 0.01, waits=waits, command="budgets", trouble="没有编成：{error}")


def eventually(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < until
        time.sleep(0.01)


def words(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_the_end_of_the_server_ends_the_process_and_nothing_that_it_wrote_on_the_way_is_left(
    program, tmp_path, capsys
):
    program("echo people > $TMPDIR/columns; echo $$ $TMPDIR $* > told; exec sleep 600")
    work = beside()
    work.start()
    eventually(lambda: words(tmp_path / "told").endswith("\n"))
    number, room, *arguments = words(tmp_path / "told").split()
    assert arguments == ["-m", "jiuye.config.cli", "budgets"]
    eventually(lambda: os.getpriority(os.PRIO_PROCESS, int(number)) == NICE)
    assert (Path(room) / "columns").exists()
    work.stop()
    assert not work.is_alive()
    assert not psutil.pid_exists(int(number))
    assert not Path(room).exists()
    assert capsys.readouterr().err == ""  # that we ended it is no trouble


def test_a_process_that_does_not_listen_is_ended_all_the_same(program, tmp_path, monkeypatch):
    monkeypatch.setattr("jiuye.config.commands._beside.ENDING_SECONDS", 0.5)
    program("trap '' TERM; echo $$ > told; while true; do sleep 0.1; done")
    work = beside()
    work.start()
    eventually(lambda: words(tmp_path / "told").endswith("\n"))
    work.stop()
    assert not work.is_alive()
    assert not psutil.pid_exists(int(words(tmp_path / "told")))


def test_what_it_says_last_is_said_once_and_it_is_begun_again(program, tmp_path, capsys):
    program(
        "echo . >> rounds; if [ $(wc -l < rounds) -lt 4 ]; then echo 从这里来; echo no space >&2; exit 1; fi"
    )
    work = beside()
    work.start()
    eventually(lambda: words(tmp_path / "rounds").count(".") >= 5)
    work.stop()
    assert capsys.readouterr().err == "从这里来\n没有编成：no space\n"


def test_no_process_is_begun_where_nothing_waits_and_a_silent_end_is_said_by_its_number(
    program, tmp_path, capsys
):
    program("echo . >> rounds; exit 3")
    answers = iter([False, False, True])
    looked: list[bool] = []

    def waits() -> bool:
        looked.append(next(answers, False))
        return looked[-1]

    work = beside(waits)
    work.start()
    eventually(lambda: len(looked) > 4)
    work.stop()
    assert words(tmp_path / "rounds") == ".\n"
    assert capsys.readouterr().err == "没有编成：jiuye budgets 以 3 结束 / jiuye budgets ended with 3\n"


def test_what_is_to_be_shown_stands_on_the_servers_console_while_it_is_said(program, tmp_path, capfd):
    program("echo $* > told; echo 已封存; sleep 600")
    work = BesideInAProcess(
        "nightly",
        0.01,
        waits=lambda: True,
        command="nightly",
        arguments=("--owed",),
        shown=True,
        trouble="没有做完：{error}",
    )
    work.start()
    said = []

    def heard() -> bool:
        said.append(capfd.readouterr().out)
        return "已封存" in "".join(said)

    eventually(heard)
    assert words(tmp_path / "told") == "-m jiuye.config.cli nightly --owed\n"
    work.stop()
    assert not work.is_alive()
