"""Residents and households: statuses, work, contributions, education, and the benefits already drawn."""

from __future__ import annotations

from jiuye.office.entitlements.facts.sources import (
    NEXT_MONTH,
    FactSource,
    covers_month,
    in_force,
    months,
    quote,
    quote_list,
    unless_silent,
)
from jiuye.office.registry.states import DELIVERED_STATUSES

STATUS = f"""LEFT JOIN LATERAL (
  SELECT bool_or(x.kind = 'registered_unemployed') AS unemployed,
         max(x.start) FILTER (WHERE x.kind = 'registered_unemployed') AS unemployed_since,
         bool_or(x.kind = 'employment_difficulty') AS difficulty,
         (array_agg(x.category ORDER BY x.start DESC) FILTER (WHERE x.kind = 'employment_difficulty'))[1] AS category,
         max(x.start) FILTER (WHERE x.kind = 'employment_difficulty') AS difficulty_since,
         bool_or(x.kind = 'flexible_employment') AS flexible,
         max(x.start) FILTER (WHERE x.kind = 'flexible_employment') AS flexible_since,
         array_agg(x.kind) AS kinds
  FROM registry_status x WHERE x.person_id = p.id AND {in_force("x")}) st ON TRUE"""

# What registers of other departments have ever said of the resident: one that says when a status ended says no from then on.
SAID = f"""LEFT JOIN LATERAL (
  SELECT array_agg(x.kind) AS kinds FROM registry_status x
  WHERE x.person_id = p.id AND x.kind IN {quote_list(list(DELIVERED_STATUSES))} AND x.start <= {{on}}) sd ON TRUE"""

EMPLOYED = f"""LEFT JOIN LATERAL (
  SELECT x.kind FROM registry_employmentspell x WHERE x.person_id = p.id AND {in_force("x")}
  ORDER BY x.start DESC, x.id DESC LIMIT 1) em ON TRUE"""
LAST_ENDED = """LEFT JOIN LATERAL (
  SELECT x.until, x.involuntary_end FROM registry_employmentspell x
  WHERE x.person_id = p.id AND x.until <= {on} ORDER BY x.until DESC, x.id DESC LIMIT 1) le ON TRUE"""
WELFARE_POSTS = """LEFT JOIN LATERAL (
  SELECT count(*) AS placements FROM registry_employmentspell x
  WHERE x.person_id = p.id AND x.kind = 'public_welfare_post' AND x.start <= {on}) wp ON TRUE"""
CONTRIBUTIONS = f"""LEFT JOIN LATERAL (
  SELECT count(*) > 0 AS told, bool_or(x.payer = 'employer' AND {covers_month("x")}) AS insured,
         sum(x.pension_fen + x.medical_fen) FILTER (
           WHERE x.payer = 'person' AND x.employer_id IS NULL AND {covers_month("x")}) AS own_month,
         sum({months("x.start", f"least(coalesce(x.until, {NEXT_MONTH}), {NEXT_MONTH})")}) FILTER (
           WHERE x.payer = 'employer' AND x.unemployment_fen > 0) AS unemployment_months
  FROM registry_contributionspell x WHERE x.person_id = p.id AND x.start <= {{month}}) co ON TRUE"""
# Mean base of the twelve months before the last employment ended: sum of month bases over the months paid, half up.
BASE_MEAN = f"""LEFT JOIN LATERAL (
  SELECT sum(y.months * y.base_fen) AS total, sum(y.months) AS months FROM (
    SELECT x.base_fen, {months("greatest(x.start, w.first)", "least(coalesce(x.until, w.last), w.last)")} AS months
    FROM registry_contributionspell x,
         (SELECT date_trunc('month', le.until)::date AS last,
                 (date_trunc('month', le.until) - interval '12 months')::date AS first) w
    WHERE x.person_id = p.id AND x.payer = 'employer' AND x.start < w.last AND (x.until IS NULL OR x.until > w.first)
  ) y) bm ON TRUE"""
