"""Where a payment batch lies, and who may therefore do something with it."""

from __future__ import annotations

from collections.abc import Iterable

from jiuye.office.funds.models import PaymentBatch
from jiuye.office.staff.queries import Actor, NotPermittedError, require
from jiuye.office.staff.row_rules import CITY_DIGITS


def place_of(actor: Actor, counties: Iterable[str]) -> str:
    """The smallest place that holds these counties: the one county, or the city. A claim whose county nobody said is the city's.

    Raises NotPermittedError where the actor may not put claims of that place into a batch: those of two counties, or of none,
    take somebody of the city.
    """
    known = sorted(set(counties))
    if len(known) == 1 and known[0]:
        require(actor, "funds.batch", known[0])
        return known[0]
    city = next((code[:CITY_DIGITS] for code in known if code), "")
    scopes = [scope for scope in actor.scopes("funds.batch") if len(scope) <= CITY_DIGITS]
    if not scopes or not city.startswith(scopes[0][: len(city)]):
        raise NotPermittedError("funds.batch", city)
    return city or scopes[0]


def require_over(actor: Actor, permission: str, batch: PaymentBatch) -> None:
    """Return where the actor may do so with all that the batch pays. Raises NotPermittedError."""
    if batch.division_code:
        require(actor, permission, batch.division_code)
    elif not any(len(scope) <= CITY_DIGITS for scope in actor.scopes(permission)):
        raise NotPermittedError(permission, "")
