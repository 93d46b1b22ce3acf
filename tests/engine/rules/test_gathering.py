"""Aggregates in machine code against the aggregates that decide one subject, over random members."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuye.engine.rules.closures import AGGREGATES
from jiuye.engine.rules.compiled.gathering import gathered
from jiuye.engine.rules.compiled.machine import Machine
from jiuye.engine.rules.compiled.tables import DTYPES, UNKNOWN

ROOT = Path(__file__).resolve().parents[3]

ROWS = 4
TRUTHS = st.sampled_from([True, False, None])


def numbers(bits: int) -> st.SearchStrategy[int | None]:
    most = 2 ** (bits - 1) - 1 if bits == 32 else 10**15
    return st.none() | st.integers(-most, most) | st.sampled_from([most, -most, 0])


CASES = [
    ("any", 8, TRUTHS), ("all", 8, TRUTHS), ("count", 8, TRUTHS), ("sum", 64, numbers(64)),
    *((which, bits, numbers(bits)) for which in ("largest", "smallest") for bits in (32, 64)),
]  # fmt: skip


def _plain(value, bits: int):
    found = int(value)
    if found == UNKNOWN[bits]:
        return None
    return bool(found) if bits == 8 else found


@pytest.mark.parametrize(
    ("which", "bits", "values"), CASES, ids=[f"{which}-{bits}" for which, bits, _ in CASES]
)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_an_aggregate_is_what_the_closures_make_of_the_same_members(which, bits, values, data):
    members = data.draw(st.lists(st.tuples(st.integers(0, ROWS - 1), values), max_size=12))
    link = np.array([row for row, _ in members], np.int32)
    body = np.array([UNKNOWN[bits] if value is None else int(value) for _, value in members], DTYPES[bits])
    over = np.zeros(1, np.int8)
    width = 64 if which in ("count", "sum") else bits
    found = gathered(which, link, body, ROWS + 1, width, over)
    wanted = [AGGREGATES[which]([value for at, value in members if at == row]) for row in range(ROWS)]
    assert [_plain(value, width) for value in found[:ROWS]] == wanted
    assert not over[0]


def test_a_plain_count_counts_members_and_none_is_nought():
    link = np.array([2, 0, 2, 2], np.int32)
    assert gathered("count", link, None, ROWS + 1, 64, np.zeros(1, np.int8)).tolist() == [1, 0, 3, 0, 0]


@pytest.mark.parametrize("beyond", [[2**63 - 1, 1], [-(2**63) + 1, -1], [-(2**63) + 1, -2]])
def test_a_sum_beyond_64_bits_is_noticed(beyond):
    over = np.zeros(1, np.int8)
    gathered("sum", np.zeros(2, np.int32), np.array(beyond, np.int64), 2, 64, over)
    assert over[0]


def test_an_unknown_member_beside_a_sum_beyond_64_bits_leaves_it_unknown():
    over = np.zeros(1, np.int8)
    values = np.array([UNKNOWN[64], 2**63 - 1, 2**62], np.int64)
    found = gathered("sum", np.zeros(3, np.int32), values, 2, 64, over)
    assert found[0] == UNKNOWN[64]
    assert not over[0]


MANY_AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from jiuye.engine.rules.compiled.gathering import gathered

sys.setswitchinterval(1e-6)
link = (np.arange(500_000) % 1000).astype(np.int32)
with ThreadPoolExecutor(8) as pool:
    counting = [pool.submit(gathered, "count", link, None, 1001, 64, np.zeros(1, np.int8)) for _ in range(8)]
    print(sum(int(job.result().sum()) for job in counting))
"""


def test_aggregates_that_ask_for_the_first_machine_code_at_the_same_moment_do_not_lose_it():
    """The code of one of them was freed while it ran, and the process died without a word (in CI, on a fresh machine)."""
    done = subprocess.run(
        [sys.executable, "-c", MANY_AT_ONCE], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stdout.strip()) == (0, "4000000"), done.stderr


def test_a_function_keeps_its_machine_code_when_the_machine_is_let_go():
    text = "define void @nothing(i64 %start, i64 %stop) {\n  ret void\n}\n"
    machine = Machine(text, ["nothing"])
    code = weakref.ref(machine._engine)
    function = machine.function("nothing", 0)
    del machine
    gc.collect()
    assert code() is not None
    function(0, 0)
    del function
    gc.collect()
    assert code() is None
