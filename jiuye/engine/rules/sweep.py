"""Everyone under every policy on one day: Parquet in, Parquet out, on DuckDB, within a memory limit.

In:  `<entity>.parquet`, one row a subject: `id`, a column a fact, `<relation>_id` for each to-one relation. Money is int64 fen,
     months are the first day's date, enums and texts are strings, ratios are decimals. A missing column is unknown for everyone.
Out: `<policy>.parquet`: subject, recipient, verdict (yes, no, unknown), clause_bits, unknown_bits (bit i is condition i, in
     the order of the file), amount_fen; and `sweep.json` with the day, the versions and the totals.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.basis.dates import period_of
from jiuye.engine.rules.columns import MACROS, ColumnCompiler, Scope, null_of, quoted
from jiuye.engine.rules.pack import Pack, in_force
from jiuye.engine.rules.policies import Derived, Policy
from jiuye.engine.rules.sweep_data import DataFolder, Needs, SweepDataError, SweepError
from jiuye.engine.rules.tree import Node, Read, walk
from jiuye.engine.rules.types import BOOLEAN, MONEY

__all__ = ["SweepDataError", "SweepError", "SweepFailedError", "SweepResult", "sweep"]


class SweepFailedError(SweepError, RuntimeError):
    """The machine could not carry the sweep out: memory, disk, or a number beyond 64 bits. Nothing was written."""


@dataclass(slots=True)
class SweepResult:
    """Totals by policy: subjects, yes, no, unknown, amount_fen; and what was noticed about the data."""

    on: date
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    notices: list[tuple[str, str]] = field(default_factory=list)  # (zh, en)


def sweep(
    pack: Pack,
    data: Path,
    out: Path,
    on: date,
    *,
    memory_limit: str = "2GB",
    policies: Iterable[str] | None = None,
    receipts: bool = False,
    progress: Callable[[str], None] = lambda name: None,
) -> SweepResult:
    """Decide everyone. `receipts` adds a JSON column with the facts read, for every row that is not a plain no.

    Results appear in `out` all together, `sweep.json` last; until then whatever stood there stays as it was. Raises
    NoSuchPolicyError, SweepDataError where a needed file is missing or a column does not fit, SweepFailedError where memory or
    disk give out.
    """
    names = list(pack.policies) if policies is None else list(policies)
    wanted = [pack.policy(name) for name in names]
    partial = out / ".partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": str(partial / "spill"),
            "preserve_insertion_order": "false",
        }
        with duckdb.connect(config=config) as connection:
            run = _Run(pack, data, on, connection, SweepResult(on))
            run.open(wanted)
            for policy in wanted:
                progress(policy.id)
                run.result.totals[policy.id] = run.policy(policy, partial / f"{policy.id}.parquet", receipts)
        _publish(partial, out, wanted, pack, run.result)
    except duckdb.Error as error:
        raise _failed(error, memory_limit) from error
    except OSError as error:
        zh = f"写不进结果文件夹 {out}（{error.strerror}）。请检查路径、权限和磁盘空间。"
        en = f"cannot write to {out} ({error.strerror}); check the path, the permissions and the space on the disk."
        raise SweepFailedError(zh, en) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return run.result


def _publish(partial: Path, out: Path, policies: list[Policy], pack: Pack, result: SweepResult) -> None:
    """Move the finished files to their places. Without `sweep.json` a folder holds no finished sweep."""
    summary = {
        "on": result.on.isoformat(),
        "pack_version": pack.version,
        "policies": {
            policy.id: {"version": policy.version, **result.totals[policy.id]} for policy in policies
        },
    }
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (partial / "sweep.json").write_text(text, encoding="utf-8")
    (out / "sweep.json").unlink(missing_ok=True)
    for name in [*(f"{policy.id}.parquet" for policy in policies), "sweep.json"]:
        (partial / name).replace(out / name)


def _failed(error: duckdb.Error, memory_limit: str) -> SweepFailedError:
    """The sentence for what DuckDB could not do."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return SweepFailedError(
            f"内存上限 {memory_limit} 不够用。请加大 --memory，或分批计算。",
            f"the memory limit of {memory_limit} is too small; raise --memory, or sweep fewer policies at once.",
        )
    if isinstance(error, duckdb.ParserException) and "memory" in str(error).lower():
        return SweepFailedError(
            f"内存上限“{memory_limit}”写得不对，请写成 2GB、500MB 的样子。",
            f"'{memory_limit}' is no memory limit; write it like 2GB or 500MB.",
        )
    return SweepFailedError(f"计算没有完成：{error}", f"the sweep was not finished: {error}")


