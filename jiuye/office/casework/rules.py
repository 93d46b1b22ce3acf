"""What casework needs to know of the rules: handed in, so that an operation never reads a pack by itself.

The installation's own are `packrules.rules()`, over the entitlements below us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from jiuye.engine.rules.exclusions import Apart
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.models import Entitlement


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a policy: its plain words and the law's own."""

    id: str
    says: str
    law: str
    says_en: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy as a case needs it. `fund` is the id in funds.yaml, empty where the pack names none."""

    policy_id: str
    name: str
    name_en: str
    fund: str
    effect: str = "payment"  # what a yes means; only a payment becomes a case
    clauses: tuple[Clause, ...] = ()
    exclusions: tuple[Apart, ...] = ()

    def clause(self, clause_id: str) -> Clause | None:
        return next((clause for clause in self.clauses if clause.id == clause_id), None)


@dataclass(frozen=True, slots=True)
class Decision:
    """One subject decided anew: the verdict, the amount in fen where it is yes, and the whole explanation."""

    verdict: str
    amount_fen: int | None
    rule_version: str
    explanation: dict[str, Any] = field(default_factory=dict)


class UnknownPolicyError(Refusal):
    """The policy is in no pack on file any more."""

    def __init__(self, policy_id: str) -> None:
        super().__init__(f"规则包里没有政策“{policy_id}”；请检查规则包的版本，或由政策专员恢复这项政策。")


class Rules(Protocol):
    """The rules of the day."""

    def terms(self, policy_id: str) -> Terms:
        """The policy's terms. Raises UnknownPolicyError."""
        ...

    def explain(self, entitlement: Entitlement, *, on: date) -> dict[str, Any]:
        """The whole explanation from the register as it stands, without keeping anything."""
        ...

    def decide_again(self, entitlement: Entitlement, *, on: date, at: datetime) -> Decision:
        """The entitlement decided anew from the register as it stands."""
        ...
