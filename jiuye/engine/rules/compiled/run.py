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
VERDICTS = pa.array(["no", "yes", "unknown"])


@dataclass(frozen=True, slots=True)
class Decided:
    """One policy for everyone, as arrays. `held` and `unknown` are the bits of its clauses, in as few bytes as they need.

    `verdict` is 0 no, 1 yes, 2 unknown; `paid` says whether there is an amount (in fen).
    """

    held: Array
    unknown: Array
    verdict: Array
    amount: Array
    paid: Array


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

    def decide(self, step: PolicyStep, *, wide: bool = False) -> Decided:
        """One policy for everyone. `wide` gives the bits as 64-bit numbers, as files hold them."""
        rows = self.tables.rows[step.policy.entity]
        if not step.bits:
            held, unknown, amount = (np.zeros(rows, np.int64) for _ in range(3))
            return Decided(held, unknown, np.zeros(rows, np.int8), amount, np.zeros(rows, np.int8))
        narrow = np.dtype(BITS[bits_width(len(step.policy.clauses))])
        held, unknown = (np.empty(rows, np.int64 if wide else narrow) for _ in range(2))
        amount = np.empty(rows, np.int64)
        verdict, paid = (np.empty(rows, np.int8) for _ in range(2))
        over = self._over.ctypes.data
        arrays = self.tables.arrays
        bits = self.machine.function(step.bits, len(step.bits_reads) + 3)
        bits_arguments = [arrays[key].ctypes.data for key in step.bits_reads]
        pay = self.machine.function(step.amount, len(step.amount_reads) + 6)
        pay_arguments = [arrays[key].ctypes.data for key in step.amount_reads]
        found = [array.ctypes.data for array in (verdict, amount, paid)]
        # Bits that are to be widened are computed for some rows at a time, and widened while they are still in the cache.
        apart = wide and narrow != np.int64
        some = [np.empty(min(rows, ROWS_AT_ONCE), narrow) for _ in range(2)] if apart else [held, unknown]
        for begin in range(0, rows, ROWS_AT_ONCE):
            end = min(begin + ROWS_AT_ONCE, rows)
            # The code counts rows from the table's first one: what holds only these rows seems to begin that much earlier.
            before = begin * narrow.itemsize if apart else 0
            kept = [array.ctypes.data - before for array in some]
            bits(begin, end, *bits_arguments, *kept, over)
            pay(begin, end, *pay_arguments, *kept, *found, over)
            if apart:
                held[begin:end] = some[0][: end - begin]
                unknown[begin:end] = some[1][: end - begin]
        return Decided(held, unknown, verdict, amount, paid)

    def _policy(self, step: PolicyStep, target: Path, receipts: Receipts | None) -> dict[str, int]:
        policy = step.policy
        decided = self.decide(step, wide=True)
        held, unknown, verdict, amount, paid = (getattr(decided, name) for name in Decided.__slots__)
        subject = self.tables.identifiers[policy.entity]
        recipient: Any = subject
        if policy.recipient:
            recipient = self.tables.recipients.get((policy.entity, policy.recipient))
            if recipient is None:
                recipient = pa.nulls(len(subject), pa.int64())
        columns = {
            "subject": subject,
            "recipient": recipient,
            "verdict": pa.DictionaryArray.from_arrays(pa.array(verdict), VERDICTS),
            "clause_bits": held,
            "unknown_bits": unknown,
            "amount_fen": pa.array(amount, mask=paid == 0),
        }
        if receipts is not None:
            columns["facts"] = self._receipts(step, receipts, held, unknown, verdict)
        table = pa.table(columns)
        whole = [
            name for name in ("subject", "recipient") if pa.types.is_int64(table.schema.field(name).type)
        ]
        pq.write_table(
            table,
            target,
            compression="lz4",
            use_dictionary=["verdict", "clause_bits", "unknown_bits"],
            column_encoding={**dict.fromkeys(whole, "DELTA_BINARY_PACKED"), "amount_fen": "PLAIN"},
            write_statistics=False,
            store_schema=False,
        )
        counts = np.bincount(verdict, minlength=3)
        total = int((amount >> 32).sum()) * 2**32 + int((amount & 0xFFFFFFFF).sum())
        return {
            "subjects": len(verdict),
            "yes": int(counts[1]),
            "no": int(counts[0]),
            "unknown": int(counts[2]),
            "amount_fen": total,
        }

    def _receipts(
        self, step: PolicyStep, receipts: Receipts, held: Array, unknown: Array, verdict: Array
    ) -> Any:
        """The receipts of a policy as a column; empty for a plain no, and for everyone where it is not in force."""
        if not step.bits:
            return pa.nulls(len(verdict), pa.string())
        rows = with_receipt(held, unknown, verdict, len(step.policy.clauses))
        made = receipts.of(receipt_reads(self.pack, step.policy, self.on), rows)
        place = np.zeros(len(verdict), np.int64)
        place[rows] = np.arange(len(rows))
        without = np.ones(len(verdict), np.bool_)
        without[rows] = False
        return made.take(pa.array(place, mask=without))
