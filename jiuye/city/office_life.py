"""Some weeks of office life for the demonstration: cases in every state, done by the demonstration accounts.

Nothing is written past the rules: every step is the operation that a person at a desk would take, on a workday before the
city's day, with the same checks. What a check keeps back stays back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from jiuye.city.hands import Hands, morning, workdays_before
from jiuye.engine.basis.workdays import add_workdays
from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.casework.procedures import carried_by_loans
from jiuye.office.casework.proofs import proofs_of
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.queries import unpaid_policies
from jiuye.office.funds import operations as funds

CASES = 33  # three times every stage: what a newcomer can look through, played in a few seconds
Progress = Callable[[str, int], None]

# How far the cases go, one after the other; the further, the longer ago they began.
STAGES = (
    "paid",
    "publicised",
    "approved",
    "refused",
    "publicity_over",
    "overdue",
    "accepted",
    "reviewed",
    "confirmed",
    "paid",
    "paid",
)
WORKDAYS_AGO = {
    "paid": 18,
    "approved": 10,
    "publicity_over": 8,
    "publicised": 4,
    "reviewed": 1,
    "accepted": 2,
    "confirmed": 1,
    "refused": 7,
    "overdue": 12,  # accepted, and nobody reviewed it in the days for that
}
LONGEST = (
    max(WORKDAYS_AGO.values()) + 2
)  # every third round of the stages began two workdays earlier: some are overdue


@dataclass(slots=True)
class Played:
    """What was played, counted by the stage that was meant; `kept_back` is what the checks did not let through."""

    reached: dict[str, int] = field(default_factory=dict)
    kept_back: int = 0


def play_office(*, on: date, progress: Progress = lambda what, count: None) -> Played:
    """Play the cases. Does nothing where there is a case already: safe to repeat after a broken start."""
    played = Played()
    if Case.objects.exists():
        return played
    company = _Company()
    position = 0
    for entitlement_id in _chosen(company.county, on):
        stage = STAGES[position % len(STAGES)]
        progress(stage, position)
        try:
            earlier = position // len(STAGES) % 3
            company.play(entitlement_id, stage, workdays_before(on, WORKDAYS_AGO[stage] + earlier))
        except (Refusal, funds.FundsRefusal):
            played.kept_back += 1  # the next one takes its stage
            continue
        played.reached[stage] = played.reached.get(stage, 0) + 1
        position += 1
    progress("pay", len(company.granted))
    company.pay(on)
    return played


def _chosen(county: str, on: date) -> list[int]:
    """Found entitlements in the reviewer's county whose time began before the story does: a few of every policy."""
    begins = workdays_before(on, LONGEST)
    rows = (
        Entitlement.objects.filter(
            Q(period_start__isnull=True) | Q(period_start__lte=begins),
            verdict="yes",
            amount_fen__gt=0,
            division_code__startswith=county,
        )
        .exclude(policy_id__in=[*unpaid_policies(), *carried_by_loans()])
        .order_by("policy_id", "pk")
        .values_list("policy_id", "pk")
    )
    by_policy: dict[str, list[int]] = {}
    for policy_id, key in rows:
        by_policy.setdefault(policy_id, []).append(key)
    # At least half of every policy is left to be found, and the first of each: the stories' people claim for themselves.
    queues = [keys[1 : 1 + len(keys) // 2] for _, keys in sorted(by_policy.items())]
    chosen = [keys[turn] for turn in range(CASES) for keys in queues if turn < len(keys)]
    return chosen[:CASES]


class _Company(Hands):
    """The demonstration accounts at work."""

    def __init__(self) -> None:
        super().__init__()
        self.granted: dict[str, list[int]] = {}

    def play(self, entitlement_id: int, stage: str, day: date) -> None:
        """One case that begins on that day, as far as its stage says."""
        case = self._confirm(entitlement_id, day)
        if stage == "confirmed":
            return
        if case.state == "confirmed":
            day = add_workdays(day, 1)
            self._show_papers(case, day)
            operations.accept(actor=self.actor("caseworker", day), case_id=case.pk, on=day, at=morning(day))
        if stage in ("accepted", "overdue"):
            return
        reviewer = self.actor("reviewer", day)
        if stage == "refused":
            self._refuse(case, add_workdays(day, 1))
            return
        operations.review(actor=reviewer, case_id=case.pk, on=day, at=morning(day))
        if stage == "reviewed":
            return
        case = operations.publicise(actor=reviewer, case_id=case.pk, on=day, at=morning(day))
        if stage in ("publicised", "publicity_over"):
            return
        assert case.publicity_until is not None
        day = add_workdays(case.publicity_until - timedelta(days=1), 1)
        case = operations.approve(
            actor=self.actor("approver", day), case_id=case.pk, rules=self.rules, on=day, at=morning(day)
        )
        if stage == "paid" and case.state == "approved":  # a large amount waits for a second signature
            fund = self.rules.terms(case.policy_id).fund
            self.granted.setdefault(fund, []).append(case.pk)

    def _refuse(self, case: Case, day: date) -> None:
        """The last condition of the policy is named. Whoever may claim meets them all on record: what the counter saw says otherwise."""
        operations.refuse(
            actor=self.actor("reviewer", day),
            case_id=case.pk,
            clause_id=self.rules.terms(case.policy_id).clauses[-1].id,
            note="演示：窗口材料和登记的情况对不上",
            against="演示：窗口核对的原件与登记不一致，按原件认定，登记待更正",
            rules=self.rules,
            on=day,
            at=morning(day),
        )

    def _show_papers(self, case: Case, day: date) -> None:
        """What no register knows was brought to the counter."""
        for proof in proofs_of(case, on=day):
            if not proof.settled:
                operations.show_original(
                    actor=self.actor("caseworker", day),
                    case_id=case.pk,
                    evidence_id=proof.row.id,
                    said="演示：窗口核对原件",
                    on=day,
                    at=morning(day),
                )

    def _confirm(self, entitlement_id: int, day: date) -> Case:
        entitlement = Entitlement.objects.get(pk=entitlement_id)
        if entitlement.claim == "automatic":
            return operations.confirm_automatic(
                entitlement_id=entitlement_id, rules=self.rules, on=day, at=morning(day)
            )
        return operations.confirm_on_behalf(
            actor=self.actor("caseworker", day),
            entitlement_id=entitlement_id,
            note="演示：本人到窗口委托",
            rules=self.rules,
            on=day,
            at=morning(day),
        )

    def pay(self, on: date) -> None:
        """One batch a fund, made by one cashier, approved and sent by the other, settled by the bank's answers."""
        day = workdays_before(on, 2)
        maker = self.actor("cashier", day)
        for _, case_ids in sorted(self.granted.items()):
            at = morning(day)
            try:
                made = operations.put_into_batch(
                    actor=maker, case_ids=case_ids, rules=self.rules, on=day, at=at, purpose="演示付款"
                )
                self.settle(made.batch, day)
            except (Refusal, funds.FundsRefusal):
                continue  # the cases stay granted, waiting on the payments page
