"""`jiuye simulations`: makes the simulations that were asked for, beside the pages. Safe to run at any time and several times at once."""

from __future__ import annotations

from typing import Any

from jiuye.config.commands._asked import AskedCommand


def _work() -> Any:
    from jiuye.office.entitlements.asked_simulations import SIMULATIONS

    return SIMULATIONS


def _done(asked: Any, zh: bool) -> str:
    return f"草案“{asked.draft.title}”已测算。" if zh else f"The draft “{asked.draft.title}” was simulated."


SIMULATIONS = AskedCommand(
    "simulations",
    help="进行已提出的测算 / make the simulations that were asked for",
    trouble="草案没有算成：{error} A draft was not simulated.",
    work=_work,
    done=_done,
)
register = SIMULATIONS.register
