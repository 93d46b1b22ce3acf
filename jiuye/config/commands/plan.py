"""`jiuye plan commitments`: every number that the plan promises, as a table or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from jiuye.config.packs import default_pack
from jiuye.engine.basis.problems import display_width
from jiuye.engine.plan import CommitmentRow, commitments, load_plan_room
from jiuye.engine.plan.rows import plain_number

_SIGNS = {">=": "≥", "<=": "≤", "~": "约"}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `plan` with its own subcommands."""
    parser = subparsers.add_parser("plan", help="方案的承诺 / the plan's commitments")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("commitments", help="列出全部量化承诺 / list every quantified commitment")
    listing.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    listing.add_argument(
        "--pack", type=Path, default=None, metavar="DIR", help="方案目录 / the pack's folder"
    )
    listing.add_argument("--lang", choices=("zh", "en"), default="zh", help="提示语言 / language of messages")
    listing.set_defaults(run=run_commitments)


def run_commitments(args: argparse.Namespace) -> int:
    """Print the commitments of a sound pack; print what is wrong with another and return 1."""
    room, problems = load_plan_room(args.pack or default_pack())
    for problem in problems:
        print(problem.render(args.lang), file=sys.stderr)
    if problems.errors or room.plan is None:
        return 1
    rows = commitments(room.plan)
    if args.json:
        print(json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=1))
    else:
        print("\n".join(_table(rows, args.lang)))
    return 0


def _table(rows: Sequence[CommitmentRow], lang: str) -> Iterable[str]:
    """One line a row under a heading; columns padded by display width, so that Chinese stands straight."""
    heading = (
        ("任务", "年度", "目标", "单位", "事项", "指标")
        if lang == "zh"
        else ("task", "year", "target", "unit", "what", "indicator")
    )
    unnamed = ("目标", "未写年份") if lang == "zh" else ("goals", "none named")
    cells = [heading]
    for row in rows:
        cells.append(
            (
                str(row.task) if row.task else unnamed[0],
                str(row.year) if row.year is not None else unnamed[1],
                f"{_SIGNS[row.comparator]} {_grouped(row)}",
                row.unit,
                row.name if lang == "zh" else row.name_en,
                row.indicator,
            )
        )
    widths = [max(display_width(line[column]) for line in cells) for column in range(len(heading))]
    for line in cells:
        yield "  ".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()
    summary = (
        f"共 {len(rows)} 个目标值，{len({row.commitment for row in rows})} 项承诺。"
        if lang == "zh"
        else f"{len(rows)} targets of {len({row.commitment for row in rows})} commitments."
    )
    yield summary


def _grouped(row: CommitmentRow) -> str:
    """150000 as 150,000; 5.5 as 5.5."""
    return f"{plain_number(row.value):,}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
