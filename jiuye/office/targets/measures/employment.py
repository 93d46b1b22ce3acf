"""城镇新增就业 and 就业困难人员实现就业, from the employment spells and statuses of the registry.

Source: 城镇就业人员变动数据测算暂行办法（劳社部发〔2004〕9号）一（一）至（三）; 人社部就业统计报表制度 for the placements.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce

from jiuye.engine.basis.dates import Interval
from jiuye.office.registry.models import EmploymentSpell, Status
from jiuye.office.targets.measures.counting import (
    Measure,
    Part,
    RecordLine,
    first_in_the_year,
    later_in_the_year,
    started,
)
from jiuye.office.targets.states import PART_NAMES

# The words with which registers end an employment naturally; whoever died or drew a pension counts without them.
NATURAL_ENDS = Q(ended_because__contains="退休") | Q(ended_because__contains="死亡")
WORKPLACE = Coalesce("employer__division_id", "person__residence_division_id")


def _still_running(day: str) -> Q:
    """An interval that is open, or ends on the day or later: half-open, it then held on the eve of the day."""
    return Q(until__isnull=True) | Q(until__gte=OuterRef(day))


def in_urban_work_on_the_eve() -> Exists:
    """Whoever was in urban work the day before the spell began is moving, not newly employed."""
    others = EmploymentSpell.objects.filter(
        _still_running("start"), person=OuterRef("person"), urban=True, start__lt=OuterRef("start")
    )
    return Exists(others.exclude(pk=OuterRef("pk")))


def _begun(period: Interval) -> QuerySet[Any]:
    return (
        started(EmploymentSpell, period)
        .annotate(counted_on=F("start"), place=WORKPLACE)
        .select_related("person", "employer")
    )


def _newly_employed(period: Interval) -> QuerySet[Any]:
    return _begun(period).filter(~in_urban_work_on_the_eve(), urban=True, transferred_in=False)


def hired(period: Interval) -> QuerySet[Any]:
    """城镇累计新就业: each person's first new urban employment of a year, after a day without one."""
    return first_in_the_year(_newly_employed(period))


def hired_again(period: Interval) -> QuerySet[Any]:
    """New employment of somebody who was counted in the same year already."""
    return later_in_the_year(_newly_employed(period))


def moved(period: Interval) -> QuerySet[Any]:
    """单位间调入: marked as a transfer, or begun without a day between."""
    return _begun(period).filter(Q(transferred_in=True) | in_urban_work_on_the_eve(), urban=True)


def not_urban(period: Interval) -> QuerySet[Any]:
    """Employment that is not urban: farming, village enterprises."""
    return _begun(period).filter(urban=False)


def attrition(period: Interval) -> QuerySet[Any]:
    """自然减员: urban employment that ended by retirement or death, each person once a year.

    An end counts where the register gives that reason, where the pension began during the employment, or where the
    person died by then. A death also ends an employment that the register has not closed.
    """
    died_in_it = Q(person__death_date__gte=F("start")) & (
        Q(until__isnull=True) | Q(until__gt=F("person__death_date"))
    )
    died_by_the_end = Q(person__death_date__gte=F("start"), person__death_date__lte=F("until"))
    pensioned = Status.objects.filter(
        person=OuterRef("person"), kind="pensioner", start__gt=OuterRef("start"), start__lte=OuterRef("until")
    )
    ended = (
        EmploymentSpell.objects.filter(urban=True)
        .annotate(
            counted_on=Case(
                When(died_in_it, then=F("person__death_date")),
                default=F("until"),
                output_field=DateField(null=True),
            ),
            place=WORKPLACE,
        )
        .filter(counted_on__gte=period.start, counted_on__lt=period.end)
        .filter(died_in_it | died_by_the_end | NATURAL_ENDS | Exists(pensioned))
        .select_related("person", "employer")
    )
    return first_in_the_year(ended)


def _recognised() -> Exists:
    """Recognised as 就业困难人员 on the day the employment began, or on its eve: the recognition may end with it."""
    return Exists(
        Status.objects.filter(
            _still_running("start"),
            person=OuterRef("person"),
            kind="employment_difficulty",
            start__lte=OuterRef("start"),
        )
    )


def _placements(period: Interval) -> QuerySet[Any]:
    """New employment of every form, urban or not, counted where the person lives: there they are helped."""
    return (
        started(EmploymentSpell, period)
        .filter(~in_urban_work_on_the_eve(), transferred_in=False)
        .annotate(counted_on=F("start"), place=F("person__residence_division_id"))
        .select_related("person", "employer")
    )


def placed(period: Interval) -> QuerySet[Any]:
    """Persons recognised as having difficulties who found employment, once a year."""
    return first_in_the_year(_placements(period).filter(_recognised()))


def placed_again(period: Interval) -> QuerySet[Any]:
    """Further employment of somebody who was counted in the same year already."""
    return later_in_the_year(_placements(period).filter(_recognised()))


def spell_line(spell: Any) -> RecordLine:
    """A spell with its employer; a resident's own work is named by its form."""
    what = spell.employer.name if spell.employer is not None else spell.get_kind_display()
    return RecordLine(spell.person.masked_name, what, spell.counted_on, spell.place, spell.source)


URBAN_NEW_EMPLOYMENT = Measure(
    "urban_new_employment",
    (
        Part("hired", PART_NAMES["hired"], 1, hired, spell_line),
        Part("attrition", PART_NAMES["attrition"], -1, attrition, spell_line),
        Part("moved", PART_NAMES["moved"], 0, moved, spell_line),
        Part("again", PART_NAMES["again"], 0, hired_again, spell_line),
        Part("not_urban", PART_NAMES["not_urban"], 0, not_urban, spell_line),
    ),
)
HARDSHIP_PLACEMENTS = Measure(
    "hardship_placements",
    (
        Part("placed", PART_NAMES["placed"], 1, placed, spell_line),
        Part("again", PART_NAMES["again"], 0, placed_again, spell_line),
    ),
)
