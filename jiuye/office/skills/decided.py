"""What a decided matter writes: a traineeship begins or ends. Permitted where it was decided, in the transaction of that decision, and by nothing else."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.signals import people_changed
from jiuye.office.skills.models import Traineeship
from jiuye.office.skills.operations import _finished, _keep
from jiuye.office.skills.refusals import SkillsRefusal

SOURCE = "事项办结"


class NoTraineeshipError(SkillsRefusal):
    """No traineeship of this person at this base since that day is on record."""

    def __init__(self, start: date) -> None:
        super().__init__(
            gettext("没有找到 %(start)s 开始的这段见习，不能登记它的结果；请核对见习登记。")
            % {"start": start.isoformat()}
        )


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


def end_traineeship(
    *,
    person: Person,
    employer: Employer,
    start: date,
    outcome: str,
    until: date,
    retained_on: date | None,
    on: date,
    at: datetime,
) -> Traineeship:
    """The traineeship ends with `until` as the first day after it, never later than was agreed; whether the trainee was retained is kept.

    Raises NoTraineeshipError, AlreadyFinishedError, RecordRefusedError, FutureDateError.
    """
    same = Traineeship.objects.filter(person=person, employer=employer, start=start)
    found = same.select_for_update(of=("self",)).order_by("pk").first()
    if found is None:
        raise NoTraineeshipError(start)
    return _finished(found, outcome, min(until, found.until), retained_on, on, at)
