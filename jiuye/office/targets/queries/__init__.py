"""The plan measured on a day, one indicator opened, the records behind a number, and what is still to report."""

from jiuye.office.targets.queries.indicator import (
    CountyFigure,
    IndicatorState,
    NoSuchIndicatorError,
    PartTotal,
    Point,
    indicator_on,
)
from jiuye.office.targets.queries.plan import (
    MilestoneState,
    NoSuchYearError,
    PlanState,
    SectionState,
    TargetState,
    milestone_periods,
    plan_on,
)
from jiuye.office.targets.queries.readings import Known, Reading
from jiuye.office.targets.queries.records import NoRecordsError, RecordsBehind, records_behind
from jiuye.office.targets.queries.reporting import (
    ReportingDesk,
    departments_of,
    may_report_figure,
    may_report_milestone,
    reporting_desk,
    reporting_divisions,
    reporting_periods,
)

__all__ = [
    "CountyFigure",
    "IndicatorState",
    "Known",
    "MilestoneState",
    "NoRecordsError",
    "NoSuchIndicatorError",
    "NoSuchYearError",
    "PartTotal",
    "PlanState",
    "Point",
    "Reading",
    "RecordsBehind",
    "ReportingDesk",
    "SectionState",
    "TargetState",
    "departments_of",
    "indicator_on",
    "may_report_figure",
    "may_report_milestone",
    "milestone_periods",
    "plan_on",
    "records_behind",
    "reporting_desk",
    "reporting_divisions",
    "reporting_periods",
]