# Calendar months of this year up to the day in which some employment was under way, each once.
WORKED_THIS_YEAR = """LEFT JOIN LATERAL (
  SELECT count(DISTINCT m) AS months FROM registry_employmentspell x, generate_series(
    greatest(date_trunc('month', x.start), date_trunc('year', {on})),
    least(date_trunc('month', coalesce(x.until - 1, {month})), {month}), interval '1 month') m
  WHERE x.person_id = p.id AND x.start <= {on} AND (x.until IS NULL OR x.until > date_trunc('year', {on}))) wy ON TRUE"""
EDUCATION = """LEFT JOIN LATERAL (
  SELECT x.level, x.full_time, x.graduated_on, x.school FROM registry_education x
  WHERE x.person_id = p.id AND x.graduated_on <= {on} ORDER BY x.graduated_on DESC, x.id DESC LIMIT 1) ed ON TRUE"""


# Whom this office registered as unemployed, or of whom a job is on record that ended, is not employed; of others the register has to say it.
OUT_OF_WORK = "coalesce(st.unemployed, FALSE) OR le.until IS NOT NULL"
WORK_TOLD = "em.kind IS NOT NULL OR le.until IS NOT NULL"


def _status(arguments: list[str]) -> str:
    """What this office registers itself is a no where it did not; what others hold is one where their register was delivered whole."""
    kind = quote(arguments[0])
    if arguments[0] not in DELIVERED_STATUSES:
        return f"coalesce({kind} = ANY(st.kinds), FALSE)"
    told = f"coalesce({kind} = ANY(sd.kinds), FALSE)"
    return unless_silent(f"nullif({kind} = ANY(st.kinds), FALSE)", "FALSE", arguments[0], told)


def _status_since(arguments: list[str]) -> str:
    """The first day of the status in force."""
    return (
        "(SELECT max(x.start) FROM registry_status x WHERE x.person_id = p.id "
        f"AND x.kind = {quote(arguments[0])} AND {in_force('x')})"
    )


def _drawn(select: str, where: str, policies: list[str]) -> str:
    """A scalar over the benefits drawn for this person under these policies."""
    return (
        f"(SELECT {select} FROM entitlements_benefit b WHERE b.person_id = p.id "
        f"AND b.policy_id IN {quote_list(policies)} AND b.paid_on <= {{on}}{where})"
    )


def _held(kind: str) -> str:
    """The status was in force when the benefit's period began."""
    return (
        "EXISTS (SELECT 1 FROM registry_status s WHERE s.person_id = p.id "
        f"AND s.kind = {quote(kind)} AND s.start <= coalesce(b.period_start, b.paid_on) "
        "AND (s.until IS NULL OR s.until > coalesce(b.period_start, b.paid_on)))"
    )


def _while(arguments: list[str]) -> str:
    return _drawn("coalesce(sum(b.months), 0)", f" AND {_held(arguments[0])}", arguments[1:])


def _not_while(arguments: list[str]) -> str:
    return _drawn("coalesce(sum(b.months), 0)", f" AND NOT {_held(arguments[0])}", arguments[1:])


def _training_passed(arguments: list[str]) -> str:
    """Finished a course of that kind and holds what it ends with."""
    passed = (
        "EXISTS (SELECT 1 FROM skills_trainingenrolment t WHERE t.person_id = p.id "
        f"AND t.kind = {quote(arguments[0])} AND t.finished_on <= {{on}} AND t.certificate_kind <> '')"
    )
    return unless_silent(f"nullif({passed}, FALSE)", "FALSE", "training")


def _now(arguments: list[str]) -> str:
    covering = " AND b.period_start <= {on} AND (b.period_until IS NULL OR b.period_until > {on})"
    return _drawn("count(*) > 0", covering, arguments)


def _since_last_job(arguments: list[str]) -> str:
    return _drawn(
        "coalesce(sum(b.months), 0)", " AND (le.until IS NULL OR b.period_start >= le.until)", arguments
    )


def _this_year(arguments: list[str]) -> str:
    return _drawn("count(*)", " AND b.paid_on >= date_trunc('year', {on})::date", arguments)


