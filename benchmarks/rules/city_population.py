"""A made-up city for a pack's own entities, driven by its vocabulary: every recorded fact that some policy reads, 3% unknown.

Written chunk by chunk, so memory does not grow with the city. Each column of each chunk has its own seed: a vocabulary that grows
changes no other column. The weights are ours and only plausible: this city measures speed, it describes no one.
"""

from __future__ import annotations

import argparse
import shutil
import zlib
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.rules.contenders.common import Clock, report
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.vocabulary import Entity, Fact, Relation

SEED = 4_600_000
CHUNK = 262_144
UNKNOWN = 0.03
# Rows for each resident, after a city of 4.6 million with 600,000 employers; entities not named here get OTHERS.
ROWS = {
    "person": 1.0, "household": 0.36, "employer": 600_000 / 4_600_000, "hire": 0.25, "birth": 0.02, "certificate": 0.06,
    "training": 0.05, "traineeship": 0.004, "apprenticeship": 0.003,
    "personnel_file": 0.05, "platform_engagement": 0.02, "skill_assessment": 0.02, "recruitment_post": 0.02,
    "bargaining_round": 0.001, "construction_project": 0.001, "labour_brand": 0.0002, "relief_project": 0.0002,
}  # fmt: skip
OTHERS = 0.02
# Most things are not the case of most people; these are.
TRUE = {
    "operating": 0.95, "taxes_declared": 0.95, "insured_now": 0.9, "under_way": 0.7, "listed": 0.8, "certified": 0.7,
    "hukou_local": 0.8, "seeking_work": 0.3, "insured_as_employee": 0.45, "education_full_time": 0.6, "involuntary_end": 0.5,
    "accident_insured": 0.8, "worker_unemployed_at_start": 0.5, "worker_registered_at_start": 0.4, "retained": 0.4,
    "graduated_in_city": 0.3, "first_business": 0.5, "school_in_province": 0.5,
}  # fmt: skip
RARELY = 0.06
YEARS_BACK = {"person.birth_date": 90}  # other dates lie in the last RECENT years
RECENT = 6
YEARS_AHEAD = {"until": 2, "expires_on": 2, "ends_on": 2}


def write_city(pack: Pack, folder: Path, residents: int, on: date) -> dict[str, int]:
    """Write `<entity>.parquet` for every entity that the policies reach; returns rows by entity."""
    facts: set[tuple[str, str]] = set()
    relations: set[tuple[str, str]] = set()
    for policy in pack.policies.values():
        more_facts, more_relations = pack.reach(policy)
        facts, relations = facts | more_facts, relations | more_relations
    entities = pack.vocabulary.entities
    reached = {policy.entity for policy in pack.policies.values()} | {entity for entity, _ in facts}
    reached |= {policy.recipient_entity for policy in pack.policies.values()}
    reached |= {entities[entity].relations[name].to for entity, name in relations}
    counts = {name: max(1, round(residents * ROWS.get(name, OTHERS))) for name in entities if name in reached}
    folder.mkdir(parents=True, exist_ok=True)
    for name in counts:
        read = [
            fact
            for fact in entities[name].facts.values()
            if (name, fact.name) in facts and (name, fact.name) not in pack.derived
        ]
        _Writer(pack, entities[name], read, counts, on).write(folder / f"{name}.parquet")
    return counts


