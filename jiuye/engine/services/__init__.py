"""Services as data: the steps of claiming, who takes them, in how many workdays, and how a refusal is appealed."""

from jiuye.engine.services.claims import (
    Appeal,
    ClaimProcedures,
    Procedure,
    load_claims,
)
from jiuye.engine.services.items import Item, LifeEvent, ServiceItems
from jiuye.engine.services.items_reading import load_items
from jiuye.engine.services.reading import Source, Step

__all__ = [
    "Appeal",
    "ClaimProcedures",
    "Item",
    "LifeEvent",
    "Procedure",
    "ServiceItems",
    "Source",
    "Step",
    "load_claims",
    "load_items",
]
