"""Employers, the people they hired, and births at an employer."""

from __future__ import annotations

from jiuye.office.entitlements.facts.sources import (
    NEXT_MONTH,
    Build,
    FactSource,
    covers_month,
    in_force,
    months,
    quote_list,
    unless_silent,
)

FIVE = "x.pension_fen + x.medical_fen + x.unemployment_fen + x.injury_fen + x.maternity_fen"
STAFF = f"""LEFT JOIN LATERAL (
  SELECT count(*) AS others FROM registry_employmentspell x
  WHERE x.employer_id = e.id AND x.kind = 'employee' AND {in_force("x")}) sf ON TRUE"""
# Contracts whose length is not on record may be of a year: they count, so that the number is never too small.
HIRED = """LEFT JOIN LATERAL (
  SELECT count(*) AS contracts FROM registry_employmentspell x WHERE x.employer_id = e.id AND x.kind = 'employee'
    AND x.start <= {on} AND x.start > ({on} - interval '12 months') AND coalesce(x.contract_months, 12) >= 12) hi ON TRUE"""
FOUNDER = f"""LEFT JOIN LATERAL (
  SELECT x.person_id, x.start FROM registry_employmentspell x
  WHERE x.employer_id = e.id AND x.kind = 'self_employed' AND {in_force("x")} ORDER BY x.start, x.id LIMIT 1) fo ON TRUE"""
INSURED_NOW = f"""LEFT JOIN LATERAL (
  SELECT count(*) > 0 AS now FROM registry_contributionspell x
  WHERE x.employer_id = e.id AND x.payer = 'employer' AND {covers_month("x")}) ic ON TRUE"""
# The unbroken run of insured months up to now: all spells merged, then the merged one that holds this month.
RUNNING = f"""LEFT JOIN LATERAL (
  SELECT {months("lower(q.span)", NEXT_MONTH)} AS running FROM (
    SELECT unnest(range_agg(daterange(x.start, x.until))) AS span FROM registry_contributionspell x
    WHERE x.employer_id = e.id AND x.payer = 'employer' AND x.start <= {{month}}) q
  WHERE q.span @> {{month}}) ru ON TRUE"""


def _founder_held(kind: str, early: str) -> str:
    """The founder held the status when the business began; unknown where no founder is on record."""
    return (
        "CASE WHEN fo.person_id IS NOT NULL THEN EXISTS (SELECT 1 FROM registry_status x WHERE x.person_id = fo.person_id "
        f"AND x.kind = '{kind}' AND x.start {early} fo.start AND (x.until IS NULL OR x.until >= fo.start)) END"
    )


def _founder_was(kind: str) -> str:
    """The same of a status that another department's register holds: where it neither lists the founder nor was delivered whole, unknown."""
    told = (
        "EXISTS (SELECT 1 FROM registry_status x WHERE x.person_id = fo.person_id "
        f"AND x.kind = '{kind}' AND x.start <= fo.start)"
    )
    held = f"nullif({_founder_held(kind, '<=')}, FALSE)"
    return f"CASE WHEN fo.person_id IS NOT NULL THEN {unless_silent(held, 'FALSE', kind, told)} END"


def _drawn(select: str) -> Build:
    """A scalar over the benefits that were drawn for this employer as their subject."""
    return lambda policies: (
        f"(SELECT {select} FROM entitlements_benefit b WHERE b.subject_kind = 'employer' AND b.subject_key = e.id::text "
        f"AND b.policy_id IN {quote_list(policies)} AND b.paid_on <= {{on}})"
    )


