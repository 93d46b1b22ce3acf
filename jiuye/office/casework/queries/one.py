"""One case whole: where it is, who has it and until when, what happened, what was checked, what may be done now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from jiuye.office.casework.access import CaseNotFoundError, require_for
from jiuye.office.casework.answering import to_be_answered
from jiuye.office.casework.authorities import MayBeHolder, words_for_holder
from jiuye.office.casework.models import (
    Case,
    CaseCheck,
    CaseEvent,
    NoticeProof,
    Objection,
    PaymentDoubt,
    RefusalReview,
)
from jiuye.office.casework.notices import proofs_of as notices_of
from jiuye.office.casework.objections import turn_to_settle, whole_objections
from jiuye.office.casework.operations.looking_back import clearers_of
from jiuye.office.casework.operations.objecting import settlers_of
from jiuye.office.casework.procedures import AWAITED_STEP, LEVEL_DIGITS, procedure_of, procedures
from jiuye.office.casework.proofs import Proof, proofs_of
from jiuye.office.casework.queries.signing import Signing, kept_from_signing, signing_of
from jiuye.office.casework.queries.worklist import visible_cases
from jiuye.office.casework.states import CHECKS, Transition, acts_from
from jiuye.office.funds.queries import RecoveryPosition, recoveries_of
from jiuye.office.registry.places import division_names
from jiuye.office.staff.queries import Actor, NotPermittedError, scope_filter
from jiuye.office.staff.together import together


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the case now: a role (or "applicant", "bank", "public") in a division, until a day."""

    role: str
    division_name: str
    until: date | None


@dataclass(frozen=True, slots=True)
class AppealWay:
    """One way open after a refusal, with its last day."""

    name: str
    name_en: str
    to: str
    to_en: str
    last_day: date
    law: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """What one page shows of a case. `acts` are those that this actor may take in this state, on this day."""

    case: Case
    timeline: list[CaseEvent]
    checks: list[CaseCheck]  # the newest of every kind, whichever moment they were run for
    objections: list[Objection]
    acts: list[Transition]
    holder: Holder | None
    awaited: list[str]  # the acts still to come, in order
    appeals: list[AppealWay]
    overdue: bool
    division_name: str
    places: dict[str, str]  # the names of where it lies, by code
    proofs: list[Proof]
    signing: Signing | None  # from the public notice on
    reviews: list[RefusalReview]
    may_settle: bool = False  # an objection that is open
    settled_by: str = ""  # who else settles it, where this actor had a hand in the case
    notices: list[NoticeProof] = field(default_factory=list)  # for officers: what was publicised, kept
    recoveries: list[RecoveryPosition] = field(default_factory=list)  # what is claimed back of the payment
    doubts: list[PaymentDoubt] = field(
        default_factory=list
    )  # for officers: what is doubtful about the payment
    may_clear: bool = False  # say that what is doubtful was owed
    cleared_by: str = ""  # who else says so, where this actor had a hand in the case
    not_theirs: str = ""  # why this actor, who may be a relative, does nothing here
    as_of: datetime | None = None  # the past moment that is shown; None: now

    def may(self, act: str) -> bool:
        return any(row.act == act for row in self.acts)

    @property
    def has_files(self) -> bool:
        """Whether a paper was uploaded, so that somebody may want to look at one."""
        return any(given.kind == "file" for proof in self.proofs for given in proof.given)

    @property
    def publicity_last_day(self) -> date | None:
        until = self.case.publicity_until
        return until - timedelta(days=1) if until is not None else None


def one_case(actor: Actor, case_id: int, *, on: date, past: bool = False) -> CaseView:
    """The case, if the actor may see it. Raises CaseNotFoundError. A fixed number of queries, whatever happened to the case.

    With `past` it is only the ground on which `as_it_was` tells of an earlier moment, and leaves out what is asked anew of that one.
    """
    case = (
        visible_cases(actor)
        .filter(pk=case_id)
        .select_related("person", "employer", "entitlement", "accepted_by", "reviewed_by", "approved_by")
        .annotate(may_be_holder=MayBeHolder(actor.account_id, person="person_id"))
        .first()
    )
    if case is None:
        raise CaseNotFoundError
    return view_of(case, actor, on=on, past=past)


def view_of(case: Case, actor: Actor, *, on: date, past: bool = False) -> CaseView:
    """The same for a case that the caller already holds (its owner's page)."""
    holder = holder_of(case)
    digits = {len(case.division_code), *LEVEL_DIGITS.values()}
    names = division_names({case.division_code[:length] for length in digits})
    publicised = actor.kind == "officer" and case.publicity_start is not None
    looked_back = actor.kind == "officer" and case.state == "paid" and not past
    found = together(
        {
            "timeline": case.timeline.order_by("pk"),
            "objections": whole_objections(case.objections),
            **({"checks": newest_checks(case.entitlement_id)} if not past else {}),
            **({"notices": notices_of(case.claim_key)} if publicised else {}),
            **({"doubts": case.doubts.order_by("pk")} if looked_back else {}),
        }
    )
    timeline, objections = found["timeline"], found["objections"]
    for row in objections:
        row.case = case
    not_theirs = words_for_holder(getattr(case, "may_be_holder", False))
    may_settle, settled_by = False, ""
    if (
        actor.kind == "officer"
        and not not_theirs
        and not past
        and any(row.resolved_on is None for row in objections)
    ):
        may_settle, settled_by = turn_to_settle(case, timeline, by=settlers_of(case), actor=actor, on=on)
    doubts, may_clear, cleared_by = found.get("doubts", []), False, ""
    if not not_theirs and any(not row.outcome for row in doubts):
        may_clear, cleared_by = turn_to_settle(case, timeline, by=clearers_of(case), actor=actor, on=on)
    kept_away = kept_from_signing(case, timeline)
    return CaseView(
        case=case,
        timeline=timeline,
        checks=newest_run(found.get("checks", [])),
        objections=objections,
        may_settle=may_settle,
        settled_by=settled_by,
        acts=[
            row
            for row in acts_from(case.state)
            if not not_theirs and _may_now(row, case, actor, on, kept_away)
        ]
        if not past
        else [],
        not_theirs=not_theirs,
        holder=Holder(holder.role, names.get(holder.division_name, ""), holder.until) if holder else None,
        awaited=acts_to_come(case),
        appeals=appeals_of(case),
        overdue=is_overdue(case, on),
        division_name=names.get(case.division_code, case.division_code),
        places=names,
        proofs=proofs_of(case, on=on) if not past else [],
        signing=signing_of(case, timeline, on=on) if not past else None,
        reviews=reviews_of(case, timeline),
        notices=found.get("notices", []),
        doubts=doubts,
        may_clear=may_clear,
        cleared_by=cleared_by,
        recoveries=recoveries_of(case.claim_key, on=on) if case.state == "paid" else [],
    )


