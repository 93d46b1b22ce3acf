"""Every output of every subject, held to the exact amount; and two evaluators held to each other, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from benchmarks.rules.contenders.common import OUTPUTS, PERSON_OUTPUTS


@dataclass(slots=True)
class Agreement:
    """How many amounts were compared and how many are not the right cent; `example` is (output, subject, found, right) in fen."""

    compared: int = 0
    wrong: int = 0
    by_more: int = 0  # wrong by more than a cent
    largest: float = 0.0  # fen
    example: tuple[str, int, float, int] | None = None
    large_salary: tuple[float, int] | None = None  # income of the first household: found, right
    missing: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """For a cell of the table."""
        if self.missing:
            return "incomplete"
        return f"{self.wrong:,} of {self.compared:,} wrong" if self.wrong else f"all {self.compared:,} right"

    @property
    def sentence(self) -> str:
        """What is wrong, with the worst example; empty where nothing is."""
        if self.missing:
            return f"no amounts of {', '.join(self.missing)}"
        if not self.wrong:
            return ""
        output, subject, found, right = self.example or ("", 0, 0.0, 0)
        said = (
            f"{self.wrong:,} of {self.compared:,} amounts are not the right cent, {self.by_more:,} of them by more than one. "
            f"The largest difference is {self.largest / 100:,.2f}: {output} of subject {subject} is {found / 100:,.2f}, right is "
            f"{right / 100:,.2f}."
        )
        if self.large_salary and round(self.large_salary[0]) != self.large_salary[1]:
            said += f" A salary of {self.large_salary[1] / 100:,.2f} comes back as {self.large_salary[0] / 100:,.2f}."
        return said


def hold(out: Path, reference: Path) -> Agreement:
    """A contender's amounts against the exact ones. Floats are yuan and are rounded to the fen, half away from zero."""
    found = Agreement()
    for name in OUTPUTS:
        entity = "person" if name in PERSON_OUTPUTS else "household"
        right = _column(reference / f"{entity}.parquet", name)
        values = _amounts(out, entity, name)
        if values is None or len(values) != len(right):
            found.missing = (*found.missing, name)
            continue
        found.compared += len(right)
        if values.dtype.kind == "f":
            fen = values.astype(np.float64) * 100
            values = np.where(fen < 0, -np.floor(0.5 - fen), np.floor(fen + 0.5))
        else:
            fen = values
        if name == "household_income":
            found.large_salary = (float(fen[0]), int(right[0]))
        differs = np.flatnonzero(values != right)
        found.wrong += len(differs)
        off = np.abs(fen[differs] - right[differs])
        found.by_more += int(np.count_nonzero(np.abs(values[differs] - right[differs]) > 1))
        if len(off) and off.max() > found.largest:
            at = int(differs[off.argmax()])
            found.largest, found.example = (
                float(off.max()),
                (name, at, float(fen[at]), int(right[at])),
            )
    return found


def _column(path: Path, name: str) -> np.ndarray:
    """A column in the order of its subjects, whatever the order of the file's rows."""
    table = pq.read_table(path, columns=["id", name])
    values, subjects = table[name].to_numpy(), table["id"].to_numpy()
    in_order = np.zeros_like(values)
    in_order[subjects] = values
    return in_order


def _amounts(out: Path, entity: str, name: str) -> np.ndarray | None:
    """A contender's column, or this engine's file of the policy with a plain no counted as nothing; None where there is none."""
    policy = out / f"{name.replace('_', '-')}.parquet"
    if not policy.exists():
        path = out / f"{entity}.parquet"
        return _column(path, name) if path.exists() else None
    table = pq.read_table(policy, columns=["subject", "verdict", "amount_fen"])
    if "unknown" in table["verdict"].unique().to_pylist():
        return None  # the population has no holes: whoever cannot tell is wrong
    amounts = table["amount_fen"].fill_null(0).to_numpy()
    in_order = np.zeros_like(amounts)
    in_order[table["subject"].to_numpy()] = amounts
    return in_order


SUM = """
SELECT count(*), bit_xor(hash(CAST(subject AS VARCHAR), CAST(recipient AS VARCHAR), CAST(verdict AS VARCHAR),
  CAST(clause_bits AS BIGINT), CAST(unknown_bits AS BIGINT), CAST(amount_fen AS BIGINT))) FROM read_parquet(?)
"""


def fingerprints(out: Path) -> dict[str, tuple[int, int]]:
    """Policy → (rows, a sum over every row whatever their order): equal where two evaluators wrote the same."""
    with duckdb.connect() as connection:
        found = {}
        for path in sorted(out.glob("*.parquet")):
            row = connection.execute(SUM, [str(path)]).fetchone()
            assert row is not None
            found[path.stem] = (int(row[0]), int(row[1] or 0))
        return found
