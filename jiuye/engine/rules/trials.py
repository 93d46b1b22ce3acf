"""Which mutants the cases catch: each is decided by the cases of everything that can see it, until one comes out otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.documents import Scalar
from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.cases import derived_case, policy_case
from jiuye.engine.rules.checks_tables import check_time, spans_of, tables_read
from jiuye.engine.rules.closures import Decision
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.equivalence import parts_that_count, same
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.magnitudes import check_magnitudes
from jiuye.engine.rules.mutants import Files, Key, Mutant, Owner, own_expressions
from jiuye.engine.rules.mutants_expressions import of_expressions
from jiuye.engine.rules.mutants_tables import of_tables
from jiuye.engine.rules.pack import Pack, in_force
from jiuye.engine.rules.policies import Case, Derived, Policy
from jiuye.engine.rules.ranges import contradictions
from jiuye.engine.rules.rows import Row, read_row
from jiuye.engine.rules.tree import Dated, Node, Read, walk
from jiuye.engine.rules.types import MONEY
from jiuye.engine.rules.values import read_value

CAUGHT, REFUSED, SURVIVED, IDLE = "caught", "refused", "survived", "idle"
ALWAYS = Interval()


def mutants(pack: Pack) -> list[Mutant]:
    """Every mutant of a sound pack, in an order that is the same in every process."""
    files = Files(pack)
    return [*of_expressions(pack, files), *of_tables(pack, files)]


@dataclass(slots=True)
class Tally:
    """How many mutants came to what. Those that change nothing, by proof, are idle and not counted among the rest."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def counted(self) -> int:
        return self.counts[CAUGHT] + self.counts[REFUSED] + self.counts[SURVIVED]

    @property
    def caught(self) -> int:
        """Caught by a case or refused by the checker."""
        return self.counts[CAUGHT] + self.counts[REFUSED]

    def reaches(self, percent: int) -> bool:
        """True where at least so many in a hundred were caught; of none, all were."""
        return self.caught * 100 >= self.counted * percent

    @property
    def share(self) -> str:
        """`98.7`: caught in a hundred counted, rounded down to a tenth."""
        tenths = self.caught * 1000 // self.counted if self.counted else 1000
        return f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class _Expected:
    verdict: str = ""
    amount_fen: int | None = None
    clauses: dict[str, str] = field(default_factory=dict)
    value: Any = None  # of a derived fact


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A case with its facts read and its expectation ready to be compared."""

    case: Case
    row: Row
    expected: _Expected


class Trials:
    """A sound pack made ready to try its mutants. The pack itself is never changed."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.versions: dict[
            int, list[Interval]
        ] = {}  # by the identity of a version's tree: when a policy reads it
        self.rows: dict[int, list[Interval]] = {}  # by that of a list of dated values
        self._seen_by = self._seers()
        self._prepared: dict[Owner, list[_Prepared]] = {}
        for policy in pack.policies.values():
            self._follow([(dated, policy.in_force) for dated in own_expressions(policy)])
        read = {key for keys in self._needs().values() for key in keys}
        self._follow([(item.value, ALWAYS) for key, item in pack.derived.items() if key not in read])

    # --- who sees whom, and when

    def _needs(self) -> dict[Owner, set[Key]]:
        """The derived facts that each expression names itself."""
        found: dict[Owner, set[Key]] = {}
        for key, derived in self.pack.derived.items():
            found[key] = self._named([derived.value])
        for policy in self.pack.policies.values():
            found[policy.id] = self._named(own_expressions(policy))
        return found

    def _named(self, expressions: list[Dated]) -> set[Key]:
        return {
            (part.fact.entity, part.fact.name)
            for dated in expressions
            for _, node in dated.versions
            for part in walk(node)
            if isinstance(part, Read) and (part.fact.entity, part.fact.name) in self.pack.derived
        }

    def _seers(self) -> dict[Key, list[Owner]]:
        """Of each derived fact, everything whose answer depends on it, the nearest first."""
        needs = self._needs()
        found: dict[Key, list[Owner]] = {}
        for key in self.pack.derived:
            seen: list[Owner] = []
            layer: set[Owner] = {key}
            while layer:
                layer = {other for other, names in needs.items() if names & layer} - set(seen)
                seen += sorted(layer, key=str)
            found[key] = seen
        return found

    def _follow(self, todo: list[tuple[Dated, Interval]]) -> None:
        """Note for each version of an expression, and each row of a table, the days on which it is read."""
        seen: set[tuple[Key, Interval]] = set()
        while todo:
            dated, when = todo.pop()
            self.versions.setdefault(id(dated), []).append(when)
            for node, span in spans_of(dated, when):
                self.versions.setdefault(id(node), []).append(span)
                for part in parts_that_count(node):
                    for entries in tables_read(part):
                        self.rows.setdefault(id(entries), []).append(span)
                    if isinstance(part, Read):
                        key = (part.fact.entity, part.fact.name)
                        if key in self.pack.derived and (key, span) not in seen:
                            seen.add((key, span))
                            todo.append((self.pack.derived[key].value, span))

    def idle(self, mutant: Mutant) -> bool:
        """True where it is proved that no case could catch it: it is never read while it holds, or it means the same."""
        if mutant.when is not None:
            what, holds = mutant.when
            table = self.versions if isinstance(what, (Node, Dated)) else self.rows
            if not any(holds.overlaps(span) for span in table.get(id(what), ())):
                return True
        if mutant.before is None or mutant.after is None:
            return False
        after = mutant.after()
        return after is not None and same(mutant.before, after, self.pack)

    # --- trying one

    def outcome(self, mutant: Mutant) -> str:
        """`caught`, `refused` by the checker, `survived`, or `idle`."""
        changed = mutant.apply(self.pack)
        if changed is None or self._contradicts(changed, mutant):
            return REFUSED
        if self._caught(changed, self._sight(mutant)):
            return CAUGHT
        if self.idle(mutant):
            return IDLE
        return REFUSED if self._refused(changed, self._sight(mutant)) else SURVIVED

    def _refused(self, changed: Pack, sight: Iterable[Owner]) -> bool:
        """True where the checker would not take the pack: those of its checks that a change of one step can offend."""
        problems = Problems()
        for owner in sight:
            if isinstance(owner, str):
                check_time(changed, changed.policies[owner], problems)
        check_magnitudes(changed, problems)
        return bool(problems.errors)

    def _contradicts(self, changed: Pack, mutant: Mutant) -> bool:
        problems = Problems()
        for owner in mutant.owners:
            if isinstance(owner, str) and mutant.before is not None:
                contradictions(changed.policies[owner], problems)
        return bool(problems.errors)

    def _sight(self, mutant: Mutant) -> list[Owner]:
        found = list(mutant.owners)
        for owner in mutant.owners:
            found += [] if isinstance(owner, str) else self._seen_by[owner]
        return list(dict.fromkeys(found))

    def _caught(self, changed: Pack, sight: Iterable[Owner]) -> bool:
        decider = Decider(changed)
        for owner in sight:
            item = changed.policies[owner] if isinstance(owner, str) else changed.derived[owner]
            if any(_comes_out_otherwise(decider, item, prepared) for prepared in self._cases(owner)):
                return True
        # What is missing is asked last: it takes an explanation.
        explainer = Explainer(decider)
        for owner in sight:
            for prepared in self._cases(owner):
                if "missing" not in prepared.case.expect:
                    continue
                if isinstance(owner, str):
                    failed = policy_case(explainer, changed.policies[owner], prepared.case)
                else:
                    failed = derived_case(explainer, changed.derived[owner], prepared.case)
                if failed:
                    return True
        return False

    def _cases(self, owner: Owner) -> list[_Prepared]:
        if owner not in self._prepared:
            if isinstance(owner, str):
                policy = self.pack.policies[owner]
                found = [self._policy_case(policy, case) for case in policy.cases]
            else:
                derived = self.pack.derived[owner]
                found = [self._derived_case(derived, case) for case in derived.cases]
            self._prepared[owner] = found
        return self._prepared[owner]

    def _policy_case(self, policy: Policy, case: Case) -> _Prepared:
        amount = case.expect.scalar("amount")
        clauses = case.expect.mapping("clauses")
        expected = _Expected(
            case.expect.text("verdict"),
            read_value(amount, MONEY, {}, Problems()) if amount is not None else None,
            {name: clauses.text(name) for name in clauses.entries} if clauses is not None else {},
        )
        return _Prepared(
            case, read_row(case.facts, policy.entity, self.pack.vocabulary, Problems()), expected
        )

    def _derived_case(self, derived: Derived, case: Case) -> _Prepared:
        fact = derived.fact
        scalar = case.expect.scalar("value")
        value = None
        if scalar is not None and scalar.text != "unknown":
            plain = Scalar(scalar.text, scalar.place, False)
            value = read_value(plain, fact.type, self.pack.vocabulary.enums, Problems())
        row = read_row(case.facts, fact.entity, self.pack.vocabulary, Problems())
        return _Prepared(case, row, _Expected(value=value))


def _comes_out_otherwise(decider: Decider, item: Policy | Derived, prepared: _Prepared) -> bool:
    """The same comparison as `cases` makes, but for what is missing, and without words."""
    case, expected = prepared.case, prepared.expected
    if isinstance(item, Derived):
        node = item.value.at(case.on)
        if node is None:
            return expected.value is not None
        return bool(decider.compiler.node(node)(prepared.row, Decision(case.on, ALWAYS)) != expected.value)
    outcome = decider.decide(item, prepared.row, case.on)
    if outcome.verdict != expected.verdict:
        return True
    if expected.amount_fen is not None and outcome.amount_fen != expected.amount_fen:
        return True
    for position, clause in enumerate(item.clauses):
        wanted = expected.clauses.get(clause.id)
        held, unknown = outcome.clause_bits >> position & 1, outcome.unknown_bits >> position & 1
        if wanted is not None and wanted != ("yes" if held else "unknown" if unknown else "no"):
            return True
    return bool(expected.clauses) and not in_force(item, case.on)
