"""What every contender shares: the population as arrays, the amounts as files, the clock and the memory.

It needs numpy and pyarrow only, since OpenFisca and PolicyEngine run it in environments of their own.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PERSON_OUTPUTS = ("basic_income", "pension", "income_tax", "social_security_contribution")
HOUSEHOLD_OUTPUTS = (
    "household_income", "housing_allowance", "parenting_allowance", "housing_tax", "total_taxes", "disposable_income",
)  # fmt: skip
OUTPUTS = PERSON_OUTPUTS + HOUSEHOLD_OUTPUTS
ROLES = ("adult", "child")
OCCUPANCIES = ("owner", "tenant", "free_lodger", "homeless")


@dataclass(slots=True)
class Population:
    """Persons and households as arrays. Money is int64 fen; `household` holds the row number of each person's household."""

    birth: np.ndarray  # datetime64[D]
    salary: np.ndarray
    capital_returns: np.ndarray
    role: np.ndarray  # int8, a position in ROLES
    household: np.ndarray  # int64
    rent: np.ndarray
    size_hundredths: np.ndarray  # int64: square metres × 100
    occupancy: np.ndarray  # int8, a position in OCCUPANCIES


def read_population(data: Path) -> Population:
    """The two Parquet files of a population. Identifiers are row numbers, as the generator writes them."""
    persons = pq.read_table(data / "person.parquet")
    households = pq.read_table(data / "household.parquet")
    return Population(
        birth=persons["birth_date"].to_numpy(),
        salary=persons["salary"].to_numpy(),
        capital_returns=persons["capital_returns"].to_numpy(),
        role=_codes(persons["household_role"], ROLES),
        household=persons["household_id"].to_numpy(),
        rent=households["rent"].to_numpy(),
        size_hundredths=_hundredths(households["accommodation_size"]),
        occupancy=_codes(households["occupancy"], OCCUPANCIES),
    )


def _codes(column: pa.ChunkedArray, members: tuple[str, ...]) -> np.ndarray:
    """Each string as its position in `members`."""
    encoded = column.combine_chunks().dictionary_encode()
    order = np.array([members.index(word) for word in encoded.dictionary.to_pylist()], dtype=np.int8)
    return order[encoded.indices.to_numpy(zero_copy_only=False)]


def _hundredths(column: pa.ChunkedArray) -> np.ndarray:
    """DECIMAL(9,2) as whole hundredths, read from the bits: no float comes near."""
    wide = column.combine_chunks().cast(pa.decimal128(18, 2))
    words = np.frombuffer(wide.buffers()[1], dtype=np.int64).reshape(-1, 2)
    return words[wide.offset : wide.offset + len(wide), 0].copy()


def write_amounts(out: Path, amounts: dict[str, np.ndarray]) -> None:
    """`person.parquet` and `household.parquet`: id and one column an output, in the type the contender computed in."""
    for entity, names in (("person", PERSON_OUTPUTS), ("household", HOUSEHOLD_OUTPUTS)):
        columns = {"id": np.arange(len(amounts[names[0]]), dtype=np.int64)}
        columns |= {name: amounts[name] for name in names}
        table = pa.table({name: pa.array(values) for name, values in columns.items()})
        pq.write_table(table, out / f"{entity}.parquet", compression="zstd", row_group_size=262_144)


@dataclass(slots=True)
class Clock:
    """Seconds by phase: start (imports), load (the rules), read, build, decide, write."""

    phases: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - start


def peak_memory() -> int:
    """The most memory this process has held, in bytes.

    Linux's VmHWM belongs to the program itself; `ru_maxrss` would remember the parent that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@dataclass(slots=True)
class Job:
    """What a contender is asked to do."""

    data: Path
    out: Path
    on: date
    extra: dict[str, str]

    @property
    def month(self) -> str:
        return f"{self.on:%Y-%m}"


def job(description: str | None) -> Job:
    """The command line that every contender has: DATA OUT ON [KEY=VALUE …]."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with person.parquet and household.parquet")
    parser.add_argument("out", type=Path, help="folder for the amounts")
    parser.add_argument("on", type=date.fromisoformat, help="the first day of the month")
    parser.add_argument("extra", nargs="*", help="KEY=VALUE for this contender alone")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    return Job(args.data, args.out, args.on, dict(item.split("=", 1) for item in args.extra))


def report(clock: Clock, **more: Any) -> None:
    """Print what it took as the last line of the output."""
    times = {"phases": clock.phases, "processor": time.process_time(), "peak": peak_memory()}
    print(json.dumps({**times, **more}))
