"""The ten formulas written by hand in numpy, in whole numbers. It is exact, and everyone's results are held to it.

Sums that carry a share of the yearly housing tax are counted in twelve-hundredths of a fen, so that nothing is lost before the
one rounding at the end, half away from zero.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from benchmarks.rules.contenders.common import Clock, Population, job, read_population, report, write_amounts
from benchmarks.rules.contenders.law import Law, law_on


def amounts(people: Population, on: date) -> dict[str, np.ndarray]:
    """Every output as int64 fen."""
    law = law_on(on)
    age = ages(people.birth, on)
    basic = np.where((age >= law.majority) & (law.any_salary | (people.salary == 0)), law.basic_income, 0)
    pension = np.where(age >= law.retirement, law.pension, 0)
    earned = people.salary + people.capital_returns + pension
    tax = earned * law.income_tax  # hundredths of a fen
    contribution = _contribution(people.salary, law)  # hundredths of a fen
    count = len(people.rent)

    def total(values: np.ndarray) -> np.ndarray:
        # bincount would add in floats; add.at is slow: members are summed as two halves that floats hold exactly.
        high = np.bincount(people.household, values >> 24, count).astype(np.int64)
        low = np.bincount(people.household, values & 0xFFFFFF, count).astype(np.int64)
        return (high << 24) + low

    income = total(people.salary)
    adults = np.bincount(people.household[people.role == 0], minlength=count)
    under_8 = np.bincount(people.household[age < 8], minlength=count) > 0
    under_6 = np.bincount(people.household[age < 6], minlength=count) > 0
    cared = under_6 | (under_8 & (adults == 1))
    parenting = np.where((income <= law.parenting_limit) & cared, law.parenting, 0)
    by_size = np.maximum(people.size_hundredths * law.tax_a_hundredth, law.tax_minimum)
    housing_tax = np.where(people.occupancy <= 1, by_size, 0)
    rent_share = people.rent * law.rent_share
    taxes = 12 * total(tax + contribution) + 100 * housing_tax  # twelve-hundredths of a fen
    gains = 12 * (100 * (total(earned + basic) + parenting) + rent_share)
    members = np.bincount(people.household, minlength=count) > 0
    return {
        "basic_income": basic,
        "pension": pension,
        "income_tax": rounded(tax, 100),
        "social_security_contribution": rounded(contribution, 100),
        "household_income": income,
        "housing_allowance": rounded(rent_share, 100),
        "parenting_allowance": parenting,
        "housing_tax": housing_tax,
        "total_taxes": np.where(members, rounded(taxes, 1200), 0),
        "disposable_income": np.where(members, rounded(gains - taxes, 1200), 0),
    }


def ages(birth: np.ndarray, on: date) -> np.ndarray:
    """Completed years on the day."""
    months = birth.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    day = (birth - months).astype(np.int64) + 1
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    to_come = (month > on.month) | ((month == on.month) & (day > on.day))
    return on.year - year - to_come


def rounded(values: np.ndarray, divisor: int) -> np.ndarray:
    """Half away from zero."""
    magnitude = (2 * np.abs(values) + divisor) // (2 * divisor)
    return np.where(values < 0, -magnitude, magnitude)


def _contribution(salary: np.ndarray, law: Law) -> np.ndarray:
    found = np.zeros_like(salary)
    for position, (threshold, rate) in enumerate(law.brackets):
        upper = law.brackets[position + 1][0] if position + 1 < len(law.brackets) else None
        found += rate * (np.clip(salary, threshold, upper) - threshold)
    return found


def main() -> None:
    asked, clock = job(__doc__), Clock()
    with clock.phase("read"):
        people = read_population(asked.data)
    with clock.phase("decide"):
        found = amounts(people, asked.on)
    with clock.phase("write"):
        write_amounts(asked.out, found)
    report(clock)


if __name__ == "__main__":
    main()
