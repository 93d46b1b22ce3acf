"""`jiuye budgets`: draws up the budgets that were asked for, beside the pages. Safe to run at any time and several times at once."""

from __future__ import annotations

import argparse

from jiuye.config.commands._beside import BesideInAProcess
from jiuye.config.commands._shared import installation_ready, office_moment


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `budgets`."""
    parser = subparsers.add_parser(
        "budgets", help="编制已提出的预算 / draw up the budgets that were asked for"
    )
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say what was drawn up and what was not; 1 where something failed."""
    if not installation_ready():
        return 1
    from jiuye.office.budgeting.operations import draw_asked

    zh, failed = args.lang == "zh", False
    for drawing in draw_asked(clock=office_moment):
        if drawing.state == "done":
            print(f"{drawing.year} 年预算已编成。" if zh else f"The budget of {drawing.year} is drawn up.")
        else:
            failed = True
            print(drawing.error)
    return 1 if failed else 0


class Drawing(BesideInAProcess):
    """Draws up beside the web server of `jiuye run`."""

    def __init__(self, every_seconds: float) -> None:
        super().__init__(
            "drawing",
            every_seconds,
            waits=_waits,
            command="budgets",
            trouble="预算没有编成：{error} A budget was not drawn up.",
        )


def _waits() -> bool:
    from jiuye.office.budgeting.operations import drawing_waits

    return drawing_waits()
