"""The public notice of matters: what anybody may read while one is publicised, masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from jiuye.office.casework.notices import NAMED, Named
from jiuye.office.matters.models import Matter, MatterEvent


@dataclass(frozen=True, slots=True)
class MatterNotice:
    """One line of the notice. It names no ID number and no address."""

    number: str
    item_name: str
    item_name_en: str
    applicant: str
    first_day: date
    last_day: date


def notices_named() -> Iterator[Named]:
    """Every notice that the timeline of a matter names."""
    found = MatterEvent.objects.filter(act="publicise").select_related("matter").order_by("pk")
    for event in found.iterator(chunk_size=500):
        yield Named(event.matter.about, event.matter.number, event.at, event.details.get(NAMED, ""))


def notice_row(matter: Matter) -> MatterNotice:
    """The line of a matter that is publicised."""
    assert matter.publicity_start is not None  # held by the step that publicised it
    assert matter.publicity_until is not None
    return MatterNotice(
        number=matter.number,
        item_name=matter.item_name,
        item_name_en=matter.item_name_en,
        applicant=matter.masked_applicant,
        first_day=matter.publicity_start,
        last_day=matter.publicity_until - timedelta(days=1),
    )
