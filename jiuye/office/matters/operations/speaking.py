"""Who speaks for a matter's applicant at the counter: a relative by an authority on record, or they themselves."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.office.casework.operations.authorizing import NotSpokenForError, put_speaker
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.steps import locked, one_act
from jiuye.office.matters.states import OPEN_STATES
from jiuye.office.staff.queries import Actor, require


def change_speaker(
    *, actor: Actor, matter_id: int, authority_id: int | None, on: date, at: datetime
) -> Matter:
    """From now on the relative of that authority speaks for the applicant at the counter; without one, they come themselves.

    Raises MatterNotFoundError, NotPermittedError, NotSpokenForError, AuthorityNotFoundError, AuthorityEndedError, HolderActsError,
    AcceptedByHolderError.
    """
    with one_act("change_speaker"):
        matter = locked(matter_id)
        require(actor, "matters.start_on_behalf", matter.division_code)
        if matter.state == "draft" and matter.way == "own":
            raise MatterNotFoundError  # what somebody writes at home is theirs until it is handed in
        if matter.applicant_kind != "person" or matter.state not in (*OPEN_STATES, "refused"):
            raise NotSpokenForError
        speak_for(matter, authority_id, actor=actor, on=on, at=at)
    return matter


def speak_for(matter: Matter, authority_id: int | None, *, actor: Actor, on: date, at: datetime) -> None:
    """The same for a matter that the caller holds. The way in which it was asked for follows while it is a draft, and where no relative
    speaks for the applicant any more: what was done by the relative before, the timeline says."""
    follows = matter.state == "draft" or (authority_id is None and matter.way == "relative")
    if follows:
        matter.way = "on_behalf" if authority_id is None else "relative"
    more = ("way",) if follows else ()
    put_speaker(
        matter,
        authority_id,
        actor=actor,
        on=on,
        at=at,
        more=more,
    )
