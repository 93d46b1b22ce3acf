"""Looking back at what was paid: the night holds it against the registers, somebody who had no hand in it settles what is doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, OuterRef, Q, Subquery, Sum, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from jiuye.engine.basis.dates import add_months
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.afterwards import Doubtful, Payment, doubtful
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.models import Case, CaseCheck, PaymentDoubt
from jiuye.office.casework.objections import Settlers, hands_of, others_words
from jiuye.office.casework.operations.steps import locked, one_act
from jiuye.office.casework.procedures import require_at_level
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.states import DOUBT_OUTCOMES, HANDLING_ACTS
from jiuye.office.funds.models import Recovery
from jiuye.office.policies.book import one_book
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LONG, within

LOOK_BACK_MONTHS = 24  # registers report late by months; what is older is for an audit
TOGETHER = 5000  # cases looked at in one transaction: a day's facts are read in one go for all of them


@dataclass(frozen=True, slots=True)
class LookedBack:
    """How many paid cases were looked at, how many doubts were new, and how many the registers no longer raise."""

    cases: int = 0
    found: int = 0
    gone: int = 0


class DoubtSettledError(Refusal):
    """Somebody settled the doubt already, or the registers were put right since."""

    def __init__(self, outcome: str) -> None:
        super().__init__(
            gettext("这个疑点已有结论（%(outcome)s），没有重复登记。")
            % {"outcome": gettext(DOUBT_OUTCOMES[outcome])}
        )


class HadAHandInPaymentError(Refusal):
    """Who spoke for, took, checked or signed what was paid does not say that it was owed after all."""

    def __init__(self, others: str) -> None:
        super().__init__(gettext("这件由您代办、受理、审核或者签批过，是否仍应发放不能由您认定。") + others)


def look_back(*, rules: Rules, on: date, at: datetime) -> LookedBack:
    """Hold every payment of the last two years against the registers; what no claim covers and is doubtful is put before people.

    A doubt that the registers no longer raise is closed. Settled as owed, the same is not raised again; claimed back, it is once the claim was
    dropped.
    """
    total = LookedBack()
    for cases in _portions(add_months(on, -LOOK_BACK_MONTHS)):
        with one_book():  # it is asked for its version once a payment
            doubts = doubtful([Payment(case, case.checked_on, case.checked_by) for case in cases], rules)
        with one_act("look_back"):
            found, gone = _keep(doubts, on, at)
        total = replace(
            total, cases=total.cases + len(cases), found=total.found + found, gone=total.gone + gone
        )
    return total


def settle_doubt(*, actor: Actor, doubt_id: int, resolution: str, on: date, at: datetime) -> PaymentDoubt:
    """Say in words why it was owed after all. Whoever finds that it was not has it claimed back instead (`propose_claim_back`).

    Raises CaseNotFoundError, NotPermittedError, HolderActsError, DoubtSettledError, HadAHandInPaymentError, WordsMissingError, TooLongError.
    """
    with one_act("settle_doubt"):
        case_id = (
            PaymentDoubt.objects.filter(pk=doubt_id).order_by("pk").values_list("case_id", flat=True).first()
        )
        if case_id is None:
            raise CaseNotFoundError
        case = locked(case_id)
        by = clearers_of(case)
        require_at_level(actor, by.permissions, by.division_code, "county")
        require_no_relative(case.person_id, actor)
        doubt: PaymentDoubt = PaymentDoubt.objects.select_for_update().get(pk=doubt_id)
        if doubt.outcome:
            raise DoubtSettledError(doubt.outcome)
        hands = hands_of(case, by.acts)
        if actor.account_id in hands:
            raise HadAHandInPaymentError(others_words(by.permissions, by.division_code, hands, on=on))
        if not resolution.strip():
            raise WordsMissingError("核实情况")
        _close([doubt], "owed", within(resolution, LONG, "核实情况", "resolution"), actor.account_id, on)
    return doubt


def claimed_back(case: Case, *, actor: Actor, ground: str, on: date) -> None:
    """What was doubtful about a case is answered by a claim that covers it. The caller holds the case, and checked the permission."""
    claimed_fen = _claimed([case.pk])[case.pk]
    doubts = PaymentDoubt.objects.select_for_update().filter(case=case, outcome="", over_fen__lte=claimed_fen)
    _close(list(doubts.order_by("pk")), "claimed_back", ground, actor.account_id, on)


def sent_back(case: Case, *, on: date) -> None:
    """The money came back whole: nothing is doubtful about it any more. The caller holds the case."""
    doubts = PaymentDoubt.objects.select_for_update().filter(case=case, outcome="")
    _close(list(doubts.order_by("pk")), "sent_back", "", None, on)


def clearers_of(case: Case) -> Settlers:
    """Who says that a doubtful payment was owed: who settles objections, without a hand in the case."""
    return Settlers(("casework.settle",), HANDLING_ACTS, case.division_code)


def _portions(since: date) -> Iterator[list[Case]]:
    """Paid cases since that day, in the order in which they were paid.

    Each with `checked_on`, the day of the last check before its payment (of one without a check, of its approval), and `checked_by`, the
    version of the policy then.
    """
    checks = (
        CaseCheck.objects.filter(
            entitlement=OuterRef("entitlement"), moment="payment", check_name="still_entitled"
        )
        .annotate(version=KT("looked_at__rule_version"))
        .order_by("-at", "-pk")
    )
    paid = (
        Case.objects.filter(state="paid", paid_on__gte=since)
        .select_related("entitlement", "person", "employer")
        .annotate(
            checked_on=Coalesce(Subquery(checks.values("on_date")[:1]), F("approved_on")),
            checked_by=Coalesce(
                Subquery(checks.values("version")[:1]), F("rule_version"), output_field=TextField()
            ),
        )
        .order_by("paid_on", "pk")
    )
    portion = list(paid[:TOGETHER])
    while portion:
        yield portion
        last = portion[-1]
        beyond = Q(paid_on__gt=last.paid_on) | Q(paid_on=last.paid_on, pk__gt=last.pk)
        portion = list(paid.filter(beyond)[:TOGETHER])


def _claimed(case_ids: Iterable[int]) -> dict[int, int]:
    """What is claimed back of those of these cases that stand paid (fen), whether it came or was given up; claims that were dropped apart."""
    paid = {
        case.claim_key: case.pk
        for case in Case.objects.filter(pk__in=list(case_ids), state="paid").only("pk").order_by("pk")
    }
    claims = Recovery.objects.filter(claim_key__in=list(paid)).exclude(state="dropped").order_by("claim_key")
    sums = claims.values("claim_key").annotate(whole=Sum("amount_fen")).values_list("claim_key", "whole")
    return dict.fromkeys(paid.values(), 0) | {paid[key]: int(whole) for key, whole in sums}


def _keep(found: Mapping[int, Sequence[Doubtful]], on: date, at: datetime) -> tuple[int, int]:
    """Keep what is new of the cases that were looked at, close what is said of them no more; how many of each.

    Read here once more: since they were looked at, one may have been claimed back, or its money come back.
    """
    claimed = _claimed(found)
    kept = PaymentDoubt.objects.select_for_update().filter(case__in=list(found), outcome__in=["", "owed"])
    standing = {(doubt.case_id, doubt.key): doubt for doubt in kept.order_by("pk")}
    said = {(case_id, doubt.key): doubt for case_id, doubts in found.items() for doubt in doubts}
    fresh = [
        PaymentDoubt(
            case_id=case_id,
            finding=doubt.finding,
            key=key,
            looked_at=doubt.looked_at,
            over_fen=doubt.over_fen,
            found_on=on,
            found_at=at,
        )
        for (case_id, key), doubt in said.items()
        if case_id in claimed and doubt.over_fen > claimed[case_id] and (case_id, key) not in standing
    ]
    PaymentDoubt.objects.bulk_create(fresh)
    gone = [doubt for key, doubt in standing.items() if not doubt.outcome and key not in said]
    _close(gone, "gone", "", None, on)
    return len(fresh), len(gone)


def _close(
    doubts: Sequence[PaymentDoubt], outcome: str, resolution: str, account_id: int | None, on: date
) -> None:
    for doubt in doubts:
        doubt.outcome, doubt.resolution = outcome, resolution
        doubt.resolved_on, doubt.resolved_by_id = on, account_id
        doubt.save(update_fields=["outcome", "resolution", "resolved_on", "resolved_by"])
