"""Who speaks for the applicant of a case or a matter, as the form by which it is changed at the counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from jiuye.office.casework.authorities import AuthorityEndedError, authorities_in_force, why_not_in_force
from jiuye.office.casework.models import Case
from jiuye.office.casework.queries.authorities import speaker_of
from jiuye.office.casework.states import OPEN_STATES
from jiuye.office.matters.states import OPEN_STATES as MATTER_OPEN_STATES
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.authorities import choices_of


@dataclass(frozen=True, slots=True)
class Speaking:
    """Where the form is posted, who may have come, whose authority it is now, and why that one no longer holds."""

    url: str
    choices: list[tuple[int, str]]
    now: int | None
    ended: str


def speaking_of(me: Actor, thing: Any, *, on: date) -> Speaking | None:
    """The form of a case or a matter; None where nothing is to be changed: not at the counter, with nothing left for the applicant to do, an
    employer's, or without an authority on record.
    """
    of_case = isinstance(thing, Case)
    states = (*(OPEN_STATES if of_case else MATTER_OPEN_STATES), "refused")
    kind = thing.recipient_kind if of_case else thing.applicant_kind
    may = "casework.confirm_on_behalf" if of_case else "matters.start_on_behalf"
    if kind != "person" or thing.state not in states or not me.may(may, thing.division_code):
        return None
    found = authorities_in_force(thing.person_id, on=on)
    if not found and thing.authority_id is None:
        return None
    ended = ""
    if thing.authority_id is not None and thing.authority_id not in {one.pk for one in found}:
        speaker = speaker_of(thing)
        why = why_not_in_force(speaker, on=on) if speaker is not None else ""
        ended = str(AuthorityEndedError(why)) if why else ""
    name = "desk:case_speaker" if of_case else "desk:matter_speaker"
    return Speaking(reverse(name, args=[thing.pk]), choices_of(found), thing.authority_id, ended)
