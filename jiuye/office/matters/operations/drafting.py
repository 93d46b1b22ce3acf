"""A draft of a matter, filled in with what the city knows; opened by somebody, or by the system after another matter."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from jiuye.engine.services import Item
from jiuye.office.casework.timeline import record
from jiuye.office.matters.forms import kept, known_facts, packed, prefilled
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor


def open_draft(
    item: Item,
    applicant: Person | Employer,
    *,
    division: str,
    way: str,
    life_event: str,
    actor: Actor | None,
    on: date,
    at: datetime,
    proxy: str = "",
    answers: dict[str, str] | None = None,
) -> Matter:
    """Write the draft and its first event, in the caller's transaction. `answers` stand above what the city knows."""
    known = known_facts(item, applicant_kind=item.applicant, applicant_id=applicant.pk, on=on)
    mine: dict[str, Any] = {item.applicant: applicant}
    matter = Matter.objects.create(
        item_id=item.id,
        item_name=item.name,
        item_name_en=item.name_en,
        item_version=item.version,
        applicant_kind=item.applicant,
        applicant_name=applicant.name,
        division_code=division,
        answers=packed(prefilled(item, known) | kept(item, answers or {})),
        way=way,
        proxy=proxy.strip(),
        life_event=life_event,
        started_on=on,
        **mine,
    )
    record(matter, "start", actor=actor, on=on, at=at, from_state="")
    return matter
