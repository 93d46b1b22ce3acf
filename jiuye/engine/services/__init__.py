"""Services as data: the steps of claiming, who takes them, in how many workdays, and how a refusal is appealed."""

from jiuye.engine.services.claims import (
    Appeal,
    Band,
    ClaimProcedures,
    Limit,
    Lookup,
    Procedure,
    RefusalReview,
    load_claims,
)
from jiuye.engine.services.items import Item, LifeEvent, ServiceItems
from jiuye.engine.services.items_reading import load_items
from jiuye.engine.services.reading import Source, Step
from jiuye.engine.services.subsidies import Subsidy, load_subsidies, needed_signatures

__all__ = [
    "Appeal",
    "Band",
    "ClaimProcedures",
    "Item",
    "LifeEvent",
    "Limit",
    "Lookup",
    "Procedure",
    "RefusalReview",
    "ServiceItems",
    "Source",
    "Step",
    "Subsidy",
    "load_claims",
    "load_items",
    "load_subsidies",
    "needed_signatures",
]
