"""Changes to a budget: a version is drawn up, changed while it is a draft, submitted, and decided by another officer."""

from jiuye.office.budgeting.operations.asking import DRAWINGS, ask
from jiuye.office.budgeting.operations.deciding import (
    ContributionsTooSmallError,
    DocumentMissingError,
    FloorBrokenError,
    LessThanAppropriatedError,
    ReasonMissingError,
    SameOfficerError,
    approve,
    discard,
    send_back,
    submit,
)
from jiuye.office.budgeting.operations.drawing import (
    AmountUnfitError,
    AssumptionUnfitError,
    NotADraftError,
    NothingProjectedError,
    NotNextYearError,
    VersionNotFoundError,
    assume,
    change_line,
    contribute,
    copy_version,
    draw_up,
)

__all__ = [
    "DRAWINGS",
    "AmountUnfitError",
    "AssumptionUnfitError",
    "ContributionsTooSmallError",
    "DocumentMissingError",
    "FloorBrokenError",
    "LessThanAppropriatedError",
    "NotADraftError",
    "NotNextYearError",
    "NothingProjectedError",
    "ReasonMissingError",
    "SameOfficerError",
    "VersionNotFoundError",
    "approve",
    "ask",
    "assume",
    "change_line",
    "contribute",
    "copy_version",
    "discard",
    "draw_up",
    "send_back",
    "submit",
]
