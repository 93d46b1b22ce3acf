"""A year's budget shared out among the counties, by whoever approves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pghistory
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.funds.models import Budget, CountyShare, LedgerAccount, Reservation
from jiuye.office.funds.operations.budgets import GENERAL_LINE, fund_of
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.registry.places import division_names
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped


class ShareBelowDrawnError(FundsRefusal):
    """A county has reserved or spent more than it would be given."""

    def __init__(self, budget: Budget, county: str, amount_fen: int, drawn_fen: int) -> None:
        super().__init__(
            gettext(
                "“%(budget)s”里%(county)s已预留和支付 %(drawn)s 元，这次只分给 %(amount)s 元；份额不能低于已预留和支付数，请增加该县（市、区）的预算。"
            )
            % {
                "budget": budget,
                "county": county,
                "drawn": yuan_text(drawn_fen),
                "amount": yuan_text(amount_fen),
            }
        )


@transaction.atomic
def share_out(
    *, actor: Actor, fund: str, year: int, shares: Mapping[str, int], on: date, line: str = GENERAL_LINE
) -> list[CountyShare]:
    """Each county's share of a budget, in fen, by code; a county that is not named any more has nothing left to draw on.

    From then on a county's claims are held to its share, those that it holds already included. Nothing happens where the fund has no budget of
    the year. Raises NotPermittedError, UnknownFundError, ShareBelowDrawnError.
    """
    require(actor, "budgeting.approve")
    budget = Budget.objects.filter(fund=fund_of(fund), year=year, line=line).order_by("pk").first()
    if budget is None:
        return []
    # The lock that every reservation takes first: nothing is drawn while the shares are written.
    LedgerAccount.objects.select_for_update().get(pk=budget.account_id)
    there = {share.county_code: share for share in CountyShare.objects.filter(budget=budget).order_by("pk")}
    wanted = {**dict.fromkeys(there, 0), **shares}
    names, drawn = division_names(set(wanted)), _drawn(budget)
    with pghistory.context(operation="funds.share_out", on=on.isoformat()):
        for county, amount_fen in sorted(wanted.items()):
            if amount_fen < drawn.get(county, 0):
                raise ShareBelowDrawnError(budget, names.get(county, county), amount_fen, drawn[county])
            share = there.get(county)
            if share is None:
                there[county] = CountyShare.objects.create(
                    budget=budget, county_code=county, amount_fen=amount_fen
                )
            elif share.amount_fen != amount_fen:
                share.amount_fen = amount_fen
                share.save(update_fields=["amount_fen"])
    return [there[county] for county in sorted(there)]


@unscoped("sums by county; no claim is handed out")
def _drawn(budget: Budget) -> dict[str, int]:
    """What each county's claims hold or were paid."""
    rows = Reservation.objects.filter(budget=budget, state__in=["held", "spent"]).exclude(county_code="")
    sums = rows.values("county_code").annotate(drawn=Sum("amount_fen")).order_by("county_code")
    return {row["county_code"]: row["drawn"] for row in sums}
