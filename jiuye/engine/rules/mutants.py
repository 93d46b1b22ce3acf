"""What a mutant is: a pack in which one thing that decides is changed by one step.

`mutants_expressions` and `mutants_tables` make them; `trials` says which of them the cases catch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.documents import Mapping, parse_yaml
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.tree import Dated, Lookup, Marginal, Node

Key = tuple[str, str]  # (entity, name) of a derived fact
Owner = str | Key  # a policy's id, or a derived fact


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one step. `owners` are the policies and derived facts in whose own expressions it is seen."""

    owner: str  # as people read it: a policy's id, `person.age`, or the file of a shared parameter
    kind: str
    place: Place
    was: str
    now: str
    owners: tuple[Owner, ...]
    apply: Callable[[Pack], Pack | None]  # None where the checker refuses the change
    # Of a changed expression, what it meant and what it means: for a proof that nothing is changed.
    before: Node | None = None
    after: Callable[[], Node | None] | None = None
    when: tuple[object, Interval] | None = (
        None  # what is read (a version, rows of a table), and while it holds
    )

    @property
    def file(self) -> str:
        """The file of the pack that it changes: a policy's id, or `derived/people.yaml`."""
        folder, name = self.place.file.split("/")[-2:]
        return name.removesuffix(".yaml") if folder == "policies" else f"{folder}/{name}"

    def render(self) -> str:
        """`file:line:column: firewood-gift [comparison] >= → >`, in one line."""
        now = self.now or "∅"
        return f"{self.place.file}:{self.place.line}:{self.place.column}: {self.owner} [{self.kind}] {self.was} → {now}"


class Files:
    """The pack's files as YAML, each parsed once."""

    def __init__(self, pack: Pack) -> None:
        self.texts = pack.texts
        self._parsed: dict[str, Mapping] = {}

    def document(self, shown: str) -> Mapping:
        """By the file's name in problems: `pack/policies/x.yaml`."""
        if shown not in self._parsed:
            root = parse_yaml(self.texts["/".join(shown.split("/")[-2:])], shown, Problems())
            assert root is not None, shown
            self._parsed[shown] = root
        return self._parsed[shown]


def shown_owner(owner: Owner) -> str:
    """A policy's id, or `person.age` of a derived fact."""
    return owner if isinstance(owner, str) else ".".join(owner)


def moved_day(before: date, after: date) -> Interval:
    """The one day on which it matters that something holds from the day before, or after, the right one."""
    first = min(before, after)
    return Interval(first, first + timedelta(days=1))


def own_expressions(policy: Policy) -> list[Dated]:
    """The tests of a policy's conditions, and its amount."""
    return [clause.test for clause in policy.clauses] + ([policy.amount] if policy.amount is not None else [])


def table_of(node: Node) -> Parameter | None:
    """The parameter that a node looks into."""
    return node.parameter if isinstance(node, Lookup) else node.scale if isinstance(node, Marginal) else None
