"""What is done about how the office conducts itself, an act a function."""

from jiuye.office.conduct.operations.absences import (
    AbsenceRefusedError,
    come_back,
    declare_absence,
    declare_absence_of,
)
from jiuye.office.conduct.operations.calendars import settle_calendars, still_provisional
from jiuye.office.conduct.operations.charges import (
    AlreadyYoursError,
    ColleagueAwayError,
    HeldAlreadyError,
    NobodyHasItError,
    NoSuchColleagueError,
    NotInYourHandError,
    NotWaitingError,
    hand_on,
    put_back,
    take,
)
from jiuye.office.conduct.operations.closing_services import close_service
from jiuye.office.conduct.operations.contacting import (
    ContactNotFoundError,
    ContactRefusedError,
    log_contact,
    look_at_contact,
)
from jiuye.office.conduct.operations.escalating import escalate_late
from jiuye.office.conduct.operations.rating import (
    LevelUnknownError,
    NoAnswerOwedError,
    NothingToRateError,
    RatedBeforeError,
    RatingNotFoundError,
    TookPartError,
    answer,
    rate,
)
from jiuye.office.conduct.operations.rising import Escalated

__all__ = [
    "AbsenceRefusedError",
    "AlreadyYoursError",
    "ColleagueAwayError",
    "ContactNotFoundError",
    "ContactRefusedError",
    "Escalated",
    "HeldAlreadyError",
    "LevelUnknownError",
    "NoAnswerOwedError",
    "NoSuchColleagueError",
    "NobodyHasItError",
    "NotInYourHandError",
    "NotWaitingError",
    "NothingToRateError",
    "RatedBeforeError",
    "RatingNotFoundError",
    "TookPartError",
    "answer",
    "close_service",
    "come_back",
    "declare_absence",
    "declare_absence_of",
    "escalate_late",
    "hand_on",
    "log_contact",
    "look_at_contact",
    "put_back",
    "rate",
    "settle_calendars",
    "still_provisional",
    "take",
]
