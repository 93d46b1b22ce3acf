"""A sweep as SQL, whatever the engine: what is read, which derived facts come first, and one query a policy.

The engine that carries the queries out fills in how a file is opened, how a table is kept and how a result is written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jiuye.engine.basis.dates import Interval, period_of
from jiuye.engine.rules.pack import Pack, in_force
from jiuye.engine.rules.policies import Derived, Policy
from jiuye.engine.rules.sql import Scope, SqlCompiler, quoted
from jiuye.engine.rules.sweep_data import DataFolder, Needs
from jiuye.engine.rules.sweep_task import SweepDataError, SweepTask
from jiuye.engine.rules.tree import Node, Read, walk
from jiuye.engine.rules.types import BOOLEAN, MONEY


@dataclass(frozen=True, slots=True)
class Stated:
    """One policy as four steps of columns: what is read and computed, the clauses' bits, the verdict, what follows from it."""

    inner: list[str]
    bits: list[str]
    verdict: str
    outer: list[str]


class SqlSweep(ABC):
    """One sweep under way: which table stands for which entity."""

    def __init__(self, task: SweepTask, folder: DataFolder) -> None:
        self.task, self.folder = task, folder
        self.pack, self.on = task.pack, task.on
        self.tables: dict[str, str] = {}

    @abstractmethod
    def compiler(self, period: Interval) -> SqlCompiler:
        """The compiler for decisions about that period."""

    @abstractmethod
    def view(self, name: str, query: str) -> None:
        """Name a query, to be run again wherever it is read."""

    @abstractmethod
    def table(self, name: str, query: str) -> None:
        """Run a query once and keep its rows until the sweep ends."""

    def table_of(self, entity: str) -> str | None:
        return self.tables.get(entity)

    def linked(self, entity: str, relation: str) -> bool:
        """True where the data say who is related to whom."""
        opened = self.folder.opened.get(entity)
        return opened is not None and relation in opened.relations

    # --- the data as typed columns

    def open(self, policies: list[Policy]) -> None:
        """Check and open the files, then stage the derived facts that the policies read."""
        require_files(self.task.data, policies)
        needs = needs_of(self.pack, policies)
        self.folder.open(needs, set(self.pack.derived))
        self.task.result.notices += self.folder.notices
        self.tables = {name: opened.view for name, opened in self.folder.opened.items()}
        self.stage([derived for key, derived in self.pack.derived.items() if key in needs.facts])

    # --- derived facts, level by level

    def stage(self, derived: list[Derived]) -> None:
        """Add derived facts as columns, entity by entity: who reads another's finds them finished."""
        for group in self._in_order(derived):
            self._stage_group(group)

    def _in_order(self, derived: list[Derived]) -> list[list[Derived]]:
        """Derived facts by entity, each after those of the entities that it reads; who read each other stand together."""
        present = {item.fact.entity for item in derived} & set(self.tables)
        reads: dict[str, set[str]] = {entity: {entity} for entity in present}
        for item in derived:
            if item.fact.entity in present:
                found = {entity for node in _versions(item) for entity, _ in self.pack.reads(node)}
                reads[item.fact.entity] |= found & present
        for _ in present:  # what is read is read through others too
            for entity in present:
                reads[entity] = set().union(*(reads[other] for other in reads[entity]))
        groups: dict[tuple[int, tuple[str, ...]], list[Derived]] = {}
        for item in derived:
            if item.fact.entity in present:
                mine = reads[item.fact.entity]
                together = sorted(other for other in mine if reads[other] == mine)
                groups.setdefault((len(mine), tuple(together)), []).append(item)
        return [groups[key] for key in sorted(groups)]

    def _stage_group(self, derived: list[Derived]) -> None:
        """Level by level: a fact's level is one above the highest it reads here, so each reads finished columns."""
        levels: dict[tuple[str, str], int] = {}
        by_level: dict[int, list[Derived]] = {}
        for item in derived:  # in an order in which each needs only earlier ones
            key = (item.fact.entity, item.fact.name)
            read = {
                (part.fact.entity, part.fact.name)
                for node in _versions(item)
                for part in walk(node)
                if isinstance(part, Read)
            }
            levels[key] = 1 + max((levels[other] for other in read if other in levels), default=0)
            by_level.setdefault(levels[key], []).append(item)
        for level in sorted(by_level):
            tables = dict(self.tables)
            for entity in sorted({item.fact.entity for item in by_level[level]}):
                facts = [item for item in by_level[level] if item.fact.entity == entity]
                self._add_columns(entity, facts, level, tables)
        for entity in sorted({item.fact.entity for item in derived}):
            if self.keeps(entity):
                self.table(quoted("all_" + entity), f"SELECT * FROM {self.tables[entity]}")
                self.tables[entity] = quoted("all_" + entity)

    def keeps(self, entity: str) -> bool:
        """Whether an entity's finished columns are worth keeping, and not computed anew for whoever reads them."""
        return True

    def _add_columns(self, entity: str, facts: list[Derived], level: int, tables: dict[str, str]) -> None:
        compiler = self.compiler(period_of("once", self.on))
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
        exclude = f" {compiler.dialect.without} ({', '.join(replaced)})" if replaced else ""
        name = quoted(f"{entity}_{level}")
        self.view(
            name, f"SELECT s.*{exclude}, {', '.join(added)} FROM {tables[entity]} s {' '.join(scope.joins)}"
        )
        self.tables[entity] = name

    # --- policies

    def query(self, policy: Policy) -> str:
        """One policy's results."""
        scope = Scope(policy.entity, "s", self.table_of, self.linked)
        kept = self.stated(policy, scope, "")
        facts = ", facts" if self.task.receipts else ""
        return (
            f"SELECT subject, recipient, verdict, clause_bits, unknown_bits, amount_fen{facts} FROM ("
            f"SELECT *, {', '.join(kept.outer)} FROM (SELECT *, {kept.verdict} FROM (SELECT *, {', '.join(kept.bits)} FROM ("
            f"SELECT s.id AS subject, {', '.join(kept.inner)} FROM {self.tables[policy.entity]} s {' '.join(scope.joins)}))))"
        )

    def stated(self, policy: Policy, scope: Scope, ending: str) -> Stated:
        """What a policy says, as columns whose names end so, each step reading the one before."""
        compiler = self.compiler(period_of(policy.period, self.on))
        force = in_force(policy, self.on)
        clauses = [compiler.dated(clause.test, scope, BOOLEAN) for clause in policy.clauses] if force else []
        amount = (
            compiler.dated(policy.amount, scope, MONEY)
            if force and policy.amount is not None
            else compiler.null_of(MONEY)
        )
        recipient = "s.id" if not policy.recipient else "CAST(NULL AS BIGINT)"
        if policy.recipient and self.linked(policy.entity, policy.recipient):
            recipient = f"s.{quoted(policy.recipient + '_id')}"
        inner = [f"{recipient} AS recipient{ending}", f"{amount} AS amount{ending}"]
        inner += [f"{clause} AS c{position}{ending}" for position, clause in enumerate(clauses)]
        names = [f"c{position}{ending}" for position in range(len(clauses))]
        held, unknown = (
            " | ".join(f"(CASE WHEN {name}{test} THEN {1 << i}::BIGINT ELSE 0 END)" for i, name in enumerate(names))
            or "0::BIGINT"
            for test in ("", " IS NULL")
        )  # fmt: skip
        held_name, unknown_name = f"clause_bits{ending}", f"unknown_bits{ending}"
        everything = (1 << len(clauses)) - 1
        no_amount = f"amount{ending} IS NULL" if policy.amount is not None else "FALSE"
        verdict = (
            f"CASE WHEN {'FALSE' if force else 'TRUE'} OR ({held_name} | {unknown_name}) <> {everything} THEN 'no' "
            f"WHEN {unknown_name} <> 0 OR {no_amount} THEN 'unknown' ELSE 'yes' END AS verdict{ending}"
        )
        outer = [f"CASE WHEN verdict{ending} = 'yes' THEN CAST(amount{ending} AS BIGINT) END AS amount_fen{ending}"]  # fmt: skip
        if self.task.receipts:
            facts = self._receipt(policy, compiler, scope) if force else "CAST(NULL AS STRING)"
            inner.append(f"{facts} AS read{ending}")
            plain_no = (
                f"verdict{ending} = 'no' AND ({unknown_name} <> 0 OR "
                f"bit_count({everything}::BIGINT & ~{held_name}) <> 1)"
            )
            outer.append(f"CASE WHEN NOT ({plain_no}) THEN read{ending} END AS facts{ending}")
        return Stated(inner, [f"{held} AS {held_name}", f"{unknown} AS {unknown_name}"], verdict, outer)

    def _receipt(self, policy: Policy, compiler: SqlCompiler, scope: Scope) -> str:
        """The facts that the policy reads of the subject itself and over to-one relations, as one JSON object."""
        reads = receipt_reads(self.pack, policy, self.on)
        if not reads:
            return "'{}'"
        return compiler.dialect.json([(path, compiler.node(node, scope)) for path, node in reads.items()])


