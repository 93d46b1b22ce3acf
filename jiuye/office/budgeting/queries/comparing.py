"""Two versions side by side: what each policy and county is given in one and in the other, and what differs in their assumptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jiuye.office.budgeting.models import BudgetVersion


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that has an amount in either version, in fen. `kind` is line or contribution; `what` a policy or a fund, `place` a county or giver."""

    kind: str
    what: str
    place: str
    before_fen: int
    after_fen: int

    @property
    def fen(self) -> int:
        return self.after_fen - self.before_fen


def compare_versions(
    before: BudgetVersion, after: BudgetVersion
) -> tuple[list[Difference], list[tuple[dict[str, Any] | None, dict[str, Any] | None]]]:
    """What differs, the largest first, and the assumptions that differ as pairs (before, after); for callers who may see both."""
    differences = []
    for kind, one, other in (
        ("line", _lines(before), _lines(after)),
        ("contribution", _contributions(before), _contributions(after)),
    ):
        for key in sorted({*one, *other}):
            found = Difference(kind, key[0], key[1], one.get(key, 0), other.get(key, 0))
            if found.fen:
                differences.append(found)
    differences.sort(key=lambda row: (-abs(row.fen), row.kind, row.what, row.place))
    return differences, _assumptions(before, after)


def _lines(version: BudgetVersion) -> dict[tuple[str, str], int]:
    rows = version.lines.order_by("pk").values_list("policy_id", "county_code", "budgeted_fen")
    return {(policy, county): fen for policy, county, fen in rows}


def _contributions(version: BudgetVersion) -> dict[tuple[str, str], int]:
    rows = version.contributions.order_by("pk").values_list("fund__code", "giver", "amount_fen")
    return {(fund, giver): fen for fund, giver, fen in rows}


def _assumptions(
    before: BudgetVersion, after: BudgetVersion
) -> list[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    sides = [{(row["id"], row["policy"]): row for row in version.assumptions} for version in (before, after)]
    return [
        (sides[0].get(key), sides[1].get(key))
        for key in sorted({*sides[0], *sides[1]})
        if (sides[0].get(key) or {}).get("percent") != (sides[1].get(key) or {}).get("percent")
    ]
