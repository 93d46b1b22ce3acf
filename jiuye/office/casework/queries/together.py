"""Many cases before they are approved together: what they come to by fund and county, and what stands in the way of which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.checks import examine, in_words
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.approving import require_approvable
from jiuye.office.casework.operations.together import fit_to_act_on
from jiuye.office.casework.procedures import signatures_needed
from jiuye.office.casework.queries.worklist import todays_work, visible_cases
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.states import WrongStateError, transition
from jiuye.office.funds.queries import budget_positions
from jiuye.office.policies.book import one_book
from jiuye.office.registry.places import COUNTY_DIGITS, division_names
from jiuye.office.staff.queries import Actor, NotPermittedError


@dataclass(frozen=True, slots=True)
class Sum:
    """Cases of one fund in one county: how many, and what they come to in fen."""

    fund: str
    county: str
    number: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class FundNeed:
    """What the chosen cases take of a fund, beside what its budget of the year still holds, in fen."""

    fund: str
    fund_name: str
    fund_name_en: str
    needed_fen: int
    available_fen: int

    @property
    def short_fen(self) -> int:
        return max(self.needed_fen - self.available_fen, 0)


@dataclass(frozen=True, slots=True)
class Together:
    """What would happen: the sound cases with their sums, those that stay out with the reason, and the budgets; the keys of those that were
    not come to yet; and how many have gone from the actor's places since they were chosen.
    """

    sound: list[Case]
    left: list[tuple[Case, str]]
    sums: list[Sum]
    needs: list[FundNeed]
    waiting_for_more: int  # of the sound ones, those that take another signature after this one
    rest: list[int]
    gone: int = 0

    @property
    def total_fen(self) -> int:
        return sum(case.amount_fen for case in self.sound)


def ready_to_approve(actor: Actor, *, on: date, policy_id: str = "", division: str = "") -> QuerySet[Case]:
    """The cases that wait for this actor's signature, the most urgent first."""
    return ready_for(actor, "approve", on=on, policy_id=policy_id, division=division)


def ready_for(actor: Actor, act: str, *, on: date, policy_id: str = "", division: str = "") -> QuerySet[Case]:
    """The cases that wait for this actor to take that act, the most urgent first."""
    found = todays_work(actor, on=on).filter(state__in=transition(act).sources)
    if policy_id:
        found = found.filter(policy_id=policy_id)
    if division:
        found = found.filter(division_code__startswith=division)
    return found


def look_together(
    actor: Actor,
    case_ids: Sequence[int],
    *,
    rules: Rules,
    on: date,
    at: datetime,
    sound_before: Sequence[Case] = (),
    left_before: Sequence[tuple[Case, str]] = (),
    gone_before: int = 0,
    enough: Callable[[], bool] = lambda: False,
) -> Together:
    """Every check of an approval over the chosen cases, without keeping or changing anything.

    `enough` is asked after each; once it says so, what is left is handed back as `rest`, to be looked at together with what was found
    before. The totals are told once nothing is left. Raises NoneChosenError, TooManyError, CaseNotFoundError (none of them is in the actor's
    places).
    """
    keys = fit_to_act_on(case_ids)
    chosen = visible_cases(actor).filter(pk__in=keys).order_by("pk")
    cases = list(chosen.select_related("entitlement__person", "entitlement__employer"))
    gone = gone_before + len(keys) - len(cases)
    sound, left, rest = list[Case](), list(left_before), list[int]()
    for case in sound_before:  # somebody may have acted on it while the list went on
        if reason := _moved(case):
            left.append((case, reason))
        else:
            sound.append(case)
    if not (cases or sound or left):
        raise CaseNotFoundError
    with one_book():
        for case in cases:
            reason = _reason(case, actor, rules, on, at)
            if reason:
                left.append((case, reason))
            else:
                sound.append(case)
            if enough():
                rest = [other.pk for other in cases if other.pk > case.pk]
                break
    if rest:  # what they come to is asked once all are looked at
        return Together(sound, left, sums=[], needs=[], waiting_for_more=0, rest=rest, gone=gone)
    funds = {policy: rules.terms(policy).fund for policy in {case.policy_id for case in sound}}
    return Together(
        sound=sound,
        left=left,
        sums=_sums(sound, funds),
        needs=_needs(actor, sound, funds, on),
        waiting_for_more=sum(
            signatures_needed(case, case.amount_fen) - 1
            > case.signatures.filter(round=case.signing_round).count()
            for case in sound
            if signatures_needed(case, case.amount_fen) > 1
        ),
        rest=[],
        gone=gone,
    )


def _moved(case: Case) -> str:
    """Why a case that was found sound cannot be approved any more; empty where it stands as it stood."""
    in_time = case.state in transition("approve").sources
    return "" if in_time else str(WrongStateError("approve", case.state))


def _reason(case: Case, actor: Actor, rules: Rules, on: date, at: datetime) -> str:
    """Why the case cannot be approved now; empty where nothing stands in the way."""
    try:
        require_approvable(case, actor, on)
    except (Refusal, NotPermittedError) as error:
        return str(error)
    _, findings = examine(
        entitlement=case.entitlement, case=case, rules=rules, moment="approve", on=on, at=at
    )
    return " ".join(in_words(row.finding, row.looked_at) for row in findings if row.outcome == "failed")


def _sums(cases: list[Case], funds: dict[str, str]) -> list[Sum]:
    found: dict[tuple[str, str], list[int]] = {}
    for case in cases:
        key = (funds[case.policy_id], case.division_code[:COUNTY_DIGITS])
        found.setdefault(key, []).append(case.amount_fen)
    names = division_names({county for _, county in found})
    return [
        Sum(fund, names.get(county, county), len(amounts), sum(amounts))
        for (fund, county), amounts in sorted(found.items())
    ]


def _needs(actor: Actor, cases: list[Case], funds: dict[str, str], on: date) -> list[FundNeed]:
    needed: dict[str, int] = {}
    for case in cases:
        fund = funds[case.policy_id]
        needed[fund] = needed.get(fund, 0) + case.amount_fen
    if not actor.may("funds.see"):
        return []
    positions = {row.fund_code: row for row in budget_positions(actor=actor, year=on.year)}
    return [
        FundNeed(
            fund,
            positions[fund].fund_name if fund in positions else fund,
            positions[fund].fund_name_en if fund in positions else fund,
            amount,
            positions[fund].available_fen if fund in positions else 0,
        )
        for fund, amount in sorted(needed.items())
    ]
