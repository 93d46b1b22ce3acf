"""`jiuye sweep`: everyone under every policy, from Parquet to Parquet. Needs no database."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from jiuye.config.commands._shared import add_pack, day, sound_pack
from jiuye.engine.basis.money import yuan_text
from jiuye.engine.rules.engines import ENGINES


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `sweep`."""
    parser = subparsers.add_parser("sweep", help="全量判定 / decide everyone")
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="每个实体一个 Parquet 文件 / one Parquet file an entity",
    )
    parser.add_argument("--on", type=day, required=True, metavar="DATE", help="判定日 / the day of decision")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="每个政策一个 Parquet 文件 / one Parquet file a policy",
    )
    parser.add_argument(
        "--memory",
        default="2GB",
        metavar="SIZE",
        help="内存上限，集群上是每个执行器的 / memory limit, on a cluster that of each executor (2GB)",
    )
    parser.add_argument(
        "--engine",
        choices=tuple(ENGINES),
        default="duckdb",
        help="计算引擎：duckdb 和 compiled（编译成机器码，最快）在本机，spark 在集群 / the engine: duckdb and compiled (machine code, the fastest) on this machine, spark on a cluster",
    )
    parser.add_argument(
        "--master",
        default="",
        metavar="URL",
        help="Spark 集群的地址，如 spark://主机:7077；不写则在本机 / the Spark cluster, for example spark://host:7077; this machine where it is left out",
    )
    add_pack(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one line a policy with its totals; 1 where the pack or the data are wrong."""
    from jiuye.engine.rules.sweep import SweepError, sweep

    zh = args.lang == "zh"
    if args.master and args.engine != "spark":
        print(
            f"--master 只用于 --engine spark，现在是 {args.engine}。"
            if zh
            else f"--master belongs to --engine spark, not to {args.engine}.",
            file=sys.stderr,
        )
        return 1
    pack = sound_pack(args.pack, args.lang)
    if pack is None:
        return 1
    if not args.data.is_dir():
        print(
            f"没有数据文件夹 {args.data}。" if zh else f"there is no data folder {args.data}.",
            file=sys.stderr,
        )
        return 1
    started = time.monotonic()
    try:
        result = sweep(
            pack,
            args.data,
            args.out,
            args.on,
            engine=args.engine,
            master=args.master,
            memory_limit=args.memory,
        )
    except SweepError as error:
        print(error.zh if zh else error.en, file=sys.stderr)
        return 1
    for notice_zh, notice_en in result.notices:
        print(notice_zh if zh else notice_en, file=sys.stderr)
    for policy_id, totals in result.totals.items():
        print(
            f"{policy_id:<40} {totals['subjects']:>10,} → yes {totals['yes']:>9,}  unknown {totals['unknown']:>9,}  "
            f"no {totals['no']:>10,}  {yuan_text(totals['amount_fen']):>18} 元"
        )
    print(f"{time.monotonic() - started:.2f} s", file=sys.stderr)
    return 0
