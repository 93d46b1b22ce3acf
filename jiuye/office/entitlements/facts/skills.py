"""Certificates, training, traineeships and apprenticeships."""

from __future__ import annotations

from jiuye.office.entitlements.facts.sources import FactSource, quote_list


def _subject_benefit(kind: str, policies: list[str], condition: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM entitlements_benefit b WHERE b.subject_kind = '{kind}' "
        f"AND b.policy_id IN {quote_list(policies)} AND b.paid_on <= {{on}} AND {condition})"
    )


def _same_level_certificate(policies: list[str]) -> str:
    """Another certificate of the same person, occupation and level was already subsidised."""
    same = (
        "b.subject_key IN (SELECT o.id::text FROM skills_certificate o WHERE o.person_id = c.person_id AND o.id <> c.id "
        "AND o.occupation_name = c.occupation_name AND o.level IS NOT DISTINCT FROM c.level)"
    )
    return _subject_benefit("certificate", policies, same)


def _same_level_training(policies: list[str]) -> str:
    same = (
        "b.subject_key IN (SELECT o.id::text FROM skills_trainingenrolment o WHERE o.person_id = t.person_id "
        "AND o.id <> t.id AND o.course_name = t.course_name)"
    )
    return _subject_benefit("training", policies, same)


CERTIFICATE = FactSource(
    entity="certificate",
    table="skills_certificate c",
    key="c.id",
    relations={"holder": "c.person_id"},
    members={"holder": "c.person_id"},
    columns={
        "certificate.kind": "c.kind",
        "certificate.level": "nullif(c.level, '')",
        "certificate.category": "nullif(c.category, '')",
        "certificate.shortage": "c.shortage",
        "certificate.issued_on": "c.issued_on",
        "certificate.training_subsidised": "c.training_subsidised",
    },
    built={"certificate.same_level_benefit": _same_level_certificate},
)

TRAINING = FactSource(
    entity="training",
    table="skills_trainingenrolment t",
    key="t.id",
    relations={"learner": "t.person_id", "certificate": "t.certificate_id"},
    members={"learner": "t.person_id"},
    laterals={"ct": "LEFT JOIN skills_certificate ct ON ct.id = t.certificate_id"},
    columns={
        "training.kind": "t.kind",
        "training.finished_on": "t.finished_on",
        "training.certified": "t.finished_on IS NOT NULL AND coalesce(t.certificate_kind, '') <> ''",
        "training.certificate_kind": "nullif(t.certificate_kind, '')",
        "training.class_hours": "t.class_hours",
        "training.subsidised": "t.subsidised",
        "training.shortage": "ct.shortage",
    },
    built={
        "training.same_level_benefit": _same_level_training,
        "training.certificate_benefit": lambda policies: _subject_benefit(
            "certificate", policies, "b.subject_key = t.certificate_id::text"
        ),
    },
)

# A batch of a base: those whose agreements end in the same month and have ended by the day.
BATCH = """LEFT JOIN LATERAL (
  SELECT count(*) AS finished, count(*) FILTER (WHERE x.outcome = 'retained' AND x.retained_on <= {on}) AS retained
  FROM skills_traineeship x WHERE x.employer_id = n.employer_id AND x.until <= {on}
    AND date_trunc('month', x.until) = date_trunc('month', n.until)) ba ON TRUE"""

TRAINEESHIP = FactSource(
    entity="traineeship",
    table="skills_traineeship n",
    key="n.id",
    relations={"trainee": "n.person_id", "employer": "n.employer_id"},
    members={"trainee": "n.person_id", "employer": "n.employer_id"},
    laterals={"ba": BATCH},
    columns={
        "traineeship.start": "n.start",
        "traineeship.until": "n.until",
        "traineeship.monthly_stipend": "n.monthly_stipend_fen",
        "traineeship.accident_insured": "n.accident_insured",
        "traineeship.trainee_registered_at_start": (
            "EXISTS (SELECT 1 FROM registry_status x WHERE x.person_id = n.person_id AND x.kind = 'registered_unemployed' "
            "AND x.start <= n.start AND (x.until IS NULL OR x.until >= n.start))"
        ),
        "traineeship.retained_on": "n.retained_on",
        "traineeship.batch_finished": "ba.finished",
        "traineeship.batch_retained": "ba.retained",
        "traineeship.retained": "n.outcome = 'retained' AND n.retained_on <= {on}",
    },
)

APPRENTICESHIP = FactSource(
    entity="apprenticeship",
    table="skills_apprenticeship a",
    key="a.id",
    relations={"apprentice": "a.person_id", "employer": "a.employer_id"},
    members={"apprentice": "a.person_id", "employer": "a.employer_id"},
    laterals={
        "ac": (
            "LEFT JOIN LATERAL (SELECT x.contract_months FROM registry_employmentspell x WHERE x.person_id = a.person_id "
            "AND x.employer_id = a.employer_id AND x.start <= a.start AND (x.until IS NULL OR x.until > a.start) "
            "ORDER BY x.start DESC, x.id DESC LIMIT 1) ac ON TRUE"
        )
    },
    columns={
        "apprenticeship.level": "a.level",
        "apprenticeship.start": "a.start",
        "apprenticeship.until": "a.until",
        "apprenticeship.certified": "a.certificate_id IS NOT NULL",
        "apprenticeship.contract_months": "ac.contract_months",
    },
)
