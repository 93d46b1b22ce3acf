"""What proves a case: each point that its procedure asks for, what was given for it, and which register spares the paper (免证明)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jiuye.engine.services.items import Evidence
from jiuye.office.casework.models import Case
from jiuye.office.casework.packrules import decision_day
from jiuye.office.casework.procedures import subsidy_of
from jiuye.office.casework.registers import register_facts

# While a case is in one of these, papers may be added to it.
TAKES_PAPERS = ("confirmed", "correction_requested", "accepted", "reviewed")


@dataclass(frozen=True, slots=True)
class Proof:
    """One point to be proved. `registers` are those that know all of it; none where some fact of it is on no record."""

    row: Evidence
    given: tuple[Any, ...]  # rows of PaperGiven
    registers: tuple[str, ...]

    @property
    def known(self) -> bool:
        return bool(self.registers)

    @property
    def settled(self) -> bool:
        return bool(self.given) or self.known or not self.row.required


def proofs_of(case: Case, *, on: date, until: datetime | None = None) -> list[Proof]:
    """The points in the order of the file; none for a policy without a file of its own.

    While papers are still taken the registers are asked; afterwards what was kept at the acceptance counts. `until` shows only
    what had been given by that moment, and asks no register: they know only today.
    """
    subsidy = subsidy_of(case)
    if subsidy is None or not subsidy.evidence:
        return []
    given = list(case.evidence.order_by("pk"))
    if until is not None:
        given = [row for row in given if row.at <= until]
    known: dict[str, str] = {}
    if case.state in TAKES_PAPERS and until is None:
        paths = sorted({path for row in subsidy.evidence for path in row.known_by})
        facts = register_facts(
            case.subject_kind, case.subject_key, paths, on=decision_day(case.entitlement, on)
        )
        known = {path: fact.register for path, fact in facts.items() if fact.value}
    # What was given is shown, whomever it concerns.
    rows = [
        row
        for row in subsidy.evidence
        if concerns(row, case.receipt) or any(one.evidence_id == row.id for one in given)
    ]
    return [proof_of(row, given, known) for row in rows]


def concerns(row: Evidence, receipt: Mapping[str, Any]) -> bool:
    """Whether the paper concerns the applicant: not where the decision read that it does not. Where it could not tell, it is asked for."""
    if not row.concerns:
        return True
    read = [
        value.get("value")
        for clause in receipt.get("clauses", ())
        for value in clause.get("values", ())
        if value.get("name") == row.concerns
    ]
    return not read or any(value is not False for value in read)


def proof_of(row: Evidence, given: Sequence[Any], known: Mapping[str, str]) -> Proof:
    """One point with what was given for it and the registers that know all of it (`known`: by fact). For cases, and for loans above."""
    mine = tuple(one for one in given if one.evidence_id == row.id)
    registers: tuple[str, ...] = ()
    if row.known_by and all(path in known for path in row.known_by):
        registers = tuple(dict.fromkeys(known[path] for path in row.known_by))
    elif kept := [one.said for one in mine if one.kind == "register"]:
        registers = (kept[-1],)
    return Proof(row, tuple(one for one in mine if one.kind != "register"), registers)
