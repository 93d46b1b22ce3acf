"""The cross-checks that run by themselves before a case is confirmed, approved and paid.

Each says what it looked at. They are kept whether they pass or not; an act goes on only where all pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language, gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.rules.exclusions import gives_way
from jiuye.office.casework.accounts import account_shared
from jiuye.office.casework.counting import too_often
from jiuye.office.casework.drawn import (
    DRAWN_STATES,
    drawn_benefit,
    excluded_benefit,
    excluded_cases,
    granted_case,
)
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.lookups import looked_up, within_limits
from jiuye.office.casework.lost import lost_for_case
from jiuye.office.casework.models import Case, CaseCheck
from jiuye.office.casework.procedures import carried_by_loans
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Decision, Rules
from jiuye.office.casework.states import (
    ALWAYS_CHECKED,
    CHECKS,
    FINDINGS,
    STATE_LABELS,
    WAYS_WITH_NEW_AMOUNT,
)
from jiuye.office.entitlements.holders import holder_name
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.states import VERDICTS
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import mask_name
from jiuye.office.staff.rows import unscoped


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at: the entitlement, its recipient, and the case where there is one already."""

    entitlement: Entitlement
    recipient: Person | Employer
    decision: Decision
    amount_fen: int | None  # confirmed: the case's amount, else the entitlement's as it was found
    case: Case | None
    on: date


class ChecksFailedError(Refusal):
    """A cross-check stops the act. The sentences say which and what to do; the checks are on record."""

    def __init__(self, failed: Sequence[CaseCheck | Finding]) -> None:
        self.failed = failed
        super().__init__(
            gettext("自动核验未通过：%(findings)s") % {"findings": " ".join(sentence(row) for row in failed)}
        )


def sentence(check: CaseCheck | Finding) -> str:
    """The check's finding as a sentence in the reader's language."""
    return in_words(check.finding, check.looked_at)


def in_words(finding: str, looked_at: dict[str, Any]) -> str:
    """A finding with what it looked at, as a sentence in the reader's language."""
    words = {
        key: gettext(value) if key in ("verdict", "state") or value in ("是", "否") else value
        for key, value in looked_at.items()
    }
    if finding == "amount_changed":
        # What was kept before the state was looked at says the shortest way, which is open from most states.
        words["way"] = gettext(WAYS_WITH_NEW_AMOUNT[looked_at.get("in_state", "reviewed")])
    if (get_language() or "").startswith("en"):
        words["why"] = words.get("why_en") or words.get("why", "")
        words["fact"] = words.get("fact_en") or words.get("fact", "")
        words["register"] = holder_name(words.get("register", ""))
    if "limit_times" in words:
        words["limit"] = gettext("%(count)d 次") % {"count": words["limit_times"]}
    elif "limit_months" in words:
        words["limit"] = gettext("%(count)d 个月") % {"count": words["limit_months"]}
    return gettext(FINDINGS[finding]) % words


@unscoped("the checks before a payment look for other payments everywhere")
def run_checks(
    *, entitlement: Entitlement, case: Case | None, rules: Rules, moment: str, on: date, at: datetime
) -> tuple[Decision, list[CaseCheck]]:
    """Run every check and keep what each found. The caller holds the entitlement's and the recipient's rows locked."""
    decision, findings = examine(entitlement=entitlement, case=case, rules=rules, moment=moment, on=on, at=at)
    rows = CaseCheck.objects.bulk_create(
        CaseCheck(
            entitlement=entitlement,
            moment=moment,
            check_name=found.check,
            outcome=found.outcome,
            finding=found.finding,
            looked_at=found.looked_at,
            on_date=on,
            at=at,
        )
        for found in findings
    )
    assert {row.check_name for row in rows} <= set(CHECKS)
    return decision, [row for row in rows if row.outcome == "failed"]


@unscoped("the checks before a payment look for other payments everywhere")
def examine(
    *, entitlement: Entitlement, case: Case | None, rules: Rules, moment: str, on: date, at: datetime
) -> tuple[Decision, list[Finding]]:
    """What every check finds, without keeping it. Before approval and payment the registers are asked as well."""
    amount_fen = case.amount_fen if case is not None else entitlement.amount_fen
    decision = rules.decide_again(entitlement, on=on, at=at)
    recipient = entitlement.person if entitlement.recipient_kind == "person" else entitlement.employer
    assert recipient is not None  # held by the constraint entitlement_recipient_named_once
    subject = Subject(entitlement, recipient, decision, amount_fen, case, on)
    findings = [
        check(subject, rules) for check in (_alive, _still_entitled, _not_paid, _not_excluded, _payee)
    ]
    assert tuple(found.check for found in findings) == ALWAYS_CHECKED
    if moment != "confirm":
        account = case.payee_account if case is not None else recipient.bank_account
        findings += [
            too_often(subject, decision.verdict) or within_limits(subject),
            account_shared(account, entitlement, case),
            *looked_up(subject),
            *(lost_for_case(account, case.amount_fen, case) if case is not None else []),
        ]
    return decision, findings


