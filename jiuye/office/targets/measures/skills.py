"""Traineeships, apprentices, training and certificates, from the records of `office/skills`.

What is trained or certified is counted where the person lives; what an employer does, where the employer is.
"""

from __future__ import annotations

from typing import Any

from django.db.models import DateField, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet

from jiuye.engine.basis.dates import Interval
from jiuye.office.registry.models import Education, EmploymentSpell, Status
from jiuye.office.skills.models import Apprenticeship, Certificate, Traineeship, TrainingEnrolment
from jiuye.office.targets.measures.counting import (
    Measure,
    Part,
    RecordLine,
    first_in_the_year,
    later_in_the_year,
    started,
)
from jiuye.office.targets.states import PART_NAMES

# 普通高等教育: full-time, from 大专 up.
HIGHER_EDUCATION = ("junior_college", "bachelor", "master", "doctor")
LIVES_IN = F("person__residence_division_id")
WORKS_IN = F("employer__division_id")


class TwoYearsAfter(Func):
    """The day two years after a date; 29 February becomes 28 February, as in the rule language's `add_months`."""

    template = "(%(expressions)s + INTERVAL '2 years')::date"
    output_field = DateField()


class CompletedYears(Func):
    """周岁: completed years from the second date to the first; somebody born on 29 February turns on 1 March."""

    template = "EXTRACT(YEAR FROM AGE(%(expressions)s))::int"
    output_field = IntegerField()


def _held_before(day: str) -> Q:
    """An interval that held on the eve of the day; it may have ended with it."""
    return Q(until__isnull=True) | Q(until__gte=OuterRef(day))


def _recent_graduates() -> Exists:
    """离校2年内: full-time higher education, begun on or before the day two years after graduating."""
    return Exists(
        Education.objects.annotate(two_years_on=TwoYearsAfter("graduated_on")).filter(
            person=OuterRef("person"),
            level__in=HIGHER_EDUCATION,
            full_time=True,
            graduated_on__lte=OuterRef("start"),
            two_years_on__gte=OuterRef("start"),
        )
    )


def _in_work() -> Exists:
    """Employed on the eve of the beginning."""
    return Exists(
        EmploymentSpell.objects.filter(
            _held_before("start"), person=OuterRef("person"), start__lt=OuterRef("start")
        )
    )


def _registered_unemployed() -> Exists:
    """Registered as unemployed on the day, or on its eve."""
    return Exists(
        Status.objects.filter(
            _held_before("start"),
            person=OuterRef("person"),
            kind="registered_unemployed",
            start__lte=OuterRef("start"),
        )
    )


def _traineeships(period: Interval) -> QuerySet[Any]:
    return (
        started(Traineeship, period)
        .annotate(
            counted_on=F("start"), place=WORKS_IN, age_at_start=CompletedYears("start", "person__birth_date")
        )
        .select_related("person", "employer")
    )


def _for_the_young() -> Q:
    """离校2年内未就业高校毕业生, or 16 to 24 and registered as unemployed; at a recognised base."""
    graduate = Q(_recent_graduates()) & ~Q(_in_work())
    youth = Q(age_at_start__gte=16, age_at_start__lte=24) & Q(_registered_unemployed())
    return Q(employer__traineeship_base=True) & (graduate | youth)


def trainees(period: Interval) -> QuerySet[Any]:
    """Young people who began a traineeship at a recognised base, once a year."""
    return first_in_the_year(_traineeships(period).filter(_for_the_young()))


def trainees_again(period: Interval) -> QuerySet[Any]:
    """A second traineeship of the same person in the same year."""
    return later_in_the_year(_traineeships(period).filter(_for_the_young()))


def trainees_outside(period: Interval) -> QuerySet[Any]:
    """Traineeships at an employer that is no base, or of somebody outside the circle (or not known to be in it)."""
    return _traineeships(period).exclude(pk__in=_traineeships(period).filter(_for_the_young()).values("pk"))


def apprentices(period: Interval) -> QuerySet[Any]:
    """Apprentices who began, once a year."""
    return first_in_the_year(_apprenticeships(period))


def apprentices_again(period: Interval) -> QuerySet[Any]:
    """A second apprenticeship begun in the same year."""
    return later_in_the_year(_apprenticeships(period))


def _apprenticeships(period: Interval) -> QuerySet[Any]:
    return (
        started(Apprenticeship, period)
        .annotate(counted_on=F("start"), place=WORKS_IN)
        .select_related("person", "employer")
    )


