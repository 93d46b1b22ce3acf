"""A matter with its timeline, papers and promised services; looking again at what was granted; objections to its notice."""

from jiuye.office.matters.models.after import Review
from jiuye.office.matters.models.closings import ServiceClosing
from jiuye.office.matters.models.matters import (
    APPLICANT_KINDS,
    Evidence,
    Matter,
    MatterEvent,
    PromisedService,
    ServiceGiven,
)
from jiuye.office.matters.models.objections import MatterObjection
from jiuye.office.matters.models.refusals import MatterRefusalReview

__all__ = [
    "APPLICANT_KINDS",
    "Evidence",
    "Matter",
    "MatterEvent",
    "MatterObjection",
    "MatterRefusalReview",
    "PromisedService",
    "Review",
    "ServiceClosing",
    "ServiceGiven",
]
