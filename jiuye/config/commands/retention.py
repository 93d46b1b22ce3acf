"""`jiuye retention`: how long what is kept about people is kept, and erasing what is past its time and may be erased."""

from __future__ import annotations

import argparse

from jiuye.config.commands._shared import installation_ready, this_moment


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `retention`."""
    parser = subparsers.add_parser(
        "retention",
        help="保存期限：列出规则，删除过期的 / rules of retention, and erasing what is past its time",
    )
    parser.add_argument("--dry-run", action="store_true", help="只数不删 / count, erase nothing")
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Every rule with what it is about, how long, under which law, and how many rows were (would be) erased."""
    if not installation_ready():
        return 1
    from jiuye.office.staff.access import access
    from jiuye.office.staff.retention import erase_expired, expired

    zh, at = args.lang == "zh", this_moment()
    numbers = expired(at=at) if args.dry_run else erase_expired(at=at)
    for rule in access().retention.values():
        what = rule.what if zh else rule.what_en
        if rule.then == "keep":
            done = "期满也不删除" if zh else "never erased here"
        elif args.dry_run:
            done = f"将删除 {numbers[rule.key]} 条" if zh else f"{numbers[rule.key]} would be erased"
        else:
            done = f"已删除 {numbers[rule.key]} 条" if zh else f"{numbers[rule.key]} erased"
        days = f"{rule.days} 天" if zh else f"{rule.days} days"
        print(f"{what}：{days}；{done}。\n    {rule.law}")
    return 0
