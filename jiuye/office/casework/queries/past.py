"""A case as it then was: its state, amounts, papers and events at a past moment, from what was appended and the versions kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from jiuye.office.casework.models import Case, CaseCheck, CaseEvent
from jiuye.office.casework.moments import (
    NotYetThereError,
    day_of,
    notices_then,
    objections_then,
    reviews_then,
    version_left_by,
)
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
from jiuye.office.funds.queries import RecoveryPosition, position_then
from jiuye.office.registry.places import division_names


def as_it_was(view: CaseView, moment: datetime) -> CaseView:
    """The same case at `moment`: nothing may be done with what is past, so that it offers no acts. Raises NotYetThereError."""
    events = [event for event in view.timeline if event.at <= moment]
    if not events:
        raise NotYetThereError(view.timeline[0].on_date)
    on = day_of(moment)
    past = version_left_by(
        view.case,
        events[-1],
        events[-1].case_version,
        keeping=("entitlement", "person", "employer", "accepted_by", "reviewed_by", "approved_by"),
    )
    holder = holder_of(past)
    where = {holder.division_name} if holder is not None else set()
    names = view.places if where <= view.places.keys() else division_names(where)
    return replace(
        view,
        case=past,
        timeline=events,
        checks=_checks(past, moment),
        objections=objections_then(view.objections, events),
        acts=[],
        holder=Holder(holder.role, names.get(holder.division_name, ""), holder.until) if holder else None,
        awaited=acts_to_come(past),
        appeals=appeals_of(past),
        overdue=is_overdue(past, on),
        proofs=proofs_of(past, on=on, until=moment),
        signing=signing_of(past, events, on=on, until=moment),
        reviews=reviews_then(view.reviews, events),
        recoveries=_recoveries(view.recoveries, events, on) if past.state == "paid" else [],
        notices=notices_then(view.notices, moment),
        as_of=moment,
    )


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
