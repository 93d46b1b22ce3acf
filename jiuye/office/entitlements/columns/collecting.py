"""Collecting the facts of everyone: only what changed since the last time, or everything where that cannot be told apart."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
from django.apps import apps
from django.db import connection, transaction

from jiuye.office.entitlements.columns import changelog, store
from jiuye.office.entitlements.columns.reaching import Reach, Touch, reach_of
from jiuye.office.entitlements.facts.reading import FactReader
from jiuye.office.entitlements.facts.tables import SOURCES
from jiuye.office.entitlements.models import ColumnState

ANSWERS = "entitlements_answer"
REGISTERS = ("registry_registerdelivery", "registry_registerrecord", "registry_registeredthing")
MOST = 3  # where more than one row in so many is to be read anew, all of them are
Sentence = tuple[str, str]  # Chinese, English


@dataclass(slots=True)
class Collected:
    """The columns of everyone as of a day. `whole` says, by entity, why all of its rows were read; "" stands for all entities."""

    folder: Path
    read: dict[str, int] = field(default_factory=dict)  # rows read from the database, by entity
    rows: dict[str, int] = field(default_factory=dict)  # rows that there are
    whole: dict[str, Sentence] = field(default_factory=dict)
    keys: dict[str, list[int] | None] = field(
        default_factory=dict
    )  # the subjects read anew; None is all of them
    before: Path | None = (
        None  # the columns of last time, where they were used; there until the next collection
    )

    def sentences(self) -> list[Sentence]:
        """What was read, and why, in words."""
        read, rows = sum(self.read.values()), sum(self.rows.values())
        if "" in self.whole:
            zh, en = self.whole[""]
            return [(f"整读：{zh}；共 {rows} 行。", f"Everything was read: {en}; {rows} rows.")]
        told = [(f"增量读取：{rows} 行中读了 {read} 行。", f"Read what changed: {read} of {rows} rows.")]
        for entity, (zh, en) in sorted(self.whole.items()):
            number = self.read[entity]
            told.append(
                (f"{entity} 整读（{number} 行）：{zh}。", f"{entity} was read whole ({number} rows): {en}.")
            )
        return told


def read_tables() -> set[str]:
    """The tables that facts of any binding may be read from: of these every change is noted."""
    texts: list[str] = []
    for source in SOURCES.values():
        texts += [
            source.table,
            *source.relations.values(),
            *source.columns.values(),
            *source.laterals.values(),
        ]
        texts += [build(["a", "b"]) for build in source.built.values()]
    known = _tables()
    words = {word for text in texts for word in text.replace("(", " ").replace(")", " ").split()}
    return (words & known) | {ANSWERS, *REGISTERS}


def _tables() -> set[str]:
    return {str(model._meta.db_table) for model in apps.get_models()}


def collect(
    reader: FactReader,
    *,
    folder: Path,
    full: bool,
    at: datetime,
    progress: Callable[[str], None] = lambda name: None,
) -> Collected:
    """Bring the columns in `folder` up to now. The caller holds `store.locked(folder)` and is in no transaction.

    All entities are read in one snapshot of the database. Raises nothing of its own: what cannot be used is read anew.
    """
    why: Sentence | None = ("按要求", "as was asked") if full else None
    kept: store.Kept | None = None
    try:
        kept = store.opened(folder)
    except store.DamagedStoreError as error:
        why = why or (error.zh, error.en)
    if kept is None:
        why = why or ("没有上次的列", "there are no columns of last time")
    token = secrets.token_hex(16)
    target = folder / token
    target.mkdir(mode=0o700)
    with transaction.atomic():
        # Past Django's cursor: what a request's audit context puts before a statement would make this one come too late.
        connection.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        run = _Collecting(reader, folder, target, kept, why)
        snapshot, database = run.state()
        entities = sorted(reader.entities())
        for entity in entities:
            progress(entity)
            run.entity(entity)
    with transaction.atomic():
        ColumnState.objects.update_or_create(
            pk=1, defaults={"token": token, "snapshot": snapshot, "read_at": at}
        )
        changelog.forget_seen(snapshot)
    written = store.Kept(token, database, snapshot, reader.on, run.written, run.silences, target.name)
    # What the last sweep wrote lies beside its columns, and is still to be compared with.
    store.publish(folder, written, before=run.result.before.name if run.result.before is not None else "")
    return run.result


class _Collecting:
    """One collection under way, inside its snapshot."""

    def __init__(
        self,
        reader: FactReader,
        folder: Path,
        target: Path,
        kept: store.Kept | None,
        why: Sentence | None,
    ) -> None:
        self.reader, self.folder, self.target, self.kept = reader, folder, target, kept
        self.result = Collected(target)
        self.why = why
        self.written: dict[str, dict[str, str]] = {}
        self.silences: dict[str, bool] = {}
        self.noted: dict[str, tuple[int, bool]] = {}
        self.tables = _tables()
        self._found: dict[tuple[object, ...], list[int]] = {}

    def state(self) -> tuple[str, str]:
        """(snapshot, database); decides whether anything that lies in the folder can be used."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_current_snapshot()::text, (SELECT system_identifier FROM pg_control_system())::text || '/' || "
                "(SELECT oid FROM pg_database WHERE datname = current_database())::text"
            )
            snapshot, database = cursor.fetchone()
            if self.kept is not None and self.why is None:
                cursor.execute(
                    "SELECT pg_snapshot_xmax(%s::pg_snapshot) < pg_snapshot_xmax(%s::pg_snapshot)",
                    [snapshot, self.kept.snapshot],
                )
                went_back = cursor.fetchone()[0]
                token = ColumnState.objects.filter(pk=1).values_list("token", flat=True).first()
                if self.kept.database != database or went_back or token != self.kept.token:
                    self.why = (
                        "上次的列不是从这个数据库现在的状态读的",
                        "the columns of last time were not read from this database as it is now",
                    )
        if self.why is None and (missing := changelog.unnoted(read_tables())):
            self.why = (
                f"{'、'.join(missing)} 的变动没有登记，请运行 jiuye run 补装触发器",
                f"changes of {', '.join(missing)} are not noted; start jiuye run, which installs the triggers",
            )
        if self.why is not None:
            self.kept = None
            self.result.whole[""] = self.why
        else:
            assert self.kept is not None
            self.result.before = self.folder / self.kept.folder
            days = sorted((self.kept.on, self.reader.on))
            self.changes = changelog.Changes(self.kept.snapshot, days[0], days[1])
            self.noted = self.changes.tables()
        return str(snapshot), str(database)

    def entity(self, entity: str) -> None:
        """Write one entity's file."""
        text, names = self.reader.template(entity)
        mark = self._mark(entity, text, names)
        reach = reach_of(self.reader.sources[entity], text, self.tables)
        for silence in reach.silences:
            if silence not in self.silences:
                self.silences[silence] = self._answered(silence)
        path = self.target / f"{entity}.parquet"
        keys = None if self.kept is None else self._keys(entity, reach, mark)
        self.result.keys[entity] = keys
        if keys is None:
            self.result.read[entity] = self.result.rows[entity] = self.reader.write_entity(entity, path)
        else:
            self._renew(entity, keys, path)
        path.chmod(0o600)
        self.written[entity] = {
            "mark": mark,
            "digest": store.digest(path),
            "rows": str(self.result.rows[entity]),
        }

    def _mark(self, entity: str, text: str, names: list[str]) -> str:
        """Changes with everything that the meaning of the columns depends on."""
        enums = self.reader.pack.vocabulary.enums
        facts = [
            (fact.name, repr(fact.type), list(enums.get(fact.type.enum, ())))
            for fact in self.reader.facts(entity)
        ]
        told = repr((store.FORMAT, text, names, facts, sorted(self.reader.counties.items())))
        return hashlib.sha256(told.encode()).hexdigest()

    def _answered(self, silence: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.reader.filled(silence)}")
            return bool(cursor.fetchone()[0])

    # --- which subjects

    def _keys(self, entity: str, reach: Reach, mark: str) -> list[int] | None:
        """The subjects to be read anew; None, with the reason noted, where it must be all of them."""
        assert self.kept is not None
        kept = self.kept.entities.get(entity)
        earlier, later = self.changes.earlier, self.changes.later
        reason: Sentence | None = None
        unnoted = sorted(reach.tables - read_tables())
        if unnoted:
            reason = (
                f"{'、'.join(unnoted)} 的变动没有登记",
                f"changes of {', '.join(unnoted)} are not noted",
            )
        elif kept is None or kept["mark"] != mark:
            reason = ("规则包的词汇或绑定变了", "the pack's vocabulary or bindings changed")
        elif reach.daily and earlier != later:
            reason = (
                "有信息随日期变，且不知道何时变",
                "some fact turns with the day in a way that is not understood",
            )
        elif reach.monthly and (earlier.year, earlier.month) != (later.year, later.month):
            reason = (
                "进入了另一个月，按月计算的信息全部会变",
                "it is another month, and facts are counted by month",
            )
        elif any(self.kept.silences.get(silence) != self.silences[silence] for silence in reach.silences):
            reason = (
                "有登记簿第一次全量交换（或撤回），没有记录也成了答案",
                "a register was delivered whole for the first time (or withdrawn): its silence is an answer",
            )
        if reason is None:
            keys: set[int] = set()
            answers = Touch(ANSWERS, "SELECT changed.subject_key::bigint FROM changed", {"entity": entity})
            for touch in [*reach.touches, answers]:
                number, whole = self.noted.get(touch.table, (0, False))
                if whole or (touch.path is None and number):
                    reason = (f"{touch.table} 大批变动", f"{touch.table} changed as a whole")
                    break
                if touch.path is None:
                    if touch.turns and earlier != later:
                        reason = (f"{touch.table} 的日期影响全体", f"dates in {touch.table} concern everyone")
                        break
                    continue
                keys.update(self._subjects(touch, bool(number)))
            else:
                assert kept is not None
                if len(keys) * MOST <= max(int(kept["rows"]), 1_000):
                    return sorted(keys)
                reason = (f"超过 1/{MOST} 有变动", f"more than one row in {MOST} changed")
        self.result.whole[entity] = reason
        return None

    def _subjects(self, touch: Touch, noted: bool) -> list[int]:
        """Asked once for places of the same table that lead to the same subjects."""
        assert touch.path is not None
        key = (touch.table, touch.path, tuple(sorted(touch.filters.items())), tuple(sorted(touch.turns)))
        if key not in self._found:
            path = Touch(touch.table, self.reader.filled(touch.path), touch.filters, touch.turns)
            self._found[key] = self.changes.subjects(path, noted=noted)
        return self._found[key]

    # --- files

    def _renew(self, entity: str, keys: list[int], path: Path) -> None:
        """The rows of last time, those of `keys` replaced by what stands in the database now."""
        assert self.kept is not None
        before = self.folder / self.kept.folder / f"{entity}.parquet"
        self.result.rows[entity] = int(self.kept.entities[entity]["rows"])
        self.result.read[entity] = 0
        if not keys:
            os.link(before, path)
            return
        fresh = path.with_suffix(".fresh")
        self.result.read[entity] = self.reader.write_entity(entity, fresh, keys)
        with duckdb.connect() as duck:
            duck.register("renewed", pa.table({"id": pa.array(keys, pa.int64())}))
            row = duck.execute(
                f"COPY (SELECT * FROM read_parquet('{before}') ANTI JOIN renewed USING (id) "
                f"UNION ALL BY NAME SELECT * FROM read_parquet('{fresh}')) TO '{path}' (FORMAT parquet)"
            ).fetchone()
        assert row is not None
        self.result.rows[entity] = int(row[0])
        fresh.unlink()
