"""Everyone under every policy on one day: Parquet in, Parquet out, on DuckDB, within a memory limit.

In:  `<entity>.parquet`, one row a subject: `id`, a column a fact, `<relation>_id` for each to-one relation. Money is int64 fen,
     months are the first day's date, enums and texts are strings, ratios are decimals. A missing column is unknown for everyone.
Out: `<policy>.parquet`: subject, recipient, verdict (yes, no, unknown), clause_bits, unknown_bits (bit i is condition i, in
     the order of the file), amount_fen; and `sweep.json` with the day, the versions and the totals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.basis.dates import period_of
from jiuye.engine.basis.problems import did_you_mean
from jiuye.engine.rules.columns import MACROS, ColumnCompiler, Scope, null_of, quoted
from jiuye.engine.rules.pack import Pack, in_force
from jiuye.engine.rules.policies import Derived, Policy
from jiuye.engine.rules.tree import Aggregate, Node, Read, walk
from jiuye.engine.rules.types import BOOLEAN, MONEY, Type
from jiuye.engine.rules.vocabulary import Entity

WHOLE_NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
)


class SweepDataError(ValueError):
    """The data handed in do not fit the pack: says which file and column, what is wrong, and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(zh)


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

    Raises SweepDataError where a needed file is missing or a column does not fit, before anything is written.
    """
    out.mkdir(parents=True, exist_ok=True)
    wanted = (
        [pack.policy(name) for name in policies] if policies is not None else list(pack.policies.values())
    )
    spill = out / ".spill"
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            "preserve_insertion_order": "false",
        }
    )
    try:
        run = _Run(pack, data, on, connection, SweepResult(on))
        run.open(wanted)
        for policy in wanted:
            progress(policy.id)
            run.result.totals[policy.id] = run.policy(policy, out / f"{policy.id}.parquet", receipts)
    finally:
        connection.close()
        if spill.exists():
            for leftover in spill.iterdir():
                leftover.unlink()
            spill.rmdir()
    summary = {
        "on": on.isoformat(),
        "pack_version": pack.version,
        "policies": {
            policy.id: {"version": policy.version, **run.result.totals[policy.id]} for policy in wanted
        },
    }
    (out / "sweep.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    return run.result


class _Run:
    """One sweep under way: the connection, and which table stands for which entity."""

    def __init__(
        self, pack: Pack, data: Path, on: date, connection: duckdb.DuckDBPyConnection, result: SweepResult
    ) -> None:
        self.pack, self.data, self.on = pack, data, on
        self.connection = connection
        self.result = result
        self.tables: dict[str, str] = {}
        self.given: dict[str, set[str]] = {}  # columns that the data supply, by entity

    def table(self, entity: str) -> str | None:
        return self.tables.get(entity)

    # --- the data as typed columns

    def open(self, policies: list[Policy]) -> None:
        """Check and open the files, then stage the derived facts that the policies read."""
        self.connection.execute(MACROS)
        entities, derived = self._needed(policies)
        for policy in policies:
            if not (self.data / f"{policy.entity}.parquet").exists():
                raise SweepDataError(
                    f"缺少文件 {policy.entity}.parquet：政策“{policy.id}”按“{policy.entity}”计算。请放进数据文件夹。",
                    f"{policy.entity}.parquet is missing: policy '{policy.id}' is counted by '{policy.entity}'; put it into the data folder.",
                )
        for name in sorted(entities):
            self._open_entity(self.pack.vocabulary.entities[name])
        self._stage(derived)

    def _needed(self, policies: list[Policy]) -> tuple[set[str], list[Derived]]:
        """The entities and the derived facts that these policies reach."""
        entities = {policy.entity for policy in policies}
        nodes: list[Node] = []
        for policy in policies:
            for dated in self.pack.expressions(policy):
                nodes += [node for _, node in dated.versions]
        wanted: set[tuple[str, str]] = set()
        for node in nodes:
            wanted |= self.pack.reads(node)
            for part in walk(node):
                if isinstance(part, Read):
                    entities |= {hop.to for hop in part.hops}
                elif isinstance(part, Aggregate):
                    entities |= {hop.to for hop in part.hops} | {part.relation.to}
        return entities, [derived for key, derived in self.pack.derived.items() if key in wanted]

    def _open_entity(self, entity: Entity) -> None:
        path = self.data / f"{entity.name}.parquet"
        if not path.exists():
            self.result.notices.append(
                (
                    f"没有 {entity.name}.parquet：与“{entity.label}”有关的信息一律按未知处理。",
                    f"no {entity.name}.parquet: what depends on '{entity.name}' is unknown for everyone.",
                )
            )
            return
        location = str(path).replace("'", "''")
        try:
            described = self.connection.execute(
                f"DESCRIBE SELECT * FROM read_parquet('{location}')"
            ).fetchall()
        except duckdb.Error as error:
            raise SweepDataError(
                f"{path.name} 不是可读的 Parquet 文件。请重新导出。",
                f"{path.name} is not a readable Parquet file ({error}); export it again.",
            ) from error
        columns = {row[0]: str(row[1]) for row in described}
        if "id" not in columns:
            raise SweepDataError(f"{path.name} 没有 id 列。", f"{path.name} has no column 'id'.")
        self.given[entity.name] = set(columns)
        selected = ["id"]
        for relation in entity.relations.values():
            column = f"{relation.name}_id"
            if not relation.many:
                selected.append(quoted(column) if column in columns else f"NULL AS {quoted(column)}")
        for fact in entity.facts.values():
            if fact.name in columns:
                expression = _typed(fact.name, columns[fact.name], fact.type, path.name)
                selected.append(f"{expression} AS {quoted(fact.name)}")
                self._check_members(location, fact.name, fact.type, path.name)
            elif (entity.name, fact.name) not in self.pack.derived:
                selected.append(f"{null_of(fact.type)} AS {quoted(fact.name)}")
        self._notice_columns(entity, columns, path.name)
        self.connection.execute(
            f"CREATE TEMP VIEW {quoted('raw_' + entity.name)} AS SELECT {', '.join(selected)} FROM read_parquet('{location}')"
        )
        self.tables[entity.name] = quoted("raw_" + entity.name)

    def _notice_columns(self, entity: Entity, columns: dict[str, str], file: str) -> None:
        known = {
            "id",
            *entity.facts,
            *(f"{rel.name}_id" for rel in entity.relations.values() if not rel.many),
        }
        for column in sorted(set(columns) - known):
            zh, en = did_you_mean(column, known)
            self.result.notices.append(
                (
                    f"{file} 的列“{column}”不在词汇里，未使用。{zh}",
                    f"{file}: column '{column}' is not in the vocabulary and was not used; {en}",
                )
            )

    def _check_members(self, location: str, column: str, of: Type, file: str) -> None:
        """A string that is no member of its enum would be a silent no; it is refused instead."""
        if of.kind != "enum":
            return
        members = self.pack.vocabulary.enums[of.enum]
        found = self.connection.execute(
            f"SELECT DISTINCT {quoted(column)} FROM read_parquet('{location}')"
        ).fetchall()
        for (value,) in found:
            if value is not None and value not in members:
                zh, en = did_you_mean(str(value), members)
                raise SweepDataError(
                    f"{file} 的列“{column}”里有“{value}”，枚举“{of.enum}”没有这个值。{zh}",
                    f"{file}: column '{column}' holds '{value}', which is no member of '{of.enum}'; {en}",
                )

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
        scope = Scope(entity, "s", tables.get)
        added = []
        for item in facts:
            expression = compiler.dated(item.value, scope, item.fact.type)
            if item.fact.name in self.given[entity]:
                expression = f"coalesce(s.{quoted(item.fact.name)}, {expression})"
            added.append(f"{expression} AS {quoted(item.fact.name)}")
        replaced = [quoted(item.fact.name) for item in facts if item.fact.name in self.given[entity]]
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
        scope = Scope(policy.entity, "s", self.table)
        force = in_force(policy, self.on)
        clauses = [compiler.dated(clause.test, scope, BOOLEAN) for clause in policy.clauses] if force else []
        amount = (
            compiler.dated(policy.amount, scope, MONEY)
            if force and policy.amount is not None
            else null_of(MONEY)
        )
        recipient = f"s.{quoted(policy.recipient + '_id')}" if policy.recipient else "s.id"
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


def _typed(column: str, found: str, of: Type, file: str) -> str:
    """The column cast to the type of its fact. Raises SweepDataError where it is another kind, floats above all."""
    name = quoted(column)
    if of.kind == "boolean" and found == "BOOLEAN":
        return name
    if of.kind == "money" and found in WHOLE_NUMBERS:
        return f"CAST({name} AS BIGINT)"
    if of.kind == "number" and (found in WHOLE_NUMBERS or (of.scale and found.startswith("DECIMAL"))):
        return f"CAST({name} * {10**of.scale} AS BIGINT)" if of.scale else f"CAST({name} AS BIGINT)"
    if of.kind == "date" and found == "DATE":
        return name
    if of.kind == "month" and found == "DATE":
        return f"CAST(jy_month({name}) AS BIGINT)"
    if of.kind in ("enum", "text") and found == "VARCHAR":
        return name
    if found in ('"NULL"', "NULL"):
        return null_of(of)  # a column that is empty for everyone carries no type
    wanted = {
        "boolean": "BOOLEAN", "money": "INT64（分 fen）", "number": "DECIMAL" if of.scale else "INT64", "date": "DATE", "month": "DATE",
    }.get(of.kind, "STRING")  # fmt: skip
    raise SweepDataError(
        f"{file} 的列“{column}”是 {found}，须为 {wanted}。请改正导出的类型。",
        f"{file}: column '{column}' is {found}, but must be {wanted}; correct the type when exporting.",
    )
