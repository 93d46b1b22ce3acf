"""Fifty million and one yuan comes back as that, whichever evaluator is asked, alone or in a total; nothing on the way is a float."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jiuye.engine.basis.money import fen_from_yuan, yuan_text
from jiuye.engine.rules.cases import run_cases
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.sweep import sweep
from tests.engine.rules.workshop import pack_of
from tests.engine.rules.world import ON

FACTS = (
    "entities: {boat: {name: 船, facts: {price: {type: money, name: 价}, worth: {type: money, name: 值}}}}\n"
)
POLICY = """id: {name}
name: 还价
name_en: give back
for: boat
in_force: {{from: 2000-01-01}}
conditions: [{{id: any, law: 任何, says: 任何, test: known(price)}}]
amount: {amount}
cases: [{{name: 五千万零一元, on: 2011-05-20, facts: {{price: 50000001}}, expect: {{verdict: yes, amount: {expected}}}}}]
"""
SAME = "50000001"
FORMULAS = {
    "as-it-is": ("price", "50000001"),
    "times-one": ("round_fen(price * 1.000)", "50000001"),
    "a-third": ("round_fen(price * 0.333333333)", "16666666.98"),  # 16,666,666.983333333
    "plus-a-fen": ("price + yuan(0.01)", "50000001.01"),
    "thousandth": ("floor_fen(price * 0.001)", "50000"),  # 50,000.001
}
# Yuan: what a float of 32 bits loses, and the largest value that a fact may have, of which one of 64 bits loses the third part.
AMOUNTS = ["0.01", "50000001", "50000001.01", "9999999999999.99", "-50000001"]


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Pack:
    policies = {
        f"policies/{name}.yaml": POLICY.format(name=name, amount=amount, expected=expected)
        for name, (amount, expected) in FORMULAS.items()
    }
    return pack_of(tmp_path_factory.mktemp("boats"), {"facts.yaml": FACTS, **policies})


def swept(
    pack: Pack, folder: Path, fens: list[int], engine: str
) -> tuple[dict[str, list[int]], dict[str, int]]:
    """(amounts by policy in the order of the boats, totals by policy)."""
    (folder / "in").mkdir(exist_ok=True)
    columns = {"id": pa.array(range(len(fens)), pa.int64()), "price": pa.array(fens, pa.int64())}
    pq.write_table(pa.table(columns), folder / "in" / "boat.parquet")
    result = sweep(pack, folder / "in", folder / engine, ON, engine=engine)
    amounts = {}
    for name in pack.policies:
        file = folder / engine / f"{name}.parquet"
        rows = duckdb.sql(f"SELECT amount_fen FROM read_parquet('{file}') ORDER BY subject").fetchall()
        amounts[name] = [row[0] for row in rows]
    return amounts, {name: totals["amount_fen"] for name, totals in result.totals.items()}


def test_the_walk_gives_it_back_as_a_whole_number_and_the_receipt_says_it(pack):
    assert run_cases(pack) == (len(FORMULAS), [])
    row = Row("boat", {"price": fen_from_yuan(SAME)})
    outcome = Decider(pack).decide(pack.policies["as-it-is"], row, ON)
    assert (outcome.amount_fen, type(outcome.amount_fen)) == (5_000_000_100, int)
    receipt = Explainer(Decider(pack)).explain(pack.policies["as-it-is"], row, ON).as_dict()
    assert receipt["amount"] == "50000001.00"
    assert receipt["receipt"]["facts"] == {"price": "50000001.00"}
    assert receipt["amount_how"] == "价 50,000,001.00 元 = 50,000,001.00 元"


@pytest.mark.parametrize("engine", ["duckdb", "compiled"])
def test_a_sweep_gives_every_amount_back_to_the_fen_and_adds_them_up_exactly(pack, engine, tmp_path):
    fens = [fen_from_yuan(text) for text in AMOUNTS]
    amounts, totals = swept(pack, tmp_path, fens, engine)
    assert amounts["as-it-is"] == amounts["times-one"] == fens
    assert amounts["plus-a-fen"] == [fen + 1 for fen in fens]
    decider = Decider(pack)
    for name, found in amounts.items():
        walked = [
            decider.decide(pack.policies[name], Row("boat", {"price": fen}), ON).amount_fen for fen in fens
        ]
        assert found == walked, name
        assert (totals[name], type(totals[name])) == (sum(found), int)
    assert yuan_text(amounts["as-it-is"][1]) == "50,000,001.00"


@pytest.mark.parametrize("engine", ["duckdb", "compiled"])
def test_money_stays_a_whole_number_in_the_file_of_a_sweep(pack, engine, tmp_path):
    swept(pack, tmp_path, [fen_from_yuan(SAME)], engine)
    assert pq.read_schema(tmp_path / engine / "as-it-is.parquet").field("amount_fen").type == pa.int64()


@pytest.mark.parametrize("text", AMOUNTS)
def test_what_is_read_is_what_is_shown(text):
    fen = fen_from_yuan(text)
    assert type(fen) is int
    assert fen_from_yuan(yuan_text(fen)) == fen
    assert yuan_text(fen, separators=False) == (text if "." in text else f"{text}.00")
