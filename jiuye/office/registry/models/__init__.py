"""Residents, households, employers, and everything dated about them."""

from jiuye.office.registry.models.employers import Employer
from jiuye.office.registry.models.facts import Birth, ContributionSpell, Education, EmploymentSpell, Status
from jiuye.office.registry.models.imports import ImportBatch, ImportChange
from jiuye.office.registry.models.people import Household, Person
from jiuye.office.registry.models.places import Division

__all__ = [
    "Birth",
    "ContributionSpell",
    "Division",
    "Education",
    "Employer",
    "EmploymentSpell",
    "Household",
    "ImportBatch",
    "ImportChange",
    "Person",
    "Status",
]
