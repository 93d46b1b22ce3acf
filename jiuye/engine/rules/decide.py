"""Deciding one subject under one policy: verdict, a bit a clause, the amount. The fast path, without words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jiuye.engine.basis.dates import period_of
from jiuye.engine.rules.closures import Closure, Compiler, Decision
from jiuye.engine.rules.pack import Pack, in_force
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.rows import Row

YES, NO, UNKNOWN = "yes", "no", "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`clause_bits` has bit i set where clause i holds; `unknown_bits` where it cannot be told. `amount_fen` only with yes.

    An unknown verdict without unknown bits means that the amount cannot be told: no rule on file, or a fact missing.
    """

    verdict: str
    clause_bits: int
    unknown_bits: int
    amount_fen: int | None


@dataclass(slots=True)
class _Compiled:
    clauses: list[Closure]
    amount: Closure | None


class Sitting:
    """One day on which several policies are decided for the same subjects: what one derives, the others have at hand.

    The rows must not change in between.
    """

    def __init__(self, on: date) -> None:
        self.on = on
        self._decisions: dict[str, Decision] = {}

    def under(self, policy: Policy) -> Decision:
        """The decision that all policies of that period share."""
        found = self._decisions.get(policy.period)
        if found is None:
            found = self._decisions[policy.period] = Decision(self.on, period_of(policy.period, self.on))
        return found


class Decider:
    """A pack made ready to decide. Closures are made once a policy and used for every subject."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.compiler = Compiler({key: derived.value for key, derived in pack.derived.items()})
        self._compiled: dict[str, _Compiled] = {}

    def compiled(self, policy: Policy) -> _Compiled:
        if policy.id not in self._compiled:
            clauses = [self.compiler.dated(clause.test) for clause in policy.clauses]
            amount = self.compiler.dated(policy.amount) if policy.amount is not None else None
            self._compiled[policy.id] = _Compiled(clauses, amount)
        return self._compiled[policy.id]

    def decide(self, policy: Policy, row: Row, on: date) -> Outcome:
        """The outcome for the period that holds `on`. Out of force, the verdict is no and no clause is looked at."""
        return self.decide_within(policy, row, Decision(on, period_of(policy.period, on)))

    def decide_within(self, policy: Policy, row: Row, decision: Decision) -> Outcome:
        """The same, within a decision whose memo the caller goes on to use."""
        if not in_force(policy, decision.on):
            return Outcome(NO, 0, 0, None)
        compiled = self.compiled(policy)
        held = unknown = 0
        for position, clause in enumerate(compiled.clauses):
            value = clause(row, decision)
            if value is None:
                unknown |= 1 << position
            elif value:
                held |= 1 << position
        everything = (1 << len(compiled.clauses)) - 1
        if (held | unknown) != everything:
            return Outcome(NO, held, unknown, None)
        if unknown:
            return Outcome(UNKNOWN, held, unknown, None)
        if compiled.amount is None:
            return Outcome(YES, held, unknown, None)
        amount = compiled.amount(row, decision)
        return Outcome(UNKNOWN if amount is None else YES, held, unknown, amount)
