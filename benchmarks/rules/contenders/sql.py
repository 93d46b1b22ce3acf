"""The ten formulas written by hand as SQL for DuckDB, from Parquet to Parquet on all cores, in 64-bit whole numbers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from benchmarks.rules.contenders.common import Clock, job, report
from benchmarks.rules.contenders.law import Law, law_on

ROUND = """
CREATE MACRO rounded(a, d) AS CASE WHEN a >= 0 THEN (2 * a + d) // (2 * d) ELSE -((d - 2 * a) // (2 * d)) END
"""

PERSONS = """
CREATE TEMP TABLE own AS
SELECT *, earned * {income_tax} AS tax FROM (
  SELECT *, salary + capital_returns + pension AS earned FROM (
    SELECT id, household_id, salary, capital_returns, household_role = 'adult' AS adult,
      birth_date > DATE '{eight}' AS under_8, birth_date > DATE '{six}' AS under_6,
      CASE WHEN birth_date <= DATE '{retired}' THEN {pension} ELSE 0 END::BIGINT AS pension,
      CASE WHEN birth_date <= DATE '{majority}' AND ({any_salary} OR salary = 0) THEN {basic_income} ELSE 0 END::BIGINT AS basic_income,
      {contribution} AS contribution
    FROM read_parquet('{data}/person.parquet')))
"""

PERSON_AMOUNTS = """
COPY (SELECT id, basic_income, pension, rounded(tax, 100) AS income_tax, rounded(contribution, 100) AS social_security_contribution
      FROM own) TO '{out}/person.parquet' (FORMAT parquet, COMPRESSION zstd)
"""

HOUSEHOLD_AMOUNTS = """
COPY (
  SELECT id, income AS household_income, rounded(rent_share, 100) AS housing_allowance, parenting_allowance, housing_tax,
    CASE WHEN lived_in THEN rounded(taxes, 1200) ELSE 0 END AS total_taxes,
    CASE WHEN lived_in THEN rounded(gains - taxes, 1200) ELSE 0 END AS disposable_income
  FROM (
    SELECT *, 12 * member_taxes + 100 * housing_tax AS taxes,
      12 * (100 * (member_gains + parenting_allowance) + rent_share) AS gains
    FROM (
      SELECT h.id, coalesce(m.income, 0) AS income, coalesce(m.taxes, 0) AS member_taxes, coalesce(m.gains, 0) AS member_gains,
        m.household_id IS NOT NULL AS lived_in, h.rent * {rent_share} AS rent_share,
        CASE WHEN m.income <= {parenting_limit} AND (m.under_6 OR (m.adults = 1 AND m.under_8)) THEN {parenting} ELSE 0 END::BIGINT
          AS parenting_allowance,
        CASE WHEN h.occupancy IN ('owner', 'tenant')
          THEN greatest(CAST(h.accommodation_size * 100 AS BIGINT) * {tax_a_hundredth}, {tax_minimum}) ELSE 0 END::BIGINT AS housing_tax
      FROM read_parquet('{data}/household.parquet') h LEFT JOIN (
        SELECT household_id, sum(salary)::BIGINT AS income, sum(tax + contribution)::BIGINT AS taxes,
          sum(earned + basic_income)::BIGINT AS gains, count(*) FILTER (adult) AS adults,
          bool_or(under_8) AS under_8, bool_or(under_6) AS under_6
        FROM own GROUP BY household_id) m ON m.household_id = h.id))
) TO '{out}/household.parquet' (FORMAT parquet, COMPRESSION zstd)
"""


def decide(data: Path, out: Path, on: date, memory: str) -> None:
    """Both files of amounts."""
    law = law_on(on)
    words = {
        **{name: getattr(law, name) for name in law.__slots__},
        "data": data, "out": out, "contribution": _contribution(law),
        "eight": on.replace(year=on.year - 8), "six": on.replace(year=on.year - 6),
        "majority": on.replace(year=on.year - law.majority), "retired": on.replace(year=on.year - law.retirement),
    }  # fmt: skip
    with duckdb.connect(config={"memory_limit": memory, "preserve_insertion_order": "false"}) as connection:
        for statement in (ROUND, PERSONS, PERSON_AMOUNTS, HOUSEHOLD_AMOUNTS):
            connection.execute(statement.format(**words) if statement != ROUND else statement)


def _contribution(law: Law) -> str:
    parts = []
    for position, (threshold, rate) in enumerate(law.brackets):
        upper = (
            f"least(salary, {law.brackets[position + 1][0]})"
            if position + 1 < len(law.brackets)
            else "salary"
        )
        parts.append(f"{rate} * greatest({upper} - {threshold}, 0)")
    return " + ".join(parts)


def main() -> None:
    asked, clock = job(__doc__), Clock()
    with clock.phase("decide"):
        decide(asked.data, asked.out, asked.on, asked.extra.get("memory", "2GB"))
    report(clock)


if __name__ == "__main__":
    main()
