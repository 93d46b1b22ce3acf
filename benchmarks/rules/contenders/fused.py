"""The limit: the ten formulas as one pass over persons and one over households, compiled to machine code by numba, on one core.

Nothing of it is general: numbers and formulas are written into the loop, unknowns and proofs do not exist, identifiers are row
numbers. What an engine needs beyond this is the price of being an engine.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numba import njit

from benchmarks.rules.contenders.common import (
    HOUSEHOLD_OUTPUTS,
    PERSON_OUTPUTS,
    Clock,
    Population,
    job,
    read_population,
    report,
    write_amounts,
)
from benchmarks.rules.contenders.law import law_on


@njit(cache=True)
def _rounded(value: int, divisor: int) -> int:
    if value >= 0:
        return (2 * value + divisor) // (2 * divisor)
    return -((-2 * value + divisor) // (2 * divisor))


@njit(cache=True)
def _persons(birth, salary, capital, role, household, cuts, thresholds, rates, law, out, sums, flags):
    """Amounts of persons into `out`, and each household's sums (income, gains, taxes × 100) and flags on the way."""
    majority, pension_amount, basic_amount, any_salary, income_tax = law
    for i in range(len(birth)):
        born = birth[i]
        h = household[i]
        wage = salary[i]
        pension = pension_amount if born <= cuts[0] else 0
        basic = basic_amount if born <= majority and (any_salary or wage == 0) else 0
        earned = wage + capital[i] + pension
        tax = earned * income_tax
        contribution = 0
        for k in range(len(thresholds) - 1):
            if wage > thresholds[k]:
                contribution += rates[k] * (min(wage, thresholds[k + 1]) - thresholds[k])
        out[0, i] = basic
        out[1, i] = pension
        out[2, i] = _rounded(tax, 100)
        out[3, i] = _rounded(contribution, 100)
        sums[h, 0] += wage
        sums[h, 1] += earned + basic
        sums[h, 2] += tax + contribution
        mark = 4  # somebody lives here; above it the adults are counted
        if born > cuts[1]:
            mark |= 1
        if born > cuts[2]:
            mark |= 2
        flags[h] = (flags[h] | mark) + (8 if role[i] == 0 else 0)


@njit(cache=True)
def _households(rent, size, occupancy, sums, flags, law, out):
    rent_share, limit, parenting_amount, a_hundredth, minimum = law
    for h in range(len(rent)):
        income = sums[h, 0]
        flag = flags[h]
        cared = (flag & 2) != 0 or ((flag & 1) != 0 and flag >> 3 == 1)
        parenting = parenting_amount if income <= limit and cared else 0
        housing_tax = max(size[h] * a_hundredth, minimum) if occupancy[h] <= 1 else 0
        taxes = 12 * sums[h, 2] + 100 * housing_tax
        gains = 12 * (100 * (sums[h, 1] + parenting) + rent[h] * rent_share)
        somebody = (flag & 4) != 0
        out[0, h] = income
        out[1, h] = _rounded(rent[h] * rent_share, 100)
        out[2, h] = parenting
        out[3, h] = housing_tax
        out[4, h] = _rounded(taxes, 1200) if somebody else 0
        out[5, h] = _rounded(gains - taxes, 1200) if somebody else 0


def amounts(people: Population, on: date) -> dict[str, np.ndarray]:
    """Every output as int64 fen."""
    law = law_on(on)
    persons, households = len(people.birth), len(people.rent)
    # Whoever was born on or before the cut has reached the age.
    cuts = np.array([_born(on, law.retirement), _born(on, 8), _born(on, 6)])
    thresholds = np.array([threshold for threshold, _ in law.brackets] + [2**62])
    rates = np.array([rate for _, rate in law.brackets])
    own = np.empty((4, persons), np.int64)
    sums = np.zeros((households, 3), np.int64)
    flags = np.zeros(households, np.int32)
    people_law = (_born(on, law.majority), law.pension, law.basic_income, law.any_salary, law.income_tax)
    _persons(
        people.birth.view(np.int64) if people.birth.dtype == "datetime64[D]" else people.birth, people.salary,
        people.capital_returns, people.role, people.household, cuts, thresholds, rates, people_law, own, sums, flags,
    )  # fmt: skip
    shared = np.empty((6, households), np.int64)
    home_law = (
        law.rent_share,
        law.parenting_limit,
        law.parenting,
        law.tax_a_hundredth,
        law.tax_minimum,
    )
    _households(people.rent, people.size_hundredths, people.occupancy, sums, flags, home_law, shared)
    found: dict[str, Any] = dict(zip(PERSON_OUTPUTS, own, strict=True))
    return found | dict(zip(HOUSEHOLD_OUTPUTS, shared, strict=True))


def _born(on: date, age: int) -> int:
    """The last birthday, as days since 1970, on which one has completed so many years on the day."""
    return int(np.datetime64(date(on.year - age, on.month, on.day)).astype(np.int64))


def _nobody() -> Population:
    """An empty population of the right types."""
    none, codes = np.zeros(0, np.int64), np.zeros(0, np.int8)
    return Population(none.view("datetime64[D]"), none, none, codes, none, none, none, codes)


def main() -> None:
    asked, clock = job(__doc__), Clock()
    with clock.phase("load"):  # compiles, or fetches what an earlier run compiled
        amounts(_nobody(), asked.on)
    with clock.phase("read"):
        people = read_population(asked.data)
    with clock.phase("decide"):
        found = amounts(people, asked.on)
    with clock.phase("write"):
        write_amounts(asked.out, found)
    report(clock)


if __name__ == "__main__":
    main()
