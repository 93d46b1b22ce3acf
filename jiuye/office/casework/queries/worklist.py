"""Lists of cases: today's work by deadline, counts, one recipient's own, and what waits for payment."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable

from jiuye.engine.services import ClaimProcedures, Subsidy
from jiuye.office.casework.models import Case, CaseEvent
from jiuye.office.casework.procedures import (
    AWAITED_STEP,
    LEVEL_DIGITS,
    level_in,
    role_in,
    scopes_of,
    standing,
)
from jiuye.office.casework.queries.signing import signed_in_round
from jiuye.office.casework.states import NOT_TO_APPROVE, OPEN_STATES, TRANSITIONS, Transition, transition
from jiuye.office.staff.asked_again import rows_of
from jiuye.office.staff.queries import Actor, require, scope_filter

# Acts that move a case forward: a case lies on the desk of whoever may take the next of these.
FORWARD_ACTS = ("accept", "correct", "review", "publicise", "approve", "put_into_batch")
BY_DEADLINE = (F("due_on").asc(nulls_last=True), "pk")


@dataclass(frozen=True, slots=True)
class Counts:
    """What the actor may see, counted: by state, what is overdue, what is due on the day, and the money."""

    by_state: dict[str, int]
    mine: int
    overdue: int
    due_today: int
    open_amount_fen: int
    paid_this_year_fen: int

    @property
    def open(self) -> int:
        return sum(count for state, count in self.by_state.items() if state in OPEN_STATES)


def visible_cases(actor: Actor) -> QuerySet[Case]:
    """The cases of the actor's divisions. Raises NotPermittedError for somebody who sees none anywhere."""
    require(actor, "casework.see")
    return Case.objects.filter(scope_filter(actor, "casework.see", "division_code")).order_by(*BY_DEADLINE)


def _mine(actor: Actor, on: date) -> Q:
    """Cases whose next step this actor may take now: right permission, right divisions, right level, not their own.

    A case in publicity lies on nobody's desk until its days are over and its objections decided.
    """
    found = Q(pk__in=[])
    ways = _all_ways()
    for row in TRANSITIONS:
        if row.act in FORWARD_ACTS:
            for (role, level), followed in ways[row.act].items():
                for scope in _scopes(actor, row, role, LEVEL_DIGITS[level]):
                    found |= Q(state__in=row.sources) & followed & _within(scope) & _not_own(row, actor, on)
    return found


Ways = dict[str, dict[tuple[str, str], Q]]
_kept: dict[str, tuple[ClaimProcedures, dict[str, Subsidy], Ways]] = {}


def _all_ways() -> Ways:
    """`_ways` of every act, kept while the procedures are the very ones that they were worked out from."""
    general, own = standing()
    kept = _kept.get("ways")
    if kept is None or kept[0] is not general or kept[1] is not own:
        kept = _kept["ways"] = (general, own, {act: _ways(act, general, own) for act in FORWARD_ACTS})
    return kept[2]


def _ways(act: str, general: ClaimProcedures, own: dict[str, Subsidy]) -> dict[tuple[str, str], Q]:
    """Who takes the act at which level, and the cases whose procedure says so: those of a policy with its own file, and the others by claim."""
    found: dict[tuple[str, str], Q] = {}
    for claim, procedure in general.procedures.items():
        way = (role_in(procedure, act), level_in(procedure, act))
        found[way] = found.get(way, Q(pk__in=[])) | Q(claim=claim) & ~Q(policy_id__any_of=sorted(own))
    for way in sorted({(role_in(one.procedure, act), level_in(one.procedure, act)) for one in own.values()}):
        policies = [
            key
            for key, one in own.items()
            if (role_in(one.procedure, act), level_in(one.procedure, act)) == way
        ]
        found[way] = found.get(way, Q(pk__in=[])) | Q(policy_id__any_of=sorted(policies))
    return found


def _scopes(actor: Actor, row: Transition, role: str, digits: int) -> list[str]:
    """The divisions over which the procedure lets this actor take the act."""
    held = {scope for permission in row.permissions for scope in scopes_of(actor, permission, role)}
    return sorted(scope for scope in held if len(scope) <= digits)


def takes(actor: Actor, act: str) -> bool:
    """Whether some procedure gives the act to this actor somewhere."""
    row = transition(act)
    return any(_scopes(actor, row, role, LEVEL_DIGITS[level]) for role, level in _all_ways()[act])


def _within(scope: str) -> Q:
    return Q(division_code__startswith=scope) if scope else Q()


def _not_own(row: Transition, actor: Actor, on: date) -> Q:
    """For an approval: the publicity is over, no objection is open, and somebody else accepted and reviewed."""
    if row.act != "approve":
        return Q()
    # By the columns and by the timeline: a case that went back names another now.
    accepted = Q(accepted_by_id__isnull=True) | ~Q(accepted_by_id=actor.account_id)
    reviewed = Q(reviewed_by_id__isnull=True) | ~Q(reviewed_by_id=actor.account_id)
    took = CaseEvent.objects.filter(actor_id=actor.account_id, act__in=NOT_TO_APPROVE).order_by()
    mine = signed_in_round(case=OuterRef("pk"), round=OuterRef("signing_round"), account=actor.account_id)
    # While an objection is open nobody may sign, and nobody is late.
    others = accepted & reviewed & ~Q(pk__in=took.values("case_id"))
    return Q(publicity_until__lte=on, stopped_on__isnull=True) & others & ~Exists(mine)


