"""What departments have to report: which figures and milestones are theirs, and what stands of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jiuye.engine.basis.dates import Interval
from jiuye.engine.indicators import Indicator
from jiuye.engine.plan import Commitment, Milestone, Responsibility
from jiuye.office.registry.models import Division
from jiuye.office.staff.queries import Actor, require
from jiuye.office.targets.models import MilestoneReport, ReportedFigure
from jiuye.office.targets.queries.plan import (
    Judge,
    MilestoneState,
    NoSuchYearError,
    TargetState,
    milestone_periods,
    milestone_reports,
    milestone_states,
)
from jiuye.office.targets.queries.readings import Book, Places, standing_reports
from jiuye.office.targets.rooms import Room


@dataclass(frozen=True, slots=True)
class ReportingDesk:
    """What one actor has to report in one year: figures first by urgency, milestones in the order of the plan."""

    year: int
    on: date
    departments: tuple[str, ...]  # empty: every department's
    figures: tuple[TargetState, ...]
    milestones: tuple[MilestoneState, ...]


def departments_of(actor: Actor, room: Room) -> frozenset[str] | None:
    """The departments that the actor reports for, by the plan's keys; None for all of them (市就业办).

    A post may name its department by key, by short or by full name.
    """
    held: set[str] = set()
    for role, _, department in actor.posts:
        if role == "city_office":
            return None
        if role == "department":
            held |= {
                key
                for key, known in room.plan.departments.items()
                if department in (key, known.short, known.name)
            }
    return frozenset(held)


def answers_for(departments: frozenset[str] | None, responsibilities: list[Responsibility]) -> bool:
    """True where one of the departments leads or joins in one of the responsibilities."""
    return departments is None or any(
        department in responsibility for department in departments for responsibility in responsibilities
    )


def responsible_for(room: Room, indicator_id: str) -> list[Responsibility]:
    """Whoever leads or joins in a promise that uses the indicator."""
    promises: list[Commitment | Milestone] = [*room.plan.commitments(), *room.plan.milestones()]
    return [promise.departments for promise in promises if promise.indicator == indicator_id]


def may_report_figure(actor: Actor, room: Room, indicator: Indicator) -> bool:
    """True where the actor may report that indicator somewhere: it is a reported one, and theirs."""
    return (
        indicator.is_reported
        and actor.may("targets.report")
        and answers_for(departments_of(actor, room), responsible_for(room, indicator.id))
    )


def may_report_milestone(actor: Actor, room: Room, milestone: Milestone) -> bool:
    """True where the actor may report that milestone."""
    return actor.may("targets.report") and answers_for(departments_of(actor, room), [milestone.departments])


def reporting_periods(room: Room, indicator_id: str) -> list[tuple[str, Interval]]:
    """The periods that the plan asks the indicator for, with their keys, in order.

    A level may be reported in every year of the plan, so that the way to its target is seen; so may an indicator that
    only stands beside a milestone without a year.
    """
    found: dict[str, Interval] = {}
    for commitment in room.plan.commitments():
        if commitment.indicator == indicator_id:
            found |= {target.key: target.period for target in commitment.targets}
    for milestone in room.plan.milestones():
        if milestone.indicator == indicator_id:
            found |= dict(milestone_periods(milestone, room.plan)) if milestone.due else {}
    if not found or room.indicators[indicator_id].kind == "level":
        found |= {str(year): Interval(date(year, 1, 1), date(year + 1, 1, 1)) for year in room.plan.years}
    return sorted(found.items())


def reporting_divisions(actor: Actor) -> list[Division]:
    """The city and the counties for which the actor may report."""
    return [place for place in Places.read().names.values() if actor.may("targets.report", place.code)]


def reporting_desk(*, actor: Actor, room: Room, on: date, year: int) -> ReportingDesk:
    """The actor's own reporting list. Raises NoSuchYearError and NotPermittedError."""
    require(actor, "targets.report")
    if year not in room.plan.years:
        raise NoSuchYearError(year, room.plan)
    departments = departments_of(actor, room)
    mine = [
        commitment
        for commitment in room.plan.commitments()
        if room.indicators[commitment.indicator].is_reported
        and answers_for(departments, responsible_for(room, commitment.indicator))
    ]
    period = Interval(date(year, 1, 1), date(year + 1, 1, 1))
    book = Book(room, on=on, indicators=[commitment.indicator for commitment in mine])
    states = Judge(room, book, on=on).targets(tuple(mine), period)
    milestones = tuple(
        milestone for milestone in room.plan.milestones() if answers_for(departments, [milestone.departments])
    )
    return ReportingDesk(
        year=year,
        on=on,
        departments=tuple(sorted(departments or ())),
        figures=tuple(sorted(states, key=lambda state: state.urgency)),
        milestones=tuple(milestone_states(milestones, period, on, room.plan, milestone_reports())),
    )


def standing_report(
    indicator_id: str, division_code: str, period_key: str, as_of: date
) -> ReportedFigure | None:
    """The report that stands for that day, if there is one."""
    return (
        standing_reports()
        .filter(indicator_id=indicator_id, division_code=division_code, period_key=period_key, as_of=as_of)
        .first()
    )


def report_before(
    indicator_id: str, division_code: str, period_key: str, as_of: date
) -> ReportedFigure | None:
    """The last standing report of an earlier day in the same period."""
    return (
        standing_reports()
        .filter(
            indicator_id=indicator_id,
            division_code=division_code,
            period_key=period_key,
            as_of__lt=as_of,
        )
        .last()
    )


def standing_milestone(milestone_id: str, period_key: str) -> MilestoneReport | None:
    """The report that stands for the milestone in that period, a taken-back one included."""
    return (
        MilestoneReport.objects.filter(
            milestone_id=milestone_id, period_key=period_key, superseded_by__isnull=True
        )
        .order_by("pk")
        .first()
    )
