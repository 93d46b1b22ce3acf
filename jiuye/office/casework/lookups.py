"""Cross-checks that the content names: how often a subsidy was drawn, and what other departments' registers say of who is paid.

Where no register is on file, or a register has no record, the check says so: it neither passes nor fails.
"""

from __future__ import annotations

from typing import Any

from jiuye.engine.basis.dates import months_from
from jiuye.engine.services import Lookup
from jiuye.engine.services.claims import LOOKUPS
from jiuye.office.casework.drawn import Examined, drawn_before, granted_before
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.packrules import decision_day
from jiuye.office.casework.procedures import lookups_of, procedure_of
from jiuye.office.casework.registers import RegisterFact, register_facts
from jiuye.office.entitlements.models import Entitlement


def within_limits(subject: Examined) -> Finding:
    """How often the recipient drew the same subsidy before, or was granted it, held with what is asked now against the limit of its file."""
    entitlement = subject.entitlement
    drawn_times, drawn_months = drawn_before(subject)
    granted = granted_before(subject)
    times = drawn_times + len(granted)
    months = drawn_months + sum(months_from(start, until) for start, until in granted)
    looked: dict[str, Any] = {"times": times, "months": months}
    limit = procedure_of(entitlement).limit
    if limit is None:
        return Finding("within_limits", "drawn_before", True, looked)
    if limit.times is not None:
        reached = times >= limit.times
    else:
        # A period that is open at an end takes at least one month.
        own = max(1, months_from(entitlement.period_start, entitlement.period_until))
        reached = months + own > (limit.months or 0)
    looked |= {"limit_times": limit.times} if limit.times is not None else {"limit_months": limit.months}
    if limit.source is not None:
        looked["source"] = limit.source.document
    return Finding("within_limits", "limit_reached" if reached else "within_limits", not reached, looked)


def looked_up(subject: Examined) -> list[Finding]:
    """What the registers say, in the order of the content; checks about somebody who is not paid are left out."""
    entitlement = subject.entitlement
    on = decision_day(entitlement, subject.on)
    rows = [row for row in lookups_of(entitlement) if _whose(row, entitlement) is not None]
    known: dict[tuple[str, int], dict[str, RegisterFact]] = {}
    for whose in {_whose(row, entitlement) for row in rows if row.fact}:
        if whose is not None:
            theirs = [row for row in rows if row.fact and _whose(row, entitlement) == whose]
            facts = {fact for row in theirs for fact in (row.fact, row.of_account) if fact}
            known[whose] = register_facts(whose[0], str(whose[1]), sorted(facts), on=on)
    found = []
    for row in rows:
        whose = _whose(row, entitlement)
        assert whose is not None  # the others were left out above
        said = known.get(whose, {})
        of_this = not row.of_account or _of_this_account(said.get(row.of_account), subject)
        found.append(_finding(row, said.get(row.fact) if of_this else None))
    return found


def _of_this_account(checked: RegisterFact | None, subject: Examined) -> bool:
    """The register was asked about the very account that is to be paid, by its last four digits."""
    if subject.case is not None:
        account = subject.case.payee_account
    else:
        entitlement = subject.entitlement
        payee = entitlement.person if entitlement.recipient_kind == "person" else entitlement.employer
        account = payee.bank_account if payee is not None else ""
    ends_in = account[-4:]
    return checked is not None and ends_in.isdecimal() and checked.value == str(int(ends_in))


def _whose(row: Lookup, entitlement: Entitlement) -> tuple[str, int] | None:
    """(entity, key) of whoever the check is about; None where it does not apply.

    What stops an employer stops only money that the employer receives.
    """
    kind = LOOKUPS[row.check]
    if kind == "recipient" or kind == "employer":
        if kind == "employer" and entitlement.recipient_kind != "employer":
            return None
        kind = entitlement.recipient_kind
    key = entitlement.person_id if kind == "person" else entitlement.employer_id
    return (kind, key) if key is not None else None


def _finding(row: Lookup, fact: RegisterFact | None) -> Finding:
    if fact is None or not fact.register:
        return Finding(
            row.check,
            "no_register",
            False,
            {"why": row.why or row.fact, "why_en": row.why_en or row.fact},
            unchecked=True,
        )
    looked = {"register": fact.register, "fact": fact.label, "fact_en": fact.label_en, "value": fact.shown}
    if not fact.value:
        return Finding(row.check, "no_record", False, looked, unchecked=True)
    stops = fact.value in row.stops_at
    return Finding(row.check, "register_stops" if stops else "register_clear", not stops, looked)