def _count_since(arguments: list[str]) -> str:
    return _drawn("count(*)", f" AND b.paid_on >= DATE {quote(arguments[0])}", arguments[1:])


PERSON = FactSource(
    entity="person",
    table="registry_person p",
    key="p.id",
    relations={"household": "p.household_id"},
    members={"household": "p.household_id"},
    laterals={
        "st": STATUS,
        "sd": SAID,
        "em": EMPLOYED,
        "le": LAST_ENDED,
        "wp": WELFARE_POSTS,
        "co": CONTRIBUTIONS,
        "bm": BASE_MEAN,
        "ed": EDUCATION,
        "wy": WORKED_THIS_YEAR,
    },
    columns={
        "person.birth_date": "p.birth_date",
        "person.sex": "p.sex",
        "person.residence_county": "{county:p.residence_division_id}",
        "person.hukou_kind": "nullif(p.hukou_kind, '')",
        "person.hukou_local": "p.hukou_division_id IS NOT NULL OR NULL",
        "person.unemployment_registered": "coalesce(st.unemployed, FALSE)",
        "person.registered_unemployed_since": "st.unemployed_since",
        "person.difficulty_recognised": "coalesce(st.difficulty, FALSE)",
        "person.difficulty_category": "st.category",
        "person.difficulty_recognised_on": "st.difficulty_since",
        "person.flexible_registered": "coalesce(st.flexible, FALSE)",
        "person.flexible_registered_since": "st.flexible_since",
        "person.employment_kind": unless_silent("em.kind", "'not_employed'", "employment", OUT_OF_WORK),
        "person.insured_as_employee": unless_silent("co.insured", "FALSE", "contribution"),
        "person.personal_contribution_month": unless_silent("co.own_month", "0", "contribution", "co.told"),
        "person.welfare_post_placements": unless_silent(
            "nullif(wp.placements, 0)", "0", "employment", WORK_TOLD
        ),
        "person.months_in_work_this_year": unless_silent(
            "nullif(wy.months, 0)", "0", "employment", WORK_TOLD
        ),
        "person.education_level": "ed.level",
        "person.education_full_time": "ed.full_time",
        "person.graduated_on": "ed.graduated_on",
        "person.school": "nullif(ed.school, '')",
        "person.student": _status(["student"]),
        "person.disabled": _status(["disabled"]),
        "person.subsistence_allowance": _status(["subsistence_allowance"]),
        "person.veteran": _status(["veteran"]),
        "person.migrant_worker": _status(["migrant_worker"]),
        "person.zero_job_household": _status(["zero_job_household"]),
        "person.pensioner": _status(["pensioner"]),
        "person.unemployment_premium_months": unless_silent(
            "co.unemployment_months", "0", "contribution", "co.told"
        ),
        "person.contribution_base_mean_12m": (
            "CASE WHEN bm.months > 0 THEN ((2 * bm.total + bm.months)::bigint / (2 * bm.months)::bigint) END"
        ),
        "person.involuntary_end": "le.involuntary_end",
        # Whoever works again has not stopped working.
        "person.last_employment_ended": "CASE WHEN em.kind IS NULL THEN le.until END",
    },
    built={
        "person.status": _status,
        "person.status_since": _status_since,
        "person.benefit_now": _now,
        "person.benefit_months_while": _while,
        "person.benefit_months_not_while": _not_while,
        "person.benefit_months_since_last_job": _since_last_job,
        "person.benefit_first_on": lambda policies: _drawn(
            "min(coalesce(b.period_start, b.paid_on))", "", policies
        ),
        "person.training_passed": _training_passed,
        "person.benefit_months": lambda policies: _drawn("coalesce(sum(b.months), 0)", "", policies),
        "person.benefit_ever": lambda policies: _drawn("count(*) > 0", "", policies),
        "person.benefit_count_this_year": _this_year,
        "person.benefit_count_since": _count_since,
    },
)

HOUSEHOLD = FactSource(
    entity="household",
    table="registry_household h",
    key="h.id",
    columns={"household.monthly_income": "h.monthly_income_fen"},
)