def receipt_reads(pack: Pack, policy: Policy, on: date) -> dict[str, Read]:
    """What a receipt of the policy tells, in its order: reads of the subject itself and over to-one relations, by their paths."""
    own = [clause.test for clause in policy.clauses]
    if policy.amount is not None:
        own.append(policy.amount)
    reads: dict[str, Read] = {}
    queue = [node for dated in own if (node := dated.at(on)) is not None]
    while queue:
        for part in walk(queue.pop()):
            if not isinstance(part, Read) or _begins(part) != policy.entity:
                continue
            reads.setdefault(part.path, part)
            derived = pack.derived.get((part.fact.entity, part.fact.name))
            version = derived.value.at(on) if derived is not None and not part.hops else None
            if version is not None:
                queue.append(version)
    return dict(sorted(reads.items()))


def _begins(read: Read) -> str:
    """The entity whose row a read starts from."""
    return read.hops[0].entity if read.hops else read.fact.entity


def _versions(item: Derived) -> list[Node]:
    """Every version of a derived fact's expression."""
    return [node for _, node in item.value.versions]


def require_files(data: Path, policies: list[Policy]) -> None:
    """Raise SweepDataError where the entity that a policy is counted by has no file."""
    for policy in policies:
        if not (data / f"{policy.entity}.parquet").exists():
            raise SweepDataError(
                f"缺少文件 {policy.entity}.parquet：政策“{policy.id}”按“{policy.entity}”计算。请放进数据文件夹。",
                f"{policy.entity}.parquet is missing: policy '{policy.id}' is counted by '{policy.entity}'; put it into the data folder.",
            )


def needs_of(pack: Pack, policies: list[Policy]) -> Needs:
    """What these policies read, through derived facts down to the recorded ones."""
    needs = Needs({policy.entity for policy in policies})
    for policy in policies:
        if policy.recipient:
            needs.relations.add((policy.entity, policy.recipient))
        facts, relations = pack.reach(policy)
        needs.facts |= facts
        needs.relations |= relations
    vocabulary = pack.vocabulary.entities
    needs.entities |= {vocabulary[entity].relations[name].to for entity, name in needs.relations}
    # A to-many relation stands in the data as the to-one relation back.
    needs.relations = {
        (relation.to, relation.via) if relation.many else (relation.entity, relation.name)
        for relation in (vocabulary[entity].relations[name] for entity, name in needs.relations)
    }
    return needs
