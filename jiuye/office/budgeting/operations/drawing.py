"""Drawing a version up from everyone on record, and changing it while it is a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.budgets.content import ASSUMPTIONS, MOST_PERCENT, Assumption
from jiuye.office.budgeting.content import budget_content, city_funds
from jiuye.office.budgeting.models import BudgetLine, BudgetVersion, Contribution
from jiuye.office.budgeting.projecting import (
    budgeted_policies,
    netted_rows,
    paid_lately,
    percentages_of,
    projected_lines,
    projection_of,
    reckoned,
)
from jiuye.office.budgeting.states import STATES, BudgetingRefusal
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.funds.models import Fund
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, LONG, within
from jiuye.office.staff.rows import unscoped

MOST_FEN = 10**15


class NotNextYearError(BudgetingRefusal):
    """A budget is drawn up for the year after the one under way: its months lie ahead of the facts."""

    def __init__(self, year: int, next_year: int) -> None:
        super().__init__(
            gettext("不能编制 %(year)d 年的预算：按今天的实名数据只能推算下一年，请编 %(next)d 年。")
            % {"year": year, "next": next_year}
        )


class YearHasVersionError(BudgetingRefusal):
    """Only a year that has no version yet is begun by hand: later ones follow from the one that is there."""

    def __init__(self, version: BudgetVersion) -> None:
        super().__init__(
            gettext(
                "%(year)d 年已有第 %(number)d 版预算（%(state)s）；请在那个版本上修改，或据它另编一个版本。"
            )
            % {"year": version.year, "number": version.number, "state": gettext(STATES[version.state])}
        )


class NothingProjectedError(BudgetingRefusal):
    """Nobody is on record, or no policy pays from a fund."""

    def __init__(self) -> None:
        super().__init__(gettext("登记里没有可以推算的对象，编不出预算；请先导入实名数据。"))


class VersionNotFoundError(BudgetingRefusal):
    """There is no such version."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这个预算版本。"))


