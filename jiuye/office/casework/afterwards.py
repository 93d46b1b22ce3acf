"""After the payment (发放后核查): what a case was paid for is held against what the registers say by now of the day that it was decided for.

A register that reports late (a death, a job elsewhere, a benefit drawn under another roof), a correction, a delivery that is taken back: each
can take the ground from under a payment that was right by all that was known. The checks before a payment cannot see it, and an audit years
later does. Nothing is claimed back by itself: a doubt is shown to people, who look into it.

Only what is known of that very day counts. A residence or a firm's size, of which the records keep the present value alone, says nothing of a
day that has passed, and what the policy itself has paid since is no ground against it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language, gettext

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.money import yuan_text
from jiuye.engine.rules.explain import ClauseResult, Explanation
from jiuye.engine.rules.seeing import Seen
from jiuye.office.casework.models import Case
from jiuye.office.casework.packrules import decision_day
from jiuye.office.casework.rules import Rules, UnknownPolicyError
from jiuye.office.casework.states import DOUBTS
from jiuye.office.entitlements.dating import standing_of
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.queries import explained_under, policy_version


@dataclass(frozen=True, slots=True)
class Doubtful:
    """What the registers say of one paid case, and how much may have been too much (fen).

    `said` is what makes it this doubt and no other: the condition and the values, not the words around them.
    """

    finding: str
    said: tuple[str, ...]
    looked_at: dict[str, Any]
    over_fen: int

    @property
    def key(self) -> str:
        """The digest of what is said: the same thing said again has the same key, however a rule words it by then."""
        return hashlib.sha256(json.dumps([self.finding, *self.said], ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Payment:
    """A paid case with its entitlement and its recipient, the day on which it was last checked, and the version of the policy then."""

    case: Case
    checked_on: date
    rule_version: str


@dataclass(frozen=True, slots=True)
class Past:
    """A paid case and the day that it is looked at for."""

    case: Case
    on: date


def doubtful(paid: Sequence[Payment], rules: Rules) -> dict[int, list[Doubtful]]:
    """What is doubtful about these payments, by case. A case that cannot be looked at is left out: its policy is in the pack no more, or not
    in force on that day any more; one without doubts has an empty list.

    A case is looked at for the day of its last check, as long as the policy reads as it did then: the same question, answered by what is
    known now. Once the policy reads otherwise, for the day of the decision that the case holds, whose every value stands in its receipt.
    A few queries for each day and policy, whatever the number of cases.
    """
    looked_at = [_past(one) for one in paid if _is_known(one.case, rules)]
    drawn = _drawn_elsewhere(looked_at)
    alike: dict[tuple[date, str, str], list[Past]] = {}
    for past in looked_at:
        alike.setdefault((past.on, past.case.policy_id, past.case.subject_kind), []).append(past)
    found: dict[int, list[Doubtful]] = {}
    for (on, policy_id, kind), together in alike.items():
        explanations = explained_under(policy_id, kind, [past.case.subject_key for past in together], on)
        for past in together:
            explanation = explanations.get(past.case.subject_key)
            if explanation is None or explanation.clauses or explanation.verdict == "yes":
                found[past.case.pk] = [
                    *_gone(past),
                    *_of_decision(past, explanation),
                    *_drawn(past, drawn, rules),
                ]
    return found


def _past(paid: Payment) -> Past:
    decided_on = paid.case.receipt.get("on", "")
    if decided_on and paid.rule_version != policy_version(paid.case.policy_id):
        return Past(paid.case, date.fromisoformat(decided_on))
    return Past(paid.case, decision_day(paid.case.entitlement, paid.checked_on))


def sentence(finding: str, looked_at: Mapping[str, Any]) -> str:
    """A doubt as a sentence in the reader's language."""
    english = (get_language() or "").startswith("en")
    end = "_en" if english else ""
    words = dict(looked_at)
    for name in ("says", "other"):
        words[name] = looked_at.get(f"{name}{end}") or looked_at.get(name, "")
    for name in ("amount_fen", "over_fen"):
        if name in words:
            words[name.removesuffix("_fen")] = yuan_text(words[name])
    words["changed"] = gettext("；").join(
        gettext("%(label)s原为“%(then)s”，现在登记为“%(now)s”")
        % {"label": one[f"label{end}"], "then": one[f"then{end}"], "now": one[f"now{end}"]}
        for one in looked_at.get("changed", ())
    )
    return gettext(DOUBTS[finding]) % words


def _is_known(case: Case, rules: Rules) -> bool:
    try:
        rules.terms(case.policy_id)
    except UnknownPolicyError:
        return False
    return True


def _gone(past: Past) -> list[Doubtful]:
    """The person had died, or the firm was struck off, by that day."""
    person, employer = past.case.person, past.case.employer
    if person is not None and person.death_date is not None and person.death_date <= past.on:
        day = str(person.death_date)
        return [_doubt(past, "dead", day, died_on=day)]
    if employer is not None and employer.closed_on is not None and employer.closed_on <= past.on:
        day = str(employer.closed_on)
        return [_doubt(past, "closed", day, closed_on=day)]
    return []


