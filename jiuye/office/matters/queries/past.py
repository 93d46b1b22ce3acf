"""A matter as it then was: its state, form, papers, services and events at a past moment, from what was appended and the versions kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext

from jiuye.office.casework.moments import (
    NONE_SINCE,
    NotYetThereError,
    day_of,
    notices_then,
    objections_then,
    reviews_then,
    told,
    version_left_by,
)
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter, MatterEvent, PromisedService, Review, ServiceClosing
from jiuye.office.matters.queries.one import (
    InHand,
    MatterView,
    Proof,
    answered,
    called_for,
    held_in,
    is_overdue,
    proven,
)
from jiuye.office.matters.telling import ground_words
from jiuye.office.registry.places import division_names
from jiuye.office.staff.together import keep_related

CHARGES = ("take_charge", "hand_on", "put_back")


class NotHandedInYetError(NotYetThereError):
    """At that moment it was at most a draft, which is its applicant's alone: the desk shows none, nor what stood in it."""

    def __init__(self, handed_in: date) -> None:
        super().__init__(handed_in)
        self.args = (
            gettext("那时这件事项还没有提交；提交以前填写的只有填表的人能看。它从 %(began)s 起可以看。")
            % {"began": handed_in.isoformat()},
        )


def as_it_was(view: MatterView, moment: datetime) -> MatterView:
    """The same matter at `moment`: nothing may be done with what is past, so that it offers no acts.

    What the registers then knew of the applicant is not kept: of the conditions there is what was kept with the decision. `view` is what
    `seen_matter` gives for the past. Raises NotHandedInYetError.
    """
    events = tuple(event for event in view.timeline if event.at <= moment)
    if not may_be_seen(events):
        seen_from = (row.on_date for row in view.timeline if may_be_seen([row]))
        raise NotHandedInYetError(next(seen_from, view.matter.started_on))
    on = day_of(moment)
    past = version_left_by(
        view.matter,
        events[-1],
        events[-1].matter_version,
        keeping=("person", "employer", "accepted_by", "decided_by"),
        or_since=_saved_since(view.timeline, events[-1], moment),
    )
    answers = answers_of(past)
    where = {past.division_code, held_in(past)} - {""}
    places = view.places if where <= view.places.keys() else division_names(where)
    granted = past.state == "granted"
    return replace(
        view,
        matter=past,
        answers=answered(past, view.item, answers, {}, {}),
        proofs=_proofs(view, past, answers, moment),
        ground=ground_words(past),
        timeline=events,
        promised=tuple(_service(row, view.timeline, moment) for row in view.promised) if granted else (),
        overdue=is_overdue(past, on),
        review=_open_review(past, events) if granted else None,
        reviews=tuple(reviews_then(view.reviews, events)),
        objections=tuple(objections_then(view.objections, events)),
        notices=tuple(notices_then(view.notices, moment)),
        holder=places.get(held_in(past), ""),
        division_name=places.get(past.division_code, past.division_code),
        places=places,
        in_hand=_in_hand(past, events),
        as_of=moment,
    )


def may_be_seen(events: Sequence[MatterEvent]) -> bool:
    """Whether the matter, of which these are the events so far, is more than a draft: from then on its moments are shown."""
    return any(event.to_state != "draft" for event in events)


def _saved_since(timeline: Sequence[MatterEvent], event: MatterEvent, moment: datetime) -> Q:
    """What was saved after that event, by the moment, and before the next one: a form that is being put right has no event of its own."""
    named = event.matter_version
    if named is None:
        return NONE_SINCE
    later = [
        row.matter_version
        for row in timeline
        if row.matter_version is not None and row.matter_version > named
    ]
    before = Q(pgh_id__lt=min(later)) if later else Q()
    return Q(pgh_id__gt=named, pgh_created_at__gte=event.at, pgh_created_at__lte=moment) & before


def _proofs(view: MatterView, past: Matter, answers: dict[str, str], moment: datetime) -> tuple[Proof, ...]:
    """The papers that were called for, with what had been handed in. A register that proved one was noted; others are not asked."""
    given = [row for proof in view.proofs for row in proof.given if row.at <= moment]
    return tuple(
        replace(proof, known=any(row.kind == "register" for row in proof.given))
        for proof in proven(past, called_for(view.item, answers), {}, given)
    )


def _service(row: PromisedService, timeline: Sequence[MatterEvent], moment: datetime) -> PromisedService:
    """A promised service with what had been given of it, how it was closed, and by when it was owed."""
    opened = [event for event in timeline if told([event], "open_service", promised=row.pk)]
    by_then = sum(event.at <= moment for event in opened)
    past = copy(row)
    past._prefetched_objects_cache = {}
    keep_related(past, "given", [given for given in row.given.all() if given.at <= moment])
    closings = [
        _closing(closing, opened=number < by_then)
        for number, closing in enumerate(row.closings.all())
        if closing.at <= moment
    ]
    keep_related(past, "closings", closings)
    # Opened again, it may be owed by another day; the event says which day it was before.
    moved = next((event.details["due_was"] for event in opened[by_then:] if "due_was" in event.details), None)
    past.due_on = date.fromisoformat(moved) if moved else row.due_on
    return past


def _closing(row: ServiceClosing, *, opened: bool) -> ServiceClosing:
    """A closing, still closed where it was opened again later."""
    if not opened:
        row = copy(row)
        row.opened_on = row.opened_by_id = None
        row.opened_by_name = row.opened_because = ""
    return row


def _open_review(past: Matter, events: Sequence[MatterEvent]) -> Review | None:
    """The review that then waited for an answer."""
    waiting = _waiting_review(events)
    if waiting is None:
        return None
    row = Review.objects.get(pk=waiting)
    row.matter = past
    row.outcome = row.reason = row.note = ""
    row.looked_at = {}
    row.ended_from = row.decided_on = row.decided_by_id = None
    return row


def _waiting_review(events: Sequence[MatterEvent]) -> Any:
    """The key of the last review that was found due and not answered; None where none waits."""
    due = [event.details.get("review") for event in events if event.act == "review_due"]
    return due[-1] if due and not told(events, "confirm_review", review=due[-1]) else None


def _in_hand(past: Matter, events: Sequence[MatterEvent]) -> InHand | None:
    """Who had it in hand: whoever took it, or to whom it was handed on, as long as it awaits the step that it then awaited."""
    last = next((event for event in reversed(events) if event.act in CHARGES), None)
    if last is None or last.act == "put_back" or not past.awaits:
        return None
    then = version_left_by(past, last, last.matter_version, keeping=())
    if then.awaits != past.awaits:
        return None
    return InHand(last.details["to"] if last.act == "hand_on" else last.actor_name, last.on_date)
