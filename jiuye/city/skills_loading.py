"""Writing a city's certificates, courses, traineeships and apprenticeships, as `loading` does the rest."""

from __future__ import annotations

from jiuye.city.loading import Progress, copy_rows, past_the_last_key
from jiuye.city.records import SOURCE, City
from jiuye.office.skills.models import Apprenticeship, Certificate, Traineeship, TrainingEnrolment


def write_skills(city: City, progress: Progress) -> None:
    """Every skill record, certificates before what points at them."""
    progress("证书", len(city.certificates))
    copy_rows(
        Certificate,
        (
            *("id", "person", "kind", "number", "occupation_name", "occupation_code", "level", "category"),
            *("shortage", "training_subsidised", "issued_on", "issuer", "source"),
        ),
        (
            (
                *(c.pk, c.person.pk, c.kind, c.number, c.occupation, "", c.level, c.category),
                *(c.shortage, c.training_subsidised, c.issued_on, c.issuer, SOURCE),
            )
            for c in city.certificates
        ),
    )
    past_the_last_key(Certificate)
    progress("就业见习", len(city.traineeships))
    copy_rows(
        Traineeship,
        (
            *("person", "employer", "position", "start", "until", "monthly_stipend_fen"),
            *("accident_insured", "outcome", "retained_on", "source"),
        ),
        (
            (
                *(t.person.pk, t.firm.pk, t.position, t.start, t.until, t.stipend_fen),
                *(t.accident_insured, t.outcome, t.retained_on, SOURCE),
            )
            for t in city.traineeships
        ),
    )
    progress("新型学徒", len(city.apprenticeships))
    copy_rows(
        Apprenticeship,
        (
            *("person", "employer", "school", "occupation_name", "level", "start", "until"),
            *("certificate", "source"),
        ),
        (
            (
                *(a.person.pk, a.firm.pk, a.school, a.occupation, a.level, a.start, a.until),
                *(a.certificate.pk if a.certificate else None, SOURCE),
            )
            for a in city.apprenticeships
        ),
    )
    progress("培训", len(city.trainings))
    copy_rows(
        TrainingEnrolment,
        (
            *("person", "course_name", "kind", "provider", "provider_kind", "subsidised", "class_hours"),
            *("start", "finished_on", "certificate_kind", "certificate", "source"),
        ),
        (
            (
                *(t.person.pk, t.course, t.kind, t.provider, t.provider_kind, t.subsidised, t.class_hours),
                *(t.start, t.finished_on, t.certificate_kind, t.certificate.pk if t.certificate else None),
                SOURCE,
            )
            for t in city.trainings
        ),
    )