class NotADraftError(BudgetingRefusal):
    """What was submitted is never changed."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("这个版本现在是“%(state)s”，不能再改；要改请另编一个版本。")
            % {"state": gettext(STATES[state])}
        )


class AmountUnfitError(BudgetingRefusal):
    """An amount below nought or beyond the largest, or a change without a reason."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class AssumptionUnfitError(BudgetingRefusal):
    """An assumption that nobody knows, out of range, or without what it rests on."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


@unscoped("a budget counts everyone on record, into totals by county")
def draw_up(
    *,
    actor: Actor,
    year: int,
    note: str = "",
    on: date,
    at: datetime,
    progress: Callable[[str], None] = lambda what: None,
    kept: Callable[[BudgetVersion], None] = lambda version: None,
) -> BudgetVersion:
    """A draft of next year's budget from the facts of `on`: everyone on record × the policies that pay, month by month.

    Contributions are taken over from the year's version before, where there is one. Nothing that anybody is owed changes by it. `kept` is told
    of the version in the transaction that keeps it. Takes minutes for a city: a page asks for it (`asking`). Raises
    NotPermittedError, NotNextYearError, NothingProjectedError, NoBudgetContentError, and what the sweep raises.
    """
    require(actor, "budgeting.draw")
    if year != on.year + 1:
        raise NotNextYearError(year, on.year + 1)
    book, content = rulebook(), budget_content()
    found = projection_of(book, content, on=on, year=year, progress=progress)
    lines = projected_lines(book, found, paid_lately(budgeted_policies(book), on))
    if not lines:
        raise NothingProjectedError
    assumptions = [_starting(row) for row in content.assumptions]
    with transaction.atomic(), pghistory.context(operation="budgeting.draw_up"):
        before = BudgetVersion.objects.select_for_update().filter(year=year).order_by("-number").first()
        version = BudgetVersion.objects.create(
            year=year,
            number=before.number + 1 if before is not None else 1,
            facts_on=on,
            pack_version=book.pack.version,
            assumptions=assumptions,
            summary={
                "not_in_force": list(found.not_in_force),
                "nobody": list(found.nobody),
                "netted": netted_rows(book, found),
                "unmeasured": sorted({line["policy"] for line in lines.values()} - found.measured),
            },
            note=within(note, LINE, "版本说明", "note"),
            drawn_by_id=actor.account_id,
            drawn_on=on,
            drawn_at=at,
        )
        funds = {fund.code: fund for fund in Fund.objects.order_by("code")}
        BudgetLine.objects.bulk_create(
            _line(version, funds[book.pack.policies[policy_id].fund], policy_id, county, plain, assumptions)
            for (policy_id, county), plain in sorted(lines.items())
        )
        _lay_contributions(version, funds, before)
        kept(version)
    return version


@transaction.atomic
def begin_running_year(*, actor: Actor, note: str = "", on: date, at: datetime) -> BudgetVersion:
    """A draft of the budget of the year under way, for an office that begins in the middle of one: who gives how much into which fund
    is entered from the finance bureau's documents, and it is submitted, held to the floors and approved as any other.

    Nothing is projected: the months that are over are in no register here. So it has no lines, and counties have no shares of it.
    Raises NotPermittedError, YearHasVersionError, TooLongError.
    """
    require(actor, "budgeting.draw")
    alive = BudgetVersion.objects.select_for_update().filter(year=on.year).exclude(state="discarded")
    there = alive.order_by("-number").first()
    if there is not None:
        raise YearHasVersionError(there)
    last = BudgetVersion.objects.filter(year=on.year).order_by("-number").first()
    with pghistory.context(operation="budgeting.begin_running_year"):
        version = BudgetVersion.objects.create(
            year=on.year,
            number=last.number + 1 if last is not None else 1,
            facts_on=on,
            pack_version=rulebook().pack.version,
            summary={"not_in_force": [], "nobody": [], "unmeasured": [], "netted": []},
            note=within(note, LINE, "版本说明", "note"),
            drawn_by_id=actor.account_id,
            drawn_on=on,
            drawn_at=at,
        )
        _lay_contributions(version, {fund.code: fund for fund in Fund.objects.order_by("code")}, None)
    return version


def _starting(row: Assumption) -> dict[str, Any]:
    return {"id": row.id, "policy": "", "percent": row.percent, "basis": row.basis, "basis_en": row.basis_en}


def _line(
    version: BudgetVersion,
    fund: Fund,
    policy_id: str,
    county: str,
    plain: dict[str, Any],
    assumptions: list[dict[str, Any]],
) -> BudgetLine:
    line = BudgetLine(
        version=version,
        fund=fund,
        policy_id=policy_id,
        county_code=county,
        projected=plain,
        unknown=plain["unknown"],
    )
    _reckon(line, assumptions)
    line.budgeted_fen = line.projected_fen
    return line


def _reckon(line: BudgetLine, assumptions: list[dict[str, Any]]) -> None:
    parts = reckoned(line.projected, percentages_of(assumptions, line.policy_id))
    line.known_periods, line.known_fen = parts.known_periods, parts.known_fen
    line.new_periods, line.new_fen = parts.new_periods, parts.new_fen
    line.carried_fen, line.unknown_most_fen = parts.carried_fen, parts.unknown_most_fen


def _lay_contributions(
    version: BudgetVersion, funds: Mapping[str, Fund], before: BudgetVersion | None
) -> None:
    """A row for each giver of each fund, as the version before had it, else at nought."""
    earlier = (
        {
            (row.fund_id, row.giver): row.amount_fen
            for row in before.contributions.order_by("fund_id", "giver")
        }
        if before is not None
        else {}
    )
    city = city_funds()
    Contribution.objects.bulk_create(
        Contribution(version=version, fund=fund, giver=giver, amount_fen=earlier.get((fund.pk, giver), 0))
        for code, fund in funds.items()
        for giver in city.givers(code)
    )


def contribute(*, actor: Actor, version_id: int, amounts: Mapping[tuple[str, str], int]) -> BudgetVersion:
    """Set what givers put into funds: fen by (fund's code, giver). Raises NotPermittedError, VersionNotFoundError, NotADraftError, AmountUnfitError."""
    require(actor, "budgeting.draw")
    with transaction.atomic(), pghistory.context(operation="budgeting.contribute"):
        version = _changed(version_id, actor)
        rows = {
            (row.fund.code, row.giver): row
            for row in version.contributions.select_related("fund").order_by("pk")
        }
        for key, amount_fen in amounts.items():
            if key not in rows:
                raise AmountUnfitError(
                    gettext("“%(fund)s”没有出资方“%(giver)s”；请刷新页面再填。")
                    % {"fund": key[0], "giver": key[1]}
                )
            _check_amount(amount_fen)
            if rows[key].amount_fen != amount_fen:
                rows[key].amount_fen = amount_fen
                rows[key].save(update_fields=["amount_fen"])
    return version


def change_line(*, actor: Actor, version_id: int, line_id: int, budgeted_fen: int, reason: str) -> BudgetLine:
    """Budget another amount than was projected, and say why.

    Raises NotPermittedError, VersionNotFoundError, NotADraftError, AmountUnfitError.
    """
    require(actor, "budgeting.draw")
    with transaction.atomic(), pghistory.context(operation="budgeting.change_line"):
        version = _changed(version_id, actor)
        line = version.lines.filter(pk=line_id).order_by("pk").first()
        if line is None:
            raise VersionNotFoundError
        _check_amount(budgeted_fen)
        if budgeted_fen != line.projected_fen and not reason.strip():
            raise AmountUnfitError(gettext("预算与推算不同时要写明理由，例如压减或另有安排的文件。"))
        line.budgeted_fen = budgeted_fen
        line.by_hand = within(reason, LINE, "理由", "reason") if budgeted_fen != line.projected_fen else ""
        line.save(update_fields=["budgeted_fen", "by_hand"])
    return line


def assume(
    *,
    actor: Actor,
    version_id: int,
    assumption: str,
    policy_id: str,
    percent: int,
    basis: str,
    on: date,
) -> BudgetVersion:
    """Another percentage for one assumption, for all policies or (`policy_id`) for one; the lines are reckoned again.

    A line that was changed by hand keeps its budget. Raises NotPermittedError, VersionNotFoundError, NotADraftError, AssumptionUnfitError.
    """
    require(actor, "budgeting.draw")
    with transaction.atomic(), pghistory.context(operation="budgeting.assume"):
        version = _changed(version_id, actor)
        lines = list(version.lines.order_by("policy_id", "county_code"))
        _check_assumption(assumption, policy_id, percent, basis, {line.policy_id for line in lines})
        row = {
            "id": assumption,
            "policy": policy_id,
            "percent": percent,
            "basis": within(basis, LONG, "依据", "basis"),
            "basis_en": "",
            "by": actor.name,
            "on": on.isoformat(),
        }
        others = [
            kept for kept in version.assumptions if (kept["id"], kept["policy"]) != (assumption, policy_id)
        ]
        version.assumptions = sorted(
            [*others, row], key=lambda each: (ASSUMPTIONS.index(each["id"]), each["policy"])
        )
        version.save(update_fields=["assumptions"])
        for line in lines:
            _reckon(line, version.assumptions)
            if not line.by_hand:
                line.budgeted_fen = line.projected_fen
        BudgetLine.objects.bulk_update(
            lines,
            [
                "known_fen",
                "known_periods",
                "new_fen",
                "new_periods",
                "carried_fen",
                "unknown_most_fen",
                "budgeted_fen",
            ],
        )
    return version


def _check_assumption(assumption: str, policy_id: str, percent: int, basis: str, policies: set[str]) -> None:
    if assumption not in ASSUMPTIONS:
        raise AssumptionUnfitError(gettext("没有叫“%(name)s”的假定；请从列表里选。") % {"name": assumption})
    if policy_id and policy_id not in policies:
        raise AssumptionUnfitError(
            gettext("这个版本里没有政策“%(name)s”；请从列表里选。") % {"name": policy_id}
        )
    if not 0 <= percent <= MOST_PERCENT:
        raise AssumptionUnfitError(gettext("百分比应是 0 到 %(most)d 的整数。") % {"most": MOST_PERCENT})
    if not basis.strip():
        raise AssumptionUnfitError(gettext("请写明这个取值的依据：文件，或为什么这样假定。"))


@transaction.atomic
def copy_version(*, actor: Actor, version_id: int, note: str, on: date, at: datetime) -> BudgetVersion:
    """A new draft with everything of another version: how one that was submitted, sent back or approved is changed.

    Raises NotPermittedError, VersionNotFoundError.
    """
    require(actor, "budgeting.draw")
    source = BudgetVersion.objects.filter(pk=version_id).order_by("pk").first()
    if source is None:
        raise VersionNotFoundError
    last = BudgetVersion.objects.select_for_update().filter(year=source.year).order_by("-number").first()
    assert last is not None
    with pghistory.context(operation="budgeting.copy_version"):
        version = BudgetVersion.objects.create(
            year=source.year,
            number=last.number + 1,
            facts_on=source.facts_on,
            pack_version=source.pack_version,
            assumptions=source.assumptions,
            summary=source.summary,
            note=within(note, LINE, "版本说明", "note"),
            based_on=source,
            changed_by=sorted({*source.changed_by, source.drawn_by_id}),
            drawn_by_id=actor.account_id,
            drawn_on=on,
            drawn_at=at,
        )
        for model, rows in (
            (BudgetLine, source.lines.order_by("pk")),
            (Contribution, source.contributions.order_by("pk")),
        ):
            copies = list(rows)
            for row in copies:
                row.pk, row.version = None, version
                row._state.adding = True
            model.objects.bulk_create(copies)
    return version


def _changed(version_id: int, actor: Actor) -> BudgetVersion:
    """The draft, with the actor among those who change it: none of them decides it."""
    version = locked(version_id)
    if version.state != "draft":
        raise NotADraftError(version.state)
    if actor.account_id not in version.changed_by:
        version.changed_by = sorted([*version.changed_by, actor.account_id])
        version.save(update_fields=["changed_by"])
    return version


def locked(version_id: int) -> BudgetVersion:
    """The version as it stands now, locked until the transaction ends. Raises VersionNotFoundError."""
    version = (
        BudgetVersion.objects.select_for_update(of=["self"]).filter(pk=version_id).order_by("pk").first()
    )
    if version is None:
        raise VersionNotFoundError
    return version


def _check_amount(amount_fen: int) -> None:
    if not 0 <= amount_fen <= MOST_FEN:
        raise AmountUnfitError(gettext("金额不能为负，也不能超过十万亿元；请核对。"))
