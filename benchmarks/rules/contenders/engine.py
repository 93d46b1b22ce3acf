"""This engine by its public function: a pack and a folder of Parquet in, every policy's verdicts, clause bits and amounts out.

The same process serves the country template and a city's whole pack (`pack=FOLDER`); `engine=` names the evaluator.
"""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq

from benchmarks.rules.contenders.common import Clock, Job, job, peak_memory, read_population, report

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack

COUNTRY = Path(__file__).resolve().parents[1] / "country"


def main() -> None:
    asked, clock = job(__doc__), Clock()
    engine = asked.extra.get("engine", "duckdb")
    with clock.phase("start"):
        from jiuye.engine.rules.pack import require_pack
        from jiuye.engine.rules.sweep import ENGINES, sweep

        if engine in ENGINES:  # `sweep` says what is wrong with another name
            import_module(ENGINES[engine])
    with clock.phase("load"):
        pack = require_pack(Path(asked.extra.get("pack", COUNTRY)))
    with clock.phase("decide"):
        memory = asked.extra.get("memory", "2GB")
        result = sweep(pack, asked.data, asked.out, asked.on, engine=engine, memory_limit=memory)
    # What is measured beside does not count as the sweep's own.
    spent = {"peak": peak_memory(), "processor": time.process_time()}
    if engine == "compiled" and "pack" not in asked.extra:
        _in_memory(asked, clock, pack)
    report(clock, **spent, totals=result.totals, notices=[en for _, en in result.notices])


def _in_memory(asked: Job, clock: Clock, pack: Pack) -> None:
    """The same from arrays to arrays, beside; the amounts must be those that the sweep has written. Raises ValueError otherwise."""
    from benchmarks.rules.contenders.in_memory import in_memory

    found = in_memory(pack, read_population(asked.data), asked.on, clock)
    for name, amounts in found.items():
        written = pq.read_table(asked.out / f"{name.replace('_', '-')}.parquet", columns=["amount_fen"])
        if not np.array_equal(amounts, written.column(0).fill_null(0).to_numpy()):
            raise ValueError(f"{name} is not the same in memory as from file to file.")


if __name__ == "__main__":
    main()
