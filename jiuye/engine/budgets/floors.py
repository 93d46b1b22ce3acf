"""Floors held against what a budget arranges, each with a sentence where it is broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jiuye.engine.ledger.funds_file import Floor, FundDefinition

MUNICIPALITY, HIGHER, POOL = "municipality", "higher", "pool"


@dataclass(frozen=True, slots=True)
class FloorStanding:
    """One floor of one fund in one year: what is arranged for it, and by whom it is missed.

    For a floor of each county `arranged_fen` is the least of them and `missing` the counties below it.
    """

    fund: str
    floor: Floor
    arranged_fen: int
    missing: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        return self.arranged_fen >= self.floor.at_least_fen


def floors_of(
    funds: Iterable[FundDefinition],
    arranged: Mapping[str, Mapping[str, int]],
    *,
    year: int,
    counties: Iterable[str],
) -> list[FloorStanding]:
    """Every floor that a document sets for that year. `arranged` is fen by fund and by who gives: a county's code, or one of the words above.

    `counties` are the codes that a floor of each county asks for.
    """
    asked = tuple(counties)
    return [
        _standing(fund.id, floor, arranged.get(fund.id, {}), asked)
        for fund in funds
        for floor in fund.floors
        if floor.holds_in(year)
    ]


def _standing(fund: str, floor: Floor, given: Mapping[str, int], counties: tuple[str, ...]) -> FloorStanding:
    if floor.of == "each-county":
        amounts = {code: given.get(code, 0) for code in counties}
        below = tuple(code for code, fen in amounts.items() if fen < floor.at_least_fen)
        return FloorStanding(fund, floor, min(amounts.values(), default=0), below)
    if floor.of == "municipality":
        return FloorStanding(fund, floor, given.get(MUNICIPALITY, 0))
    return FloorStanding(fund, floor, sum(given.values()))
