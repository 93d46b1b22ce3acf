"""What a decided matter writes: a traineeship begins. Permitted where it was decided, in the transaction of that decision, and by nothing else."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.signals import people_changed
from jiuye.office.skills.models import Traineeship
from jiuye.office.skills.operations import _keep

SOURCE = "事项办结"


def begin_traineeship(
    *,
    person: Person,
    employer: Employer,
    start: date,
    until: date,
    monthly_stipend_fen: int,
    position: str,
    accident_insured: bool | None,
    on: date,
    at: datetime,
) -> Traineeship:
    """A traineeship as agreed, `until` being the first day after it; the very same one on record is returned.

    Raises RecordRefusedError where it contradicts what is on record.
    """
    Person.objects.select_for_update(of=("self",)).only("pk").get(pk=person.pk)
    same = Traineeship.objects.filter(person=person, employer=employer, start=start)
    if (found := same.order_by("pk").first()) is not None:
        return found
    kept = _keep(
        Traineeship(
            person=person,
            employer=employer,
            position=position[:60],
            start=start,
            until=until,
            monthly_stipend_fen=monthly_stipend_fen,
            accident_insured=accident_insured,
            source=SOURCE,
        ),
        "skills.begin_traineeship",
        at,
    )
    people_changed.send(sender=Person, person_ids=[person.pk], on=on, at=at)
    return kept