class _Writer:
    """One entity's file."""

    def __init__(
        self, pack: Pack, entity: Entity, facts: list[Fact], counts: dict[str, int], on: date
    ) -> None:
        self.pack, self.entity, self.facts, self.counts, self.on = pack, entity, facts, counts, on
        self.relations = [rel for rel in entity.relations.values() if not rel.many and rel.to in counts]
        self.drawn: dict[str, int] = {}  # households given out so far, by relation

    def write(self, path: Path) -> None:
        total = self.counts[self.entity.name]
        writer = None
        for number, start in enumerate(range(0, total, CHUNK)):
            rows = min(CHUNK, total - start)
            columns = {"id": pa.array(np.arange(start, start + rows, dtype=np.int64))}
            for relation in self.relations:
                pick = self._pick(relation.name, number)
                columns[f"{relation.name}_id"] = _holed(pick, self._targets(pick, relation, rows))
            for fact in self.facts:
                columns[fact.name] = self._column(fact, self._pick(fact.name, number), rows)
            table = pa.table(columns)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=CHUNK)
        if writer is not None:
            writer.close()

    def _pick(self, column: str, chunk: int) -> np.random.Generator:
        return np.random.default_rng([SEED, zlib.crc32(f"{self.entity.name}.{column}".encode()), chunk])

    def _targets(self, pick: np.random.Generator, relation: Relation, rows: int) -> np.ndarray:
        """Row numbers of the other entity. Whoever shares a smaller one (a household) stands together."""
        there, here = self.counts[relation.to], self.counts[self.entity.name]
        if there >= here or not self._grouped(relation):
            return pick.integers(0, there, rows)
        begins = pick.random(rows, dtype=np.float32) < there / here
        found = np.minimum(self.drawn.get(relation.name, 0) + np.cumsum(begins), there - 1)
        self.drawn[relation.name] = int(found[-1])
        return found

    def _grouped(self, relation: Relation) -> bool:
        """True where the other side lists these rows as its members."""
        back = self.pack.vocabulary.entities[relation.to].relations.values()
        return relation.name == "household" and any(rel.many and rel.via == relation.name for rel in back)

    def _column(self, fact: Fact, pick: np.random.Generator, rows: int) -> pa.Array:
        kind = fact.type.kind
        if kind == "boolean":
            share = TRUE.get(fact.name, RARELY)
            return _holed(pick, pick.integers(0, 65536, rows, dtype=np.uint16) < int(share * 65536))
        if kind == "enum":
            return _words(pick, list(self.pack.vocabulary.enums[fact.type.enum]), rows)
        if kind == "text":
            return _words(pick, ["甲", "乙", "丙"], rows)
        if kind in ("date", "month"):
            days = self._days(fact, pick, rows)
            if kind == "month":
                days = days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").view(np.int64)  # fmt: skip
            return _holed(pick, days.astype(np.int32)).cast(pa.date32())
        if kind == "money":
            return _holed(pick, _clipped(fact, _spread(pick, rows, 500_000, 0.8)))
        if fact.type.scale:
            return _decimals(pick, fact, rows)
        return _holed(pick, self._integers(fact, pick, rows))

    def _days(self, fact: Fact, pick: np.random.Generator, rows: int) -> np.ndarray:
        today = (self.on - date(1970, 1, 1)).days
        back = YEARS_BACK.get(fact.key, RECENT)
        return today + pick.integers(-back * 365, YEARS_AHEAD.get(fact.name, 0) * 365 + 1, rows)

    def _integers(self, fact: Fact, pick: np.random.Generator, rows: int) -> np.ndarray:
        low = fact.low if fact.low is not None else 0
        high = fact.high if fact.high is not None else low + 60
        if low >= 1900:  # a year
            return np.clip(self.on.year + pick.integers(-3, 2, rows), low, high)
        if high - low <= 60:
            drawn = pick.integers(low, high + 1, rows)
            return np.where(pick.random(rows, dtype=np.float32) < 0.5, drawn, low)
        return np.clip(low + _spread(pick, rows, 12, 1.0), low, high)


def _spread(pick: np.random.Generator, rows: int, middle: int, spread: float) -> np.ndarray:
    """Log-normal whole numbers around `middle`."""
    return np.rint(middle * np.exp(spread * pick.standard_normal(rows, dtype=np.float32))).astype(np.int64)


def _clipped(fact: Fact, values: np.ndarray) -> np.ndarray:
    if fact.low is None and fact.high is None:
        return values
    return np.clip(values, fact.low, fact.high)


def _holes(pick: np.random.Generator, rows: int) -> np.ndarray:
    return pick.integers(0, 65536, rows, dtype=np.uint16) < int(UNKNOWN * 65536)


def _holed(pick: np.random.Generator, values: np.ndarray) -> pa.Array:
    """The values with one in thirty-three unknown."""
    return pa.array(values, mask=_holes(pick, len(values)))


def _words(pick: np.random.Generator, members: list[str], rows: int) -> pa.Array:
    """Members of an enum: each of them half as likely again as the next but one."""
    weights = 1 / (1 + np.arange(len(members)))
    steps = np.cumsum(weights / weights.sum())
    table = np.minimum(np.searchsorted(steps, np.arange(65536) / 65536), len(members) - 1).astype(np.int8)
    codes = table[pick.integers(0, 65536, rows, dtype=np.uint16)]
    return pa.DictionaryArray.from_arrays(_holed(pick, codes), pa.array(members))


def _decimals(pick: np.random.Generator, fact: Fact, rows: int) -> pa.Array:
    """A ratio between its bounds (0 to 1 where it has none), as a decimal built from its bits."""
    low = fact.low if fact.low is not None else 0
    high = fact.high if fact.high is not None else low + 10**fact.type.scale
    words = np.zeros((rows, 2), dtype=np.int64)
    words[:, 0] = pick.integers(low, min(high, low + 10 ** (fact.type.scale + 3)) + 1, rows)
    words[:, 1] = words[:, 0] >> 63
    known = np.packbits(~_holes(pick, rows), bitorder="little")
    buffers = [pa.py_buffer(known.tobytes()), pa.py_buffer(words.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(18, fact.type.scale), rows, buffers)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("residents", type=int)
    parser.add_argument("pack", type=Path)
    parser.add_argument("on", type=date.fromisoformat)
    args = parser.parse_args()
    clock = Clock()
    partial = args.folder.with_name(args.folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with clock.phase("write"):
        counts = write_city(require_pack(args.pack), partial, args.residents, args.on)
    shutil.rmtree(args.folder, ignore_errors=True)
    partial.replace(args.folder)
    report(clock, rows=counts, bytes=sum(path.stat().st_size for path in args.folder.glob("*.parquet")))


if __name__ == "__main__":
    main()
