"""This engine by its public function: a pack and a folder of Parquet in, every policy's verdicts, clause bits and amounts out.

The same process serves the country template and a city's whole pack (`pack=FOLDER`); `engine=` names the evaluator.
"""

from __future__ import annotations

import inspect
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.rules.contenders.common import Clock, job, report

COUNTRY = Path(__file__).resolve().parents[1] / "country"


class NoSuchEngineError(ValueError):
    """This tree's `sweep` has no evaluator of that name."""


def call_sweep(pack: Any, data: Path, out: Path, on: date, engine: str, memory: str) -> Any:
    """`sweep` under the named evaluator. Raises NoSuchEngineError."""
    from jiuye.engine.rules.sweep import sweep

    more: dict[str, Any] = {"memory_limit": memory}
    if "engine" in inspect.signature(sweep).parameters:
        more["engine"] = engine
    elif engine != "duckdb":
        raise NoSuchEngineError(
            f"sweep() has no parameter 'engine' in this tree, so '{engine}' cannot be run."
        )
    return sweep(pack, data, out, on, **more)


def main() -> None:
    asked, clock = job(__doc__), Clock()
    with clock.phase("start"):
        from jiuye.engine.rules import sweep as _sweep  # noqa: F401 - what it imports is no part of a sweep
        from jiuye.engine.rules.pack import require_pack
    with clock.phase("load"):
        pack = require_pack(Path(asked.extra.get("pack", COUNTRY)))
    with clock.phase("decide"):
        result = call_sweep(
            pack,
            asked.data,
            asked.out,
            asked.on,
            asked.extra.get("engine", "duckdb"),
            asked.extra.get("memory", "2GB"),
        )
    report(clock, totals=result.totals, notices=[en for _, en in result.notices])


if __name__ == "__main__":
    main()