@unscoped("the checks before a payment look for other payments everywhere")
def examine_recipient(*, entitlement: Entitlement, on: date) -> list[Finding]:
    """What is found of whoever is paid, where no case pays them: alive, the account, and what the registers say. Nothing is kept.

    The entitlement need not be on record: it says who is paid, under which policy, for which period.
    """
    recipient = entitlement.person if entitlement.recipient_kind == "person" else entitlement.employer
    assert recipient is not None  # the caller names whom it pays
    subject = Subject(entitlement, recipient, Decision("unknown", None, ""), None, None, on)
    return [_alive(subject), _payee(subject), *looked_up(subject)]


def _alive(subject: Subject, rules: Rules | None = None) -> Finding:
    looked: dict[str, Any] = {}
    person = subject.entitlement.person
    if person is not None:
        looked["person"] = person.pk
        looked["death_date"] = str(person.death_date or "")
        if person.death_date is not None and person.death_date <= subject.on:
            return Finding("alive", "dead", False, looked)
    employer = subject.entitlement.employer
    if employer is not None:
        looked["employer"] = employer.pk
        looked["closed_on"] = str(employer.closed_on or "")
        if employer.closed_on is not None and employer.closed_on <= subject.on:
            return Finding("alive", "closed", False, looked)
    return Finding("alive", "alive", True, looked)


def _still_entitled(subject: Subject, rules: Rules) -> Finding:
    decision = subject.decision
    looked = {
        "on": str(subject.on),
        "verdict": VERDICTS[decision.verdict],
        "rule_version": decision.rule_version,
        "amount": yuan_text(decision.amount_fen) if decision.amount_fen is not None else "—",
        "confirmed_amount": yuan_text(subject.amount_fen) if subject.amount_fen is not None else "—",
    }
    if decision.verdict != "yes" or decision.amount_fen is None:
        return Finding("still_entitled", "no_longer_entitled", False, looked)
    # Before confirmation today's amount is the one that is confirmed; afterwards it must not have moved.
    if subject.case is not None and decision.amount_fen != subject.amount_fen:
        looked["in_state"] = subject.case.state
        return Finding("still_entitled", "amount_changed", False, looked)
    return Finding("still_entitled", "still_entitled", True, looked)


def _not_paid(subject: Subject, rules: Rules) -> Finding:
    other = granted_case(subject)
    if subject.entitlement.policy_id in carried_by_loans():
        # A case that was opened before the content said so: it ends unpaid, the loan pays.
        return Finding(
            "not_already_paid", "carried_by_loan", False, {"policy": subject.entitlement.policy_id}
        )
    looked: dict[str, Any] = {
        "policy": subject.entitlement.policy_id,
        "subject": subject.entitlement.subject_key,
        "period": [str(subject.entitlement.period_start or ""), str(subject.entitlement.period_until or "")],
    }
    if other is None:
        drawn = drawn_benefit(subject)
        if drawn is not None:
            looked |= {"paid_on": str(drawn.paid_on), "source": drawn.source}
            return Finding("not_already_paid", "already_drawn", False, looked)
        return Finding("not_already_paid", "not_already_paid", True, looked)
    looked |= {"other": other.number, "state": STATE_LABELS[other.state]}
    return Finding("not_already_paid", "already_paid", False, looked)


def _not_excluded(subject: Subject, rules: Rules) -> Finding:
    entitlement = subject.entitlement
    exclusions = {row.policy_id: row for row in rules.terms(entitlement.policy_id).exclusions}
    looked: dict[str, Any] = {"excludes": sorted(exclusions)}
    if exclusions:
        for other in excluded_cases(subject, list(exclusions)):
            if _wins(other, exclusions[other.policy_id].keep, subject):
                looked |= {"other": other.number, "other_policy": other.policy_name}
                return Finding("no_excluded_policy", "excluded_policy", False, looked)
        drawn = excluded_benefit(subject, list(exclusions))
        if drawn is not None:
            looked |= {
                "other_policy": rules.terms(drawn.policy_id).name,
                "paid_on": str(drawn.paid_on),
                "source": drawn.source,
            }
            return Finding("no_excluded_policy", "excluded_benefit", False, looked)
    return Finding("no_excluded_policy", "no_excluded_policy", True, looked)


def _wins(other: Case, keep: str, subject: Subject) -> bool:
    """True where the other case stands in the way: it was granted already, or the rule keeps it and not this one."""
    return gives_way(
        keep,
        ours_fen=subject.decision.amount_fen or 0,
        theirs_fen=other.amount_fen,
        theirs_drawn=other.state in DRAWN_STATES,
        theirs_first=subject.case is None or other.pk < subject.case.pk,
    )


def _payee(subject: Subject, rules: Rules | None = None) -> Finding:
    recipient = subject.recipient
    name = mask_name(recipient.name) if isinstance(recipient, Person) else recipient.name
    looked = {
        "registered_name": name,
        "account_ends_in": recipient.bank_account[-4:],
        "bank": recipient.bank_name,
    }
    if not recipient.bank_account or not recipient.bank_name:
        return Finding("payee", "payee_missing", False, looked)
    if subject.case is not None:
        if subject.case.payee_name != recipient.name:
            return Finding("payee", "payee_name_differs", False, looked)
        same_bank = subject.case.payee_bank == recipient.bank_name
        if subject.case.payee_account != recipient.bank_account or not same_bank:
            return Finding("payee", "payee_account_changed", False, looked)
    return Finding("payee", "payee_complete", True, looked)
