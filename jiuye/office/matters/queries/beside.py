"""What the page of a matter shows beside it: its short lists in one query, and its applicant's facts in one reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from django.db.models import CharField, F, Func, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from jiuye.engine.rules.explain import Explanation
from jiuye.engine.services import Item
from jiuye.office.casework.models import NoticeProof
from jiuye.office.casework.objections import whole_objections
from jiuye.office.entitlements.operations import explain_row
from jiuye.office.entitlements.values import FactNow, row_now, values_of
from jiuye.office.matters.forms import Known, facts_named, known_facts, known_in
from jiuye.office.matters.limits import Limits, facts_bounding, limits_in
from jiuye.office.matters.models import (
    Evidence,
    Matter,
    MatterEvent,
    MatterObjection,
    PromisedService,
    Review,
    ServiceClosing,
    ServiceGiven,
)
from jiuye.office.matters.states import OPEN_STATES, TO_FILL
from jiuye.office.messages.models import Message
from jiuye.office.messages.queries import told_in, told_lists
from jiuye.office.registry.models import Division
from jiuye.office.registry.places import names_of
from jiuye.office.staff.together import keep_related, together_about


@dataclass(frozen=True, slots=True)
class Beside:
    """The short lists of one matter, each in its order; `review` is the one that waits for an answer."""

    timeline: tuple[MatterEvent, ...]
    evidence: tuple[Evidence, ...]
    promised: tuple[PromisedService, ...]
    review: Review | None
    objections: tuple[MatterObjection, ...]
    notices: tuple[NoticeProof, ...]
    told: tuple[Message, ...]
    places: dict[str, str]  # the names of where it lies and of whose officers have it


def beside_of(matter: Matter, *, officer: bool, past: bool = False) -> Beside:
    """In one query; objections, the archive of notices and what was told for officers alone. For the past also what its present state has no more."""
    noticed = officer and (past or matter.publicity_start is not None)
    granted = past or matter.state == "granted"
    found = together_about(
        "beside_matter",
        (officer, noticed, granted),
        lambda one: _lists(one, officer=officer, noticed=noticed, granted=granted),
        about=[matter.pk],
    )
    for row in chain(
        found["timeline"], found["evidence"], found.get("promised", ()), found.get("objections", ())
    ):
        row.matter = matter
    reviews = found.get("reviews", [])
    return Beside(
        timeline=tuple(found["timeline"]),
        evidence=tuple(found["evidence"]),
        promised=_with_what_was_given(found) if granted else (),
        review=reviews[0] if reviews else None,
        objections=tuple(found.get("objections", ())),
        notices=tuple(found.get("notices", ())),
        told=told_in(found) if officer else (),
        places=names_of(found["places"]),
    )


def _lists(one: int, *, officer: bool, noticed: bool, granted: bool) -> dict[str, QuerySet[Any]]:
    itself = Matter.objects.filter(pk=one)
    held_by = Func(F("division_code"), F("awaits_digits"), function="left", output_field=CharField())
    lists: dict[str, QuerySet[Any]] = {
        "timeline": MatterEvent.objects.filter(matter_id=one).order_by("pk"),
        "evidence": Evidence.objects.filter(matter_id=one).order_by("pk"),
        "places": Division.objects.filter(
            Q(pk=Subquery(itself.values("division_code")))
            | Q(pk=Subquery(itself.annotate(held_by=held_by).values("held_by")))
        )
        .order_by("pk")
        .only("code", "name", "name_en"),
    }
    about = Concat(Value("matter:"), Cast(Value(one), CharField()))
    if officer:
        lists |= told_lists(about)
    if noticed:
        lists["objections"] = whole_objections(MatterObjection.objects.filter(matter_id=one))
        lists["notices"] = NoticeProof.objects.filter(about=about).order_by("pk")
    if granted:
        lists["promised"] = PromisedService.objects.filter(matter_id=one).order_by("pk")
        lists["given"] = ServiceGiven.objects.filter(promised__matter_id=one).order_by("pk")
        lists["closings"] = ServiceClosing.objects.filter(promised__matter_id=one).order_by("pk")
        lists["reviews"] = Review.objects.filter(matter_id=one, outcome="").order_by("pk")
    return lists


def _with_what_was_given(found: dict[str, list[Any]]) -> tuple[PromisedService, ...]:
    """The promised services, each with when it was given and how it was closed."""
    for promise in found["promised"]:
        for name in ("given", "closings"):
            keep_related(promise, name, [row for row in found[name] if row.promised_id == promise.pk])
    return tuple(found["promised"])


@dataclass(frozen=True, slots=True)
class Facts:
    """What the registers say today of a matter's applicant: in the form, for its limits, against the conditions, for a review."""

    known: dict[str, Known]
    limits: dict[str, Limits]
    conditions: Explanation | None
    looks: tuple[FactNow, ...]


NOTHING_KNOWN = Facts({}, {}, None, ())  # registers know only today


def facts_of(matter: Matter, item: Item, key: int, *, looks: bool, on: date) -> Facts:
    """Read once for all of these. Raises LookupError where conditions are asked of an applicant that is not on record."""
    kind = matter.applicant_kind
    bounds = facts_bounding([item]) if matter.state in TO_FILL else set()
    paths = item.review.looks if looks and item.review is not None else ()
    held_to = item.policy if matter.state in OPEN_STATES else ""
    if not (bounds or paths or held_to):
        known = known_facts(item, applicant_kind=kind, applicant_id=key, on=on)
        return Facts(known, _limits(matter, item, {}, on), None, ())
    named = facts_named([item])
    row = row_now(entity=kind, key=key, paths=[*sorted(named | bounds), *paths], on=on)
    if row is None and held_to:
        raise LookupError(f"登记库里没有 {kind} {key}。")
    rows = {key: row} if row is not None else {}
    values = values_of(rows, entity=kind, paths=sorted(named | bounds), on=on).get(key, {})
    return Facts(
        known=known_in({path: now for path, now in values.items() if path in named}),
        limits=_limits(matter, item, values, on),
        conditions=explain_row(row, policy_id=held_to, on=on) if row is not None and held_to else None,
        looks=tuple(values_of(rows, entity=kind, paths=paths, on=on).get(key, {}).values()),
    )


def _limits(matter: Matter, item: Item, values: dict[str, FactNow], on: date) -> dict[str, Limits]:
    return limits_in(item, values, on=on) if matter.state in TO_FILL else {}