EMPLOYER = FactSource(
    entity="employer",
    table="registry_employer e",
    key="e.id",
    relations={"founder": "fo.person_id"},
    laterals={"sf": STAFF, "hi": HIRED, "fo": FOUNDER, "ic": INSURED_NOW, "ru": RUNNING},
    columns={
        "employer.kind": "e.kind",
        "employer.size": "nullif(e.size, '')",
        "employer.industry": "lower(nullif(e.industry, ''))",
        "employer.county": "{county:e.division_id}",
        "employer.founded_on": "e.founded_on",
        "employer.operating": "e.closed_on IS NULL OR e.closed_on > {on}",
        "employer.dishonest": "e.dishonest",
        "employer.figures_year": "e.figures_year",
        "employer.insured_at_year_start": "e.insured_at_year_start",
        "employer.insured_at_year_end": "e.insured_at_year_end",
        "employer.insured_monthly_mean": "e.insured_monthly_mean",
        "employer.retired_in_year": "e.retired_in_year",
        "employer.died_in_year": "e.died_in_year",
        "employer.unemployment_premium_months": "e.unemployment_premium_months",
        "employer.unemployment_premium": "e.unemployment_premium_fen",
        "employer.premium_arrears": "e.premium_arrears",
        "employer.insured_now": unless_silent("nullif(ic.now, FALSE)", "FALSE", "contribution"),
        "employer.insured_months_running": unless_silent("ru.running", "0", "contribution"),
        "employer.employees_besides_founder": unless_silent("nullif(sf.others, 0)", "0", "employment"),
        "employer.contract_hires_last_year": unless_silent("nullif(hi.contracts, 0)", "0", "employment"),
        "employer.traineeship_base": unless_silent("e.traineeship_base", "FALSE", "traineeship_base"),
        "employer.first_business": (
            "CASE WHEN fo.person_id IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM registry_employmentspell x "
            "WHERE x.person_id = fo.person_id AND x.kind = 'self_employed' AND x.start < fo.start "
            "AND x.employer_id IS DISTINCT FROM e.id) END"
        ),
        "employer.founder_registered_at_start": _founder_held("registered_unemployed", "<"),
        "employer.founder_difficult_at_start": _founder_held("employment_difficulty", "<="),
        "employer.founder_zero_job_at_start": _founder_held("zero_job_household", "<="),
        "employer.founder_urban_subsistence_at_start": (
            f"({_founder_was('subsistence_allowance')}) AND "
            "(SELECT nullif(x.hukou_kind, '') = 'urban' FROM registry_person x WHERE x.id = fo.person_id)"
        ),
        "employer.founder_registered_since": (
            "(SELECT max(x.start) FROM registry_status x WHERE x.person_id = fo.person_id "
            "AND x.kind = 'registered_unemployed' AND x.start < fo.start AND (x.until IS NULL OR x.until >= fo.start))"
        ),
    },
    built={"employer.benefit_count": _drawn("count(*)"), "employer.benefit_ever": _drawn("count(*) > 0")},
)

PAID = f"""LEFT JOIN LATERAL (
  SELECT count(*) > 0 AS told, sum({FIVE}) FILTER (WHERE {covers_month("x")}) AS this_month,
         sum({months("greatest(x.start, date_trunc('month', w.start)::date)", f"least(coalesce(x.until, {NEXT_MONTH}), {NEXT_MONTH})")})
           FILTER (WHERE x.pension_fen > 0 AND x.unemployment_fen > 0 AND x.injury_fen > 0) AS months,
         bool_or({covers_month("x")} AND x.pension_fen > 0 AND x.medical_fen > 0 AND x.unemployment_fen > 0) AS three
  FROM registry_contributionspell x
  WHERE x.person_id = w.person_id AND x.employer_id = w.employer_id AND x.payer = 'employer' AND x.start <= {{month}}
    AND (x.until IS NULL OR x.until > date_trunc('month', w.start)::date)) pd ON TRUE"""
OWN_SHARE = f"""LEFT JOIN LATERAL (
  SELECT sum(x.pension_fen + x.medical_fen + x.unemployment_fen) AS this_month FROM registry_contributionspell x
  WHERE x.person_id = w.person_id AND x.employer_id = w.employer_id AND x.payer = 'person' AND {covers_month("x")}) os ON TRUE"""
DAY_BEFORE = """LEFT JOIN LATERAL (
  SELECT bool_or(x.kind = 'registered_unemployed' AND x.start < w.start AND (x.until IS NULL OR x.until >= w.start)) AS unemployed,
         bool_or(x.kind = 'employment_difficulty' AND x.start <= w.start AND (x.until IS NULL OR x.until >= w.start)) AS difficult,
         max(x.start) FILTER (
           WHERE x.kind = 'registered_unemployed' AND x.start < w.start AND (x.until IS NULL OR x.until >= w.start)) AS since
  FROM registry_status x WHERE x.person_id = w.person_id) db ON TRUE"""
