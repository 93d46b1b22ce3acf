"""The queries that measure indicators from our own records, by the names that a pack uses."""

from jiuye.office.targets.measures.counting import Measure, Part, RecordLine, Tally, tallies, within
from jiuye.office.targets.measures.employment import HARDSHIP_PLACEMENTS, URBAN_NEW_EMPLOYMENT
from jiuye.office.targets.measures.money import SUBSIDIES_PAID
from jiuye.office.targets.measures.services import GRADUATES_SERVED
from jiuye.office.targets.measures.skills import (
    CERTIFICATES_ISSUED,
    COLLEGE_TRAINING_PERSON_TIMES,
    INTERNSHIP_PARTICIPANTS,
    NEW_APPRENTICES,
    TRAINING_PERSON_TIMES,
)

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        URBAN_NEW_EMPLOYMENT,
        HARDSHIP_PLACEMENTS,
        INTERNSHIP_PARTICIPANTS,
        NEW_APPRENTICES,
        TRAINING_PERSON_TIMES,
        COLLEGE_TRAINING_PERSON_TIMES,
        CERTIFICATES_ISSUED,
        SUBSIDIES_PAID,
        GRADUATES_SERVED,
    )
}

__all__ = ["MEASURES", "Measure", "Part", "RecordLine", "Tally", "tallies", "within"]
