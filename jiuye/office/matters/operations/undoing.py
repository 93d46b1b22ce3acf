"""What ends in the registers once what a matter granted is ended: statuses, employments, traineeships, places on lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext

from jiuye.engine.basis.dates import days_later
from jiuye.engine.services import Item
from jiuye.engine.services.items import Follow
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.limits import party
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.following import list_name, people_of, start_of
from jiuye.office.registry import decided
from jiuye.office.registry.models import Employer, Person, Status
from jiuye.office.skills.decided import end_traineeship
from jiuye.office.skills.states import TRAINEESHIP_OUTCOMES
from jiuye.office.staff.rows import unscoped

WITH_A_DAY = ("begin_status", "begin_employment", "begin_traineeship")


@dataclass(frozen=True, slots=True)
class End:
    """From which day (the first without it) and for which reason, in words; of a traineeship with which outcome, and the contract's day."""

    ended_from: date
    because: str
    outcome: str
    retained_on: date | None
    on: date
    at: datetime


def begun_on(matter: Matter, item: Item) -> date:
    """The first day of what the matter registered, or of its decision where it registered nothing with a day."""
    assert matter.decided_on is not None  # held by a constraint for what was granted
    answers = answers_of(matter)
    rows = [row for row in item.follows if row.do in WITH_A_DAY and row.applies(answers)]
    return min((start_of(row, answers, matter.decided_on) for row in rows), default=matter.decided_on)


@unscoped("the employer that a resident's matter is with may lie beyond the places of who ends it")
def parties_of(matter: Matter, item: Item) -> list[Employer]:
    """The employers that the resident's matter registered something with, each once."""
    answers = answers_of(matter)
    rows = [row for row in item.follows if row.do in WITH_A_DAY and row.employer and row.applies(answers)]
    found = [party(answers[row.employer]) for row in rows if answers.get(row.employer)]
    return list({employer.pk: employer for employer in found if employer is not None}.values())


def given_statuses(matter: Matter, row: Follow) -> Any:
    """The open statuses that the matter gave: by its number, or the applicant's own that was there before and was kept."""
    kept = Q(document=matter.number)
    if matter.person_id is not None:
        category = answers_of(matter).get(row.category, "") if row.category else ""
        kept |= Q(person_id=matter.person_id, category=category)
    return Status.objects.filter(kept, kind=row.status, until__isnull=True).order_by("pk")


@unscoped("what a matter gave is ended wherever those live who have it; who may end it was checked")
def undo(matter: Matter, item: Item, end: End) -> list[str]:
    """End what each row of the item began, in the transaction of the end; what was done, in words.

    Raises FactRefusedError, SkillsRefusal where the registers refuse it.
    """
    answers = answers_of(matter)
    done: list[str] = []
    for row in item.follows:
        if not row.applies(answers):
            continue
        if row.do == "begin_status":
            done += _end_statuses(matter, row, answers, end)
        if row.do == "begin_employment":
            done += _end_employment(matter, row, answers, end)
        if row.do == "begin_traineeship":
            done += _end_traineeship(matter, row, answers, end)
        if row.do == "list_employer" and matter.employer is not None:
            decided.list_employer(
                employer=matter.employer, register=row.register, listed=False, on=end.on, at=end.at
            )
            done.append(gettext("移出“%(list)s”名录") % {"list": list_name(row.register)})
    return done


# ---------------------------------------------------------------------------------------------- internals


def _end_statuses(matter: Matter, row: Follow, answers: dict[str, str], end: End) -> list[str]:
    people: Iterable[Person] = [
        status.person for status in given_statuses(matter, row).select_related("person")
    ]
    name = gettext(str(dict(Status._meta.get_field("kind").choices or ())[row.status]))
    done = []
    for person in people:
        decided.end_statuses(
            person=person,
            kind=row.status,
            category=answers.get(row.category, "") if row.category else "",
            until=end.ended_from,
            on=end.on,
            at=end.at,
        )
        done.append(
            gettext("%(name)s的“%(status)s”终止，自 %(day)s 起")
            % {"name": person.masked_name, "status": name, "day": end.ended_from.isoformat()}
        )
    return done


def _end_employment(matter: Matter, row: Follow, answers: dict[str, str], end: End) -> list[str]:
    assert matter.decided_on is not None  # held by a constraint for what was granted
    done = []
    for person in people_of(matter, row, answers, end.on):
        ended = decided.end_employment(
            person=person,
            kind=row.employment,
            start=start_of(row, answers, matter.decided_on),
            employer=party(answers[row.employer]) if answers.get(row.employer) else matter.employer,
            until=end.ended_from,
            because=end.because,
            on=end.on,
            at=end.at,
        )
        if ended is not None:
            done.append(
                gettext("终止就业（%(kind)s），自 %(day)s 起")
                % {"kind": ended.get_kind_display(), "day": end.ended_from.isoformat()}
            )
    return done


def _end_traineeship(matter: Matter, row: Follow, answers: dict[str, str], end: End) -> list[str]:
    assert matter.decided_on is not None  # held by a constraint for what was granted
    employer = party(answers[row.employer])
    assert employer is not None  # the form was checked when it was handed in, and employers are never removed
    done = []
    for person in people_of(matter, row, answers, end.on):
        kept = end_traineeship(
            person=person,
            employer=employer,
            start=start_of(row, answers, matter.decided_on),
            outcome=end.outcome,
            until=end.ended_from,
            retained_on=end.retained_on,
            on=end.on,
            at=end.at,
        )
        done.append(
            gettext("见习结束（%(outcome)s），最后一天 %(day)s")
            % {
                "outcome": gettext(TRAINEESHIP_OUTCOMES[kept.outcome]),
                "day": days_later(kept.until, -1).isoformat(),
            }
        )
    return done
