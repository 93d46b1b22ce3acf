"""The gap (应享未享): under each policy, who is entitled and draws, who is entitled and does not, who cannot be told, who misses by
one condition, who lost it, who will have it, whose ends. Each number opens to those behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Left

from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.lacking import Missing
from jiuye.office.casework.models import Case
from jiuye.office.casework.queries.found import STREET_DIGITS
from jiuye.office.casework.states import LIVE_STATES
from jiuye.office.entitlements.models import Benefit, Entitlement, Prospect
from jiuye.office.entitlements.queries import explained, policies_with
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.places import division_names
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.rows import unscoped
from jiuye.office.staff.slices import Slice, slice_of

# Of decisions, then of what time brings; the order in which they are shown.
DECIDED_GROUPS = ("unclaimed", "receiving", "unknown", "near_miss")
TIMED_GROUPS = ("soon", "ending", "lost")
GROUPS = (*DECIDED_GROUPS, *TIMED_GROUPS)


class NoSuchGroupError(LookupError):
    """A group that the gap does not have; the address was written by hand."""

    def __init__(self, group: str) -> None:
        super().__init__(f"没有“{group}”这一组；可以看的有：{'、'.join(GROUPS)}。")


@dataclass(slots=True)
class GapRow:
    """One policy: how many in each group. `amount_fen` is what those entitled and not receiving would be paid."""

    policy_id: str
    counts: dict[str, int] = field(default_factory=dict)
    amount_fen: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class GapItem:
    """One subject behind a number. A resident's name is masked; `missing` is the one thing that would settle it."""

    key: int  # of the entitlement or of the prospect
    policy_id: str
    group: str
    recipient: str
    recipient_kind: str
    person_id: int | None
    division_name: str
    amount_fen: int | None
    day: date | None
    clause: str  # id of the condition that fails or turns
    missing: Missing | None
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class Place:
    """A county or street with its number."""

    code: str
    name: str
    number: int


def decided(actor: Actor, on: date, *, permission: str = "entitlements.see") -> QuerySet[Entitlement]:
    """Decisions whose period holds the day, in the actor's divisions, marked with whether they are drawn."""
    require(actor, permission)
    live = Case.objects.filter(entitlement_id=OuterRef("pk"), state__in=LIVE_STATES)
    same = Benefit.objects.filter(policy_id=OuterRef("policy_id"), subject_key=OuterRef("subject_key"))
    # Who drew the period before draws on: this period's confirmation is on its way.
    drawn = same.filter(Q(period_start__isnull=True) | Q(period_until__gte=OuterRef("period_start")))
    return (
        Entitlement.objects.filter(
            scope_filter(actor, permission, "division_code"),
            Q(period_start__isnull=True) | Q(period_start__lte=on),
            Q(period_until__isnull=True) | Q(period_until__gt=on),
        )
        .exclude(verdict="no")
        .exclude(policy_id__in=policies_with("duty"))  # what somebody owes is not something they go without
        .annotate(draws=Exists(live), drew=Exists(drawn))
    )


def decided_of(actor: Actor, entity: str, subject_id: int, on: date) -> list[Entitlement]:
    """What is decided of one subject (a project, a post, a file), in the actor's divisions; a plain no is not kept."""
    its = decided(actor, on).filter(subject_kind=entity, subject_key=str(subject_id)).exclude(verdict="no")
    return list(its.order_by("policy_id", "pk"))


def unclaimed(
    actor: Actor, *, on: date, division: str = "", permission: str = "entitlements.see"
) -> QuerySet[Entitlement]:
    """Who is entitled and does not receive, under whichever policy, in a stable order. Raises NotPermittedError."""
    found = decided(actor, on, permission=permission).filter(_group("unclaimed"))
    if division:
        found = found.filter(division_code__startswith=division)
    return found.select_related("person", "employer").order_by("pk")


def _group(group: str) -> Q:
    """The condition on a decision that puts it in a group."""
    receiving = Q(draws=True) | Q(drew=True)
    return {
        "receiving": Q(verdict="yes") & receiving,
        "unclaimed": Q(verdict="yes") & ~receiving,
        "unknown": Q(verdict="unknown"),
        "near_miss": Q(verdict="near_miss"),
    }[group]


def foreseen(actor: Actor, on: date, *, permission: str = "entitlements.see") -> QuerySet[Prospect]:
    """What time brings or brought, in the actor's divisions. What was foreseen and has come is left to the decisions."""
    require(actor, permission)
    return Prospect.objects.filter(
        scope_filter(actor, permission, "division_code"), Q(kind="lost") | Q(day__gt=on)
    )


def gap(actor: Actor, *, on: date, division: str = "", permission: str = "entitlements.see") -> list[GapRow]:
    """Every policy with its numbers, the most money first; two queries."""
    rows: dict[str, GapRow] = {}
    decisions = decided(actor, on, permission=permission)
    ahead = foreseen(actor, on, permission=permission)
    if division:
        decisions = decisions.filter(division_code__startswith=division)
        ahead = ahead.filter(division_code__startswith=division)
    numbers = {group: Count("pk", filter=_group(group)) for group in DECIDED_GROUPS}
    amounts = Sum("amount_fen", filter=_group("unclaimed"))
    for found in decisions.values("policy_id").annotate(**numbers, unpaid=amounts).order_by("policy_id"):
        row = rows.setdefault(found["policy_id"], GapRow(found["policy_id"]))
        row.counts.update({group: found[group] for group in DECIDED_GROUPS})
        row.amount_fen = found["unpaid"] or 0
    for counted in (
        ahead.values("policy_id", "kind").annotate(number=Count("pk")).order_by("policy_id", "kind")
    ):
        row = rows.setdefault(counted["policy_id"], GapRow(counted["policy_id"]))
        row.counts[counted["kind"]] = counted["number"]
    return sorted(rows.values(), key=lambda row: (-row.amount_fen, -row.total, row.policy_id))


