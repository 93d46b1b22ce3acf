"""The refusals of money that a desk page shows as a sentence. Whatever else goes wrong is an error of ours."""

from __future__ import annotations

from jiuye.office.funds.operations import FundsRefusal

REFUSALS: tuple[type[Exception], ...] = (FundsRefusal,)
