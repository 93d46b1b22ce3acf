"""Receipts are the same bytes whichever evaluator decided: what was kept for one is what would be kept for the other."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from jiuye.engine.rules import sweep_compiled
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.sweep import sweep
from tests.engine.rules.expressions import EVERY_CONSTRUCT
from tests.engine.rules.populations import Population
from tests.engine.rules.test_two_evaluators import TITHE, YANGZHOU, world_pack


def compared(pack: Pack, population: Population, folder, monkeypatch) -> tuple[int, list[str]]:
    """(receipts, differences): every policy's rows of both evaluators, receipts as text."""
    population.write(folder / "in")
    sweep(pack, folder / "in", folder / "duckdb", population.on, receipts=True)

    def refused(task):
        raise AssertionError("the compiled evaluator handed the sweep on")

    with monkeypatch.context() as patch:
        patch.setattr(sweep_compiled.sweep_duckdb, "evaluate", refused)
        sweep(pack, folder / "in", folder / "compiled", population.on, engine="compiled", receipts=True)
    receipts, found = 0, []
    for policy in pack.policies.values():
        files = [
            f"read_parquet('{folder / engine / policy.id}.parquet')" for engine in ("duckdb", "compiled")
        ]
        receipts += duckdb.sql(f"SELECT count(facts) FROM {files[1]}").fetchall()[0][0]
        for first, second in (files, files[::-1]):
            found += [
                f"{policy.id}: {row}"
                for row in duckdb.sql(f"SELECT * FROM {first} EXCEPT ALL SELECT * FROM {second}").fetchall()
            ]
    return receipts, found


@pytest.mark.parametrize("on", [date(2023, 3, 31), date(2024, 2, 29)], ids=str)
def test_the_city_s_whole_pack_leaves_the_same_receipts(on, tmp_path, monkeypatch):
    pack = require_pack(YANGZHOU)
    receipts, found = compared(pack, Population(pack, on, 400, seed=on.year), tmp_path, monkeypatch)
    assert found == []
    assert receipts > 1_000


def test_another_country_s_pack_leaves_the_same_receipts(tmp_path, monkeypatch):
    pack = require_pack(TITHE)
    receipts, found = compared(pack, Population(pack, date(2011, 5, 20), 250, seed=7), tmp_path, monkeypatch)
    assert (found, receipts > 100) == ([], True)


def test_every_construct_and_every_type_is_told_the_same(tmp_path, monkeypatch):
    # Said so that nobody fails: everyone then has a receipt, with every fact that some construct reads.
    never_fails = [f"({text}) or not ({text})" for text in EVERY_CONSTRUCT]
    pack = world_pack(tmp_path, never_fails, "round_fen(price * 0.5)")
    assert pack is not None
    for seed, on in enumerate([date(2005, 3, 1), date(2021, 2, 28)]):
        folder = tmp_path / str(seed)
        receipts, found = compared(pack, Population(pack, on, 250, seed), folder, monkeypatch)
        assert found == []
        assert receipts >= 20
