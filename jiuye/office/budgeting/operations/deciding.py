"""Submitting a version, and deciding it: by another officer, never with a floor broken. Approved, it becomes the year's ceilings."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.budgets.floors import FloorStanding
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.office.budgeting.operations.drawing import locked
from jiuye.office.budgeting.queries.standing import floor_standings, giver_name
from jiuye.office.budgeting.states import BudgetingRefusal, advance
from jiuye.office.funds.models import Fund
from jiuye.office.funds.operations import appropriate_version, share_out
from jiuye.office.funds.queries import appropriated
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, LONG, within


class FloorBrokenError(BudgetingRefusal):
    """A floor that a document sets is not kept: the sentence says which, by how much or by whom, and where it stands."""

    def __init__(self, standings: list[FloorStanding]) -> None:
        self.standings = tuple(standings)
        super().__init__(" ".join(_floor_sentence(standing) for standing in standings))


class ContributionsTooSmallError(BudgetingRefusal):
    """A fund's lines come to more than is put into it."""

    def __init__(self, rows: list[tuple[str, int, int]]) -> None:
        super().__init__(
            " ".join(
                gettext(
                    "“%(fund)s”各项预算合计 %(lines)s 元，各级安排合计只有 %(given)s 元；请增加安排，或写明理由压减项目。"
                )
                % {"fund": name, "lines": yuan_text(lines), "given": yuan_text(given)}
                for name, lines, given in rows
            )
        )


class NoughtError(BudgetingRefusal):
    """Every line is nought: nobody could be paid anything, whatever is given."""

    def __init__(self) -> None:
        super().__init__(gettext("各县（市、区）各项预算都是零，批准以后什么都不能支付；请先填写各项预算。"))


class SameOfficerError(BudgetingRefusal):
    """Whoever drew it up, changed it or submitted it does not decide it."""

    def __init__(self) -> None:
        super().__init__(
            gettext("预算由编制人、改动人、提交人以外的另一人批准或退回；请由另一位预算审核人员办理。")
        )


class YearOverError(BudgetingRefusal):
    """Nothing is appropriated into a year that is over."""

    def __init__(self, year: int) -> None:
        super().__init__(
            gettext("%(year)d 年已经过去，不能再提交或批准它的预算；请编制当年或下一年的预算。")
            % {"year": year}
        )


class DocumentMissingError(BudgetingRefusal):
    """An approval without a document."""

    def __init__(self) -> None:
        super().__init__(gettext("批准预算要写明批准文件的名称和文号。"))


class ReasonMissingError(BudgetingRefusal):
    """A return without a reason."""

    def __init__(self) -> None:
        super().__init__(gettext("退回要写明理由，编制人才知道改什么。"))


class LessThanAppropriatedError(BudgetingRefusal):
    """What has been appropriated is not taken back by a later version."""

    def __init__(self, fund: str, given: int, appropriated_fen: int) -> None:
        super().__init__(
            gettext(
                "“%(fund)s”当年已下达 %(there)s 元，这个版本只安排 %(given)s 元；已下达的不能用调整版本收回，请不低于已下达数。"
            )
            % {"fund": fund, "there": yuan_text(appropriated_fen), "given": yuan_text(given)}
        )


@transaction.atomic
def submit(*, actor: Actor, version_id: int, on: date) -> BudgetVersion:
    """Hand a draft in; from now on it is never changed.

    Raises NotPermittedError, VersionNotFoundError, WrongVersionStateError, YearOverError, FloorBrokenError,
    NoughtError, ContributionsTooSmallError.
    """
    require(actor, "budgeting.draw")
    version = locked(version_id)
    state = advance(version.state, "submit")
    if version.year < on.year:
        raise YearOverError(version.year)
    _check(version)
    version.state = state
    version.submitted_by_id = actor.account_id
    version.submitted_on = on
    with pghistory.context(operation="budgeting.submit"):
        version.save(update_fields=["state", "submitted_by", "submitted_on"])
    return version


