"""Versions, their lines and contributions, and the floors held against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext, pgettext

from jiuye.engine.budgets.floors import FloorStanding, floors_of
from jiuye.office.budgeting.content import HIGHER, MUNICIPALITY, POOL, city_funds
from jiuye.office.budgeting.models import BudgetLine, BudgetVersion, Contribution, Drawing
from jiuye.office.budgeting.states import TRANSITIONS
from jiuye.office.funds.models import Fund
from jiuye.office.staff.queries import Actor, require


@dataclass(frozen=True, slots=True)
class FundStanding:
    """One fund in a version, in fen: what was projected, what is budgeted by policy, what is arranged by whoever gives."""

    fund: Fund
    projected_fen: int
    unknown: int
    unknown_most_fen: int
    budgeted_fen: int
    arranged_fen: int

    @property
    def left_fen(self) -> int:
        """Arranged and not given to a policy; below nought where the lines come to more."""
        return self.arranged_fen - self.budgeted_fen


@dataclass(frozen=True, slots=True)
class LineSums:
    """Lines of a version added up, in fen: by their parts, what is budgeted, and beside them those of whom it cannot be told."""

    known_fen: int
    new_fen: int
    carried_fen: int
    budgeted_fen: int
    unknown: int
    unknown_most_fen: int

    @classmethod
    def of(cls, lines: Iterable[BudgetLine]) -> LineSums:
        rows = list(lines)
        return cls(*(sum(getattr(line, name) for line in rows) for name in cls.__slots__))

    @property
    def projected_fen(self) -> int:
        """All three parts together."""
        return self.known_fen + self.new_fen + self.carried_fen


def sums_by(lines: Iterable[BudgetLine], key: Callable[[BudgetLine], str]) -> dict[str, LineSums]:
    """The lines added up by whatever `key` names, in its order."""
    groups: dict[str, list[BudgetLine]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return {name: LineSums.of(groups[name]) for name in sorted(groups)}


def versions(*, actor: Actor) -> QuerySet[BudgetVersion]:
    """Every version, the latest year and number first, with what it budgets and arranges. Raises NotPermittedError."""
    require(actor, "budgeting.see")
    return BudgetVersion.objects.select_related("drawn_by", "submitted_by", "decided_by").order_by(
        "-year", "-number", "-pk"
    )


def one_version(*, actor: Actor, version_id: int) -> BudgetVersion | None:
    """One version, or None. Raises NotPermittedError."""
    return versions(actor=actor).filter(pk=version_id).first()


def may_begin_running_year(*, actor: Actor, on: date) -> bool:
    """Whether this actor may begin the budget of the year under way by hand: only where that year has no version."""
    return (
        actor.may("budgeting.draw")
        and not BudgetVersion.objects.filter(year=on.year).exclude(state="discarded").exists()
    )


def last_drawing(*, actor: Actor, year: int) -> Drawing | None:
    """The last time that a version of that year was asked for, unless it was drawn up. Raises NotPermittedError."""
    require(actor, "budgeting.see")
    found = Drawing.objects.select_related("asked_by").filter(year=year).order_by("-pk").first()
    return found if found is not None and found.state != "done" else None


def lines_of(version: BudgetVersion, *, fund: str = "") -> list[BudgetLine]:
    """A version's lines (of one fund) by policy and county; for callers who may see it."""
    rows = version.lines.select_related("fund").order_by("fund__code", "policy_id", "county_code")
    return list(rows.filter(fund__code=fund) if fund else rows)


def contributions_of(version: BudgetVersion) -> list[Contribution]:
    """Who gives how much to which fund, in the order in which the pack names them."""
    city = city_funds()
    places: dict[str, list[str]] = {}
    rows = list(version.contributions.select_related("fund").order_by("fund__code", "pk"))
    for row in rows:
        places.setdefault(row.fund.code, city.givers(row.fund.code))
    order = {
        code: {giver: position for position, giver in enumerate(givers)} for code, givers in places.items()
    }
    return sorted(rows, key=lambda row: (row.fund.code, order[row.fund.code].get(row.giver, 99)))


def fund_standings(version: BudgetVersion) -> list[FundStanding]:
    """Every fund with lines or contributions, by code; the lines, what is given, and the funds: a query each."""
    lines = sums_by(lines_of(version), lambda line: line.fund.code)
    given = {
        row["fund_id"]: row["given"]
        for row in version.contributions.values("fund_id")
        .annotate(given=Sum("amount_fen"))
        .order_by("fund_id")
    }
    found = []
    for fund in Fund.objects.order_by("code"):
        own = lines.get(fund.code) or LineSums.of(())
        if fund.code in lines or fund.pk in given:
            found.append(
                FundStanding(
                    fund,
                    own.projected_fen,
                    own.unknown,
                    own.unknown_most_fen,
                    own.budgeted_fen,
                    given.get(fund.pk, 0),
                )
            )
    return found


def floor_standings(version: BudgetVersion) -> list[FloorStanding]:
    """Every floor that a document sets for the version's year, held against what is arranged."""
    city = city_funds()
    arranged: dict[str, dict[str, int]] = {}
    for code, giver, amount_fen in version.contributions.order_by("fund__code", "giver").values_list(
        "fund__code", "giver", "amount_fen"
    ):
        arranged.setdefault(code, {})[giver] = amount_fen
    return floors_of(city.funds.values(), arranged, year=version.year, counties=city.county_codes)


def giver_name(giver: str, *, english: bool = False) -> str:
    """Whoever gives, in words: a county by its name."""
    words = {
        MUNICIPALITY: gettext("市财政"),
        HIGHER: gettext("中央和省"),
        POOL: gettext("基金自有"),
        "": pgettext("place", "未登记所在地"),
    }
    if giver in words:
        return words[giver]
    for place in city_funds().counties:
        if place.code == giver:
            return place.name_en if english else place.name
    return giver


def acts_of(*, actor: Actor, version: BudgetVersion) -> list[str]:
    """What this actor may do with the version now; whoever drew it up, changed or submitted it does not decide it."""
    own = actor.account_id in (version.drawn_by_id, version.submitted_by_id, *version.changed_by)
    return [
        row.act
        for row in TRANSITIONS
        if row.permission
        and version.state in row.sources
        and actor.may(row.permission)
        and not (own and row.permission == "budgeting.approve")
    ]