class _Run:
    """One sweep under way: the connection, and which table stands for which entity."""

    def __init__(
        self, pack: Pack, data: Path, on: date, connection: duckdb.DuckDBPyConnection, result: SweepResult
    ) -> None:
        self.pack, self.data, self.on = pack, data, on
        self.connection = connection
        self.result = result
        self.folder = DataFolder(data, pack.vocabulary, connection)
        self.tables: dict[str, str] = {}

    def table(self, entity: str) -> str | None:
        return self.tables.get(entity)

    def linked(self, entity: str, relation: str) -> bool:
        """True where the data say who is related to whom."""
        opened = self.folder.opened.get(entity)
        return opened is not None and relation in opened.relations

    # --- the data as typed columns

    def open(self, policies: list[Policy]) -> None:
        """Check and open the files, then stage the derived facts that the policies read."""
        self.connection.execute(MACROS)
        for policy in policies:
            if not (self.data / f"{policy.entity}.parquet").exists():
                raise SweepDataError(
                    f"缺少文件 {policy.entity}.parquet：政策“{policy.id}”按“{policy.entity}”计算。请放进数据文件夹。",
                    f"{policy.entity}.parquet is missing: policy '{policy.id}' is counted by '{policy.entity}'; put it into the data folder.",
                )
        needs = self._needs(policies)
        self.folder.open(needs, set(self.pack.derived))
        self.result.notices += self.folder.notices
        self.tables = {name: opened.view for name, opened in self.folder.opened.items()}
        self._stage([derived for key, derived in self.pack.derived.items() if key in needs.facts])

    def _needs(self, policies: list[Policy]) -> Needs:
        """What these policies read, through derived facts down to the recorded ones."""
        needs = Needs({policy.entity for policy in policies})
        for policy in policies:
            if policy.recipient:
                needs.relations.add((policy.entity, policy.recipient))
            facts, relations = self.pack.reach(policy)
            needs.facts |= facts
            needs.relations |= relations
        vocabulary = self.pack.vocabulary.entities
        needs.entities |= {vocabulary[entity].relations[name].to for entity, name in needs.relations}
        # A to-many relation stands in the data as the to-one relation back.
        needs.relations = {
            (relation.to, relation.via) if relation.many else (relation.entity, relation.name)
            for relation in (vocabulary[entity].relations[name] for entity, name in needs.relations)
        }
        return needs

    # --- derived facts, level by level

    def _stage(self, derived: list[Derived]) -> None:
        """Add derived facts as columns. A fact's level is one above the highest it reads, so each reads finished columns."""
        levels: dict[tuple[str, str], int] = {}
        by_level: dict[int, list[Derived]] = {}
        for item in derived:  # in an order in which each needs only earlier ones
            key = (item.fact.entity, item.fact.name)
            read = {
                (part.fact.entity, part.fact.name)
                for _, node in item.value.versions
                for part in walk(node)
                if isinstance(part, Read)
            }
            levels[key] = 1 + max((levels[other] for other in read if other in levels), default=0)
            by_level.setdefault(levels[key], []).append(item)
        for level in sorted(by_level):
            tables = dict(self.tables)
            for entity in sorted({item.fact.entity for item in by_level[level]}):
                if entity not in tables:
                    continue
                facts = [item for item in by_level[level] if item.fact.entity == entity]
                self._add_columns(entity, facts, level, tables)
        for entity in sorted({item.fact.entity for item in derived} & set(self.tables)):
            self.connection.execute(
                f"CREATE TEMP TABLE {quoted('all_' + entity)} AS SELECT * FROM {self.tables[entity]}"
            )
            self.tables[entity] = quoted("all_" + entity)

    def _add_columns(self, entity: str, facts: list[Derived], level: int, tables: dict[str, str]) -> None:
        compiler = ColumnCompiler(self.on, period_of("once", self.on))
        scope = Scope(entity, "s", tables.get, self.linked)
        added = []
        for item in facts:
            expression = compiler.dated(item.value, scope, item.fact.type)
            if item.fact.name in self.folder.opened[entity].facts:
                expression = f"coalesce(s.{quoted(item.fact.name)}, {expression})"
            added.append(f"{expression} AS {quoted(item.fact.name)}")
        replaced = [
            quoted(item.fact.name) for item in facts if item.fact.name in self.folder.opened[entity].facts
        ]
        exclude = f" EXCLUDE ({', '.join(replaced)})" if replaced else ""
        name = quoted(f"{entity}_{level}")
        self.connection.execute(
            f"CREATE TEMP VIEW {name} AS SELECT s.*{exclude}, {', '.join(added)} FROM {tables[entity]} s {' '.join(scope.joins)}"
        )
        self.tables[entity] = name

    # --- policies

    def policy(self, policy: Policy, target: Path, receipts: bool) -> dict[str, int]:
        """Write one policy's verdicts; return its totals."""
        query = self._query(policy, receipts)
        location = str(target).replace("'", "''")
        self.connection.execute(f"COPY ({query}) TO '{location}' (FORMAT parquet, COMPRESSION zstd)")
        row = self.connection.execute(
            "SELECT count(*), count(*) FILTER (verdict = 'yes'), count(*) FILTER (verdict = 'no'), "
            f"count(*) FILTER (verdict = 'unknown'), coalesce(sum(amount_fen), 0) FROM read_parquet('{location}')"
        ).fetchone()
        assert row is not None
        return dict(
            zip(
                ("subjects", "yes", "no", "unknown", "amount_fen"), (int(value) for value in row), strict=True
            )
        )

    def _query(self, policy: Policy, receipts: bool) -> str:
        compiler = ColumnCompiler(self.on, period_of(policy.period, self.on))
        scope = Scope(policy.entity, "s", self.table, self.linked)
        force = in_force(policy, self.on)
        clauses = [compiler.dated(clause.test, scope, BOOLEAN) for clause in policy.clauses] if force else []
        amount = (
            compiler.dated(policy.amount, scope, MONEY)
            if force and policy.amount is not None
            else null_of(MONEY)
        )
        recipient = "s.id" if not policy.recipient else "CAST(NULL AS BIGINT)"
        if policy.recipient and self.linked(policy.entity, policy.recipient):
            recipient = f"s.{quoted(policy.recipient + '_id')}"
        facts = self._receipt(policy, compiler, scope) if receipts and force else "CAST(NULL AS VARCHAR)"
        columns = [f"{clause} AS c{position}" for position, clause in enumerate(clauses)]
        inner = ", ".join(
            [
                "s.id AS subject",
                f"{recipient} AS recipient",
                f"{amount} AS amount",
                f"{facts} AS facts",
                *columns,
            ]
        )
        held = (
            " | ".join([f"(CASE WHEN c{i} THEN {1 << i}::BIGINT ELSE 0 END)" for i in range(len(clauses))])
            or "0::BIGINT"
        )
        unknown = (
            " | ".join(
                [f"(CASE WHEN c{i} IS NULL THEN {1 << i}::BIGINT ELSE 0 END)" for i in range(len(clauses))]
            )
            or "0::BIGINT"
        )
        everything = (1 << len(clauses)) - 1
        no_amount = "amount IS NULL" if policy.amount is not None else "FALSE"
        verdict = (
            f"CASE WHEN {'FALSE' if force else 'TRUE'} OR (held | unknown) <> {everything} THEN 'no' "
            f"WHEN unknown <> 0 OR {no_amount} THEN 'unknown' ELSE 'yes' END"
        )
        plain_no = f"verdict = 'no' AND (unknown <> 0 OR bit_count({everything}::BIGINT & ~held) <> 1)"
        kept = f", CASE WHEN NOT ({plain_no}) THEN facts END AS facts" if receipts else ""
        return (
            f"SELECT subject, recipient, verdict, held AS clause_bits, unknown AS unknown_bits, "
            f"CASE WHEN verdict = 'yes' THEN CAST(amount AS BIGINT) END AS amount_fen{kept} FROM ("
            f"SELECT *, {verdict} AS verdict FROM (SELECT subject, recipient, amount, facts, {held} AS held, {unknown} AS unknown FROM ("
            f"SELECT {inner} FROM {self.tables[policy.entity]} s {' '.join(scope.joins)})))"
        )

    def _receipt(self, policy: Policy, compiler: ColumnCompiler, scope: Scope) -> str:
        """The facts that the policy reads of the subject itself and over to-one relations, as one JSON object."""
        reads: dict[str, Node] = {}
        queue = [node for dated in self._own(policy) if (node := dated.at(self.on)) is not None]
        while queue:
            for part in walk(queue.pop()):
                if not isinstance(part, Read) or part.fact.entity not in self._reached(policy, part):
                    continue
                reads.setdefault(part.path, part)
                derived = self.pack.derived.get((part.fact.entity, part.fact.name))
                version = derived.value.at(self.on) if derived is not None and not part.hops else None
                if version is not None:
                    queue.append(version)
        if not reads:
            return "'{}'"
        pairs = ", ".join(
            f"{quoted(path)} := {compiler.node(node, scope)}" for path, node in sorted(reads.items())
        )
        return f"CAST(to_json(struct_pack({pairs})) AS VARCHAR)"

    def _own(self, policy: Policy) -> list[Any]:
        return [clause.test for clause in policy.clauses] + (
            [policy.amount] if policy.amount is not None else []
        )

    def _reached(self, policy: Policy, read: Read) -> set[str]:
        """Entities whose rows the policy's own scope can name: itself, or over the read's own hops from itself."""
        start = read.hops[0].entity if read.hops else read.fact.entity
        return {read.fact.entity} if start == policy.entity else set()