def _finished(period: Interval) -> QuerySet[Any]:
    return (
        TrainingEnrolment.objects.filter(finished_on__gte=period.start, finished_on__lt=period.end)
        .annotate(counted_on=F("finished_on"), place=LIVES_IN)
        .select_related("person")
    )


def trained(period: Interval) -> QuerySet[Any]:
    """Subsidised training of the catalogue that was finished with a certificate; each course counts (人次)."""
    return _finished(period).filter(subsidised=True).exclude(certificate_kind="")


def trained_without_certificate(period: Interval) -> QuerySet[Any]:
    """Finished without any certificate: a lecture, by the definition."""
    return _finished(period).filter(subsidised=True, certificate_kind="")


def trained_outside_catalogue(period: Interval) -> QuerySet[Any]:
    """Not in the catalogue of subsidised training, or nobody has said whether it is."""
    return _finished(period).exclude(subsidised=True)


def _in_full_time_schooling() -> Exists:
    """A pupil or student of the day: 学制教育在校生."""
    return Exists(
        Status.objects.filter(
            Q(until__isnull=True) | Q(until__gt=OuterRef("start")),
            person=OuterRef("person"),
            kind="student",
            start__lte=OuterRef("start"),
        )
    )


def trained_by_colleges(period: Interval) -> QuerySet[Any]:
    """Training by technical colleges of people who are not their full-time pupils."""
    return _finished(period).filter(~_in_full_time_schooling(), provider_kind="technical_college")


def college_pupils(period: Interval) -> QuerySet[Any]:
    """Training of full-time pupils and students, which is not public training."""
    return _finished(period).filter(_in_full_time_schooling(), provider_kind="technical_college")


def _issued(period: Interval) -> QuerySet[Any]:
    return (
        Certificate.objects.filter(issued_on__gte=period.start, issued_on__lt=period.end)
        .annotate(counted_on=F("issued_on"), place=LIVES_IN)
        .select_related("person")
    )


def certified(period: Interval) -> QuerySet[Any]:
    """Certificates of a skill level (技能等级认定)."""
    return _issued(period).filter(kind="skill_level")


def certified_otherwise(period: Interval) -> QuerySet[Any]:
    """Vocational qualifications, special abilities and completed courses: not level assessment."""
    return _issued(period).exclude(kind="skill_level")


def at_employer(record: Any) -> RecordLine:
    """A traineeship or an apprenticeship, with its employer."""
    return RecordLine(
        record.person.masked_name, record.employer.name, record.counted_on, record.place, record.source
    )


def of_course(record: Any) -> RecordLine:
    """A course that somebody finished."""
    return RecordLine(
        record.person.masked_name, record.course_name, record.counted_on, record.place, record.source
    )


def of_certificate(record: Any) -> RecordLine:
    """A certificate with its occupation and level."""
    return RecordLine(record.person.masked_name, str(record), record.counted_on, record.place, record.source)


INTERNSHIP_PARTICIPANTS = Measure(
    "internship_participants",
    (
        Part("trainees", PART_NAMES["trainees"], 1, trainees, at_employer),
        Part("again", PART_NAMES["again"], 0, trainees_again, at_employer),
        Part("outside", PART_NAMES["trainees_outside"], 0, trainees_outside, at_employer),
    ),
)
NEW_APPRENTICES = Measure(
    "new_apprentices",
    (
        Part("apprentices", PART_NAMES["apprentices"], 1, apprentices, at_employer),
        Part("again", PART_NAMES["again"], 0, apprentices_again, at_employer),
    ),
)
TRAINING_PERSON_TIMES = Measure(
    "training_person_times",
    (
        Part("trained", PART_NAMES["trained"], 1, trained, of_course),
        Part(
            "without_certificate",
            PART_NAMES["without_certificate"],
            0,
            trained_without_certificate,
            of_course,
        ),
        Part("outside", PART_NAMES["outside_catalogue"], 0, trained_outside_catalogue, of_course),
    ),
)
COLLEGE_TRAINING_PERSON_TIMES = Measure(
    "college_training_person_times",
    (
        Part("trained", PART_NAMES["college_trained"], 1, trained_by_colleges, of_course),
        Part("pupils", PART_NAMES["pupils"], 0, college_pupils, of_course),
    ),
)
CERTIFICATES_ISSUED = Measure(
    "certificates_issued",
    (
        Part("certified", PART_NAMES["certified"], 1, certified, of_certificate),
        Part("otherwise", PART_NAMES["otherwise"], 0, certified_otherwise, of_certificate),
    ),
)
