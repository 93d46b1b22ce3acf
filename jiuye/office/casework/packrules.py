"""The rules of this installation's pack, as casework needs them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from jiuye.engine.rules.exclusions import kept_apart
from jiuye.engine.rules.pack import Pack
from jiuye.office.casework.rules import Clause, Decision, Rules, Terms, UnknownPolicyError
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import explain_now
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.policies.operations import archive_pack


class PackRules:
    """Terms and decisions of the pack as it stands when it is first asked: one for a request, not for a process."""

    @cached_property
    def pack(self) -> Pack:
        return rulebook().pack

    def terms(self, policy_id: str) -> Terms:
        pack = self.pack
        policy = pack.policies.get(policy_id)
        if policy is None:
            raise UnknownPolicyError(policy_id)
        return Terms(
            policy_id=policy.id,
            name=policy.label,
            name_en=policy.label_en,
            fund=policy.fund,
            effect=policy.effect,
            clauses=tuple(Clause(row.id, row.says, row.law, row.says_en) for row in policy.clauses),
            exclusions=kept_apart(pack, policy_id),
        )

    def explain(self, entitlement: Entitlement, *, on: date) -> dict[str, Any]:
        self.terms(entitlement.policy_id)
        explanation = explain_now(
            policy_id=entitlement.policy_id,
            subject_kind=entitlement.subject_kind,
            subject_key=entitlement.subject_key,
            on=decision_day(entitlement, on),
        )
        return explanation.as_dict()

    def decide_again(self, entitlement: Entitlement, *, on: date, at: datetime) -> Decision:
        archive_pack(pack=self.pack, at=at)  # the case keeps the version: it must be possible to show it
        try:
            told = self.explain(entitlement, on=on)
        except LookupError:
            # The hire, birth or certificate that it was counted by is on record no more: nothing can be told.
            return Decision("unknown", None, entitlement.rule_version)
        return Decision(
            verdict=told["verdict"],
            amount_fen=told["amount_fen"],
            rule_version=told["receipt"]["rule_version"],
            explanation=told,
        )


def rules() -> Rules:
    """The rules that a page decides by; made anew for each request, since a pack may change between two."""
    return PackRules()


def decision_day(entitlement: Entitlement, on: date) -> date:
    """The day to decide for: `on` while the entitlement's period lasts, afterwards the period's last day.

    A benefit of April that is paid in June is owed by what was true in April, as the register knows it today.
    """
    if entitlement.period_until is not None and on >= entitlement.period_until:
        return entitlement.period_until - timedelta(days=1)
    return on
