"""`jiuye simulations`: makes the simulations that were asked for, beside the pages. Safe to run at any time and several times at once."""

from __future__ import annotations

import argparse

from jiuye.config.commands._beside import BesideInAProcess
from jiuye.config.commands._shared import installation_ready, office_moment


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `simulations`."""
    parser = subparsers.add_parser(
        "simulations", help="进行已提出的测算 / make the simulations that were asked for"
    )
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say what was simulated and what was not; 1 where something failed."""
    if not installation_ready():
        return 1
    from jiuye.office.entitlements.asked_simulations import simulate_asked

    zh, failed = args.lang == "zh", False
    for asked in simulate_asked(clock=office_moment):
        if asked.state == "done":
            title = asked.draft.title
            print(f"草案“{title}”已测算。" if zh else f"The draft “{title}” was simulated.")
        else:
            failed = True
            print(asked.error)
    return 1 if failed else 0


class Simulating(BesideInAProcess):
    """Simulates beside the web server of `jiuye run`."""

    def __init__(self, every_seconds: float) -> None:
        super().__init__(
            "simulating",
            every_seconds,
            waits=_waits,
            command="simulations",
            trouble="草案没有算成：{error} A draft was not simulated.",
        )


def _waits() -> bool:
    from jiuye.office.entitlements.asked_simulations import simulation_waits

    return simulation_waits()
