"""`jiuye cases`: run the cases that stand in the policies."""

from __future__ import annotations

import argparse
from pathlib import Path

from jiuye.config.commands._shared import sound_pack


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `cases`."""
    parser = subparsers.add_parser("cases", help="运行政策文件里的案例 / run the cases in the policies")
    parser.add_argument("pack", type=Path, nargs="?", default=None, metavar="PACK")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="提示语言 / language of messages")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print each failure, then `N passed, N failed`."""
    from jiuye.engine.rules.cases import run_cases

    pack = sound_pack(args.pack, args.lang)
    if pack is None:
        return 1
    passed, failures = run_cases(pack)
    for failure in failures:
        print(failure.render(args.lang))
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0
