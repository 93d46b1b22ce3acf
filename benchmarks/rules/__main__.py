"""The rules beside other engines, hand-written SQL and a compiled loop, in one run: `python -m benchmarks.rules`.

    --sizes 100000,1000000,5000000   persons of the country template
    --city 460000 | --full           residents under the whole pack; --full is 4,600,000
    --engines duckdb,compiled        evaluators of this engine; left out, all that this tree has
    --runs 3                         of each contender, each a process of its own
    --only country,city,person       parts of the run
    --without openfisca,policyengine contenders to leave out
    --write FILE                     the tables, as they are printed

Populations and the two environments of OpenFisca and PolicyEngine are kept under .data/bench (--cache).
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from benchmarks.rules import city_table, country_table, one_person
from benchmarks.rules.contenders.law import law_on
from benchmarks.rules.machine import describe
from benchmarks.rules.running import ROOT
from benchmarks.rules.tables import Printer

FULL = 4_600_000
PARTS = ("country", "city", "person")
PACK = ROOT / "plans" / "yangzhou-2023-2025"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.rules",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--sizes", default="100000,1000000,5000000")
    made.add_argument("--city", type=int, default=460_000)
    made.add_argument("--full", action="store_true")
    made.add_argument("--engines", default="")
    made.add_argument("--runs", type=int, default=3)
    made.add_argument("--only", default=",".join(PARTS))
    made.add_argument("--without", default="")
    made.add_argument("--memory", default="4GB", help="DuckDB's memory limit, as SQL and as our engine")
    made.add_argument("--month", type=date.fromisoformat, default=date(2016, 6, 1))
    made.add_argument("--shuffled", action="store_true", help="members of a household do not stand together")
    made.add_argument("--pack", type=Path, default=PACK)
    made.add_argument(
        "--on", type=date.fromisoformat, help="the city's day; left out, the busiest first of a month"
    )
    made.add_argument("--explained", type=int, default=one_person.EXPLAINED, help="persons explained")
    made.add_argument("--cache", type=Path, default=ROOT / ".data" / "bench")
    made.add_argument("--write", type=Path)
    return made


def main() -> int:
    asked = parser().parse_args()
    parts = asked.only.split(",")
    if unknown := set(parts) - set(PARTS):
        print(f"--only knows {', '.join(PARTS)}, not {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    try:
        law_on(asked.month)
        sizes = [int(text) for text in asked.sizes.split(",")]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    engines = asked.engines.split(",") if asked.engines else country_table.engines_here()
    asked.cache.mkdir(parents=True, exist_ok=True)
    printer = Printer(asked.write)
    printer.text(describe())
    if "country" in parts:
        setting = country_table.Setting(
            asked.cache,
            asked.month,
            engines,
            asked.runs,
            asked.memory,
            asked.shuffled,
            set(asked.without.split(",")),
        )
        for size in sizes:
            country_table.show(setting, size, printer)
    if "city" in parts:
        residents = FULL if asked.full else asked.city
        city_table.show(
            asked.cache, asked.pack, residents, asked.on, engines, asked.runs, asked.memory, printer
        )
    if "person" in parts:
        printer.title("One person, and the pack")
        one_person.show(asked.pack, printer, asked.explained)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
