"""`jiuye translations`: compile the English catalogue, and say what is not translated."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def register(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("translations", help="编译英文译文，列出缺译。 Compile the English texts.")
    parser.add_argument("--check", action="store_true", help="只检查；有缺译则返回 1")
    parser.add_argument("--missing", action="store_true", help="打印缺译的词条，填好后用 --merge 并入")
    parser.add_argument("--merge", metavar="FILE", type=Path, help="把填好的词条并入译文库")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 where every text has its English; 1 with one line for each that has none. Needs no database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiuye.config.settings")
    import django

    django.setup()
    from jiuye.portals.common.translations import compile_catalogue, examine, extract, merge, stubs

    if args.merge:
        if not args.merge.is_file():
            print(f"没有文件 {args.merge}；请用 --missing 打印词条，填好后保存再并入。", file=sys.stderr)
            return 1
        print(f"并入 {merge(ROOT, args.merge)} 条。")
    if not args.check:
        compile_catalogue(ROOT)
    extraction = extract(ROOT)
    if args.missing:
        print(stubs(ROOT, extraction))
        return 0
    findings, unused = examine(ROOT, extraction)
    for finding in [*findings, *unused]:
        print(finding, file=sys.stderr)
    print(f"译文 {len(extraction.messages)} 条，问题 {len(findings)} 条，不再使用 {len(unused)} 条。")
    return 1 if (findings or unused) and args.check else 0
