"""The whole plan measured on one day: every target with its light, every milestone with its state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from jiuye.engine.basis.dates import Interval
from jiuye.engine.indicators import Indicator, Progress, Thresholds, progress, share_gone
from jiuye.engine.plan import Chapter, Commitment, Milestone, Plan, Responsibility, Safeguard, Target, Task
from jiuye.office.policies.book import one_book
from jiuye.office.registry.models import Division
from jiuye.office.staff.queries import ANYWHERE, Actor, require
from jiuye.office.targets.models import MilestoneReport
from jiuye.office.targets.queries.readings import Book, Known, Reading, is_stale, last_day
from jiuye.office.targets.rooms import Room
from jiuye.office.targets.states import MILESTONE_STATES, URGENCY


class NoSuchYearError(ValueError):
    """A year that the plan does not cover."""

    def __init__(self, year: int, plan: Plan) -> None:
        years = "、".join(map(str, plan.years))
        super().__init__(f"方案没有 {year} 年；可以看 {years}。 The plan covers {years}, not {year}.")


@dataclass(frozen=True, slots=True)
class TargetState:
    """One target of one commitment: what was promised, what there is, and how that stands.

    `standing` is judged on the day that the figure covers; `compared_with` is the target, or its share where the
    registry is a sample of the city.
    """

    commitment: Commitment
    target: Target
    indicator: Indicator
    known: Known
    standing: Progress
    compared_with: Fraction
    stale: bool

    @property
    def reading(self) -> Reading | None:
        return self.known.reading

    @property
    def light(self) -> str:
        return self.standing.light

    @property
    def urgency(self) -> tuple[int, Fraction]:
        """Sorts what is most pressing first: by light, then by how far it lags."""
        gap = self.standing.gap
        return (URGENCY[self.light], gap if gap is not None else Fraction(0))

    @property
    def change(self) -> Fraction | None:
        """The figure less what it is compared with: last year's on the same day, or the report before."""
        if self.known.reading is None or self.known.earlier is None:
            return None
        return self.known.reading.value - self.known.earlier.value


@dataclass(frozen=True, slots=True)
class MilestoneState:
    """One milestone in one of its periods; `key` names the period as in the plan ("none": no year is named)."""

    milestone: Milestone
    key: str
    period: Interval
    report: MilestoneReport | None
    state: str

    @property
    def light(self) -> str:
        return MILESTONE_STATES[self.state][0]

    @property
    def word(self) -> str:
        return MILESTONE_STATES[self.state][1]


@dataclass(frozen=True, slots=True)
class SectionState:
    """The goals, a task or a safeguard with its targets and milestones of one year."""

    part: Task | Safeguard
    chapter: Chapter | None
    targets: tuple[TargetState, ...]
    milestones: tuple[MilestoneState, ...]

    @property
    def section(self) -> str:
        return self.part.section

    @property
    def light(self) -> str:
        """The worst light of its targets; none where nothing has a figure."""
        lights = [state.light for state in self.targets if state.light != "none"]
        return min(lights, key=lambda light: URGENCY[light], default="none")

    @property
    def done(self) -> int:
        return sum(state.state == "done" for state in self.milestones)

    @property
    def departments(self) -> Responsibility:
        return self.part.departments


@dataclass(frozen=True, slots=True)
class PlanState:
    """The plan in one year as of one day, for the whole city, with one county's part beside it where asked."""

    plan: Plan
    year: int
    on: date
    elapsed: Fraction
    thresholds: Thresholds
    county: Division | None
    counties: tuple[Division, ...]  # those the viewer may choose
    headline: tuple[TargetState, ...]
    sections: tuple[SectionState, ...]
    share: Fraction

    @property
    def lights(self) -> Counter[str]:
        """How many targets of the year show each light."""
        return Counter(state.light for section in self.sections for state in section.targets)

    @property
    def milestones(self) -> Counter[str]:
        return Counter(state.state for section in self.sections for state in section.milestones)


@one_book()  # the measures ask which items the pack has, each for itself
def plan_on(
    *,
    actor: Actor,
    room: Room,
    on: date,
    year: int,
    county: str = "",
    share: Fraction = Fraction(1),
) -> PlanState:
    """The plan's year `year` by the end of the day `on`.

    The city's figures are open to whoever may see the board, since the targets are the city's; a county's part only
    to whoever has that county in scope. `share` is the registry's share of the city where it holds a sample: measured
    flows are then held against that share of their target. Raises NoSuchYearError and NotPermittedError.
    """
    require(actor, "board.see", county or ANYWHERE)
    if year not in room.plan.years:
        raise NoSuchYearError(year, room.plan)
    book = Book(room, on=on)
    judge = Judge(room, book, on=on, county=county, share=share)
    reports = milestone_reports()
    year_period = Interval(date(year, 1, 1), date(year + 1, 1, 1))
    sections = tuple(
        SectionState(
            part,
            chapter,
            tuple(judge.targets(part.commitments, year_period) if isinstance(part, Task) else ()),
            tuple(milestone_states(part.milestones, year_period, on, room.plan, reports)),
        )
        for part, chapter in parts_of(room.plan)
    )
    return PlanState(
        plan=room.plan,
        year=year,
        on=on,
        elapsed=share_gone(year_period, on),
        thresholds=judge.thresholds,
        county=book.places.names.get(county),
        counties=tuple(counties_for(actor, book)),
        headline=tuple(
            judge.state(goal, target_for(goal, year_period)) for goal in room.plan.goals.commitments
        ),
        sections=sections,
        share=share,
    )


