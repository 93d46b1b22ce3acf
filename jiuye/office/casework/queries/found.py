"""Who is entitled and is not receiving: the list that no other software of this kind has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Left

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Case
from jiuye.office.casework.procedures import carried_by_loans
from jiuye.office.casework.states import LIVE_STATES
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.queries import unpaid_policies
from jiuye.office.registry.places import division_names
from jiuye.office.staff.asked_again import rows_of
from jiuye.office.staff.queries import Actor, require, scope_filter

STREET_DIGITS = 9
MOST_OF_ONE = 200  # of one employer on its page; its others are reached through the lists


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """Entitlements that nobody draws, of one policy or one street: how many and how much."""

    key: str
    name: str
    number: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class FoundItem:
    """One found entitlement as a list shows it; a resident's name is masked."""

    entitlement_id: int
    policy_id: str
    recipient: str
    division_name: str
    claim: str
    amount_fen: int | None
    period_start: date | None
    period_until: date | None
    decided_on: date
    case_state: (
        str  # of an ended case of the same entitlement (withdrawn, refused); empty where there is none
    )


def nothing_to_confirm() -> tuple[str, ...]:
    """The policies of which nobody confirms anything: nothing is paid under them, or it is paid with a loan."""
    return tuple(sorted({*unpaid_policies(), *carried_by_loans()}))


def not_receiving(actor: Actor, left_out: Iterable[str] | None = None) -> QuerySet[Entitlement]:
    """Entitlements with the verdict yes and money to pay, without a live case, in the actor's divisions.

    Policies of which there is `nothing_to_confirm` are not among them, or those in `left_out` where the caller asked already.
    """
    require(actor, "entitlements.see")
    live = Case.objects.filter(entitlement_id=OuterRef("pk"), state__in=LIVE_STATES)
    return Entitlement.objects.filter(
        ~Exists(live),
        scope_filter(actor, "entitlements.see", "division_code"),
        verdict="yes",
        amount_fen__gt=0,
    ).exclude(policy_id__in=nothing_to_confirm() if left_out is None else left_out)


def found_by_policy(actor: Actor) -> list[FoundGroup]:
    """How many are entitled and not receiving under each policy, the most money first. The name is the policy's id."""
    rows = (
        not_receiving(actor)
        .values("policy_id")
        .annotate(number=Count("pk"), amount=Sum("amount_fen"))
        .order_by("-amount", "policy_id")
    )
    return [FoundGroup(row["policy_id"], row["policy_id"], row["number"], row["amount"]) for row in rows]


def found_by_street(actor: Actor, *, policy_id: str = "") -> list[FoundGroup]:
    """The same by street or town, of one policy or of all; two queries."""
    found = not_receiving(actor)
    if policy_id:
        found = found.filter(policy_id=policy_id)
    rows = list(
        found.annotate(street=Left("division_code", STREET_DIGITS))
        .values("street")
        .annotate(number=Count("pk"), amount=Sum("amount_fen"))
        .order_by("street")
    )
    names = division_names({row["street"] for row in rows})
    return [
        FoundGroup(row["street"], names.get(row["street"], row["street"]), row["number"], row["amount"])
        for row in rows
    ]


def found_items(
    actor: Actor, *, policy_id: str = "", division: str = "", left_out: Iterable[str] | None = None
) -> QuerySet[Entitlement]:
    """The entitlements behind the groups, the most money first, with what a list shows of them."""
    found = not_receiving(actor, left_out).select_related("person", "employer", "case")
    if policy_id:
        found = found.filter(policy_id=policy_id)
    if division:
        found = found.filter(division_code__startswith=division)
    return found.order_by("-amount_fen", "pk")


def as_items(page: list[Entitlement], *, places: bool = True) -> list[FoundItem]:
    """One page of `found_items` with the names of their places: one query more. `places=False` leaves the codes, where no place is shown."""
    names = division_names({row.division_code for row in page}) if places else {}
    items = []
    for row in page:
        case = getattr(row, "case", None)
        recipient = row.person if row.recipient_kind == "person" else row.employer
        items.append(
            FoundItem(
                entitlement_id=row.pk,
                policy_id=row.policy_id,
                recipient=str(recipient),
                division_name=names.get(row.division_code, row.division_code),
                claim=row.claim,
                amount_fen=row.amount_fen,
                period_start=row.period_start,
                period_until=row.period_until,
                decided_on=row.decided_on,
                case_state=case.state if case is not None else "",
            )
        )
    return items


def found_of_person(actor: Actor, person_id: int) -> list[FoundItem]:
    """What one resident is entitled to and does not draw, without names of places; outside the actor's divisions nothing is found."""
    return _found_of(actor, "person", person_id, most=None)


def found_of_employer(actor: Actor, employer_id: int) -> list[FoundItem]:
    """The same of one employer."""
    return _found_of(actor, "employer", employer_id, most=MOST_OF_ONE)


def _found_of(actor: Actor, kind: str, key: int, *, most: int | None) -> list[FoundItem]:
    left_out = nothing_to_confirm()

    def question(one: int) -> QuerySet[Entitlement]:
        found = found_items(actor, left_out=left_out)
        return found.filter(recipient_kind=kind, **{f"{kind}_id": one})[:most]

    return as_items(rows_of("found_of", (actor, kind, left_out), (), question, about=[key]), places=False)


def one_found(actor: Actor, entitlement_id: int) -> Entitlement:
    """One entitlement in the actor's divisions with its recipient and case. Raises CaseNotFoundError."""
    require(actor, "entitlements.see")
    found = (
        Entitlement.objects.filter(
            scope_filter(actor, "entitlements.see", "division_code"), pk=entitlement_id
        )
        .select_related("person", "employer", "case")
        .first()
    )
    if found is None:
        raise CaseNotFoundError
    return found
