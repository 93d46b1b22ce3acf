"""A case as it then was: its state, amounts, papers and events at a past moment, from what was appended and the versions kept of it."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from django.utils.translation import gettext

from jiuye.office.casework.models import Case, CaseCheck, CaseEvent, NoticeProof, Objection, RefusalReview
from jiuye.office.casework.proofs import proofs_of
from jiuye.office.casework.queries.one import (
    CaseView,
    Holder,
    acts_to_come,
    appeals_of,
    holder_of,
    is_overdue,
    newest_checks,
    newest_run,
)
from jiuye.office.casework.queries.signing import signing_of
from jiuye.office.casework.refusals import Refusal
from jiuye.office.funds.queries import RecoveryPosition, position_then
from jiuye.office.registry.places import division_names

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


class NotYetThereError(Refusal):
    """At that moment the case had not begun."""

    def __init__(self, began: date) -> None:
        super().__init__(
            gettext("那时还没有这件办件；它从 %(began)s 开始。请选这一天以后的时间。")
            % {"began": began.isoformat()}
        )


def as_it_was(view: CaseView, moment: datetime) -> CaseView:
    """The same case at `moment`: nothing may be done with what is past, so that it offers no acts. Raises NotYetThereError."""
    events = [event for event in view.timeline if event.at <= moment]
    if not events:
        raise NotYetThereError(view.timeline[0].on_date)
    on = moment.astimezone(CHINA).date()
    past = _version(view.case, events[-1])
    holder = holder_of(past)
    where = {holder.division_name} if holder is not None else set()
    names = view.places if where <= view.places.keys() else division_names(where)
    return replace(
        view,
        case=past,
        timeline=events,
        checks=_checks(past, moment),
        objections=[_objection(row, events) for row in view.objections if _told(row, "object", events)],
        acts=[],
        holder=Holder(holder.role, names.get(holder.division_name, ""), holder.until) if holder else None,
        awaited=acts_to_come(past),
        appeals=appeals_of(past),
        overdue=is_overdue(past, on),
        proofs=proofs_of(past, on=on, until=moment),
        signing=signing_of(past, on=on, until=moment),
        reviews=_reviews(view.reviews, events),
        recoveries=_recoveries(view.recoveries, events, on) if past.state == "paid" else [],
        notices=[_notice(row, on) for row in view.notices if row.put_up_at <= moment],
        as_of=moment,
    )


def _version(case: Case, event: CaseEvent) -> Case:
    """The case as that event left it. An event written before versions were named is found by its time."""
    versions = case.pgh_event_model.objects.filter(pgh_obj_id=case.pk).order_by("pgh_id")
    if event.case_version is not None:
        kept = versions.get(pgh_id=event.case_version)
    else:
        kept = versions.filter(pgh_created_at__lte=event.at).last() or versions.first()
    values = {field.attname: getattr(kept, field.attname) for field in Case._meta.concrete_fields}
    past = Case(**values | {"id": case.pk})
    past._state.adding = False
    past.entitlement, past.person, past.employer = case.entitlement, case.person, case.employer
    for who in ("accepted_by", "reviewed_by", "approved_by"):
        if getattr(past, f"{who}_id") == getattr(case, f"{who}_id"):
            setattr(past, who, getattr(case, who))
    return past


def _checks(case: Case, moment: datetime) -> list[CaseCheck]:
    return newest_run(list(newest_checks(case.entitlement_id, until=moment)))


def _recoveries(rows: list[RecoveryPosition], events: list[CaseEvent], on: date) -> list[RecoveryPosition]:
    """What had been claimed back by then: the timeline says what was proposed, decided, received and waived, to the moment."""
    found = []
    for row in rows:
        told = [event for event in events if event.details.get("recovery") == row.recovery.pk]
        acts = {event.act for event in told}
        if not acts:
            continue
        found.append(
            position_then(
                row.recovery,
                received_fen=sum(_received_fen(event) for event in told),
                decided=bool(acts & {"confirm_claim_back", "drop_claim_back", "withdraw_claim_back"}),
                withdrawn="withdraw_claim_back" in acts,
                waived="waive_back" in acts,
                on=on,
            )
        )
    return found


def _received_fen(event: CaseEvent) -> int:
    """What the event adds to what has come back; a receipt that was taken back adds less than nothing."""
    sign = {"receive_back": 1, "undo_receipt": -1}.get(event.act, 0)
    return sign * int(event.details["amount_fen"]) if sign else 0


def _notice(row: NoticeProof, on: date) -> NoticeProof:
    """A notice, still up where it was taken down later."""
    if row.taken_down_on is not None and row.taken_down_on > on:
        row = copy(row)
        row.taken_down_on = row.objections = None
    return row


def _told(row: Objection, act: str, events: list[CaseEvent]) -> bool:
    return any(event.act == act and event.details.get("objection") == row.pk for event in events)


def _objection(row: Objection, events: list[CaseEvent]) -> Objection:
    """An objection, unanswered where its answer came later."""
    if not _told(row, "resolve_objection", events):
        row.resolved_on = row.resolved_by_id = row.upheld = None
        row.resolution = row.answer = ""
        row.by_hand = False
    if not _told(row, "answer_objection", events):
        row.answered_on = row.answered_by_id = None
        row.answered_how = ""
    return row


def _reviews(rows: list[RefusalReview], events: list[CaseEvent]) -> list[RefusalReview]:
    """Reviews asked for by then, in their order; one whose decision came later is still open."""
    asked = sum(event.act == "ask_review" for event in events)
    decided = sum(event.act in ("overturn", "uphold_refusal") for event in events)
    found = rows[:asked]
    for row in found[decided:]:
        row.decided_on = row.decided_by_id = row.overturned = None
        row.words = ""
    return found
