"""The same sweep on a real Spark cluster: a master and two workers, the same files in, the same answers out, bit for bit.

Left out of `make test`; `make cluster-test` installs pyspark and runs them. Needs Java 17.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from jiuye.engine.rules import sweep_data, sweep_spark
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.spark_session import spark_session
from jiuye.engine.rules.sweep import SweepDataError, SweepFailedError, sweep
from jiuye.engine.rules.sweep_data import parquet
from tests.engine.rules.expressions import EVERY_CONSTRUCT, amounts, conditions
from tests.engine.rules.populations import Population
from tests.engine.rules.spark_machines import brisk, machines
from tests.engine.rules.test_boundary_subjects import DAYS, Town
from tests.engine.rules.test_sweeping import ISLANDERS, laid
from tests.engine.rules.test_two_evaluators import world_pack
from tests.engine.rules.workshop import Change, changed_tithe, pack_of

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[3]
YANGZHOU = ROOT / "plans" / "yangzhou-2023-2025"
ON = date(2011, 5, 20)
ROWS = int(os.environ.get("JIUYE_CLUSTER_ROWS", "1000000"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[str]:
    with brisk(), machines(tmp_path_factory.mktemp("cluster")) as url:
        yield url


@pytest.fixture(scope="module", autouse=True)
def session(cluster) -> Iterator[Any]:
    """One application on the cluster, which the sweeps of these tests use; starting one for each takes ten seconds."""
    with spark_session(cluster, "1536MB") as running:
        yield running


@pytest.fixture(params=[0, sweep_data.SMALL_ROWS], ids=["checked there", "checked here"])
def checked(request, monkeypatch) -> None:
    """Files checked by the cluster, as large ones are, and by the machine that starts the sweep."""
    monkeypatch.setattr(sweep_data, "SMALL_ROWS", request.param)


@pytest.fixture(scope="module")
def tithe(tmp_path_factory) -> Pack:
    return require_pack(changed_tithe(tmp_path_factory.mktemp("pack")))


def both(pack: Pack, folder: Path, on: date, **options: Any) -> list[str]:
    """What differs between the embedded engine's results and the cluster's, totals, notices and types of columns included."""
    here = sweep(pack, folder / "data", folder / "here", on, **options)
    there = sweep(pack, folder / "data", folder / "there", on, engine="spark", **options)
    found = []
    if here.totals != there.totals:
        found.append(f"totals {here.totals} {there.totals}")
    if here.notices != there.notices:
        found.append(f"notices {here.notices} {there.notices}")
    for name in sorted(path.name for path in (folder / "here").glob("*.parquet")):
        first, second = (f"SELECT * FROM {parquet(folder / side / name)}" for side in ("here", "there"))
        types = [duckdb.sql(f"DESCRIBE {query}").fetchall() for query in (first, second)]
        if types[0] != types[1]:
            found.append(f"{name}: {types}")
        for one, other, side in ((first, second, "here"), (second, first, "there")):
            rows = duckdb.sql(f"{one} EXCEPT ALL {other}").limit(2).fetchall()
            found += [f"{name} only {side}: {row}" for row in rows]
    assert sorted(path.name for path in (folder / "here").iterdir()) == sorted(
        path.name for path in (folder / "there").iterdir()
    )
    return found


# --- the same answers


def test_a_million_persons_get_the_same_verdict_bits_and_amount_under_every_policy(tmp_path, monkeypatch):
    from benchmarks.rules.city_population import write_city

    pack, on = require_pack(YANGZHOU), date(2024, 6, 15)
    counts = write_city(pack, tmp_path / "data", ROWS, on)
    assert counts["person"] == ROWS
    monkeypatch.setattr(sweep_data, "SMALL_ROWS", ROWS // 2)  # the largest file is checked by the cluster
    assert both(pack, tmp_path, on, memory_limit="4GB") == []
    verdicts = duckdb.sql(
        f"SELECT DISTINCT verdict FROM read_parquet('{tmp_path}/there/*.parquet') ORDER BY 1"
    ).fetchall()
    assert verdicts == [("no",), ("unknown",), ("yes",)]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(YANGZHOU)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_subjects_on_both_sides_of_every_comparison_of_the_pack_come_out_the_same(town, day, tmp_path):
    town.subjects[day].write(tmp_path / "data")
    assert both(town.pack, tmp_path, day, policies=town.policies[day]) == []


@pytest.mark.parametrize("on", [date(2005, 3, 1), date(2014, 2, 28), date(2021, 2, 28)])
def test_every_construct_of_the_language_means_the_same_on_the_cluster(tmp_path, on):
    pack = world_pack(tmp_path, EVERY_CONSTRUCT, "round_fen(price * 0.5)")
    assert pack is not None
    Population(pack, on, 400, on.year).write(tmp_path / "data")
    assert both(pack, tmp_path, on) == []


@settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)  # a sweep here takes seconds, so that shrinking would take an hour
@given(
    tests=st.lists(conditions(2), min_size=4, max_size=10),
    amount=amounts(2),
    seed=st.integers(0, 2**16),
    on=st.sampled_from([date(2011, 5, 31), date(2012, 2, 29), date(2009, 12, 31), date(2015, 1, 1)]),
)
def test_random_expressions_mean_the_same_on_the_cluster(tests, amount, seed, on, tmp_path_factory):
    folder = tmp_path_factory.mktemp("random")
    pack = world_pack(folder, tests, amount)
    assume(pack is not None)
    assert pack is not None
    Population(pack, on, 100, seed).write(folder / "data")
    assert both(pack, folder, on) == []


BIG = {
    "facts.yaml": "entities: {boat: {name: 船, facts: {sails: {type: integer, name: 帆}, price: {type: money, name: 价}, share: {type: ratio, decimals: 9, name: 份}}}}\n",
    "policies/look.yaml": (
        "id: look\nname: 看\nname_en: look\nfor: boat\nin_force: {from: 2000-01-01}\nconditions:\n"
        "  - {id: large, law: 大, says: 大, test: round_fen(price * share) * sails > yuan(1)}\n"
        "  - {id: down, law: 下, says: 下, test: floor_fen(price * share) // 7 >= price}\n"
        "  - {id: up, law: 上, says: 上, test: ceil_yuan(price * share) // -3 < price * sails // 1000}\n"
        "amount: round_fen(price * share)\ncases:\n"
        "  - {name: 有帆, on: 2005-01-01, facts: {sails: 1, price: 1}, expect: {verdict: unknown}}\n"
    ),
}


def test_numbers_beyond_64_bits_are_as_exact_as_on_one_machine(tmp_path):
    """A price of ten billion yuan times a share of nine decimals needs more than 64 bits on the way, and less at the end."""
    from decimal import Decimal

    pack = pack_of(tmp_path, BIG)
    prices = [10**15, 10**15 - 1, -(10**15), -(10**15) + 7, 1, -1, 0, 5, None]
    shares = [
        Decimal(text)
        for text in ("0.000000001", "0.5", "-0.333333333", "1", "999.999999999", "-0.0000000005", "0")
    ]
    rows = [(price, share, sails) for price in prices for share in shares for sails in (1, -(10**15), 10**15)]
    table = pa.table(
        {
            "id": pa.array(range(len(rows)), pa.int64()),
            "price": pa.array([row[0] for row in rows], pa.int64()),
            "share": pa.array([row[1].quantize(Decimal("1e-9")) for row in rows], pa.decimal128(18, 9)),
            "sails": pa.array([row[2] for row in rows], pa.int64()),
        }
    )
    (tmp_path / "data").mkdir()
    pq.write_table(table, tmp_path / "data" / "boat.parquet")
    assert both(pack, tmp_path, date(2005, 1, 1)) == []


def test_amounts_beyond_all_measure_are_one_sentence_and_not_a_wrong_number(tmp_path):
    text = BIG["policies/look.yaml"].replace(
        "round_fen(price * share)\ncases", "round_fen(price * sails)\ncases"
    )
    always = "\n".join(line for line in text.split("\n") if "id: down" not in line and "id: up" not in line)
    pack = pack_of(
        tmp_path,
        {**BIG, "policies/look.yaml": always.replace("* share) * sails > yuan(1)", "* 1) > yuan(1)")},
    )
    (tmp_path / "data").mkdir()
    table = pa.table({"id": pa.array([1]), "sails": pa.array([10**15]), "price": pa.array([10**15])})
    pq.write_table(table, tmp_path / "data" / "boat.parquet")
    with pytest.raises(SweepFailedError, match="计算没有完成"):
        sweep(pack, tmp_path / "data", tmp_path / "out", date(2005, 1, 1), engine="spark")
    assert not list((tmp_path / "out").iterdir())


# --- the same files


def test_receipts_are_the_same_text(tithe, tmp_path):
    laid(tmp_path)
    assert both(tithe, tmp_path, ON, receipts=True) == []


def test_out_of_force_everybody_is_a_no_here_as_there(tithe, tmp_path):
    laid(tmp_path)
    assert both(tithe, tmp_path, date(2021, 1, 1)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"islander": {"wage": None}},
        {"islander": {"household_id": None}},
        {"islander": {"exempt": pa.nulls(4), "household_id": pa.nulls(4)}},
        {"islander": {"birthdate": ISLANDERS["birth_date"]}},
        {"islander": {"age": pa.array([15, None, None, 99], pa.int32())}},
        {"household": {"hearths": pa.array([2, 21, -1], pa.int8())}},
        {"household": {"hearths": pa.array([2, 21, 7], pa.uint64())}},
        {"household": {name: column.slice(0, 0) for name, column in (("id", pa.array([1])), ("shore", pa.array(["north"])), ("hearths", pa.array([1])))}},
        {"islander": {"id": pa.array(list("abcd"))}},
    ],
    ids=["no wage", "no household", "empty columns", "an unknown column", "ages given", "bytes", "unsigned", "nobody", "ids of text"],
)  # fmt: skip
@pytest.mark.usefixtures("checked")
def test_what_is_absent_or_odd_is_noticed_and_decided_as_on_one_machine(tithe, tmp_path, changes):
    laid(tmp_path, **changes)
    assert both(tithe, tmp_path, ON) == []


def test_without_a_related_file_everybody_is_unknown_as_on_one_machine(tithe, tmp_path):
    laid(tmp_path)
    (tmp_path / "data" / "islander.parquet").unlink()
    assert both(tithe, tmp_path, ON, policies=["firewood-gift"]) == []


def test_a_file_may_be_a_folder_of_files_and_a_path_is_no_pattern(tithe, tmp_path):
    folder = tmp_path / "of [two] {parts}, 岛*"
    folder.mkdir()
    data = laid(folder)
    table = pq.read_table(data / "islander.parquet")
    (data / "islander.parquet").unlink()
    (data / "islander.parquet").mkdir()
    for part in range(2):
        pq.write_table(table.slice(part * 2, 2), data / "islander.parquet" / f"{part}.parquet")
    whole = tmp_path / "whole"
    whole.mkdir()
    laid(whole)
    expected = sweep(tithe, whole / "data", whole / "out", ON).totals
    assert sweep(tithe, data, folder / "there", ON, engine="spark").totals == expected


def test_many_subjects_become_a_folder_of_files_with_the_same_rows(tithe, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_spark, "ROWS_A_FILE", 100)
    Population(tithe, ON, 350, 3).write(tmp_path / "data")
    data = tmp_path / "data" / "islander.parquet"
    table = pq.read_table(data)
    data.unlink()
    data.mkdir()
    for part in range(4):
        pq.write_table(table.slice(part * 100, 100), data / f"{part}.parquet")
    for _ in range(2):  # a second sweep takes the place of the folders of the first
        assert both(tithe, tmp_path, ON) == []
    assert (tmp_path / "there" / "monthly-tithe.parquet").is_dir()
    assert sweep(
        tithe, tmp_path / "data", tmp_path / "there", ON
    ).totals  # and so do the files of one machine
    assert (tmp_path / "there" / "monthly-tithe.parquet").is_file()


# --- the same refusals


@pytest.mark.parametrize(
    ("entity", "column", "values"),
    [
        ("islander", "wage", pa.array([1.0, 2.0, 3.0, 4.0])),
        ("islander", "wage", pa.array([10**16, 1, -(10**16), None])),
        ("islander", "birth_date", pa.array(["1980-01-01"] * 4)),
        ("household", "shore", pa.array(["north", "nort", "west"])),
        ("household", "id", pa.array([1, 1, 2])),
        ("household", "id", pa.array([1, None, 2])),
        ("household", "id", None),
        ("islander", "household_id", pa.array(["1", "1", "2", None])),
    ],
)
@pytest.mark.usefixtures("checked")
def test_what_does_not_fit_is_refused_in_the_same_words_and_nothing_is_written(
    tithe, tmp_path, entity, column, values
):
    laid(tmp_path, **{entity: {column: values}})
    caught = []
    for engine in ("duckdb", "spark"):
        with pytest.raises(SweepDataError) as error:
            sweep(tithe, tmp_path / "data", tmp_path / "out", ON, engine=engine)
        assert not list((tmp_path / "out").iterdir())
        caught.append((error.value.zh, error.value.en))
    assert caught[0] == caught[1]


@pytest.mark.usefixtures("checked")
def test_decimals_that_would_have_to_be_rounded_are_refused_in_the_same_words(tmp_path):
    from decimal import Decimal

    change = Change("policies/monthly-tithe.yaml", "    test: age >= 16", "    test: skill >= 0.5")
    pack = require_pack(changed_tithe(tmp_path, change))
    laid(tmp_path, islander={"skill": pa.array([Decimal("1.505")] * 3 + [None])})
    caught = []
    for engine in ("duckdb", "spark"):
        with pytest.raises(SweepDataError) as error:
            sweep(pack, tmp_path / "data", tmp_path / "out", ON, engine=engine)
        caught.append(error.value.en)
    assert caught[0] == caught[1]


def test_a_sweep_that_fails_leaves_the_former_one_untouched(tithe, tmp_path):
    laid(tmp_path)
    sweep(tithe, tmp_path / "data", tmp_path / "out", ON, engine="spark")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    laid(tmp_path, household={"shore": pa.array(["east"] * 3)})
    with pytest.raises(SweepDataError):
        sweep(tithe, tmp_path / "data", tmp_path / "out", ON, engine="spark")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
