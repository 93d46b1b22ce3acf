"""`jiuye mutate`: change the rules by one step in every way there is, and count what the cases catch."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from jiuye.config.commands._shared import sound_pack
from jiuye.engine.basis.problems import did_you_mean

if TYPE_CHECKING:
    from jiuye.engine.rules.mutants import Mutant
    from jiuye.engine.rules.trials import Tally, Trials

LEAST_PERCENT = 95  # of the mutants that the cases must catch
CHUNK = 16  # mutants handed to a process at a time


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `mutate`."""
    parser = subparsers.add_parser(
        "mutate", help="逐处改动规则，看案例能否发现 / change the rules step by step and see whether the cases notice"
    )  # fmt: skip
    parser.add_argument("pack", type=Path, nargs="?", default=None, metavar="PACK")
    parser.add_argument(
        "--policy", default="", metavar="NAME", help="只改这个政策或派生事实（如 person.age）/ of this policy or derived fact alone"
    )  # fmt: skip
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="随机取 N 处；不写则全部 / so many at random; all where it is left out"
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="随机种子 / seed of the sample (0)")
    parser.add_argument(
        "--survivors-only", action="store_true", help="只列没有发现的 / list the survivors alone"
    )
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="同时用几个进程 / processes at once"
    )  # fmt: skip
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="提示语言 / language of messages")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a table by policy and every survivor with its place; 1 where fewer than 95 in a hundred are caught."""
    from jiuye.engine.rules.trials import SURVIVED, Trials, mutants

    pack = sound_pack(args.pack, args.lang)
    if pack is None:
        return 1
    trials = Trials(pack)
    found = mutants(pack)
    if args.policy:
        known = {mutant.owner for mutant in found}
        found = [mutant for mutant in found if mutant.owner == args.policy]
        if not found:
            zh, en = did_you_mean(args.policy, known)
            print(
                f"没有政策或派生事实“{args.policy}”。{zh}"
                if args.lang == "zh"
                else f"no policy or derived fact '{args.policy}'; {en}",
                file=sys.stderr,
            )
            return 1
    if 0 < args.sample < len(found):
        found = random.Random(args.seed).sample(found, args.sample)
    outcomes = judged(trials, found, args.processes)
    survivors = [mutant for mutant, outcome in zip(found, outcomes, strict=True) if outcome == SURVIVED]
    total = tallied(found, outcomes, args.lang, quiet=args.survivors_only)
    for mutant in survivors:
        print(mutant.render())
    return 0 if total.reaches(LEAST_PERCENT) else 1


# --- trying them, in several processes

_shared: tuple[Trials, list[Mutant]] | None = None  # what a forked process finds in its memory


def judged(trials: Trials, found: list[Mutant], processes: int) -> list[str]:
    """The outcome of each mutant, in their order. Where processes cannot be forked, one does it all."""
    global _shared
    if processes < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return [trials.outcome(mutant) for mutant in found]
    _shared = (trials, found)
    try:
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
            return list(pool.map(_outcome, range(len(found)), chunksize=CHUNK))
    finally:
        _shared = None


def _outcome(number: int) -> str:
    assert _shared is not None
    trials, found = _shared
    return trials.outcome(found[number])


# --- the table

HEADS = {
    "zh": ("", "处数", "发现", "拒收", "未发现", "不改变结果", "比例"),
    "en": ("", "mutants", "caught", "refused", "survived", "idle", "share"),
}


def tallied(found: list[Mutant], outcomes: list[str], lang: str, *, quiet: bool) -> Tally:
    """Print what became of the mutants of each file, and of all; returns the whole count."""
    from jiuye.engine.rules.trials import CAUGHT, IDLE, REFUSED, SURVIVED, Tally

    rows: dict[str, Tally] = {}
    total = Tally()
    for mutant, outcome in zip(found, outcomes, strict=True):
        rows.setdefault(mutant.file, Tally()).counts[outcome] += 1
        total.counts[outcome] += 1
    if not quiet:
        print(_line(HEADS[lang]))
        for name, tally in [*rows.items(), ("合计" if lang == "zh" else "all", total)]:
            counts = [tally.counts[outcome] for outcome in (CAUGHT, REFUSED, SURVIVED, IDLE)]
            print(_line((name, str(tally.counted), *map(str, counts), f"{tally.share} %")))
    return total


def _line(cells: tuple[str, ...]) -> str:
    from jiuye.engine.basis.problems import display_width

    first, *others = cells
    padded = first + " " * max(0, 48 - display_width(first))
    return padded + "".join(" " * max(1, 11 - display_width(cell)) + cell for cell in others)