@transaction.atomic
def approve(*, actor: Actor, version_id: int, document: str, on: date, at: datetime) -> BudgetVersion:
    """Approve a submitted version by a document: each fund's money is appropriated, up to what is arranged in it, and shared out by counties.

    A version of the year that was approved before is superseded, and only the difference is appropriated. Raises NotPermittedError,
    VersionNotFoundError, WrongVersionStateError, SameOfficerError, YearOverError, DocumentMissingError, FloorBrokenError, NoughtError,
    ContributionsTooSmallError, LessThanAppropriatedError, and what `appropriate_version` and `share_out` raise.
    """
    require(actor, "budgeting.approve")
    version = locked(version_id)
    state = advance(version.state, "approve")
    _require_another(version, actor)
    if version.year < on.year:
        raise YearOverError(version.year)
    if not document.strip():
        raise DocumentMissingError
    _check(version)
    with pghistory.context(operation="budgeting.approve"):
        for before in BudgetVersion.objects.select_for_update().filter(year=version.year, state="approved"):
            before.state = advance(before.state, "supersede")
            before.save(update_fields=["state"])
        version.state = state
        version.decided_by_id = actor.account_id
        version.decided_on = on
        version.document = within(document, LINE, "批准文件的名称和文号", "document")
        version.save(update_fields=["state", "decided_by", "decided_on", "document"])
        for code, given_fen in _given(version).items():
            there = appropriated(fund=code, year=version.year)
            if given_fen < there:
                raise LessThanAppropriatedError(Fund.objects.get(code=code).name, given_fen, there)
            if given_fen > there:
                appropriate_version(
                    actor=actor,
                    fund=code,
                    year=version.year,
                    amount_fen=given_fen - there,
                    document=f"{version.document}（{version.year}年预算第{version.number}版）",
                    on=on,
                    at=at,
                )
        for code, shares in _shares(version).items():
            share_out(actor=actor, fund=code, year=version.year, shares=shares, on=on)
    return version


@transaction.atomic
def send_back(*, actor: Actor, version_id: int, reason: str, on: date) -> BudgetVersion:
    """Send a submitted version back with the reason. Raises NotPermittedError, VersionNotFoundError, WrongVersionStateError, SameOfficerError, ReasonMissingError."""
    require(actor, "budgeting.approve")
    version = locked(version_id)
    state = advance(version.state, "send_back")
    _require_another(version, actor)
    if not reason.strip():
        raise ReasonMissingError
    version.state, version.reason = state, within(reason, LONG, "退回的理由", "reason")
    version.decided_by_id, version.decided_on = actor.account_id, on
    with pghistory.context(operation="budgeting.send_back"):
        version.save(update_fields=["state", "reason", "decided_by", "decided_on"])
    return version


@transaction.atomic
def discard(*, actor: Actor, version_id: int) -> BudgetVersion:
    """Give a draft up. Raises NotPermittedError, VersionNotFoundError, WrongVersionStateError."""
    require(actor, "budgeting.draw")
    version = locked(version_id)
    version.state = advance(version.state, "discard")
    with pghistory.context(operation="budgeting.discard"):
        version.save(update_fields=["state"])
    return version


def _require_another(version: BudgetVersion, actor: Actor) -> None:
    if actor.account_id in (version.drawn_by_id, version.submitted_by_id, *version.changed_by):
        raise SameOfficerError


def _check(version: BudgetVersion) -> None:
    broken = [standing for standing in floor_standings(version) if not standing.kept]
    if broken:
        raise FloorBrokenError(broken)
    lines = version.lines.order_by("pk")
    if lines.exists() and not lines.exclude(budgeted_fen=0).exists():
        raise NoughtError
    given = _given(version)
    short = [
        (row["fund__name"], row["lines_fen"], given.get(row["fund__code"], 0))
        for row in version.lines.values("fund__code", "fund__name")
        .annotate(lines_fen=Sum("budgeted_fen"))
        .order_by("fund__code")
        if row["lines_fen"] > given.get(row["fund__code"], 0)
    ]
    if short:
        raise ContributionsTooSmallError(short)


def _given(version: BudgetVersion) -> dict[str, int]:
    rows = version.contributions.values("fund__code").annotate(given=Sum("amount_fen")).order_by("fund__code")
    return {row["fund__code"]: row["given"] for row in rows}


def _shares(version: BudgetVersion) -> dict[str, dict[str, int]]:
    """By fund, what the lines of each county come to. Who lives where no register knows has no county and no share."""
    found: dict[str, dict[str, int]] = {}
    rows = version.lines.exclude(county_code="").values("fund__code", "county_code")
    for row in rows.annotate(lines_fen=Sum("budgeted_fen")).order_by("fund__code", "county_code"):
        found.setdefault(row["fund__code"], {})[row["county_code"]] = row["lines_fen"]
    return found


def _floor_sentence(standing: FloorStanding) -> str:
    floor = standing.floor
    if standing.missing:
        return gettext(
            "“%(text)s”（%(source)s）：%(counties)s没有安排，不能提交；请这些县（市、区）安排后再提交。"
        ) % {
            "text": floor.text,
            "source": floor.source,
            "counties": "、".join(giver_name(code) for code in standing.missing),
        }
    return gettext(
        "“%(text)s”（%(source)s）：现在安排 %(there)s 元，还差 %(short)s 元，不能提交；请增加安排。"
    ) % {
        "text": floor.text,
        "source": floor.source,
        "there": yuan_text(standing.arranged_fen),
        "short": yuan_text(floor.at_least_fen - standing.arranged_fen),
    }
