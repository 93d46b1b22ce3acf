"""OpenFisca's country template on the same population: a simulation built from arrays, then the ten formulas calculated.

It runs in an environment of its own. `build` is SimulationBuilder with entities, memberships and inputs; `decide` is calculate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.rules.contenders.common import (
    OCCUPANCIES,
    OUTPUTS,
    Clock,
    Population,
    job,
    read_population,
    report,
    write_amounts,
)


def simulate(builder: Any, system: Any, people: Population, month: str, roles: np.ndarray, enum: Any) -> Any:
    """A simulation with every input set. `roles` are positions among the system's roles, `enum` its kind of coded array."""
    january = f"{month[:4]}-01"
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(len(people.birth)))
    households = builder.declare_entity("household", np.arange(len(people.rent)))
    builder.join_with_persons(households, people.household, roles=roles)
    simulation = builder.build(system)
    simulation.set_input("birth", month, people.birth)
    simulation.set_input("salary", month, people.salary / 100)
    simulation.set_input("capital_returns", month, people.capital_returns / 100)
    simulation.set_input("rent", month, people.rent / 100)
    simulation.set_input("accommodation_size", january, people.size_hundredths / 100)
    kinds = system.get_variable("housing_occupancy_status").possible_values
    if tuple(kind.name for kind in kinds) != OCCUPANCIES:
        raise ValueError(f"this country template has other kinds of occupancy than {OCCUPANCIES}.")
    simulation.set_input("housing_occupancy_status", january, enum(people.occupancy.astype(np.int16), kinds))
    return simulation


def calculate(simulation: Any, month: str) -> dict[str, np.ndarray]:
    """Every output in yuan, in the float type it came in."""
    return {
        name: np.asarray(simulation.calculate(name, month[:4] if name == "housing_tax" else month))
        for name in OUTPUTS
    }


def main() -> None:
    asked, clock = job(__doc__), Clock()
    with clock.phase("start"):
        from openfisca_core.indexed_enums import EnumArray
        from openfisca_core.simulation_builder import SimulationBuilder
        from openfisca_country_template import CountryTaxBenefitSystem
    with clock.phase("load"):
        system = CountryTaxBenefitSystem()
    with clock.phase("read"):
        people = read_population(asked.data)
    with clock.phase("build"):
        roles = people.role.astype(np.int64)
        simulation = simulate(SimulationBuilder(), system, people, asked.month, roles, EnumArray)
    with clock.phase("decide"):
        found = calculate(simulation, asked.month)
    with clock.phase("write"):
        write_amounts(asked.out, found)
    report(clock)


if __name__ == "__main__":
    main()
