"""Parquet columns as the arrays that machine code reads.

Every array has one row more than its table, which stands for "nobody": all its values are unknown, and a link that leads
nowhere leads there. Yes/no are bytes (0, 1, 2 unknown), dates, months, enum members and texts 32-bit numbers, money and numbers
64-bit ones; the smallest number of a width means unknown.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jiuye.engine.rules.compiled.calendar import FIRST_DAY, LAST_DAY
from jiuye.engine.rules.compiled.program import UNKNOWN_32, UNKNOWN_64, UNKNOWN_TRUTH, Key
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import LARGEST
from jiuye.engine.rules.vocabulary import Fact, Relation, Vocabulary

Array = np.ndarray[Any, Any]
UNKNOWN = {8: UNKNOWN_TRUTH, 32: UNKNOWN_32, 64: UNKNOWN_64}
DTYPES: dict[int, Any] = {8: np.int8, 32: np.int32, 64: np.int64}
DENSE = 8  # a table of positions by identifier may be that many times longer than the table itself


class OddValueError(ValueError):
    """Some values of a file are not as they should be; the thorough checks of `sweep_data` say which, and in words."""


@dataclass(slots=True)
class Tables:
    """The arrays of a sweep, by key; and the identifiers of every entity as they stood in its file."""

    arrays: dict[Key, Array] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    identifiers: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    recipients: dict[tuple[str, str], pa.ChunkedArray] = field(default_factory=dict)
    beyond_limits: set[str] = field(
        default_factory=set
    )  # entities some of whose facts lie outside min and max


class Loader:
    """Reads the columns that a sweep needs. `texts` numbers the texts that rules and data name."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, texts: dict[str, int]) -> None:
        self.folder, self.vocabulary, self.texts = folder, vocabulary, texts
        self.tables = Tables()
        self._numbering = Lock()

    def read_identifiers(self, entities: set[str]) -> None:
        """The `id` columns. Raises OddValueError where one is empty or stands twice."""
        for entity in sorted(entities):
            found = self._column(entity, "id")
            self.tables.identifiers[entity] = found
            self.tables.rows[entity] = len(found)
            if found.null_count or not _unique(found):
                raise OddValueError(entity)

    def read(
        self, facts: list[Fact], links: list[Relation], kept: set[tuple[str, str]], pool: ThreadPoolExecutor
    ) -> None:
        """Facts and links, several at a time; `kept` links are needed as they stand in the file too (recipients)."""
        jobs = [pool.submit(self._read_fact, fact) for fact in facts]
        positions = {
            entity: _Positions(self.tables.identifiers[entity]) for entity in {link.to for link in links}
        }
        for link in links:
            jobs.append(pool.submit(self._read_link, link, positions[link.to]))
        for entity, name in sorted(kept):
            self.tables.recipients[entity, name] = self._column(entity, f"{name}_id")
        for job in jobs:
            job.result()

    def _column(self, entity: str, column: str, *, dictionary: bool = False) -> pa.ChunkedArray:
        path = self.folder / f"{entity}.parquet"
        read = [column] if dictionary else None
        table = pq.read_table(path, columns=[column], use_threads=False, read_dictionary=read)
        return table.column(0)

    def _read_fact(self, fact: Fact) -> None:
        kind = fact.type.kind
        found = self._column(fact.entity, fact.name, dictionary=kind in ("enum", "text"))
        bits = {"boolean": 8, "number": 64, "money": 64}.get(kind, 32)
        out = np.empty(len(found) + 1, DTYPES[bits])
        out[-1] = UNKNOWN[bits]
        if pa.types.is_null(found.type):
            out[:] = UNKNOWN[bits]
        else:
            begin = 0
            for chunk in found.chunks:
                part = out[begin : begin + len(chunk)]
                self._fill(part, chunk, fact)
                if chunk.null_count:
                    part[~_valid(chunk)] = UNKNOWN[bits]
                begin += len(chunk)
            self._check(out[:-1], fact, bits)
        self.tables.arrays["column", fact.entity, fact.name] = out

    def _fill(self, out: Array, chunk: Any, fact: Fact) -> None:
        """The chunk's values; where it is empty anything may stand, it is overwritten."""
        of = fact.type
        if of.kind == "boolean":
            out[:] = _bits(chunk.buffers()[1], chunk.offset, len(chunk))
        elif of.kind in ("enum", "text"):
            out[:] = self._numbers(chunk.dictionary, of)[_indices(chunk)]
        elif of.kind in ("date", "month"):
            days = _values(chunk, np.int32)
            out[:] = days if of.kind == "date" else _months(days)
        elif pa.types.is_decimal(chunk.type):
            out[:] = _decimals(chunk, of.scale, fact)
        else:
            out[:] = _values(chunk, chunk.type.to_pandas_dtype())
            if of.scale and len(out):
                _require_within(out, LARGEST // 10**of.scale, chunk, fact)
                out *= 10**of.scale

    def _numbers(self, dictionary: Any, of: Type) -> Array:
        """The number of each text of a dictionary."""
        found = dictionary.to_pylist()
        if of.kind == "text":
            with self._numbering:  # two columns read at once must not give one number to two texts
                numbers = [self.texts.setdefault(text, len(self.texts)) for text in found]
            return np.array(numbers or [0], np.int32)
        members = {member: number for number, member in enumerate(self.vocabulary.enums[of.enum])}
        if any(text not in members for text in found):
            raise OddValueError(of.enum)
        return np.array([members[text] for text in found] or [0], np.int32)

    def _check(self, values: Array, fact: Fact, bits: int) -> None:
        """Raise OddValueError for what the thorough checks would refuse; note what lies outside min and max."""
        if bits == 8 or fact.type.kind in ("enum", "text") or not len(values):
            return
        highest = int(values.max())
        if highest == UNKNOWN[bits]:
            return  # unknown for everyone
        lowest = int(values.min(where=values != UNKNOWN[bits], initial=highest))
        if fact.type.kind == "date" and not FIRST_DAY <= lowest <= highest <= LAST_DAY:
            raise OddValueError(fact.key)
        if fact.type.numeric and max(-lowest, highest) > LARGEST:
            raise OddValueError(fact.key)
        low, high = fact.low, fact.high
        if (low is not None and lowest < _plain(low)) or (high is not None and highest > _plain(high)):
            self.tables.beyond_limits.add(fact.entity)

    def _read_link(self, link: Relation, positions: _Positions) -> None:
        found = self._column(link.entity, f"{link.name}_id")
        out = np.empty(len(found) + 1, np.int32)
        out[:-1] = positions.of(found)
        out[-1] = positions.nobody
        self.tables.arrays["link", link.entity, link.name] = out


class _Positions:
    """Where each identifier of a table stands in it."""

    def __init__(self, identifiers: pa.ChunkedArray) -> None:
        self.nobody = len(identifiers)
        self.identifiers = identifiers
        self.dense: Array | None = None
        self.first = 0
        if pa.types.is_integer(identifiers.type) and len(identifiers):
            values = _integers(identifiers)
            self.first, last = int(values.min()), int(values.max())
            if last - self.first < DENSE * len(values) + 1000:
                self.dense = np.full(last - self.first + 1, self.nobody, np.int32)
                self.dense[values - self.first] = np.arange(len(values), dtype=np.int32)

    def of(self, wanted: pa.ChunkedArray) -> Array:
        """Positions of the identifiers; `nobody` for an empty one and for one that the table does not hold."""
        import pyarrow.compute as pc

        if pa.types.is_null(wanted.type) or not self.nobody:
            return np.full(len(wanted), self.nobody, np.int32)
        if self.dense is not None and pa.types.is_integer(wanted.type):
            values = _integers(wanted)
            place = values - self.first
            inside = (place >= 0) & (place < len(self.dense))
            if wanted.null_count:
                inside &= np.concatenate([_valid(chunk) for chunk in wanted.chunks])
            place[~inside] = 0
            found: Array = self.dense[place]
            found[~inside] = self.nobody
            return found
        value_set = self.identifiers.combine_chunks()
        index = pc.index_in(wanted.cast(value_set.type), value_set=value_set)
        return np.asarray(pc.fill_null(index, self.nobody).to_numpy(), np.int32)


def _unique(identifiers: pa.ChunkedArray) -> bool:
    if pa.types.is_integer(identifiers.type):
        values = _integers(identifiers)
        return bool((values[1:] > values[:-1]).all()) or len(np.unique(values)) == len(values)
    return len(identifiers.unique()) == len(identifiers)


def _integers(found: pa.ChunkedArray) -> Array:
    """Integers as 64 bits; an empty one is 0."""
    parts = []
    for chunk in found.chunks:
        values = _values(chunk, chunk.type.to_pandas_dtype()).astype(np.int64)
        if chunk.null_count:
            values[~_valid(chunk)] = 0
        parts.append(values)
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _values(chunk: Any, dtype: Any) -> Array:
    """The values' own memory, without a copy."""
    size = np.dtype(dtype).itemsize
    return np.frombuffer(chunk.buffers()[1], dtype, len(chunk), chunk.offset * size)


def _indices(chunk: Any) -> Array:
    """Positions in a dictionary; where the chunk is empty, the first."""
    indices = chunk.indices
    values = _values(indices, indices.type.to_pandas_dtype())
    if indices.null_count:
        values = np.where(_valid(indices), values, 0)
    return values


def _bits(buffer: Any, offset: int, count: int) -> Array:
    packed = np.frombuffer(buffer, np.uint8)
    bits: Array = np.unpackbits(packed, count=offset + count, bitorder="little")[offset:].view(np.int8)
    return bits


def _valid(chunk: Any) -> Array:
    buffer = chunk.buffers()[0]
    if buffer is None:
        return np.ones(len(chunk), np.bool_)
    valid: Array = _bits(buffer, chunk.offset, len(chunk)).view(np.bool_)
    return valid


def _months(days: Array) -> Array:
    months: Array = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return months


def _decimals(chunk: Any, scale: int, fact: Fact) -> Array:
    """Decimals as integers of the fact's scale. Raises OddValueError for one that is too large or would have to be rounded."""
    if chunk.type.bit_width != 128:
        chunk = chunk.cast(pa.decimal128(38, chunk.type.scale))
    halves = np.frombuffer(chunk.buffers()[1], np.int64)[chunk.offset * 2 : (chunk.offset + len(chunk)) * 2]
    low, high = halves[0::2].copy(), halves[1::2]
    valid = _valid(chunk)
    low[~valid] = 0
    if (valid & (high != low >> 63)).any():
        raise OddValueError(fact.key)
    shift = scale - chunk.type.scale
    if shift >= 0:
        _require_within(low, LARGEST // 10**shift, None, fact)
        scaled: Array = low * 10**shift
        return scaled
    if (low % 10**-shift != 0).any():
        raise OddValueError(fact.key)
    whole: Array = low // 10**-shift
    return whole


def _require_within(values: Array, most: int, chunk: Any, fact: Fact) -> None:
    if chunk is not None and chunk.null_count:
        values[~_valid(chunk)] = 0
    if len(values) and max(-int(values.min()), int(values.max())) > most:
        raise OddValueError(fact.key)


def _plain(bound: Any) -> int:
    from datetime import date

    from jiuye.engine.rules.compiled.calendar import days_of

    return days_of(bound) if isinstance(bound, date) else int(bound)
