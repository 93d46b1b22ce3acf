"""Services as data: the steps of claiming, who takes them, in how many workdays, and how a refusal is appealed."""

from jiuye.engine.services.claims import (
    Appeal,
    ClaimProcedures,
    Procedure,
    Source,
    Step,
    load_claims,
)

__all__ = ["Appeal", "ClaimProcedures", "Procedure", "Source", "Step", "load_claims"]
