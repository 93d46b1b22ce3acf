"""`jiuye run` sends what waits by itself: what goes wrong is said once, the next round tries again, and the end is clean."""

from __future__ import annotations

import threading

from jiuye.config.commands.deliver import Delivering
from jiuye.office.messages import gateway, operations


def test_a_round_that_fails_is_said_once_and_the_next_ones_go_on(monkeypatch, capsys):
    rounds, enough = [], threading.Event()

    def deliver(**_: object) -> None:
        rounds.append(len(rounds))
        if len(rounds) == 4:
            enough.set()
        if len(rounds) in (1, 2):
            raise OSError("no space")

    monkeypatch.setattr(operations, "deliver", deliver)
    monkeypatch.setattr(gateway, "installed_gateway", lambda: None)
    delivering = Delivering(0.01)
    delivering.start()
    assert enough.wait(10)
    delivering.stop()
    delivering.join(10)
    assert not delivering.is_alive()
    assert capsys.readouterr().err.count("no space") == 1
