"""What can be asked about how the office conducts itself."""

from jiuye.office.conduct.queries.absent import (
    absences_in_charge,
    colleagues_in_charge,
    declared_for_others,
    in_charge_of,
    posts_waiting,
    reasons_of,
)
from jiuye.office.conduct.queries.charges import (
    InHand,
    cases_at_hand,
    colleagues,
    in_hand,
    in_hand_of,
    in_hand_with_colleagues,
    loans_at_hand,
    matters_at_hand,
    officers_beside,
    own_absences,
    standing_in_for,
)
from jiuye.office.conduct.queries.contacts import contacts_with, not_reached, to_do_next
from jiuye.office.conduct.queries.escalations import escalated, rises_of
from jiuye.office.conduct.queries.figures import TodaysFigures, todays_figures
from jiuye.office.conduct.queries.ratings import (
    CountyMarks,
    marks_by_county,
    may_be_rated,
    rating_of,
    ratings_of_loans,
    seen_rating,
    unanswered,
    visible_ratings,
)
from jiuye.office.conduct.queries.reviews import reviews_at_hand

__all__ = [
    "CountyMarks",
    "InHand",
    "TodaysFigures",
    "absences_in_charge",
    "cases_at_hand",
    "colleagues",
    "colleagues_in_charge",
    "contacts_with",
    "declared_for_others",
    "escalated",
    "in_charge_of",
    "in_hand",
    "in_hand_of",
    "in_hand_with_colleagues",
    "loans_at_hand",
    "marks_by_county",
    "matters_at_hand",
    "may_be_rated",
    "not_reached",
    "officers_beside",
    "own_absences",
    "posts_waiting",
    "rating_of",
    "ratings_of_loans",
    "reasons_of",
    "reviews_at_hand",
    "rises_of",
    "seen_rating",
    "standing_in_for",
    "to_do_next",
    "todays_figures",
    "unanswered",
    "visible_ratings",
]
