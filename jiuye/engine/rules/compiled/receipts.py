"""Receipts of compiled decisions: the facts that a policy read, gathered from the columns in memory and written as `columns` writes them.

Only rows that are not a plain no have one, so the text is made for these alone, by DuckDB's own function: the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa

from jiuye.engine.rules.columns import DUCKDB
from jiuye.engine.rules.compiled.program import Key, width
from jiuye.engine.rules.compiled.tables import UNKNOWN, Array
from jiuye.engine.rules.sql import quoted
from jiuye.engine.rules.tree import Read
from jiuye.engine.rules.types import Type


def with_receipt(held: Array, unknown: Array, verdict: Array, clauses: int) -> Array:
    """The rows that are no plain no: yes, cannot tell, and those that fail one condition and know all the others."""
    missing = ((1 << clauses) - 1) & ~held
    near = (unknown == 0) & (missing != 0) & ((missing & (missing - 1)) == 0)
    return np.flatnonzero((verdict != 0) | near)


class Receipts:
    """Writes the receipts of one sweep. `texts` are the texts by their number, `enums` the members by theirs."""

    def __init__(
        self, arrays: Mapping[Key, Array], texts: Mapping[str, int], enums: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.arrays = arrays
        self.texts = sorted(texts, key=lambda text: texts[text])
        self.enums = enums

    def of(self, reads: Mapping[str, Read], rows: Array) -> pa.ChunkedArray:
        """One text for each of these rows, in their order. `reads` is what the policy reads, by the path under which it is told."""
        if not reads or not len(rows):
            return pa.chunked_array([pa.array(["{}"] * len(rows), pa.string())])
        names = [f"f{position}" for position in range(len(reads))]
        table = pa.table(
            {name: self._column(read, rows) for name, read in zip(names, reads.values(), strict=True)}
        )
        pairs = [(path, quoted(name)) for path, name in zip(reads, names, strict=True)]
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.register("kept", table)
            made = connection.sql(f"SELECT {DUCKDB.json(pairs)} AS facts FROM kept").to_arrow_table()
        return made.column(0)

    def _column(self, read: Read, rows: Array) -> pa.Array:
        place = rows
        for hop in read.hops:
            link = self.arrays.get(("link", hop.entity, hop.name))
            if link is None:
                return pa.nulls(len(rows), _arrow_type(read.type))
            place = link[place]
        entity = read.hops[-1].to if read.hops else read.fact.entity
        column = self.arrays.get(("column", entity, read.fact.name))
        if column is None:
            return pa.nulls(len(rows), _arrow_type(read.type))
        values = column[place]
        absent = values == UNKNOWN[width(read.type)]
        kind = read.type.kind
        if kind == "boolean":
            return pa.array(values == 1, pa.bool_(), mask=absent)
        if kind in ("enum", "text"):
            words = list(self.enums[read.type.enum]) if kind == "enum" else self.texts
            indices = pa.array(np.where(absent, 0, values), pa.int32(), mask=absent)
            return pa.array(words or [""], pa.string()).take(indices)
        if kind == "date":
            return pa.array(values, pa.int32(), mask=absent).cast(pa.date32())
        return pa.array(values.astype(np.int64), pa.int64(), mask=absent)


def _arrow_type(of: Type) -> pa.DataType:
    return {"boolean": pa.bool_(), "enum": pa.string(), "text": pa.string(), "date": pa.date32()}.get(
        of.kind, pa.int64()
    )
