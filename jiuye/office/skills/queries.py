"""Questions about skills: what one person has, whom an employer trains, what has come to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from jiuye.office.registry.models import Employer, Person
from jiuye.office.skills.models import Apprenticeship, Certificate, Traineeship, TrainingEnrolment
from jiuye.office.skills.states import HIGH_SKILL_LEVELS, SKILL_LEVELS
from jiuye.office.staff.queries import Actor, require, scope_filter


@dataclass(frozen=True, slots=True)
class PersonSkills:
    """Everything that is recorded of one person's skills, newest first."""

    certificates: tuple[Certificate, ...]
    traineeships: tuple[Traineeship, ...]
    apprenticeships: tuple[Apprenticeship, ...]
    training: tuple[TrainingEnrolment, ...]

    @property
    def highest_level(self) -> str:
        """The highest level of all certificates (a key of SKILL_LEVELS), or nothing."""
        ladder = list(SKILL_LEVELS)
        levels = [certificate.level for certificate in self.certificates if certificate.level]
        return max(levels, key=ladder.index, default="")

    @property
    def highly_skilled(self) -> bool:
        """高技能人才: 高级工 or above."""
        return self.highest_level in HIGH_SKILL_LEVELS


def skills_of(*, actor: Actor, person: Person) -> PersonSkills:
    """What is recorded of the person. Raises NotPermittedError."""
    require(actor, "registry.see", person.residence_division_id)
    return PersonSkills(
        certificates=tuple(person.certificates.order_by("-issued_on", "-pk")),
        traineeships=tuple(person.traineeships.select_related("employer").order_by("-start", "-pk")),
        apprenticeships=tuple(
            person.apprenticeships.select_related("employer", "certificate").order_by("-start", "-pk")
        ),
        training=tuple(person.training.select_related("certificate").order_by("-start", "-pk")),
    )


def traineeships_at(*, actor: Actor, employer: Employer) -> QuerySet[Traineeship]:
    """The traineeships at an employer, newest first. Raises NotPermittedError."""
    require(actor, "registry.see", employer.division_id)
    return employer.traineeships.select_related("person").order_by("-start", "-pk")


def apprenticeships_at(*, actor: Actor, employer: Employer) -> QuerySet[Apprenticeship]:
    """The apprenticeships at an employer, newest first. Raises NotPermittedError."""
    require(actor, "registry.see", employer.division_id)
    return employer.apprenticeships.select_related("person", "certificate").order_by("-start", "-pk")


def traineeships_without_outcome(*, actor: Actor, on: date) -> QuerySet[Traineeship]:
    """Traineeships that have ended by the day and of which nobody has said whether the trainee was retained.

    Only of persons whom the actor may see; the oldest first.
    """
    return (
        Traineeship.objects.filter(
            scope_filter(actor, "registry.see", "person__residence_division__code"), outcome="", until__lte=on
        )
        .select_related("person", "employer")
        .order_by("until", "pk")
    )


def apprenticeships_without_certificate(*, actor: Actor, on: date) -> QuerySet[Apprenticeship]:
    """Apprenticeships that have ended by the day without a certificate on record; the oldest first."""
    return (
        Apprenticeship.objects.filter(
            scope_filter(actor, "registry.see", "person__residence_division__code"),
            certificate__isnull=True,
            until__lte=on,
        )
        .select_related("person", "employer")
        .order_by("until", "pk")
    )


def same_level_certificates(certificate: Certificate) -> QuerySet[Certificate]:
    """Other certificates of the same person, occupation and level: 同一职业（工种）同一等级 is subsidised once."""
    return (
        Certificate.objects.filter(
            person_id=certificate.person_id,
            occupation_name=certificate.occupation_name,
            level=certificate.level,
            kind=certificate.kind,
        )
        .exclude(pk=certificate.pk)
        .order_by("issued_on", "pk")
    )
