"""The command line `jiuye`: one module a command in `jiuye.config.commands`, each with `register`."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from jiuye.config import commands


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command of the package `commands`, in the order of their names."""
    parser = argparse.ArgumentParser(
        prog="jiuye", description="就业：把一座城市的就业方案落到每个人、每一分钱。"
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in sorted(pkgutil.iter_modules(commands.__path__), key=lambda found: found.name):
        if not module.name.startswith("_"):
            importlib.import_module(f"{commands.__name__}.{module.name}").register(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; each `run(args)` returns the exit code."""
    args = build_parser().parse_args(argv)
    try:
        return int(args.run(args) or 0)
    except KeyboardInterrupt:
        print("\n已停止。 Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
