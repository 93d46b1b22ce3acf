"""One rule, two evaluators, one meaning: the walk over one subject and the sweep over everyone never differ."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.sweep import sweep
from tests.engine.rules.populations import Population

HERE = Path(__file__).parent
TITHE = HERE / "tithe_pack"
YANGZHOU = HERE.parents[2] / "plans" / "yangzhou-2023-2025"


def differences(pack: Pack, on: date, size: int, seed: int, folder: Path) -> list[str]:
    """Every subject on whom the two evaluators differ, in words."""
    population = Population(pack, on, size, seed)
    population.write(folder / "in")
    sweep(pack, folder / "in", folder / "out", on)
    decider = Decider(pack)
    found = []
    for policy in pack.policies.values():
        swept = {
            row[0]: row[1:]
            for row in duckdb.sql(
                "SELECT subject, verdict, clause_bits, unknown_bits, amount_fen "
                f"FROM read_parquet('{folder / 'out' / policy.id}.parquet')"
            ).fetchall()
        }
        assert len(swept) == size
        for number, row in enumerate(population.rows[policy.entity]):
            outcome = decider.decide(policy, row, on)
            walked = (outcome.verdict, outcome.clause_bits, outcome.unknown_bits, outcome.amount_fen)
            if walked != swept[number]:
                found.append(
                    f"{policy.id} seed={seed} subject={number}: walk {walked}, sweep {swept[number]}, facts {row.values}"
                )
    return found


@pytest.mark.parametrize("folder", [TITHE, YANGZHOU], ids=["tithe", "yangzhou"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), day=st.dates(date(2023, 1, 1), date(2025, 12, 31)))
def test_random_and_boundary_subjects_get_the_same_verdict_on_every_clause_from_both_evaluators(
    folder, seed, day, tmp_path_factory
):
    pack = _pack(folder)
    on = day if folder == YANGZHOU else day.replace(year=day.year - 14, day=min(day.day, 28))
    assert differences(pack, on, 250, seed, tmp_path_factory.mktemp("sweep")) == []


_packs: dict[Path, Pack] = {}


def _pack(folder: Path) -> Pack:
    if folder not in _packs:
        _packs[folder] = require_pack(folder)
    return _packs[folder]
