"""The engines of a sweep: chosen by name; what the cluster's lacks is said in a sentence; its numbers are no wider than needed."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from jiuye.config.cli import main
from jiuye.engine.basis.dates import period_of
from jiuye.engine.rules.columns_spark import SPARK, SparkCompiler
from jiuye.engine.rules.magnitudes import Magnitudes
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.spark_session import _megabytes
from jiuye.engine.rules.sql import Scope, quoted
from jiuye.engine.rules.sweep import SweepFailedError, sweep
from tests.engine.rules.test_sweeping import laid
from tests.engine.rules.workshop import TITHE, changed_tithe
from tests.engine.rules.world import ON, World

ROOT = Path(__file__).resolve().parents[3]


def test_an_engine_that_does_not_exist_is_refused_with_the_nearest_name(tmp_path):
    laid(tmp_path)
    with pytest.raises(SweepFailedError) as caught:
        sweep(require_pack(TITHE), tmp_path / "data", tmp_path / "out", ON, engine="sparc")
    assert "there is no engine 'sparc'" in caught.value.en
    assert "did you mean 'spark'?" in caught.value.en
    assert not (tmp_path / "out").exists()


def test_without_pyspark_the_command_says_what_to_install_and_what_else_would_do(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    data = laid(tmp_path)
    arguments = [
        "sweep",
        "--data",
        data,
        "--on",
        "2011-05-20",
        "--out",
        tmp_path / "out",
        "--pack",
        changed_tithe(tmp_path),
    ]
    code = main([str(word) for word in (*arguments, "--engine", "spark", "--lang", "en")])
    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert told.err == (
        "pyspark is not installed, so nothing can be decided on a cluster; run pip install .[cluster], or use --engine duckdb.\n"
    )
    assert not list((tmp_path / "out").iterdir())


def test_a_cluster_s_address_without_its_engine_is_refused(tmp_path, capsys):
    arguments = [
        "sweep",
        "--data",
        laid(tmp_path),
        "--on",
        "2011-05-20",
        "--out",
        tmp_path / "out",
        "--master",
        "spark://a:7077",
    ]
    code = main([str(word) for word in (*arguments, "--lang", "en")])
    assert code == 1
    assert capsys.readouterr().err == "--master belongs to --engine spark, not to duckdb.\n"


@pytest.mark.parametrize(
    ("written", "megabytes"), [("2GB", 2048), ("600MB", 600), ("1.5 GiB", 1536), ("4g", 4096), ("700 m", 700)]
)
def test_memory_is_written_as_for_one_machine(written, megabytes):
    assert _megabytes(written) == megabytes


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("much", "'much' is no memory limit; write it like 2GB or 500MB."),
        ("100MB", "the memory limit of 100MB is too small for Spark, which needs 512MB; raise --memory."),
    ],
)
def test_memory_that_cannot_be_is_one_sentence(written, sentence):
    with pytest.raises(SweepFailedError) as caught:
        _megabytes(written)
    assert caught.value.en == sentence


@pytest.mark.parametrize(
    ("most", "expression", "wide"),
    [
        (10**9, "round_fen(price * 0.333) > yuan(1)", False),
        (10**15, "price + cost > yuan(1)", False),
        (10**15, "round_fen(price * 0.333) > yuan(1)", False),  # 10^18 doubled still fits
        (10**15, "round_fen(price * 0.3333333) > yuan(1)", True),
        (10**15, "price * n // 7 > price", True),
        (10**3, "price * n // 7 > price", False),
    ],
)
def test_a_number_takes_64_bits_where_the_data_prove_that_they_hold_it(world: World, most, expression, wide):
    facts = {
        (name, fact): most for name, entity in world.pack.vocabulary.entities.items() for fact in entity.facts
    }
    compiler = SparkCompiler(ON, period_of("once", ON), Magnitudes(facts))
    scope = Scope("thing", "s", lambda name: quoted(name), lambda entity, relation: True)
    assert ("DECIMAL(38,0)" in compiler.node(world.node(expression), scope)) is wide


@pytest.mark.parametrize("value", ["it's", "a\\b", "甲", "\\'; DROP", '"'])
def test_text_is_quoted_so_that_spark_reads_the_same_text(value):
    written = SPARK.string(value)
    assert written[0] == written[-1] == "'"
    assert re.sub(r"\\(.)", r"\1", written[1:-1]) == value
    assert not re.search(r"(?<!\\)(\\\\)*'", written[1:-1]), "no quote ends it early"


def test_the_extra_is_locked_by_itself_and_the_ordinary_lock_is_free_of_it():
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]["cluster"]
    names = [re.split(r"[<>=~!]", wanted)[0] for wanted in extra]
    own, ordinary = (
        set(re.findall(r"^([a-z0-9_.-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements-cluster.lock", "requirements.lock")
    )
    assert names
    assert set(names) <= own
    assert own & ordinary == set()


def test_the_day_of_decision_is_the_engine_s_own_business_nowhere():
    """Spark's clock and zone have no say: no word of the dialect asks for today."""
    for module in ("columns_spark", "sweep_spark", "spark_session"):
        text = (ROOT / "jiuye" / "engine" / "rules" / f"{module}.py").read_text(encoding="utf-8")
        assert not re.search(r"current_date|current_timestamp|now\(\)|today\(\)", text)
