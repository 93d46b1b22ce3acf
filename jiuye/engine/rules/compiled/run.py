"""Everyone under every policy, compiled: Parquet in, the same Parquet out as `sweep` on DuckDB."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jiuye.engine.rules.compiled.gathering import gathered
from jiuye.engine.rules.compiled.machine import Machine
from jiuye.engine.rules.compiled.program import (
    AggregateStep,
    ColumnStep,
    Key,
    PolicyStep,
    Program,
    Programmer,
    Supply,
    bits_width,
    width,
)
from jiuye.engine.rules.compiled.receipts import Receipts, with_receipt
from jiuye.engine.rules.compiled.tables import DTYPES, UNKNOWN, Array, Loader, Tables
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.sweep_data import DataFolder, Needs
from jiuye.engine.rules.sweep_sql import receipt_reads

ROWS_AT_ONCE = 1 << 16  # rows whose bits stay in the processor's cache between clauses and amount
BITS: dict[int, Any] = {8: np.uint8, 16: np.uint16, 32: np.uint32, 64: np.int64}
ROWS_IN_A_BATCH = 1 << 20  # rows decided into the same memory and written as one row group
VERDICTS = pa.array(["no", "yes", "unknown"])


@dataclass(frozen=True, slots=True)
class Decided:
    """One policy for some rows, as arrays. `held` and `unknown` are the bits of its clauses, in as few bytes as they need.

    `verdict` is 0 no, 1 yes, 2 unknown; `paid` says whether there is an amount (in fen).
    """

    held: Array
    unknown: Array
    verdict: Array
    amount: Array
    paid: Array

    @classmethod
    def of(cls, rows: int, bits: Any) -> Decided:
        """So many rows of plain no."""
        return cls(
            np.zeros(rows, bits),
            np.zeros(rows, bits),
            np.zeros(rows, np.int8),
            np.zeros(rows, np.int64),
            np.zeros(rows, np.int8),
        )

    @property
    def arrays(self) -> tuple[Array, ...]:
        return self.held, self.unknown, self.verdict, self.amount, self.paid

    def part(self, rows: int) -> Decided:
        """The first rows, in the same memory."""
        return Decided(*(array[:rows] for array in self.arrays))


class BeyondMachineNumbersError(ArithmeticError):
    """Some result does not fit 64 bits; the sweep is done with wider numbers instead."""


class CompiledRun:
    """One sweep over one folder of data; `DataFolder` has checked files and columns before."""

    def __init__(self, pack: Pack, folder: DataFolder | None, on: date, threads: int | None = None) -> None:
        self.pack, self.folder, self.on = pack, folder, on
        self.threads = threads or min(os.cpu_count() or 1, 8)
        self.tables = Tables()
        self.texts: dict[str, int] = {}  # the number of each text that rules and data name
        self._over = np.zeros(1, np.int8)

    def open(self, policies: list[Policy], needs: Needs, pool: ThreadPoolExecutor) -> None:
        """Read the columns, write and compile the program. Raises OddValueError where the data want thorough checking."""
        assert self.folder is not None
        opened = self.folder.opened
        vocabulary = self.pack.vocabulary
        columns = {(entity, name) for entity, found in opened.items() for name in found.facts}
        links = {
            (entity, name)
            for entity, name in needs.relations
            if entity in opened and name in opened[entity].relations
        }
        links = {key for key in links if vocabulary.entities[key[0]].relations[key[1]].to in opened}
        supply = Supply(frozenset(columns), frozenset(links), frozenset(opened))
        derived = {key for key in self.pack.derived if key in needs.facts}
        writing = pool.submit(self._program, supply, policies, derived)
        loader = Loader(self.folder.folder, vocabulary, {})
        loader.read_identifiers(set(opened))
        program = writing.result()
        self.texts = loader.texts = program.texts
        compiling = pool.submit(Machine, program.text, program.names)
        facts = [vocabulary.entities[entity].facts[name] for entity, name in sorted(columns)]
        relations = [vocabulary.entities[entity].relations[name] for entity, name in sorted(links)]
        kept = {
            (p.entity, p.recipient)
            for p in policies
            if p.recipient and p.recipient in opened[p.entity].relations
        }
        with ThreadPoolExecutor(self.threads) as readers:
            loader.read(facts, relations, kept, readers)
        self.tables = loader.tables
        self.machine = compiling.result()
        if (
            self.tables.beyond_limits
        ):  # the bounds that the pack gives do not hold: every operation is checked
            program = self._program(
                Supply(supply.columns, supply.links, supply.entities, False), policies, derived
            )
            self.machine = Machine(program.text, program.names)
        self.program = program

    def compile(self, supply: Supply, policies: list[Policy], derived: set[tuple[str, str]]) -> None:
        """Make the program for arrays that the caller lays into `tables` himself."""
        self.program = self._program(supply, policies, derived)
        self.machine = Machine(self.program.text, self.program.names)

    def _program(self, supply: Supply, policies: list[Policy], derived: set[tuple[str, str]]) -> Program:
        return Programmer(self.pack, self.on, supply).write(policies, derived)

    # --- columns

    def stage(self, pool: ThreadPoolExecutor) -> None:
        """Compute derived facts and aggregates, in order; an aggregate is gathered beside what does not read it."""
        gathering: dict[Key, Future[None]] = {}
        for step in self.program.steps:
            if isinstance(step, AggregateStep):
                gathering["column", step.entity, step.name] = pool.submit(self._stage_aggregate, step)
                continue
            for key in step.reads:
                if key in gathering:
                    gathering.pop(key).result()
            self._stage_column(step, pool)
        for job in gathering.values():
            job.result()
        self._require_fitting()

    def _stage_column(self, step: ColumnStep, pool: ThreadPoolExecutor) -> None:
        rows, bits = self.tables.rows[step.entity], width(step.type)
        out = np.empty(rows + 1, DTYPES[bits])
        pointers = [self.tables.arrays[key].ctypes.data for key in step.reads]
        function = self.machine.function(step.function, len(pointers) + 2)
        share = max(ROWS_AT_ONCE, -(-rows // self.threads))
        jobs = [
            pool.submit(
                function, begin, min(begin + share, rows), *pointers, out.ctypes.data, self._over.ctypes.data
            )
            for begin in range(0, rows, share)
        ]
        for job in jobs:
            job.result()
        out[-1] = UNKNOWN[bits]
        self.tables.arrays["column", step.entity, step.name] = out

    def _stage_aggregate(self, step: AggregateStep) -> None:
        nobody = self.tables.rows[step.entity]
        link = self.tables.arrays["link", step.child, step.link][:-1]
        body = self.tables.arrays["column", step.child, step.body][:-1] if step.body else None
        out = gathered(step.which, link, body, nobody + 1, width(step.type), self._over)
        out[-1] = UNKNOWN[width(step.type)]
        self.tables.arrays["column", step.entity, step.name] = out

    def _require_fitting(self) -> None:
        if self._over[0]:
            raise BeyondMachineNumbersError("beyond 64 bits")

    # --- policies

    def policies(
        self, out: Path, pool: ThreadPoolExecutor, progress: Callable[[str], None], *, receipts: bool = False
    ) -> dict[str, dict[str, int]]:
        """Write every policy's file; totals by policy. `receipts` adds the facts read, for rows that are no plain no."""
        enums = self.pack.vocabulary.enums
        writer = Receipts(self.tables.arrays, self.texts, enums) if receipts else None
        jobs = [
            (step, pool.submit(self._policy, step, out / f"{step.policy.id}.parquet", writer))
            for step in self.program.policies
        ]
        totals = {}
        for step, job in jobs:
            progress(step.policy.id)
            totals[step.policy.id] = job.result()
        self._require_fitting()
        return totals

    def decide(self, step: PolicyStep) -> Decided:
        """One policy for everyone."""
        rows = self.tables.rows[step.policy.entity]
        found = Decided.of(rows, BITS[bits_width(len(step.policy.clauses))])
        decided = self._code(step)
        for begin in range(0, rows, ROWS_AT_ONCE):
            decided(begin, min(begin + ROWS_AT_ONCE, rows), found, 0)
        return found

    def _code(self, step: PolicyStep) -> Callable[[int, int, Decided, int], None]:
        """The policy's code as `code(begin, end, found, first)`: rows from `begin` to `end` are decided into `found`.

        The first element of the arrays of `found` stands for row `first`.
        """
        if not step.bits:  # not in force: plain no to everyone, which is what the arrays hold to begin with
            return lambda begin, end, found, first: None
        arrays, over = self.tables.arrays, self._over.ctypes.data
        bits = self.machine.function(step.bits, len(step.bits_reads) + 3)
        bits_reads = [arrays[key].ctypes.data for key in step.bits_reads]
        pay = self.machine.function(step.amount, len(step.amount_reads) + 6)
        pay_reads = [arrays[key].ctypes.data for key in step.amount_reads]

        def code(begin: int, end: int, found: Decided, first: int) -> None:
            # Machine code counts rows from the table's first one, so that an array seems to begin that much earlier than it does.
            held, unknown, verdict, amount, paid = (
                array.ctypes.data - first * array.itemsize for array in found.arrays
            )
            bits(begin, end, *bits_reads, held, unknown, over)
            pay(begin, end, *pay_reads, held, unknown, verdict, amount, paid, over)

        return code

    def _policy(self, step: PolicyStep, target: Path, receipts: Receipts | None) -> dict[str, int]:
        """Decide and write some rows at a time, into the same arrays: new memory for each policy costs as much as deciding it."""
        policy, code = step.policy, self._code(step)
        rows = self.tables.rows[policy.entity]
        space = Decided.of(min(rows, ROWS_IN_A_BATCH), BITS[bits_width(len(policy.clauses))])
        wide = [np.zeros(len(space.verdict), np.int64) for _ in range(2)]
        counts, total = np.zeros(3, np.int64), 0
        schema = _schema(self._subjects(policy, 0, 0), receipts is not None)
        with _writer(target, schema) as writer:
            for first in range(0, rows, ROWS_IN_A_BATCH):
                end = min(first + ROWS_IN_A_BATCH, rows)
                for begin in range(first, end, ROWS_AT_ONCE):
                    code(begin, min(begin + ROWS_AT_ONCE, end), space, first)
                found = space.part(end - first)
                held, unknown = (array[: end - first] for array in wide)
                held[:], unknown[:] = found.held, found.unknown
                columns = [
                    *self._subjects(policy, first, end),
                    pa.DictionaryArray.from_arrays(pa.array(found.verdict), VERDICTS),
                    held,
                    unknown,
                    pa.array(found.amount, mask=found.paid == 0),
                ]
                if receipts is not None:
                    columns.append(self._receipts(step, receipts, found, first))
                writer.write_batch(pa.record_batch(columns, schema=schema))
                counts += np.bincount(found.verdict, minlength=3)
                total += (int((found.amount >> 32).sum()) << 32) + int((found.amount & 0xFFFFFFFF).sum())
        no, yes, unknown_verdicts = counts.tolist()
        return {"subjects": rows, "yes": yes, "no": no, "unknown": unknown_verdicts, "amount_fen": total}

    def _subjects(self, policy: Policy, first: int, end: int) -> list[Any]:
        """The identifiers of the rows and of those who are paid, as the files give them."""
        subject = self.tables.identifiers[policy.entity]
        recipient: Any = subject
        if policy.recipient:
            recipient = self.tables.recipients.get((policy.entity, policy.recipient))
        if recipient is None:
            recipient = pa.nulls(len(subject), pa.int64())
        return [_whole(found.slice(first, end - first)) for found in (subject, recipient)]

    def _receipts(self, step: PolicyStep, receipts: Receipts, found: Decided, first: int) -> Any:
        """The receipts of these rows as a column; empty for a plain no, and for everyone where it is not in force."""
        count = len(found.verdict)
        if not step.bits:
            return pa.nulls(count, pa.string())
        rows = with_receipt(found.held, found.unknown, found.verdict, len(step.policy.clauses))
        made = receipts.of(receipt_reads(self.pack, step.policy, self.on), rows + first)
        place = np.zeros(count, np.int64)
        place[rows] = np.arange(len(rows))
        without = np.ones(count, np.bool_)
        without[rows] = False
        return _whole(made.take(pa.array(place, mask=without)))


def _whole(found: Any) -> Any:
    """A column as one array."""
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _schema(identifiers: list[Any], receipts: bool) -> pa.Schema:
    kinds = {
        "subject": identifiers[0].type,
        "recipient": identifiers[1].type,
        "verdict": pa.dictionary(pa.int8(), pa.string()),
        "clause_bits": pa.int64(),
        "unknown_bits": pa.int64(),
        "amount_fen": pa.int64(),
    }
    return pa.schema(kinds | ({"facts": pa.string()} if receipts else {}))


def _writer(target: Path, schema: pa.Schema) -> pq.ParquetWriter:
    whole = [name for name in ("subject", "recipient") if pa.types.is_int64(schema.field(name).type)]
    return pq.ParquetWriter(
        target,
        schema,
        compression="lz4",
        use_dictionary=["verdict", "clause_bits", "unknown_bits"],
        column_encoding={**dict.fromkeys(whole, "DELTA_BINARY_PACKED"), "amount_fen": "PLAIN"},
        write_statistics=False,
        store_schema=False,
    )
