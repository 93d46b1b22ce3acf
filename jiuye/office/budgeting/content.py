"""What this installation's pack says of funds, floors, counties and assumptions, read again when a file changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from jiuye.engine.basis.problems import Problems
from jiuye.engine.budgets.content import FILE_NAME, BudgetContent, load_budget
from jiuye.engine.ledger.funds_file import FILE_NAME as FUNDS_FILE
from jiuye.engine.ledger.funds_file import FundDefinition, load_funds
from jiuye.engine.places.divisions import Place, load_places
from jiuye.office.budgeting.states import BudgetingRefusal
from jiuye.office.entitlements.rulebook import rulebook

MUNICIPALITY, HIGHER, POOL = "municipality", "higher", "pool"


class NoBudgetContentError(BudgetingRefusal):
    """The pack does not say how a budget is projected."""

    def __init__(self, first: str) -> None:
        super().__init__(
            gettext(
                "规则包里的 budget.yaml 没有或有错误，不能编制预算；请政策专员运行 jiuye check 修正。%(first)s"
            )
            % {"first": first}
        )


@dataclass(frozen=True, slots=True)
class CityFunds:
    """The funds of the pack by id, and the city with its counties and zones in their order."""

    funds: dict[str, FundDefinition]
    city: Place | None
    counties: tuple[Place, ...]

    def givers(self, fund_id: str) -> list[str]:
        """Who gives to a fund, in the order of a page: higher levels, the municipality, each county and zone, the pool."""
        fund = self.funds.get(fund_id)
        found: list[str] = []
        for word in fund.contributors if fund is not None else ():
            found += [place.code for place in self.counties] if word == "counties" else [word]
        return found

    @property
    def county_codes(self) -> tuple[str, ...]:
        """The counties proper: a floor of each county does not ask a functional zone."""
        return tuple(place.code for place in self.counties if place.kind == "county")


def budget_content() -> BudgetContent:
    """How the pack wants a budget projected. Raises NoBudgetContentError."""
    folder = Path(settings.PACK)
    if not (folder / FILE_NAME).exists():
        raise NoBudgetContentError("")
    content, problems = load_budget(folder, rulebook().pack)
    if content is None or problems.errors:
        raise NoBudgetContentError(problems.sorted()[0].render())
    return content


def city_funds() -> CityFunds:
    """The funds and places of the pack."""
    folder = Path(settings.PACK)
    files = (folder / FUNDS_FILE, folder / "places" / "divisions.yaml")
    return _read(folder, tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in files))


@lru_cache(maxsize=4)
def _read(folder: Path, changed: tuple[int, ...]) -> CityFunds:
    funds, _ = load_funds(folder / FUNDS_FILE, base=folder)
    places, _ = load_places(folder / "places" / "divisions.yaml", problems=Problems())
    if places is None:
        return CityFunds(funds, None, ())
    return CityFunds(funds, places.city, places.counties)