def counties_for(actor: Actor, book: Book) -> list[Division]:
    """The counties and zones whose part the actor may see."""
    scopes = actor.scopes("board.see")
    return [place for place in book.places.counties if any(place.code.startswith(scope) for scope in scopes)]


def parts_of(plan: Plan) -> list[tuple[Task | Safeguard, Chapter | None]]:
    """The goals, the tasks with their chapters, and the safeguards, in the order of the plan."""
    found: list[tuple[Task | Safeguard, Chapter | None]] = [(plan.goals, None)]
    found += [(task, chapter) for chapter in plan.chapters for task in chapter.tasks]
    return found + [(safeguard, None) for safeguard in plan.safeguards]


class Judge:
    """Turns targets into states on one day: the same thresholds, county and share for all."""

    def __init__(
        self, room: Room, book: Book, *, on: date, county: str = "", share: Fraction = Fraction(1)
    ) -> None:
        assert room.plan.period.start is not None
        self.room, self.book, self.on, self.county, self.share = room, book, on, county, share
        self.thresholds = room.assessment.on(max(on, room.plan.period.start))

    def targets(self, commitments: tuple[Commitment, ...], period: Interval) -> list[TargetState]:
        """The targets of these commitments that the period touches."""
        return [
            self.state(commitment, target)
            for commitment in commitments
            for target in commitment.targets
            if target.period.overlaps(period)
        ]

    def state(self, commitment: Commitment, target: Target) -> TargetState:
        indicator = self.room.indicators[commitment.indicator]
        known = self.book.known(indicator, target, county=self.county)
        sampled = indicator.kind == "flow" and not indicator.is_reported
        compared_with = target.value * self.share if sampled else target.value
        return TargetState(
            commitment=commitment,
            target=target,
            indicator=indicator,
            known=known,
            standing=self._standing(commitment, target, indicator, known.reading, compared_with),
            compared_with=compared_with,
            stale=known.reading is not None and self._stale(indicator, target, known.reading),
        )

    def _standing(
        self,
        commitment: Commitment,
        target: Target,
        indicator: Indicator,
        reading: Reading | None,
        compared_with: Fraction,
    ) -> Progress:
        """A reported flow is held against the time gone by the day it covers: a figure of June is no shortfall of
        September; that it is out of date is said beside it.
        """
        as_of = self.on
        if reading is not None and reading.report is not None and indicator.kind == "flow":
            as_of = reading.until
        return progress(
            kind=indicator.kind,
            better=indicator.better,
            comparator=commitment.comparator,
            target=compared_with,
            actual=reading.value if reading is not None else None,
            period=target.period,
            as_of=as_of,
            thresholds=self.thresholds,
        )

    def _stale(self, indicator: Indicator, target: Target, reading: Reading) -> bool:
        return is_stale(indicator, reading, min(self.on, last_day(target.period)))


def target_for(commitment: Commitment, year: Interval) -> Target:
    """The target that the year works towards: its own, else the next one, else the last."""
    touching = [target for target in commitment.targets if target.period.overlaps(year)]
    if touching:
        return touching[0]
    later = [
        target
        for target in commitment.targets
        if target.period.start and target.period.start >= (year.end or date.max)
    ]
    return later[0] if later else commitment.targets[-1]


def milestone_reports() -> dict[tuple[str, str], MilestoneReport]:
    """The standing report of each milestone and period, taken-back ones included."""
    found = MilestoneReport.objects.filter(superseded_by__isnull=True).select_related("reported_by")
    return {(report.milestone_id, report.period_key): report for report in found.order_by("pk")}


def milestone_periods(milestone: Milestone, plan: Plan) -> list[tuple[str, Interval]]:
    """Each period that the milestone is due in, with its key; the whole plan where no year is named."""
    if not milestone.due:
        return [("none", plan.period)]
    return list(zip(milestone.due, milestone.periods, strict=True))


def milestone_states(
    milestones: tuple[Milestone, ...],
    period: Interval,
    on: date,
    plan: Plan,
    reports: dict[tuple[str, str], MilestoneReport],
) -> list[MilestoneState]:
    """The milestones due in a period as they stood on the day."""
    found = []
    for milestone in milestones:
        for key, due in milestone_periods(milestone, plan):
            if not due.overlaps(period):
                continue
            report = reports.get((milestone.id, key))
            if report is not None and (not report.done or report.done_on > on):
                report = None
            found.append(MilestoneState(milestone, key, due, report, _milestone_state(due, report, on)))
    return found


def _milestone_state(due: Interval, report: MilestoneReport | None, on: date) -> str:
    if report is not None:
        return "done"
    if due.start is not None and on < due.start:
        return "not_begun"
    over = due.end is not None and on + timedelta(days=1) >= due.end
    return "overdue" if over else "open"