WORK_BEFORE = """LEFT JOIN LATERAL (
  SELECT bool_or(x.start < w.start AND (x.until IS NULL OR x.until >= w.start)) AS elsewhere,
         bool_or(x.employer_id = w.employer_id AND x.until > w.start - interval '6 months' AND x.until <= w.start) AS here
  FROM registry_employmentspell x WHERE x.person_id = w.person_id AND x.id <> w.id AND x.start < w.start) wb ON TRUE"""

HIRE = FactSource(
    entity="hire",
    table="registry_employmentspell w",
    key="w.id",
    relations={"worker": "w.person_id", "employer": "w.employer_id"},
    members={"worker": "w.person_id", "employer": "w.employer_id"},
    laterals={"pd": PAID, "os": OWN_SHARE, "db": DAY_BEFORE, "wb": WORK_BEFORE},
    columns={
        "hire.kind": "w.kind",
        "hire.start": "w.start",
        "hire.under_way": "w.start <= {on} AND (w.until IS NULL OR w.until > {on})",
        "hire.contract_months": "w.contract_months",
        "hire.monthly_wage": "w.monthly_wage_fen",
        "hire.employer_contribution_month": unless_silent("pd.this_month", "0", "contribution", "pd.told"),
        "hire.insured_months": unless_silent("pd.months", "0", "contribution", "pd.told"),
        "hire.worker_unemployed_at_start": "NOT coalesce(wb.elsewhere, FALSE)",
        "hire.worker_registered_at_start": "coalesce(db.unemployed, FALSE)",
        "hire.worker_difficult_at_start": "coalesce(db.difficult, FALSE)",
        "hire.worked_here_before": "coalesce(wb.here, FALSE)",
        "hire.ended_on": "CASE WHEN w.until <= {on} THEN w.until END",
        "hire.three_insurances_paid": unless_silent("pd.three", "FALSE", "contribution"),
        "hire.worker_contribution_month": unless_silent("os.this_month", "0", "contribution"),
        "hire.worker_registered_since": "db.since",
        # Calendar months of this year in which the worker was here, begun ones included.
        "hire.months_this_year": months(
            "greatest(w.start, date_trunc('year', {on})::date)",
            f"least((date_trunc('month', coalesce(w.until, {NEXT_MONTH}) - 1) + interval '1 month')::date, {NEXT_MONTH})",
        ),
    },
    built={
        "hire.benefit_months": lambda policies: (
            "(SELECT coalesce(sum(b.months), 0) FROM entitlements_benefit b WHERE b.subject_kind = 'hire' "
            f"AND b.subject_key = w.id::text AND b.policy_id IN {quote_list(policies)} AND b.paid_on <= {{on}})"
        )
    },
)

# Paid in the six calendar months from the month of the birth on, as far as they have been paid by the day of decision.
SIX_MONTHS = f"""LEFT JOIN LATERAL (
  SELECT sum(({FIVE}) * {months("greatest(x.start, f.first)", "least(coalesce(x.until, f.last), f.last)")}) AS total
  FROM registry_contributionspell x,
       (SELECT date_trunc('month', b.birth_date)::date AS first,
               least((date_trunc('month', b.birth_date) + interval '6 months')::date, {NEXT_MONTH}) AS last) f
  WHERE x.person_id = b.mother_id AND x.employer_id = b.employer_id AND x.payer = 'employer'
    AND x.start < f.last AND (x.until IS NULL OR x.until > f.first)) sm ON TRUE"""

BIRTH = FactSource(
    entity="birth",
    table="registry_birth b",
    key="b.id",
    relations={"mother": "b.mother_id", "employer": "b.employer_id"},
    members={"mother": "b.mother_id", "employer": "b.employer_id"},
    laterals={"sm": SIX_MONTHS},
    columns={
        "birth.birth_date": "b.birth_date",
        "birth.child_order": "b.child_order",
        "birth.employer_contributions_six_months": unless_silent("sm.total", "0", "contribution"),
        "birth.higher_birth_overlaps": (
            "EXISTS (SELECT 1 FROM registry_birth o WHERE o.mother_id = b.mother_id AND o.child_order > b.child_order "
            "AND date_trunc('month', o.birth_date) < date_trunc('month', b.birth_date) + interval '6 months')"
        ),
    },
)
