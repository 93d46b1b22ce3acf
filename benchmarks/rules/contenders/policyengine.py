"""policyengine-core on the same population, with the country template that it carries, in an environment of its own.

Its template is an older one than OpenFisca's: it knows no capital returns, taxes the salary alone, and has disposable income by
person. Those are replaced here by the formulas of OpenFisca's template, so that all contenders compute the same ten.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.rules.contenders.common import (
    Clock,
    Population,
    job,
    read_population,
    report,
    write_amounts,
)
from benchmarks.rules.contenders.openfisca import calculate, simulate


def brought_up_to_date(system: Any) -> Any:
    """The system with the two newer formulas and the input they need."""
    from policyengine_core.country_template.entities import Household, Person
    from policyengine_core.periods import MONTH
    from policyengine_core.variables import Variable

    class capital_returns(Variable):
        value_type = float
        entity = Person
        definition_period = MONTH
        label = "Capital returns"

    class income_tax(Variable):
        value_type = float
        entity = Person
        definition_period = MONTH
        label = "Income tax on salary, capital returns and pension"

        def formula(person: Any, period: Any, parameters: Any) -> Any:
            base = sum(person(name, period) for name in ("salary", "capital_returns", "pension"))
            return base * parameters(period).taxes.income_tax_rate

    class disposable_income(Variable):
        value_type = float
        entity = Household
        definition_period = MONTH
        label = "What is left to the household"

        def formula(household: Any, period: Any, _parameters: Any) -> Any:
            gains = ("salary", "capital_returns", "pension", "basic_income")
            taxes = ("income_tax", "social_security_contribution")
            found = sum(household.sum(household.members(name, period)) for name in gains)
            found = found - sum(household.sum(household.members(name, period)) for name in taxes)
            found = found + household("housing_allowance", period) + household("parenting_allowance", period)
            return found - household("housing_tax", period.this_year) / 12

    system.add_variable(capital_returns)
    system.replace_variable(income_tax)
    system.replace_variable(disposable_income)
    return system


def roles_of(people: Population) -> np.ndarray:
    """Positions among first parent, second parent, child."""
    adults = np.flatnonzero(people.role == 0)
    _, first = np.unique(people.household[adults], return_index=True)
    roles = np.where(people.role == 0, 1, 2)
    roles[adults[first]] = 0
    return roles


def main() -> None:
    asked, clock = job(__doc__), Clock()
    with clock.phase("start"):
        from policyengine_core.country_template import CountryTaxBenefitSystem
        from policyengine_core.enums import EnumArray
        from policyengine_core.simulations import SimulationBuilder
    with clock.phase("load"):
        system = brought_up_to_date(CountryTaxBenefitSystem())
    with clock.phase("read"):
        people = read_population(asked.data)
        roles = roles_of(people)
    with clock.phase("build"):
        simulation = simulate(SimulationBuilder(), system, people, asked.month, roles, EnumArray)
    with clock.phase("decide"):
        found = calculate(simulation, asked.month)
    with clock.phase("write"):
        write_amounts(asked.out, found)
    report(clock)


if __name__ == "__main__":
    main()