def behind(
    actor: Actor, policy_id: str, group: str, *, on: date, division: str = ""
) -> QuerySet[Entitlement] | QuerySet[Prospect]:
    """Those behind one number, the most money (or the nearest day) first. Raises NoSuchGroupError."""
    if group in DECIDED_GROUPS:
        decisions = decided(actor, on).filter(_group(group), policy_id=policy_id)
        decisions = (
            decisions.select_related("person", "employer")
            .annotate(at_stake=Coalesce("amount_fen", -1))
            .order_by("-at_stake", "pk")
        )
        return decisions.filter(division_code__startswith=division) if division else decisions
    if group in TIMED_GROUPS:
        ahead = foreseen(actor, on).filter(kind=group, policy_id=policy_id)
        ahead = ahead.select_related("person", "employer").order_by(
            "-day" if group == "lost" else "day", "pk"
        )
        return ahead.filter(division_code__startswith=division) if division else ahead
    raise NoSuchGroupError(group)


def slice_behind(
    actor: Actor,
    policy_id: str,
    group: str,
    *,
    on: date,
    size: int,
    division: str = "",
    after: str = "",
    before: str = "",
) -> Slice[Entitlement] | Slice[Prospect]:
    """The next (or the previous) of those behind one number, in the order of `behind`. Raises NoSuchGroupError."""
    found = behind(actor, policy_id, group, on=on, division=division)
    return slice_of(found, size=size, after=after, before=before)


def places_behind(
    actor: Actor, policy_id: str, group: str, *, on: date, digits: int = STREET_DIGITS
) -> list[Place]:
    """The streets (or with six digits the counties) that those behind a number live in."""
    found = behind(actor, policy_id, group, on=on).order_by()
    rows = list(
        found.annotate(place=Left("division_code", digits))
        .values("place")
        .annotate(number=Count("pk"))
        .order_by("place")
    )
    names = division_names({row["place"] for row in rows})
    return [Place(row["place"], names.get(row["place"], row["place"]), row["number"]) for row in rows]


def counties_of(actor: Actor, *, on: date, permission: str = "entitlements.see") -> list[Place]:
    """The counties with anything in them, within the actor's divisions."""
    rows = list(
        decided(actor, on, permission=permission)
        .annotate(place=Left("division_code", 6))
        .values("place")
        .annotate(number=Count("pk"))
        .order_by("place")
    )
    names = division_names({row["place"] for row in rows})
    return [Place(row["place"], names.get(row["place"], row["place"]), row["number"]) for row in rows]


def as_gap_items(rows: Sequence[Entitlement] | Sequence[Prospect], group: str, *, on: date) -> list[GapItem]:
    """One page of those behind a number; what would settle those that cannot be told is worked out on today's facts. A fixed number
    of queries."""
    names = division_names({row.division_code for row in rows})
    open_ones = rows if group == "unknown" else ()
    explanations = explained([(row.policy_id, row.subject_kind, row.subject_key) for row in open_ones], on)
    items = []
    for row in rows:
        explanation = explanations.get((row.policy_id, row.subject_key))
        recipient = row.person if row.recipient_kind == "person" else row.employer
        if isinstance(row, Prospect):
            day, clause = row.day, row.clause
        else:
            day, clause = row.decided_on, row.failing_clause
        items.append(
            GapItem(
                key=row.pk,
                policy_id=row.policy_id,
                group=group,
                recipient=str(recipient),
                recipient_kind=row.recipient_kind,
                person_id=row.person_id,
                division_name=names.get(row.division_code, row.division_code),
                amount_fen=row.amount_fen,
                day=day,
                clause=clause,
                missing=explanation.missing[0] if explanation is not None and explanation.missing else None,
                explanation=explanation,
            )
        )
    return items


def one_prospect(
    actor: Actor, prospect_id: int, *, on: date
) -> tuple[Prospect, Explanation | None, Explanation | None]:
    """One prospect with its proof: explained on today's facts for today, and for the day of the change.

    Raises Prospect.DoesNotExist outside the actor's divisions.
    """
    found = foreseen(actor, on).select_related("person", "employer").get(pk=prospect_id)
    subject = [(found.policy_id, found.subject_kind, found.subject_key)]
    there = found.day if found.kind != "lost" else found.day - timedelta(days=1)
    key = (found.policy_id, found.subject_key)
    with unscoped("one leave for both days: rules read households and employers beyond a county's border"):
        return found, explained(subject, on).get(key), explained(subject, on, day=there).get(key)


def clause_words(policy_id: str, clause_id: str) -> tuple[str, str]:
    """What a condition says, in Chinese and in English; its id where the pack has it no more."""
    policy = rulebook().pack.policies.get(policy_id)
    clause = policy.clause(clause_id) if policy is not None else None
    return (clause.says, clause.says_en or clause.says) if clause is not None else (clause_id, clause_id)


def effects_of(policy_ids: Iterable[str]) -> dict[str, str]:
    """What a yes means under each policy (payment, relief, service); of one that the pack has no more, a payment."""
    policies = rulebook().pack.policies
    return {
        policy_id: policies[policy_id].effect if policy_id in policies else "payment"
        for policy_id in policy_ids
    }
