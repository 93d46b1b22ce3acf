"""Policies and derived facts: the records that the files under policies/ and derived/ become."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, overload

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.documents import Mapping
from jiuye.engine.basis.kept import restored
from jiuye.engine.basis.problems import Place
from jiuye.engine.rules.parameters import Parameter, Source
from jiuye.engine.rules.tree import Dated
from jiuye.engine.rules.vocabulary import Fact

CLAIMS = {"automatic": "免申即享", "confirm": "确认即享", "apply": "申请享受"}
# What a yes means: money that we pay; money that somebody owes less; something that they owe; something that is done for them.
EFFECTS = {"payment": "发放", "relief": "减免", "duty": "应尽义务", "service": "服务"}
EVIDENCE = {"direct": "本市文件", "province": "省或国家规定", "inferred": "由他市同一省规推定"}
KEEPS = ("higher", "this", "other")
MOST_CLAUSES = 60  # one bit each in a 64-bit integer
ALWAYS = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """A situation and what must come out; anyone can read it, and the engine runs it."""

    name: str
    on: date
    facts: Mapping
    expect: Mapping
    place: Place


class Cases(Sequence[Case]):
    """The cases of one file. Of a pack that was kept they are restored when somebody asks for one: who decides never does.

    They are most of a pack's bulk, so that they are pickled apart, within what holds them.
    """

    __slots__ = ("_count", "_found", "_packed")

    def __init__(self, found: Sequence[Case], packed: bytes = b"", count: int = 0) -> None:
        self._found: Sequence[Case] | None = found if not packed else None
        self._packed, self._count = packed, count or len(found)

    @overload
    def __getitem__(self, index: int) -> Case: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Case]: ...

    def __getitem__(self, index: int | slice) -> Case | Sequence[Case]:
        if self._found is None:
            self._found = tuple(restored(self._packed))
        return self._found[index]

    def __len__(self) -> int:
        return self._count

    def __reduce__(self) -> tuple[Any, ...]:
        return Cases, ((), self._packed or pickle.dumps(tuple(self), protocol=5), len(self))


@dataclass(frozen=True, slots=True)
class Clause:
    id: str
    law: str
    source: Source | None
    says: str
    says_en: str
    test: Dated
    place: Place


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Another policy that cannot be drawn together, and which of the two stays."""

    policy: str
    keep: str
    law: str
    place: Place


@dataclass(slots=True)
class Derived:
    """A fact computed from others; named once, used by many."""

    fact: Fact
    law: str
    sources: dict[str, Source]
    value: Dated
    cases: Cases
    file: str
    parameters: dict[str, Parameter] = field(
        default_factory=dict
    )  # those of its file, shared with its neighbours


@dataclass(slots=True)
class Policy:
    id: str
    label: str
    label_en: str
    summary: str
    summary_en: str
    task: int | None
    recipient_entity: str
    entity: str
    recipient: str  # the relation from `entity` to the recipient; empty where they are the same
    period: str
    in_force: Interval
    evidence: str
    claim: str
    effect: str
    fund: str
    sources: dict[str, Source]
    parameters: dict[str, Parameter]
    clauses: list[Clause]
    amount: Dated | None
    amount_law: str
    excludes: list[Exclusion]
    notes: str
    cases: Cases
    file: str
    place: Place
    version: str = ""
    dependencies: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)  # ids of conditions whose test could not be read

    def clause(self, clause_id: str) -> Clause | None:
        return next((clause for clause in self.clauses if clause.id == clause_id), None)
