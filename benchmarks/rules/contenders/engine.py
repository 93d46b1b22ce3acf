"""This engine by its public function: a pack and a folder of Parquet in, every policy's verdicts, clause bits and amounts out.

The same process serves the country template and a city's whole pack (`pack=FOLDER`); `engine=` names the evaluator.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from benchmarks.rules.contenders.common import Clock, job, report

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
    report(clock, totals=result.totals, notices=[en for _, en in result.notices])


if __name__ == "__main__":
    main()
