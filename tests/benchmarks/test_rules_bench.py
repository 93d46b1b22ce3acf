"""The benchmark of the rules cannot rot: on two thousand persons every contender that needs no network computes the same cents."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.rules import environments
from benchmarks.rules.agreement import fingerprints, hold
from benchmarks.rules.city_population import UNKNOWN, write_city
from benchmarks.rules.contenders import fused, numpy_by_hand, sql
from benchmarks.rules.contenders.common import (
    HOUSEHOLD_OUTPUTS,
    OUTPUTS,
    PERSON_OUTPUTS,
    read_population,
    write_amounts,
)
from benchmarks.rules.contenders.engine import COUNTRY
from benchmarks.rules.contenders.law import law_on
from benchmarks.rules.country_table import engines_here
from benchmarks.rules.population import write_population
from jiuye.engine.rules.cases import run_cases
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.sweep import sweep

ROOT = Path(__file__).resolve().parents[2]
JUNE_2016, JUNE_2017 = date(2016, 6, 1), date(2017, 6, 1)
PERSONS = 2_000


@pytest.fixture(
    scope="module", params=[(JUNE_2016, False), (JUNE_2017, True)], ids=["2016", "2017, shuffled"]
)
def computed(request, tmp_path_factory):
    """(month, folder of the population, folder of the amounts computed by hand)."""
    month, shuffled = request.param
    folder = tmp_path_factory.mktemp("bench")
    write_population(folder, PERSONS, shuffled=shuffled, year=month.year)
    exact = folder / "exact"
    exact.mkdir()
    write_amounts(exact, numpy_by_hand.amounts(read_population(folder), month))
    return month, folder, exact


@pytest.mark.parametrize("engine", engines_here())
def test_the_country_pack_swept_gives_every_cent_that_was_computed_by_hand(computed, tmp_path, engine):
    month, folder, exact = computed
    result = sweep(require_pack(COUNTRY), folder, tmp_path, month, engine=engine)
    if month == JUNE_2017:  # the allowance is abolished, its file says no to everyone
        assert result.totals["housing-allowance"]["yes"] == 0
    found = hold(tmp_path, exact)
    assert (found.wrong, found.missing) == (0, ())
    assert found.compared == 4 * PERSONS + 6 * len(read_population(folder).rent)


def test_the_fused_pass_and_the_sql_compute_the_same_cents(computed, tmp_path):
    month, folder, exact = computed
    write_amounts(tmp_path, fused.amounts(read_population(folder), month))
    assert hold(tmp_path, exact).short.endswith("right")
    sql.decide(folder, tmp_path, month, "1GB")
    assert hold(tmp_path, exact).short.endswith("right")


def test_each_of_the_ten_formulas_is_a_policy_and_reaches_some_of_the_persons(computed):
    month, _, exact = computed
    pack = require_pack(COUNTRY)
    assert {policy.replace("-", "_") for policy in pack.policies} == set(OUTPUTS)
    for entity, names in (("person", PERSON_OUTPUTS), ("household", HOUSEHOLD_OUTPUTS)):
        table = pq.read_table(exact / f"{entity}.parquet")
        reached = {name for name in names if np.any(table[name].to_numpy())}
        abolished = {"housing_allowance"} if month == JUNE_2017 else set()
        assert reached == set(names) - abolished


def test_fifty_million_and_one_yuan_are_taxed_to_the_cent(computed):
    month, _, exact = computed
    row = pq.read_table(exact / "person.parquet").slice(0, 1).to_pylist()[0]
    if month == JUNE_2016:  # 12,300 at 4%, the rest at 12%
        assert row["social_security_contribution"] == 492_00 + 5_998_524_12
        assert row["income_tax"] == 7_500_000_15
        assert row["basic_income"] == 0


def test_whoever_computes_in_32_bit_floats_is_told_where_it_is_wrong(computed, tmp_path):
    month, folder, exact = computed
    if month == JUNE_2017:
        pytest.skip("once is enough")
    right = numpy_by_hand.amounts(read_population(folder), month)
    write_amounts(tmp_path, {name: (values / 100).astype(np.float32) for name, values in right.items()})
    found = hold(tmp_path, exact)
    assert found.wrong > 0
    assert "A salary of 50,000,001.00 comes back as 50,000,000.00." in found.sentence


def test_a_contender_that_leaves_an_output_out_is_incomplete(computed, tmp_path):
    _, _, exact = computed
    people = pq.read_table(exact / "person.parquet")
    pq.write_table(people, tmp_path / "person.parquet")
    found = hold(tmp_path, exact)
    assert found.short == "incomplete"
    assert found.missing == HOUSEHOLD_OUTPUTS


def test_one_cent_too_much_for_one_person_is_found(computed, tmp_path):
    month, folder, exact = computed
    amounts = numpy_by_hand.amounts(read_population(folder), month)
    amounts["pension"] = amounts["pension"].copy()
    amounts["pension"][7] += 1
    write_amounts(tmp_path, amounts)
    found = hold(tmp_path, exact)
    assert (found.wrong, found.by_more) == (1, 0)
    assert found.example is not None
    assert found.example[:2] == ("pension", 7)


def test_the_country_pack_passes_its_own_cases():
    passed, failures = run_cases(require_pack(COUNTRY))
    assert failures == []
    assert passed > 60


def test_the_law_is_written_down_for_two_years_only():
    assert law_on(JUNE_2016).rent_share == 25
    assert law_on(date(2016, 12, 1)).rent_share == 0
    with pytest.raises(ValueError, match="2015-06-01"):
        law_on(date(2015, 6, 1))


def test_the_same_seed_makes_the_same_persons(tmp_path):
    for name in ("a", "b"):
        write_population(tmp_path / name, 500)
    first, second = (pq.read_table(tmp_path / name / "person.parquet") for name in ("a", "b"))
    assert first.equals(second)
    assert first.num_rows == 500
    assert set(PERSON_OUTPUTS).isdisjoint(first.column_names)


def test_a_city_is_made_from_the_vocabulary_and_swept_without_a_remark(pack_dir, tmp_path):
    pack = require_pack(pack_dir)
    counts = write_city(pack, tmp_path / "city", 3_000, date(2024, 6, 1))
    people = pq.read_table(tmp_path / "city" / "person.parquet")
    assert counts["person"] == people.num_rows == 3_000
    assert counts["employer"] == round(3_000 * 600 / 4600)
    unknown = people["birth_date"].null_count / 3_000
    assert UNKNOWN / 2 < unknown < UNKNOWN * 2
    employers = pc_max(pq.read_table(tmp_path / "city" / "hire.parquet")["employer_id"])
    assert employers < counts["employer"]
    fingerprint = {}
    for engine in engines_here():
        out = tmp_path / engine
        result = sweep(pack, tmp_path / "city", out, date(2024, 6, 1), engine=engine)
        assert result.notices == []
        assert any(total["yes"] for total in result.totals.values())
        fingerprint[engine] = fingerprints(out)
        assert set(fingerprint[engine]) == set(pack.policies)
    assert len({str(found) for found in fingerprint.values()}) == 1


def pc_max(column: pa.ChunkedArray) -> int:
    return max(value for value in column.to_pylist() if value is not None)


def test_what_cannot_be_installed_is_left_out_with_a_sentence(tmp_path, monkeypatch):
    def refuse(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found")

    monkeypatch.setattr(environments.subprocess, "run", refuse)
    with pytest.raises(
        environments.NotInstalledError,
        match=r"openfisca \(openfisca-core==.*could not be installed: ERROR: No",
    ):
        environments.environment("openfisca", tmp_path)


def test_the_whole_run_prints_its_tables(tmp_path):
    done = bench(
        "--sizes", "1000", "--city", "1000", "--runs", "1", "--explained", "5", "--without", "openfisca,policyengine",
        "--cache", str(tmp_path / "cache"), "--write", str(tmp_path / "tables.md"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "tables.md").read_text(encoding="utf-8")
    assert "DuckDB, SQL by hand" in done.stdout
    assert "one fused pass (numba, one core)" in done.stdout
    assert "Jiuye, duckdb" in done.stdout
    assert "The whole pack over 1,000 residents" in done.stdout
    assert "target 2 ms" in done.stdout
    assert "wrong" not in done.stdout
    assert "Not in the table" not in done.stdout


def test_a_part_that_does_not_exist_is_refused_by_name():
    done = bench("--only", "contry")
    assert done.returncode == 2
    assert "not contry" in done.stderr


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.rules", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