def is_overdue(case: Case, on: date) -> bool:
    """True where the office is late: not while the applicant has the case, nor while an objection to its notice is open."""
    awaited = case.state in AWAITED_STEP and case.stopped_on is None
    return awaited and case.due_on is not None and case.due_on < on


def reviews_of(case: Case, timeline: list[CaseEvent]) -> list[RefusalReview]:
    """The reviews of its refusals; asked for only where the timeline tells of one."""
    if not any(event.act == "ask_review" for event in timeline):
        return []
    return list(case.refusal_reviews.select_related("decided_by").order_by("pk"))


def case_of_objection(actor: Actor, objection_id: int) -> int:
    """The key of the case that an objection is about, if the actor may see it. Raises CaseNotFoundError."""
    found = visible_cases(actor).filter(objections=objection_id).order_by("pk").values_list("pk", flat=True)
    if not found:
        raise CaseNotFoundError
    return found[0]


def objections_to_answer(actor: Actor) -> QuerySet[Objection]:
    """Decided objections whose objectors this actor still has to tell by hand, the earliest decision first; none without the permission."""
    mine = scope_filter(actor, "casework.review", "case__division_code")
    # Who settled one answers it as well; an approver is not asked for all the others.
    mine |= scope_filter(actor, "casework.settle", "case__division_code") & Q(resolved_by=actor.account_id)
    found = Objection.objects.filter(mine)
    return to_be_answered(found, "case").select_related("case")


def case_of_review(actor: Actor, review_id: int) -> int:
    """The key of the case whose refusal a review is about, if the actor may see it. Raises CaseNotFoundError."""
    found = visible_cases(actor).filter(refusal_reviews=review_id).order_by("pk").values_list("pk", flat=True)
    if not found:
        raise CaseNotFoundError
    return found[0]


def holder_of(case: Case) -> Holder | None:
    """Who has the case; its division is given by code. None for an ended one."""
    if case.state == "correction_requested":
        return Holder("applicant", "", case.due_on)
    if case.state == "publicised" and case.publicity_until is not None:
        return Holder("public", case.division_code[:6], case.publicity_until - timedelta(days=1))
    act = AWAITED_STEP.get(case.state)
    step = procedure_of(case).step(act) if act else None
    if step is None:
        return None
    return Holder(step.by, case.division_code[: LEVEL_DIGITS[step.level]], case.due_on)


def acts_to_come(case: Case) -> list[str]:
    """The acts of the procedure that the case still has before it."""
    acts = [step.act for step in procedure_of(case).steps]
    awaited = AWAITED_STEP.get(case.state)
    if case.state == "correction_requested":
        return ["correct", *acts]
    return acts[acts.index(awaited) :] if awaited else []


def appeals_of(case: Case) -> list[AppealWay]:
    """The ways open to somebody refused; none for a case that was not."""
    if case.state != "refused" or case.refused_on is None:
        return []
    return [
        AppealWay(
            name=row.name,
            name_en=row.name_en,
            to=row.to,
            to_en=row.to_en,
            last_day=row.last_day(case.refused_on),
            law=f"{row.source.document} {row.source.clause}" if row.source is not None else "",
        )
        for row in procedures().appeals_on(case.refused_on)
    ]


def newest_checks(entitlement_id: int, *, until: datetime | None = None) -> QuerySet[CaseCheck]:
    """The checks that were made last (by a moment), as many as one run can have, the newest first."""
    made = CaseCheck.objects.filter(entitlement_id=entitlement_id)
    return (made.filter(at__lte=until) if until is not None else made).order_by("-pk")[: len(CHECKS)]


def newest_run(newest: Sequence[CaseCheck]) -> list[CaseCheck]:
    """Of `newest_checks` the newest run: all that were made at one moment, before the same act."""
    run = [row for row in newest if (row.at, row.moment) == (newest[0].at, newest[0].moment)]
    return sorted(run, key=lambda row: row.pk)


def _may_now(row: Transition, case: Case, actor: Actor, on: date, kept_away: Collection[int | None]) -> bool:
    """True where the actor may take the act today: no button is shown that would then refuse. `kept_away` are those who do not approve it."""
    if row.act == "put_into_batch" or not row.button:
        return False  # batches are made on the payments page, for many cases at once
    if row.act == "approve":
        early = case.publicity_until is None or on < case.publicity_until
        if early or case.stopped_on is not None or actor.account_id in kept_away:
            return False
        if case.signatures.filter(round=case.signing_round, signed_by_id=actor.account_id).exists():
            return False
    try:
        require_for(row, actor=actor, case=case)
    except NotPermittedError:
        return False
    return True
