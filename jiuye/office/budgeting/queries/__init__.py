"""Reads of budgets: versions and floors in `standing`, two versions side by side in `comparing`, what became of one in `executing`."""

from jiuye.office.budgeting.queries.comparing import Difference, compare_versions
from jiuye.office.budgeting.queries.executing import (
    Execution,
    ExecutionRow,
    FundExecution,
    cases_behind,
    execution,
    used_permille,
)
from jiuye.office.budgeting.queries.standing import (
    FundStanding,
    LineSums,
    acts_of,
    contributions_of,
    floor_standings,
    fund_standings,
    giver_name,
    last_drawing,
    lines_of,
    may_begin_running_year,
    one_version,
    sums_by,
    versions,
)

__all__ = [
    "Difference",
    "Execution",
    "ExecutionRow",
    "FundExecution",
    "FundStanding",
    "LineSums",
    "acts_of",
    "cases_behind",
    "compare_versions",
    "contributions_of",
    "execution",
    "floor_standings",
    "fund_standings",
    "giver_name",
    "last_drawing",
    "lines_of",
    "may_begin_running_year",
    "one_version",
    "sums_by",
    "used_permille",
    "versions",
]
