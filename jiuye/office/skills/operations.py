"""Recording certificates, traineeships, apprenticeships and training, and how each of them ended.

Every operation needs `registry.change` where the person lives, checks the record's constraints and reports all that
are broken at once, each by its sentence, and is audited. Recording the same thing twice is refused, not doubled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext

from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.rows.delivering import save_rows
from jiuye.office.registry.rows.kinds import RowKind
from jiuye.office.registry.signals import employers_changed, people_changed
from jiuye.office.skills.models import Apprenticeship, Certificate, Traineeship, TrainingEnrolment
from jiuye.office.skills.refusals import SkillsRefusal
from jiuye.office.skills.states import APPRENTICESHIP_LEVELS, SKILL_LEVELS, TRAINEESHIP_OUTCOMES
from jiuye.office.staff.queries import Actor, require

Record = TypeVar("Record", bound=models.Model)


class RecordRefusedError(SkillsRefusal):
    """The record breaks a constraint; `sentences` has one for each that is broken."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(sentences))


class AlreadyFinishedError(SkillsRefusal):
    """It has ended already, otherwise than is said now."""

    def __init__(self, how: str) -> None:
        super().__init__(gettext("已登记为“%(how)s”，不能再改成别的结果；登记有误请走更正。") % {"how": how})


class CertificateBelowLevelError(SkillsRefusal):
    """The certificate shows a lower level than the apprentice was trained for."""

    def __init__(self, level: str, wanted: str) -> None:
        super().__init__(
            gettext("证书等级是“%(level)s”，低于培养等级“%(wanted)s”；请核对证书。")
            % {
                "level": gettext(SKILL_LEVELS[level]) if level else gettext("无等级"),
                "wanted": gettext(APPRENTICESHIP_LEVELS[wanted]),
            }
        )


class FutureDateError(SkillsRefusal):
    """What is recorded as having happened lies in the future."""

    def __init__(self, what: str, day: date, on: date) -> None:
        super().__init__(
            gettext("%(what)s %(day)s 晚于今天（%(today)s）；还没有发生的事请到时再登记。")
            % {"what": what, "day": day, "today": on}
        )


@dataclass(frozen=True, slots=True)
class CertificateDetails:
    """What is not on every certificate. None: nobody has said."""

    level: str = ""
    category: str = ""
    occupation_code: str = ""
    issuer: str = ""
    shortage: bool | None = None
    training_subsidised: bool | None = None


@transaction.atomic
def record_certificate(
    *,
    actor: Actor,
    person: Person,
    kind: str,
    number: str,
    occupation_name: str,
    issued_on: date,
    source: str,
    on: date,
    at: datetime,
    details: CertificateDetails | None = None,
) -> Certificate:
    """A certificate issued to the person. Raises NotPermittedError, RecordRefusedError, FutureDateError."""
    require(actor, "registry.change", person.residence_division_id)
    _refuse_future(gettext("发证日期"), issued_on, on)
    details = details or CertificateDetails()
    certificate = Certificate(
        person=person,
        kind=kind,
        number=number.strip(),
        occupation_name=occupation_name.strip(),
        occupation_code=details.occupation_code,
        level=details.level,
        category=details.category,
        shortage=details.shortage,
        training_subsidised=details.training_subsidised,
        issuer=details.issuer,
        issued_on=issued_on,
        source=source.strip(),
    )
    return _keep(certificate, "skills.record_certificate", at)


@transaction.atomic
def record_traineeship(
    *,
    actor: Actor,
    person: Person,
    employer: Employer,
    start: date,
    until: date,
    monthly_stipend_fen: int,
    source: str,
    at: datetime,
    position: str = "",
    accident_insured: bool | None = None,
) -> Traineeship:
    """A traineeship as agreed, `until` being the first day after it. Raises NotPermittedError, RecordRefusedError."""
    require(actor, "registry.change", person.residence_division_id)
    traineeship = Traineeship(
        person=person,
        employer=employer,
        position=position.strip(),
        start=start,
        until=until,
        monthly_stipend_fen=monthly_stipend_fen,
        accident_insured=accident_insured,
        source=source.strip(),
    )
    return _keep(traineeship, "skills.record_traineeship", at)


