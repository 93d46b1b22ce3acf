"""The names of the queries that measure an indicator, without Django: a pack is checked where no database is."""

from __future__ import annotations

MEASURE_NAMES: frozenset[str] = frozenset(
    {
        "urban_new_employment",
        "hardship_placements",
        "internship_participants",
        "new_apprentices",
        "training_person_times",
        "college_training_person_times",
        "certificates_issued",
        "subsidies_paid",
        "graduates_served",
    }
)
"""What an indicator's `measure` may name besides `reported`; a test holds it to the queries that exist."""
