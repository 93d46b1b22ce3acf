"""The compiled evaluator from arrays in memory to arrays in memory, as OpenFisca's build + calculate is measured.

Building lays the population's arrays as the machine code reads them; deciding stages derived facts and gives every policy's clause
bits, unknown bits, verdicts and amounts. Writing and compiling the program is loading, as it is for the others.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np

from benchmarks.rules.contenders.common import OUTPUTS, Clock, Population
from jiuye.engine.rules.compiled.program import Supply, width
from jiuye.engine.rules.compiled.run import CompiledRun
from jiuye.engine.rules.compiled.tables import DTYPES, UNKNOWN
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.sweep_sql import needs_of


def in_memory(pack: Pack, people: Population, on: date, clock: Clock) -> dict[str, np.ndarray]:
    """Every output as int64 fen; `clock` gets the phases `compile`, `memory_build` and `memory_decide`."""
    policies = list(pack.policies.values())
    needs = needs_of(pack, policies)
    given = _given(people)
    run = CompiledRun(pack, None, on)
    with clock.phase("compile"):
        columns = frozenset(key for key in given if key in needs.facts)
        supply = Supply(columns, frozenset({("person", "household")}), frozenset({"person", "household"}))
        run.compile(supply, policies, {key for key in pack.derived if key in needs.facts})
    with ThreadPoolExecutor(run.threads) as pool:
        with clock.phase("memory_build"):
            rows = {"person": len(people.birth), "household": len(people.rent)}
            run.tables.rows.update(rows)
            jobs = {}
            for entity, name in columns:
                of = pack.vocabulary.entities[entity].facts[name].type
                jobs["column", entity, name] = pool.submit(
                    _laid, given[entity, name], width(of), UNKNOWN[width(of)]
                )
            jobs["link", "person", "household"] = pool.submit(_laid, people.household, 32, rows["household"])
            run.tables.arrays.update({key: job.result() for key, job in jobs.items()})
        with clock.phase("memory_decide"):
            run.stage(pool)
            found = list(pool.map(run.decide, run.program.policies))
    amounts = {
        step.policy.id.replace("-", "_"): decided.amount
        for step, decided in zip(run.program.policies, found, strict=True)
    }
    return {name: amounts[name] for name in OUTPUTS}


def _given(people: Population) -> dict[tuple[str, str], Any]:
    return {
        ("person", "birth_date"): people.birth.view(np.int64)
        if people.birth.dtype == "datetime64[D]"
        else people.birth,
        ("person", "household_role"): people.role,
        ("person", "salary"): people.salary,
        ("person", "capital_returns"): people.capital_returns,
        ("household", "rent"): people.rent,
        ("household", "accommodation_size"): people.size_hundredths,
        ("household", "occupancy"): people.occupancy,
    }


def _laid(values: np.ndarray, bits: int, nobody: int) -> np.ndarray:
    """A copy in the machine's width with the row of nobody behind it."""
    out = np.empty(len(values) + 1, DTYPES[bits])
    out[:-1] = values
    out[-1] = nobody
    return out
