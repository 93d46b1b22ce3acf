"""A command for each kind of work that is asked for in a page and done beside it (`office/staff/asked.py`), and its turn beside `jiuye run`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jiuye.config.commands._beside import BesideInAProcess
from jiuye.config.commands._shared import installation_ready, office_moment


@dataclass(frozen=True, slots=True)
class AskedCommand:
    """`jiuye NAME`. `work` brings the Work once Django is up; `done` is the sentence for a row that was done, in Chinese or English."""

    name: str
    help: str
    trouble: str  # with the `error`, said by the server where the command fails
    work: Callable[[], Any]
    done: Callable[[Any, bool], str]

    def register(self, subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        """Add the command."""
        parser = subparsers.add_parser(self.name, help=self.help)
        parser.add_argument(
            "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
        )
        parser.set_defaults(run=self.run)

    def run(self, args: argparse.Namespace) -> int:
        """Do what was asked for and nobody works on; say what was done and what was not; 1 where something failed."""
        if not installation_ready():
            return 1
        failed = False
        for row in self.work().carry_out(clock=office_moment):
            failed |= row.state != "done"
            print(row.error if row.state != "done" else self.done(row, args.lang == "zh"))
        return int(failed)

    def beside(self, every_seconds: float) -> BesideInAProcess:
        """What runs the command beside the web server whenever something waits."""
        return BesideInAProcess(
            self.name,
            every_seconds,
            waits=lambda: bool(self.work().waits()),
            command=self.name,
            trouble=self.trouble,
        )
