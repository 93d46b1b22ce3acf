"""`jiuye mutate`: the table, the survivors with their places, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.test_rule_commands import run
from tests.engine.rules.test_mutants import FERRY, POLICY, without_case
from tests.engine.rules.workshop import written


@pytest.fixture
def ferry(tmp_path) -> Path:
    return written(tmp_path, FERRY)


def test_the_table_counts_by_file_and_the_survivor_is_named(capsys, ferry):
    code, out, err = run(capsys, "mutate", ferry, "--lang", "en", "--processes", "1")
    assert code == 0
    assert out.splitlines() == [
        "                                                    mutants     caught    refused   survived       idle      share",
        "repair-aid                                               16         14          1          1          1     93.7 %",
        "derived/boats.yaml                                        3          3          0          0          0    100.0 %",
        "parameters/harbour.yaml                                   4          4          0          0          8    100.0 %",
        "all                                                      23         21          1          1          9     95.6 %",
        f"pack/{POLICY}:20:9: repair-aid [function] round_fen → ceil_fen",
    ]
    assert err == ""


def test_below_95_in_a_hundred_it_ends_with_one(capsys, tmp_path):
    folder = written(tmp_path, without_case("最后一天"))
    code, out, _ = run(capsys, "mutate", folder, "--survivors-only", "--processes", "1")
    assert code == 1
    assert len(out.splitlines()) == 6
    assert all(" → " in line for line in out.splitlines())


def test_several_processes_come_to_the_same(capsys, ferry):
    assert (
        run(capsys, "mutate", ferry, "--processes", "2")[:2]
        == run(capsys, "mutate", ferry, "--processes", "1")[:2]
    )


def test_one_policy_one_derived_fact_or_a_sample_alone(capsys, ferry):
    assert (
        "合计                                                     16 "
        in run(capsys, "mutate", ferry, "--policy", "repair-aid")[1]
    )
    assert (
        "合计                                                      3 "
        in run(capsys, "mutate", ferry, "--policy", "boat.old")[1]
    )
    first, again, other = (
        run(capsys, "mutate", ferry, "--sample", "8", "--seed", seed)[1] for seed in ("1", "1", "2")
    )
    assert first == again != other


def test_a_name_that_nothing_bears_is_answered_with_the_nearest(capsys, ferry):
    code, out, err = run(capsys, "mutate", ferry, "--policy", "repair-add", "--lang", "en")
    assert (code, out) == (1, "")
    assert err == "no policy or derived fact 'repair-add'; did you mean 'repair-aid'?\n"
