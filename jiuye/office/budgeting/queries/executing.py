"""What became of a year's budget: approved, reserved, spent and left, by fund, policy and county, beside the share of the year that has gone.

What is reserved and spent is read from the reservations of that year's budget lines, which name their county; what names none and is no case
stands under its policy without a county.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from jiuye.engine.basis.dates import Interval
from jiuye.engine.indicators import share_gone
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.office.casework.models import Case
from jiuye.office.funds.models import CountyShare, Reservation
from jiuye.office.funds.queries import county_shares, fund_balances
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.rows import unscoped

_DRAWN = """
SELECT f.code, coalesce(c.policy_id, split_part(t.clause, '@', 1)), coalesce(nullif(r.county_code, ''), left(c.division_code, 6), ''),
       coalesce(sum(r.amount_fen) FILTER (WHERE r.state = 'held'), 0),
       coalesce(sum(r.amount_fen) FILTER (WHERE r.state = 'spent'), 0), count(*)
  FROM funds_reservation r
  JOIN funds_budget b ON b.id = r.budget_id
  JOIN funds_fund f ON f.id = b.fund_id
  JOIN funds_ledgertransfer t ON t.id = r.held_by_id
  LEFT JOIN casework_case c ON r.claim_key = 'case:' || c.id
 WHERE b.year = %s AND r.state IN ('held', 'spent')
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """One policy in one county, or a sum of such, in fen. `approved_fen` is None where no version was approved."""

    fund: str
    policy: str
    county: str
    approved_fen: int | None
    reserved_fen: int
    spent_fen: int
    claims: int

    @property
    def left_fen(self) -> int | None:
        return None if self.approved_fen is None else self.approved_fen - self.reserved_fen - self.spent_fen

    @property
    def used_permille(self) -> int | None:
        """Reserved and spent, in parts of a thousand of what was approved; None where that is nought or nothing."""
        return used_permille(self.reserved_fen + self.spent_fen, self.approved_fen)

    @classmethod
    def together(cls, rows: Sequence[ExecutionRow]) -> ExecutionRow:
        """These rows as one; what was approved is not known where it is not known of one of them."""
        approved = [row.approved_fen for row in rows]
        return cls(
            fund="",
            policy="",
            county="",
            approved_fen=None if None in approved else sum(fen or 0 for fen in approved),
            reserved_fen=sum(row.reserved_fen for row in rows),
            spent_fen=sum(row.spent_fen for row in rows),
            claims=sum(row.claims for row in rows),
        )


@dataclass(frozen=True, slots=True)
class FundExecution:
    """One fund as the ledger has it, in fen: the ceiling that reservations are held against, and what it is used for."""

    code: str
    name: str
    name_en: str
    demonstration: bool
    appropriated_fen: int
    reserved_fen: int
    spent_fen: int
    available_fen: int

    @property
    def used_permille(self) -> int | None:
        """Reserved and spent, in parts of a thousand of what was appropriated; None where that is nought."""
        return used_permille(self.reserved_fen + self.spent_fen, self.appropriated_fen)


def used_permille(used_fen: int, of_fen: int | None) -> int | None:
    """So much of so much, in parts of a thousand; None of nought or of what nobody knows."""
    return used_fen * 1000 // of_fen if of_fen else None


@dataclass(frozen=True, slots=True)
class Execution:
    """A year's budget on a day. `gone_permille` is the share of the year that has gone, in parts of a thousand."""

    year: int
    version: BudgetVersion | None
    gone_permille: int
    rows: tuple[ExecutionRow, ...]
    funds: tuple[FundExecution, ...]
    shares: tuple[
        CountyShare, ...
    ]  # what each county's claims are held to; none where no version was approved


def execution(*, actor: Actor, year: int, on: date) -> Execution:
    """The year's budget as it stands on that day; five queries. Raises NotPermittedError."""
    require(actor, "budgeting.see")
    version = BudgetVersion.objects.filter(year=year, state="approved").order_by("pk").first()
    approved: dict[tuple[str, str, str], int] = {}
    if version is not None:
        for code, policy, county, fen in version.lines.order_by("pk").values_list(
            "fund__code", "policy_id", "county_code", "budgeted_fen"
        ):
            approved[code, policy, county] = fen
    with unscoped("sums by fund, policy and county; no claim is handed out"), connection.cursor() as cursor:
        cursor.execute(_DRAWN, [year])
        drawn = {
            (row[0], row[1], row[2]): (int(row[3]), int(row[4]), int(row[5])) for row in cursor.fetchall()
        }
    rows = [
        ExecutionRow(
            *key,
            approved.get(key, 0) if version is not None else None,
            *drawn.get(key, (0, 0, 0)),
        )
        for key in sorted({*approved, *drawn})
    ]
    funds = tuple(
        FundExecution(
            code,
            str(found["name"]),
            str(found["name_en"]),
            bool(found["demonstration"]),
            *(int(str(found[f"{part}_fen"])) for part in ("appropriated", "reserved", "spent", "available")),
        )
        for code, found in fund_balances(year=year).items()
    )
    return Execution(year, version, year_gone(year, on), tuple(rows), funds, tuple(county_shares(year=year)))


def year_gone(year: int, on: date) -> int:
    """The share of the year that has gone by the end of that day, in parts of a thousand, from 0 to 1000: counted in months, by the
    same function as the plan's progress, so that a day has one share of its year on every page."""
    gone = share_gone(Interval(date(year, 1, 1), date(year + 1, 1, 1)), on)
    return int(gone * 1000)


def cases_behind(*, actor: Actor, year: int, policy_id: str, county: str) -> QuerySet[Case]:
    """The cases of the actor's own places that hold or have spent that year's money under a policy in a county, the largest first.

    Each is annotated with `held_fen` and `held_state`. Raises NotPermittedError.
    """
    require(actor, "budgeting.see")
    key = Concat(Value("case:"), Cast(OuterRef("pk"), CharField()))
    held = Reservation.objects.filter(claim_key=key, budget__year=year, state__in=["held", "spent"]).order_by(
        "pk"
    )
    return (
        Case.objects.filter(
            scope_filter(actor, "casework.see", "division_code"),
            policy_id=policy_id,
            division_code__startswith=county,
        )
        .annotate(
            held_fen=Subquery(held.values("amount_fen")[:1]), held_state=Subquery(held.values("state")[:1])
        )
        .filter(held_fen__isnull=False)
        .order_by("-amount_fen", "pk")
    )
