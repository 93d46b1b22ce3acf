"""What is kept of how the office conducts itself: who has what in hand, who stands in, what was said to whom, what was late, how it was judged."""

from jiuye.office.conduct.models.charges import Absence, AbsenceReason, Charge
from jiuye.office.conduct.models.contacts import Contact
from jiuye.office.conduct.models.escalations import Escalation
from jiuye.office.conduct.models.ratings import Rating, RatingAnswer

__all__ = ["Absence", "AbsenceReason", "Charge", "Contact", "Escalation", "Rating", "RatingAnswer"]