@transaction.atomic
def finish_traineeship(
    *,
    actor: Actor,
    traineeship: Traineeship,
    outcome: str,
    until: date,
    on: date,
    at: datetime,
    retained_on: date | None = None,
) -> Traineeship:
    """How it ended: the first day after it, and whether the trainee was retained (and from which day) or left.

    Saying the same again changes nothing. Raises NotPermittedError, AlreadyFinishedError, RecordRefusedError,
    FutureDateError.
    """
    locked = (
        Traineeship.objects.select_for_update(of=["self"]).select_related("person").get(pk=traineeship.pk)
    )
    require(actor, "registry.change", locked.person.residence_division_id)
    return _finished(locked, outcome, until, retained_on, on, at)


@transaction.atomic
def record_apprenticeship(
    *,
    actor: Actor,
    person: Person,
    employer: Employer,
    level: str,
    start: date,
    until: date,
    source: str,
    at: datetime,
    school: str = "",
    occupation_name: str = "",
) -> Apprenticeship:
    """An apprentice begins to be trained towards `level`. Raises NotPermittedError, RecordRefusedError."""
    require(actor, "registry.change", person.residence_division_id)
    apprenticeship = Apprenticeship(
        person=person,
        employer=employer,
        school=school.strip(),
        occupation_name=occupation_name.strip(),
        level=level,
        start=start,
        until=until,
        source=source.strip(),
    )
    return _keep(apprenticeship, "skills.record_apprenticeship", at)


@transaction.atomic
def certify_apprentice(
    *, actor: Actor, apprenticeship: Apprenticeship, certificate: Certificate, at: datetime
) -> Apprenticeship:
    """The apprentice got the certificate. Saying the same again changes nothing.

    Raises NotPermittedError, AlreadyFinishedError, CertificateBelowLevelError, RecordRefusedError (somebody else's
    certificate).
    """
    locked = (
        Apprenticeship.objects.select_for_update(of=["self"])
        .select_related("person", "certificate")
        .get(pk=apprenticeship.pk)
    )
    require(actor, "registry.change", locked.person.residence_division_id)
    if locked.certificate is not None:
        if locked.certificate == certificate:
            return locked
        raise AlreadyFinishedError(gettext("已取得证书 %(number)s") % {"number": locked.certificate.number})
    ladder = list(SKILL_LEVELS)
    if certificate.level not in ladder or ladder.index(certificate.level) < ladder.index(locked.level):
        raise CertificateBelowLevelError(certificate.level, locked.level)
    _refuse_strangers(locked.person, certificate)
    locked.certificate = certificate
    return _keep(locked, "skills.certify_apprentice", at)


@transaction.atomic
def record_enrolment(
    *,
    actor: Actor,
    person: Person,
    course_name: str,
    kind: str,
    start: date,
    source: str,
    at: datetime,
    provider: str = "",
    provider_kind: str = "",
    subsidised: bool | None = None,
    class_hours: int | None = None,
) -> TrainingEnrolment:
    """The person begins a course. Raises NotPermittedError, RecordRefusedError."""
    require(actor, "registry.change", person.residence_division_id)
    enrolment = TrainingEnrolment(
        person=person,
        course_name=course_name.strip(),
        kind=kind,
        provider=provider.strip(),
        provider_kind=provider_kind,
        subsidised=subsidised,
        class_hours=class_hours,
        start=start,
        source=source.strip(),
    )
    return _keep(enrolment, "skills.record_enrolment", at)