def _of_decision(past: Past, now: Explanation | None) -> list[Doubtful]:
    """What the policy says of that day by what is known now: a condition that fails, one that nobody can tell any more, a smaller amount."""
    if now is None:
        return [_doubt(past, "off_record")]
    if now.verdict != "yes":
        return [doubt for result in now.clauses for doubt in _of_clause(past, result)]
    amount_fen = now.amount_fen
    if amount_fen is None or amount_fen >= past.case.amount_fen:
        return []
    changed = _changed(past, now.amount_seen, past.case.receipt.get("amount_values", ()))
    if not changed:
        return []
    over_fen = past.case.amount_fen - amount_fen
    said = (str(amount_fen), *_values(changed))
    return [_doubt(past, "too_much", *said, over_fen=over_fen, amount_fen=amount_fen, changed=changed)]


def _of_clause(past: Past, result: ClauseResult) -> list[Doubtful]:
    if result.verdict == "yes":
        return []
    then = next((one for one in past.case.receipt.get("clauses", ()) if one["id"] == result.clause.id), None)
    changed = _changed(past, result.seen, then["values"] if then is not None else ())
    if not changed:
        return []
    clause = result.clause
    finding = "fails" if result.verdict == "no" else "cannot_tell"
    words: dict[str, Any] = {
        "clause": clause.id,
        "says": clause.says,
        "says_en": clause.says_en,
        "law": clause.law,
    }
    return [_doubt(past, finding, clause.id, *_values(changed), changed=changed, **words)]


def _changed(past: Past, seen: Iterable[Seen], kept: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The facts that were others when the case was decided.

    None where one of them is known of the present alone, or is what the policy itself paid: then nobody can tell what made the difference.
    """
    before = {one["name"]: one for one in kept}
    others = [
        (one, standing_of(past.case.subject_kind, one.path, policy_id=past.case.policy_id))
        for one in seen
        if one.path in before and one.shown != before[one.path]["shown"]
    ]
    if any(standing == "undated" for _, standing in others):
        return []
    return [
        {
            "name": one.path,
            "label": one.label,
            "label_en": one.label_en or one.label,
            "then": before[one.path]["shown"],
            "then_en": before[one.path]["shown_en"],
            "now": one.shown,
            "now_en": one.shown_en or one.shown,
        }
        for one, standing in others
        if standing == "dated"
    ]


def _values(changed: Iterable[Mapping[str, str]]) -> list[str]:
    return [part for one in changed for part in (one["name"], one["then"], one["now"])]


def _drawn_elsewhere(looked_at: Sequence[Past]) -> dict[tuple[str, int], list[Benefit]]:
    """What registers say was drawn by those who were paid, or for them: by ("person" or "employer", key). What we paid was checked then."""
    people = {past.case.entitlement.person_id for past in looked_at} - {None}
    employers = {past.case.entitlement.employer_id for past in looked_at} - {None}
    found: dict[tuple[str, int], list[Benefit]] = {}
    rows = Benefit.objects.filter(Q(person__in=people) | Q(employer__in=employers), case_key="")
    for benefit in rows.order_by("pk"):
        for kind, key in (("person", benefit.person_id), ("employer", benefit.employer_id)):
            if key is not None:
                found.setdefault((kind, key), []).append(benefit)
    return found


def _drawn(past: Past, drawn: Mapping[tuple[str, int], Sequence[Benefit]], rules: Rules) -> list[Doubtful]:
    """The same, or what cannot be had beside it, was drawn under another roof in the same days."""
    ours = past.case.entitlement
    days = Interval(ours.period_start, ours.period_until)
    kind, key = ("person", ours.person_id) if ours.person_id is not None else ("employer", ours.employer_id)
    theirs = [
        one
        for one in drawn.get((kind, key or 0), ())
        if days.overlaps(Interval(one.period_start, one.period_until))
    ]
    same = (ours.policy_id, ours.subject_kind, ours.subject_key)
    excluded = {row.policy_id for row in rules.terms(ours.policy_id).exclusions}
    found = []
    for one in theirs:
        words: dict[str, Any] = {"drawn_on": str(one.paid_on), "source": one.source}
        if (one.policy_id, one.subject_kind, one.subject_key) == same:
            found.append(_doubt(past, "drawn_elsewhere", str(one.pk), **words))
        elif one.policy_id in excluded and (kind == "person" or one.subject_key == ours.subject_key):
            terms = rules.terms(one.policy_id)
            words |= {"other": terms.name, "other_en": terms.name_en}
            found.append(_doubt(past, "excluded", str(one.pk), **words))
    return found


def _doubt(past: Past, finding: str, *said: str, over_fen: int | None = None, **words: Any) -> Doubtful:
    over = past.case.amount_fen if over_fen is None else over_fen
    return Doubtful(finding, said, {"on": str(past.on), "over_fen": over, **words}, over)
