"""Made-up persons in households for the country template: seeded, by numpy, five million in seconds.

The first household holds a salary of 50,000,001 yuan, which no 32-bit float can hold; a few others earn millions. All else is
ordinary: wages around 3,000, rents around 800, dwellings of 12 to 200 square metres.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.rules.contenders.common import OCCUPANCIES, ROLES

SEED = 20240615
SIZES = (1, 2, 3, 4, 5, 6)  # persons in a household
SHARES = (0.25, 0.32, 0.20, 0.16, 0.05, 0.02)
FEWEST = 6  # persons; with fewer, no household need be whole
LARGE_SALARY = 50_000_001_00  # fen
ROW_GROUP = 262_144


def write_population(folder: Path, persons: int, *, shuffled: bool = False, year: int = 2016) -> int:
    """Write `person.parquet` and `household.parquet`; returns the number of households.

    Members stand together unless `shuffled`. Ages are as of `year`. Raises ValueError for fewer than six persons.
    """
    if persons < FEWEST:
        raise ValueError(f"{persons} persons are too few for households; take at least {FEWEST}.")
    folder.mkdir(parents=True, exist_ok=True)
    pick = np.random.default_rng(SEED)
    sizes = pick.choice(np.array(SIZES), size=persons // 2 + 64, p=SHARES)
    ends = np.cumsum(sizes)
    households = int(np.searchsorted(ends, persons) + 1)
    sizes = sizes[:households].copy()
    sizes[-1] -= int(ends[households - 1]) - persons
    _write(folder / "person.parquet", _persons(pick, sizes, shuffled, year))
    _write(folder / "household.parquet", _households(pick, households))
    return households


def _persons(pick: np.random.Generator, sizes: np.ndarray, shuffled: bool, year: int) -> dict[str, pa.Array]:
    count = int(sizes.sum())
    household = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = np.arange(count) - first  # 0 is the first adult
    adult = (place == 0) | ((place == 1) & (pick.random(count, dtype=np.float32) < 0.75))
    # One child in twenty has come of age and still counts as a child of the household.
    grown = pick.random(count, dtype=np.float32) < 0.05
    age = np.where(adult | grown, 18 + pick.integers(0, 70, count), pick.integers(0, 18, count))
    age[0] = 40  # the large salary's: nothing else is taxed with it
    birth = _days(year) - age * 365 - pick.integers(0, 366, count)
    works = adult & (age < 62) & (pick.random(count, dtype=np.float32) < 0.7)
    salary = np.where(works, _amounts(pick, count, 300_000, 0.7), 0)
    # A hundred in a million earn between one and eighty million.
    rich = works & (pick.random(count, dtype=np.float32) < 1e-4)
    salary[rich] = pick.integers(1_000_000_00, 80_000_000_00, int(rich.sum()))
    salary[0] = LARGE_SALARY
    saves = adult & (pick.random(count, dtype=np.float32) < 0.2)
    capital = np.where(saves, _amounts(pick, count, 20_000, 1.0), 0)
    capital[0] = 0
    order = pick.permutation(count) if shuffled else slice(None)
    return {
        "id": pa.array(np.arange(count, dtype=np.int64)),
        "household_id": pa.array(household[order]),
        "birth_date": pa.array(birth[order].astype(np.int32)).cast(pa.date32()),
        "household_role": _words(np.where(adult, 0, 1)[order], ROLES),
        "salary": pa.array(salary[order]),
        "capital_returns": pa.array(capital[order]),
    }


def _households(pick: np.random.Generator, count: int) -> dict[str, pa.Array]:
    occupancy = pick.choice(len(OCCUPANCIES), size=count, p=(0.55, 0.35, 0.08, 0.02))
    rent = np.where(occupancy == 1, _amounts(pick, count, 80_000, 0.5), 0)
    size = np.where(occupancy == 3, 0, pick.integers(12_00, 200_00, count))
    return {
        "id": pa.array(np.arange(count, dtype=np.int64)),
        "rent": pa.array(rent),
        "accommodation_size": _decimals(size),
        "occupancy": _words(occupancy, OCCUPANCIES),
    }


def _amounts(pick: np.random.Generator, count: int, middle: int, spread: float) -> np.ndarray:
    """Log-normal amounts in whole fen around `middle`."""
    return np.rint(middle * np.exp(spread * pick.standard_normal(count, dtype=np.float32))).astype(np.int64)


def _days(year: int) -> int:
    """1 June of the year as days since 1970."""
    return int(np.datetime64(f"{year}-06-01").astype(np.int64))


def _words(codes: np.ndarray, members: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(members))


def _decimals(hundredths: np.ndarray) -> pa.Array:
    """Whole hundredths as DECIMAL(9,2), written as bits: no float comes near."""
    words = np.zeros((len(hundredths), 2), dtype=np.int64)
    words[:, 0] = hundredths
    words[:, 1] = hundredths >> 63
    return pa.Array.from_buffers(pa.decimal128(9, 2), len(hundredths), [None, pa.py_buffer(words.tobytes())])


def _write(path: Path, columns: dict[str, pa.Array]) -> None:
    pq.write_table(pa.table(columns), path, compression="zstd", row_group_size=ROW_GROUP)