@transaction.atomic
def finish_enrolment(
    *,
    actor: Actor,
    enrolment: TrainingEnrolment,
    finished_on: date,
    on: date,
    at: datetime,
    certificate_kind: str = "",
    certificate: Certificate | None = None,
) -> TrainingEnrolment:
    """The course was finished, with the certificate where there is one. Saying the same again changes nothing.

    Raises NotPermittedError, AlreadyFinishedError, RecordRefusedError, FutureDateError.
    """
    locked = (
        TrainingEnrolment.objects.select_for_update(of=["self"]).select_related("person").get(pk=enrolment.pk)
    )
    require(actor, "registry.change", locked.person.residence_division_id)
    if certificate is not None:
        certificate_kind = certificate.kind
    said = (finished_on, certificate_kind, certificate.pk if certificate is not None else None)
    if locked.finished_on is not None:
        if (locked.finished_on, locked.certificate_kind, locked.certificate_id) == said:
            return locked
        raise AlreadyFinishedError(gettext("%(day)s 结业") % {"day": locked.finished_on})
    _refuse_future(gettext("结业日期"), finished_on, on)
    if certificate is not None:
        _refuse_strangers(locked.person, certificate)
    locked.finished_on, locked.certificate_kind, locked.certificate = (
        finished_on,
        certificate_kind,
        certificate,
    )
    return _keep(locked, "skills.finish_enrolment", at)


def keep_delivered(
    kind: RowKind, new: Sequence[models.Model], changed: Sequence[models.Model], fields: Sequence[str]
) -> None:
    """What a register delivers of skills, many rows at once, inside the delivery's transaction: whose permission it has checked.

    The database holds every constraint; a row that breaks one fails the delivery, which then says which row it was.
    """
    with pghistory.context(operation=f"skills.keep_delivered_{kind.name}"):
        save_rows(kind, new, changed, fields)


def _finished(
    locked: Traineeship, outcome: str, until: date, retained_on: date | None, on: date, at: datetime
) -> Traineeship:
    """The locked traineeship with its end; the trainee and the base are decided again, and whoever trained there with them."""
    if locked.outcome:
        if (locked.outcome, locked.until, locked.retained_on) == (outcome, until, retained_on):
            return locked
        raise AlreadyFinishedError(gettext(TRAINEESHIP_OUTCOMES[locked.outcome]))
    # Who leaves today has tomorrow as the first day after.
    _refuse_future(gettext("结束日期"), until, on, allowed_days=1)
    if retained_on is not None:
        _refuse_future(gettext("留用日期"), retained_on, on)
    locked.outcome, locked.until, locked.retained_on = outcome, until, retained_on
    kept = _keep(locked, "skills.finish_traineeship", at)
    people_changed.send(sender=Person, person_ids=[kept.person_id], on=on, at=at)
    employers_changed.send(sender=Employer, employer_ids=[kept.employer_id], on=on, at=at)
    return kept


def _refuse_future(what: str, day: date, on: date, *, allowed_days: int = 0) -> None:
    if (day - on).days > allowed_days:
        raise FutureDateError(what, day, on)


def _refuse_strangers(person: Person, certificate: Certificate) -> None:
    """The database refuses this too; here it is told before anything is written."""
    if certificate.person_id != person.pk:
        raise RecordRefusedError([gettext("所填证书不是本人的；请核对证书编号。")])


def _keep(record: Record, operation: str, at: datetime) -> Record:
    """Check the record against its own constraints, then save it with the audit's context."""
    sentences = _broken(record)
    if sentences:
        raise RecordRefusedError(sentences)
    with pghistory.context(operation=operation, at=at.isoformat()):
        record.save()
    return record


def _broken(record: models.Model) -> list[str]:
    """A sentence for every constraint that the record breaks, with the name of the field where it is one field's.

    Overlaps are asked of the database only where the record holds together in itself: PostgreSQL makes no range that
    ends before it starts.
    """
    found: list[str] = []
    try:
        record.full_clean(validate_constraints=False)
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            name = (
                ""
                if field == NON_FIELD_ERRORS
                else f"{gettext(record._meta.get_field(field).verbose_name)}: "
            )
            found.extend(f"{name}{message}" for message in messages)
    overlaps_last = sorted(record._meta.constraints, key=lambda one: isinstance(one, ExclusionConstraint))
    for constraint in overlaps_last:
        if found and isinstance(constraint, ExclusionConstraint):
            break
        try:
            constraint.validate(type(record), record)
        except ValidationError as error:
            found.extend(gettext(message) for message in error.messages)
    return found