def todays_work(actor: Actor, *, on: date) -> QuerySet[Case]:
    """The cases that wait for this actor, the most urgent first. Two queries at most, whatever their number."""
    return visible_cases(actor).filter(_mine(actor, on))


def counts(actor: Actor, *, on: date) -> Counts:
    """The figures of the first page, in one query; outside the row scope the index of the states answers for them alone. Raises
    NotPermittedError."""
    require(actor, "casework.see")
    # Colleagues with the same posts ask the same, each about their own account.
    by = (actor.kind, actor.posts, on)
    found = [
        Figures(*row)
        for row in rows_of(
            "case_figures",
            by,
            standing(),
            lambda account: _figures(replace(actor, account_id=account), on),
            about=[actor.account_id],
        )
    ]
    states = [row for row in found if row.state != AT_HAND]
    at_hand = next((row for row in found if row.state == AT_HAND), None)
    still = [row for row in states if row.state in OPEN_STATES]
    return Counts(
        by_state={row.state: row.number for row in states},
        mine=at_hand.number if at_hand is not None else 0,
        overdue=sum(row.late for row in still if row.state in AWAITED_STEP),
        due_today=at_hand.late if at_hand is not None else 0,
        open_amount_fen=sum(row.amount_fen or 0 for row in still),
        paid_this_year_fen=sum(row.paid_fen or 0 for row in states if row.state == "paid"),
    )


AT_HAND = "at hand"  # where a state would stand: what waits for the actor, whatever its state


class Figures(NamedTuple):
    """The cases in one state, or what waits for the actor, summed up; the sums are None where no case has an amount."""

    state: str
    whose: int  # the actor, so that the account stands in the question also where no step asks for it
    number: int
    late: int  # overdue; of what waits, due by the day
    amount_fen: int | None
    paid_fen: int | None  # this year


def _figures(actor: Actor, on: date) -> QuerySet[Any]:
    """A row for each state and one for what waits for this actor, as `Figures`; none for what waits where nothing does."""
    states = _summed(
        visible_cases(actor),
        F("state"),
        actor,
        late=Q(due_on__lt=on, stopped_on__isnull=True),
        amount=Sum("amount_fen"),
        paid=Sum("amount_fen", filter=Q(paid_on__gte=date(on.year, 1, 1))),
    )
    nothing = Value(0, output_field=BigIntegerField())
    at_hand = _summed(
        visible_cases(actor).filter(_mine(actor, on)),
        Value(AT_HAND, output_field=CharField()),
        actor,
        late=Q(due_on__lte=on),
        amount=nothing,
        paid=nothing,
    )
    return states.union(at_hand, all=True).order_by("of")


def _summed(
    cases: QuerySet[Case], of: Combinable, actor: Actor, *, late: Q, amount: Expression, paid: Expression
) -> QuerySet[Any]:
    """Nothing but what the index `case_figures` holds is asked, so that it answers alone where the filter lets it: counting `pk` would
    read every case."""
    whose = Value(actor.account_id, output_field=BigIntegerField())
    found = cases.order_by().values(of=of, whose=whose)
    found = found.annotate(number=Count("*"), late=Count("due_on", filter=late), amount=amount, paid=paid)
    return found.values_list("of", "whose", "number", "late", "amount", "paid")


def search_cases(
    actor: Actor, *, words: str = "", state: str = "", policy_id: str = "", division: str = ""
) -> QuerySet[Case]:
    """Cases by number, recipient's name, state, policy and division."""
    cases = visible_cases(actor)
    if state:
        cases = cases.filter(state=state)
    if policy_id:
        cases = cases.filter(policy_id=policy_id)
    if division:
        cases = cases.filter(division_code__startswith=division)
    words = words.strip()
    if words:
        number = re.fullmatch(r"\d{6}-\d{8}-(\d{6,})", words)
        by_number = Q(pk=int(number.group(1))) if number else Q(pk__in=[])
        cases = cases.filter(by_number | Q(payee_name__contains=words) | Q(person__name__contains=words))
    return cases


def cases_of_person(person_id: int) -> list[Case]:
    """What one resident receives or has asked for, the newest first, without what a list does not show.

    The caller answers for who may see them: the resident's own page, or a desk page within its scope.
    """
    return rows_of("cases_of_person", (), (), _cases_of_person, about=[person_id])


def _cases_of_person(person_id: int) -> QuerySet[Case]:
    found = Case.objects.filter(recipient_kind="person", person_id=person_id)
    return found.defer("receipt", "payee_account").order_by("-confirmed_on", "-pk")


def cases_of_employer(employer_id: int) -> QuerySet[Case]:
    """One employer's cases, the newest first. The caller answers for who may see them."""
    return Case.objects.filter(recipient_kind="employer", employer_id=employer_id).order_by(
        "-confirmed_on", "-pk"
    )


def waiting_for_payment(actor: Actor) -> QuerySet[Case]:
    """Granted cases that are in no batch yet, and those the bank sent back, in the actor's divisions."""
    require(actor, "funds.see")
    return Case.objects.filter(
        scope_filter(actor, "funds.see", "division_code"), state__in=["approved", "payment_rejected"]
    ).order_by(*BY_DEADLINE)
