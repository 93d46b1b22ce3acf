"""Residents, households, employers, and everything dated about them."""

from jiuye.office.registry.models.employers import Employer
from jiuye.office.registry.models.facts import (
    Birth,
    ContributionSpell,
    Education,
    EmploymentSpell,
    HouseholdMembership,
    Status,
)
from jiuye.office.registry.models.imports import ImportBatch, ImportChange
from jiuye.office.registry.models.people import Household, NameGrams, Person
from jiuye.office.registry.models.places import Division
from jiuye.office.registry.models.registers import (
    REGISTER_SUBJECTS,
    DeliveredRow,
    RegisterDelivery,
    RegisterRecord,
)
from jiuye.office.registry.models.registrations import CounterRegistration
from jiuye.office.registry.models.things import RegisteredThing

__all__ = [
    "REGISTER_SUBJECTS",
    "Birth",
    "ContributionSpell",
    "CounterRegistration",
    "DeliveredRow",
    "Division",
    "Education",
    "Employer",
    "EmploymentSpell",
    "Household",
    "HouseholdMembership",
    "ImportBatch",
    "ImportChange",
    "NameGrams",
    "Person",
    "RegisterDelivery",
    "RegisterRecord",
    "RegisteredThing",
    "Status",
]
